package main

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

// TestWhatThePageToldWhileTheTrayWasCutOff: only the tray's way to the server fails, so the page speaks. What it has told
// of the tray does not tell again; of what it sleeps through the tray tells.
func TestWhatThePageToldWhileTheTrayWasCutOff(t *testing.T) {
	t.Parallel()
	var gate *desktoptest.Gate
	d := devicesBehind(t, func(h *house) string {
		gate = desktoptest.NewGate(t, h.server)
		return "http://" + gate.Addr
	})
	d.inBrowser(`rests(180)`, protocol.Attention{Idle: 180})
	d.atDesk("", 0, false)
	first := d.says(nil)
	d.decide(first, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: present at another device"})
	d.toasts(1)
	d.clear(first)

	d.cut(gate)
	d.says(nil)
	d.popups(d.tab, 1)
	d.mend(gate)
	d.looks(d.icon, icon.Status{Unread: 1})
	d.tab.Await("the tray to ask for it", fmt.Sprintf(`heard.some((f) => f.ev === "alert.whether" && f.data.of.some((p) => p.seq === %d))`, d.says(nil).Seq-1))
	d.toasts(1) // of the one that came when the tray was back
	if n := d.notes.Asked()[d.shows-1]; n.Body != fmt.Sprintf("message %d", d.sent) {
		t.Errorf("told again: %q", n.Body)
	}
	d.clear(d.says(nil))
	d.shows = len(d.notes.Asked())

	d.cut(gate)
	d.tab.Do(`window.deaf = true`)
	d.says(nil)
	d.mend(gate)
	d.looks(d.icon, icon.Status{Unread: 1})
	d.toasts(1)
}

// TestWhatTheTrayToldWhileThePageWasCutOff is the same the other way round.
func TestWhatTheTrayToldWhileThePageWasCutOff(t *testing.T) {
	t.Parallel()
	d := withDevices(t)
	d.inBrowser(`rests(0)`, protocol.Attention{})
	d.atDesk("", 120*time.Second, false)
	d.tab.Do(`stops()`) // however busy this computer is, the gap counts as short
	d.tab.Do(`cuts()`)
	d.awaitPushed("the page to be gone", func() bool {
		all := d.win.Pushed(protocol.EvAttention)
		var last protocol.DeviceAttention
		return len(all) > 0 && json.Unmarshal(all[len(all)-1], &last) == nil && last.Gone
	})
	sent := d.says(nil)
	d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device"})
	d.toasts(1)
	d.tab.Do(`mends()`)
	d.tab.Await("the tray's answer", fmt.Sprintf(`heard.some((f) => f.ev === "alert.told" && f.data.of.some((p) => p.seq === %d))`, sent.Seq))
	sent = d.says(nil)
	d.decide(sent, map[protocol.Device]string{web: "speak: primary device"})
	d.popups(d.tab, 1) // of the one that came when the page was back
	d.tab.Await("it to be the second one", fmt.Sprintf(`told[0].includes("message %d")`, d.sent))
}

// cut takes the line of the tray away until the gate opens, and waits until both sides know.
func (d *devices) cut(gate *desktoptest.Gate) {
	d.t.Helper()
	gate.Shut()
	d.looks(d.icon, icon.Status{Offline: true})
	d.tab.Await("the tray to be gone", `heard.filter((f) => f.ev === "attention" && f.data.device === "desktop").at(-1).data.gone`)
}

// mend lets the tray's line come back now, and not when its back-off is over.
func (d *devices) mend(gate *desktoptest.Gate) {
	d.t.Helper()
	gate.Open()
	ctx, stop := context.WithTimeout(d.t.Context(), patience)
	defer stop()
	if err := d.win.Post(ctx, "/edge/v1/retry", nil, nil); err != nil {
		d.t.Fatal(err)
	}
}
