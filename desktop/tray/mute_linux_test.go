package main

import (
	"encoding/json"
	"strconv"
	"testing"
)

// Without a service for notifications everything else works, and the page learns it, so that it can tell the person. It
// learns as well that the system shows nothing just now, as while somebody presents, and that a system does not heed how
// long a notification shall stand there, so that it offers no choice of that.
func TestThePageLearnsThatNothingCanBeShownHere(t *testing.T) {
	h := build(t)
	h.serve("kim", "lee")
	_, i, page := h.moveIn()
	knows := func(key string, want bool) {
		t.Helper()
		h.await("the page to know of "+key, func() bool {
			var kept map[string]json.RawMessage
			page.call("GET", "/edge/v1/keep/settings", nil, &kept)
			return string(kept[key]) == strconv.FormatBool(want)
		})
	}
	knows("mute", false)
	knows("ownTime", false)
	for _, held := range []bool{true, false} {
		h.notes.Hold(held)
		h.await("a try to tell that the system holds notifications back", func() bool {
			var tried struct{ Shown, Held bool }
			page.call("POST", "/edge/v1/notify", nil, &tried)
			return tried.Shown && tried.Held == held
		})
	}
	h.notes.Stop()
	knows("mute", true)
	knows("ownTime", true)
	lee := h.person("lee")
	lee.send(lee.room(), "still counted")
	i.Await("the room in the menu", func() bool { _, is := i.Menu().Find("Lee (1)"); return is })
	h.bus.Gnome(t)
	knows("mute", false)
	knows("ownTime", true)
}
