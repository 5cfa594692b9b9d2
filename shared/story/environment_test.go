package story

import (
	"io"
	"slices"
	"strings"
	"testing"

	"sendjay/desktop/policy"
	"sendjay/server/config"
)

// Server and desktop may share an environment: a setting that the desktop has got and of which the server does not know
// would keep the server from starting.
func TestTheServerKnowsWhichSettingsOfAnEnvironmentAreTheDesktops(t *testing.T) {
	var asked []string
	look := func(key string) string {
		if name, ours := strings.CutPrefix(key, "SENDJAY_"); ours {
			asked = append(asked, name)
		}
		return ""
	}
	if _, err := policy.Load([]string{"--profile", t.TempDir()}, policy.Source{Getenv: look}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if len(asked) == 0 {
		t.Fatal("the desktop looks for nothing")
	}
	for _, name := range asked {
		// "info" is right for the one that both have.
		if _, _, err := config.Read(nil, []string{"SENDJAY_" + name + "=info"}); err != nil {
			t.Errorf("the server does not start beside a desktop: %v", err)
		}
	}
	for _, name := range config.DesktopNames {
		if !slices.Contains(asked, name) {
			t.Errorf("the server passes over %s, for which the desktop does not look", name)
		}
	}
}
