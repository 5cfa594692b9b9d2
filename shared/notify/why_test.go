package notify_test

import (
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
	for _, c := range []struct {
		decided []notify.Then
		told    bool
	}{
		{nil, false},
		{[]notify.Then{notify.Speak}, true},
		{[]notify.Then{notify.Banner}, true},
		{[]notify.Then{notify.Wait}, false},
		{[]notify.Then{notify.Wait, notify.Speak}, true},
		{[]notify.Then{notify.Speak, notify.Badge}, false},
		{[]notify.Then{notify.Stay}, false},
		{[]notify.Then{"sung"}, false},
	} {
		var all []protocol.Decided
		for _, then := range c.decided {
			all = append(all, protocol.Decided{Then: string(then)})
		}
		if notify.Told(all) != c.told {
			t.Errorf("%q: told %v", c.decided, !c.told)
		}
	}
}
