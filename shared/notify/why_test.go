package notify_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"sendjay/shared/locale"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

func TestEveryVerdictHasASentenceForThePerson(t *testing.T) {
	for _, l := range slices.Concat(notify.Lines, notify.LastLines, notify.SumLines) {
		for _, key := range []string{"why." + strings.ReplaceAll(l.Why, " ", "_"), "why.then." + string(l.Then)} {
			if locale.Of("ko").Say(key) == key {
				t.Errorf("no sentence for %s", key)
			}
		}
	}
}

func TestOnlyWhoSpokeHasTold(t *testing.T) {
	raw, err := os.ReadFile("testdata/told.json") // the browser's test reads it too
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Decided []string
		Told    bool
	}
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) == 0 {
		t.Fatal(err)
	}
	for _, c := range cases {
		var all []protocol.Decided
		for _, then := range c.Decided {
			all = append(all, protocol.Decided{Then: then})
		}
		if notify.Told(all) != c.Told {
			t.Errorf("%q: told %v", c.Decided, !c.Told)
		}
	}
}
