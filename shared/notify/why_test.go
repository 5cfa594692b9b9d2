package notify_test

import (
	"slices"
	"strings"
	"testing"

	"sendjay/shared/locale"
	"sendjay/shared/notify"
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
