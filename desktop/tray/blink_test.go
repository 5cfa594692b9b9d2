package main

import (
	"testing"
	"time"

	"sendjay/shared/protocol"
)

// blinking counts how often the icon changes within d, and reports whether it always told of n unread messages.
func (d *desk) blinking(within time.Duration, n int) (changes int) {
	d.t.Helper()
	before := d.drawn
	for range int(within / (time.Second / 2)) {
		d.pass(time.Second / 2)
		if d.status.Unread != n {
			d.t.Errorf("the icon tells of %d unread, want %d", d.status.Unread, n)
		}
	}
	return d.drawn - before
}

func TestTheIconBlinksSlowlyUntilAllIsRead(t *testing.T) {
	onDesk(t, func(d *desk) {
		on := ""
		d.setting = func(string) string { return on }
		d.comes("r1", "kim", "hello")
		if n := d.blinking(time.Minute, 1); n != 0 || d.blink.timer != nil {
			t.Errorf("nobody asked for it, and it changed %d times", n)
		}
		on = "true"
		d.step(func() {}) // the page has kept the setting
		if n := d.blinking(time.Minute, 1); n < 58 || n > 60 {
			t.Errorf("changed %d times in a minute", n)
		}
		d.reads("r1")
		if n := d.blinking(time.Minute, 0); n != 0 || d.status.Blank || d.blink.timer != nil {
			t.Errorf("all is read, and it changed %d times; %+v", n, d.status)
		}
	})
}

func TestTheIconDoesNotBlinkWhereNobodyIsToBeCalled(t *testing.T) {
	asked := 0
	for name, quiet := range map[string]func(d *desk){
		"do not disturb":    func(d *desk) { d.step(func() { d.pause(oneHour) }) },
		"notifications off": func(d *desk) { d.push(protocol.EvSettings, "", 0, protocol.NotifySettings{NotifyOff: true}) },
		"quiet hours": func(d *desk) {
			all := protocol.QuietHours{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "00:00"}
			d.push(protocol.EvSettings, "", 0, protocol.NotifySettings{QuietHours: []protocol.QuietHours{all}})
		},
		"locked":          func(d *desk) { d.step(func() { d.locked = true }) },
		"nothing moves":   func(d *desk) { d.moves = func() bool { asked++; return false } },
		"no line":         func(d *desk) { d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) }) },
		"switched off":    func(d *desk) { d.setting = func(string) string { return "" } },
		"of another kind": func(d *desk) { d.setting = func(string) string { return "yes" } },
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				d.comes("r1", "kim", "hello")
				d.setting = func(string) string { return "true" }
				quiet(d)
				d.step(func() {})
				if n := d.blinking(time.Minute, 1); n != 0 || d.status.Blank || d.blink.timer != nil {
					t.Errorf("changed %d times, %+v", n, d.status)
				}
			})
		})
	}
	if asked != 1 {
		t.Errorf("the system was asked %d times", asked)
	}
}
