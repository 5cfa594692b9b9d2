package policy

import (
	"maps"
	"strings"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// Cross-compiled and run by wine these tests change the registry of wine's prefix alone.

// decide writes values under a key, which goes with the test.
func decide(t *testing.T, root registry.Key, path string, values map[string]any) {
	t.Helper()
	key, _, err := registry.CreateKey(root, path, registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = key.Close() }()
	t.Cleanup(func() { _ = registry.DeleteKey(root, path) })
	for name, v := range values {
		switch v := v.(type) {
		case string:
			err = key.SetStringValue(name, v)
		case int:
			err = key.SetDWordValue(name, uint32(v)) //nolint:gosec // small numbers of the tests
		case []byte:
			err = key.SetBinaryValue(name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func found(t *testing.T, managed bool, want map[string]string) {
	t.Helper()
	got, err := decided(managed)
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("managed %v: got %v, want %v, %v", managed, got, want, err)
	}
}

func TestNothingIsDecidedWhereNoKeyIs(t *testing.T) {
	found(t, true, map[string]string{})
	found(t, false, map[string]string{})
}

func TestTheMachineOutweighsThePersonAndTheKeyOfPoliciesThePackage(t *testing.T) {
	for _, k := range []struct {
		root   registry.Key
		path   string
		values map[string]any
	}{
		// The key under which Defaults lies comes first, for its clean-up comes last.
		{registry.CURRENT_USER, place, map[string]any{"Server": "https://person.example.com", "LogLevel": "debug"}},
		{registry.LOCAL_MACHINE, place, map[string]any{"Server": "https://machine.example.com", "Autostart": 0, "WindowIdleExitMinutes": 5}},
		{registry.CURRENT_USER, place + `\Defaults`, map[string]any{"Updates": "notify"}},
		{registry.LOCAL_MACHINE, place + `\Defaults`, map[string]any{"Updates": "off", "StartHidden": 1}},
		{registry.CURRENT_USER, installed, map[string]any{"Server": "https://own.example.com", "StartHidden": "0"}},
		{registry.LOCAL_MACHINE, installed, map[string]any{"Server": "https://package.example.com", "UpdateChannel": "early"}},
	} {
		decide(t, k.root, k.path, k.values)
	}
	found(t, true, map[string]string{"Server": "https://machine.example.com", "LogLevel": "debug", "Autostart": "0", "WindowIdleExitMinutes": "5"})
	// What is only recommended: of the package the machine's, and above it what the key of policies says.
	found(t, false, map[string]string{"Server": "https://package.example.com", "UpdateChannel": "early", "Updates": "off", "StartHidden": "1"})
}

func TestAValueThatIsNotUnderstoodIsNamedAndTheOthersCount(t *testing.T) {
	decide(t, registry.LOCAL_MACHINE, place, map[string]any{"Server": "https://talk.example.com", "Colour": "red", "WindowIdleExitMinutes": []byte{5}})
	got, err := decided(true)
	if err == nil || !strings.Contains(err.Error(), "Colour") || !strings.Contains(err.Error(), "WindowIdleExitMinutes") || got["Server"] != "https://talk.example.com" || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}
