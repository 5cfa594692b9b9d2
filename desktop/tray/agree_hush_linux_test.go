package main

import (
	"time"

	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

// hushed: something keeps the devices from speaking.
func (d *devices) hushed() {
	d.act("the computer is locked: the browser speaks, and the computer sums up when it is unlocked", func() {
		d.atDesk("", 0, true)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: locked", web: "speak: primary device"})
		d.popups(d.tab, 1)
		d.toasts(0)
		d.desk.Lock(false)
		if n := d.notes.Await(d.shows + 1); n.Summary != "Sendjay" || n.Body != "1 new message in 1 chat\nLee 1" {
			d.t.Errorf("summed up as %q", n.Body)
		}
		d.toasts(1)
		d.clear(sent)
	})
	d.act("quiet hours: nobody speaks, and afterwards there is one summary", func() {
		d.inBrowser(`rests(180)`, awayFromIt)
		d.atDesk("", 0, false)
		hour := func(by time.Duration) string { return time.Now().Local().Add(by).Format("15:04") }
		d.choose(protocol.NotifySettings{QuietHours: []protocol.QuietHours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: hour(-time.Hour), To: hour(time.Hour)}}})
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: quiet hours", web: "badge: quiet hours"})
		d.toasts(0)
		d.choose(protocol.NotifySettings{QuietHours: []protocol.QuietHours{}})
		d.toasts(1)
		d.clear(sent)
	})
	d.act("do-not-disturb set at the computer holds in the browser", func() {
		d.icon.Choose("Do not disturb", "For 1 hour")
		d.knows(`a.quiet > "2000"`)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: do not disturb", web: "badge: do not disturb"})
		d.icon.Choose("Do not disturb…", "Off")
		d.knows(`a.quiet < "2000"`)
		d.toasts(1) // the summary
		d.clear(sent)
	})
	d.act("while the system of the computer holds notifications, nobody speaks", func() {
		d.notes.Hold(true)
		d.knows(`a.held === true`)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: presenting", web: "badge: presenting"})
		d.toasts(0)
		d.notes.Hold(false)
		d.toasts(1) // the summary
		d.clear(sent)
	})
	d.act("a muted room is a dot, and a mention passes", func() {
		set := func(n protocol.Notify) { d.do(protocol.OpRoomMine, protocol.SetMine{Room: d.room, Notify: &n}) }
		set(protocol.NotifyNone)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: room muted", web: "badge: room muted"})
		d.looks(d.icon, icon.Status{Dot: true})
		sent = d.says(func(m *protocol.SendMessage) { m.Mentions = []protocol.UserID{"kim"} })
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: present at another device"})
		d.toasts(1)
		set(protocol.NotifyMentions)
		sent = d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: mentions only", web: "badge: mentions only"})
		set(protocol.NotifyAll)
		d.clear(sent)
	})
}
