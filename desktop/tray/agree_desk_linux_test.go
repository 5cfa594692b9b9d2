package main

import (
	"fmt"
	"time"

	"sendjay/desktop/tray/icon"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// atComputer: the person is at the computer, or was.
func (d *devices) atComputer() {
	d.act("the person works at the computer, the window is hidden, the page lies in the background", func() {
		d.atDesk("", 0, false)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: present at another device"})
		d.toasts(1)
		d.looks(d.icon, icon.Status{Unread: 1})
		d.tab.Await("the number in the tab", `document.title === "(1) Sendjay"`)
		d.clear(sent) // read elsewhere: withdrawn
	})
	d.act("the window shows another room", func() {
		d.atDesk(d.other, 0, false)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: present at another device"})
		d.toasts(1)
		d.clear(sent)
	})
	d.act("the window shows the room", func() {
		d.atDesk(d.room, 0, false)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "stay: being read here", web: "badge: being read on another device"})
		d.clear(sent)
	})
	d.act("the window shows the room, but nobody has touched a key for two minutes", func() {
		d.atDesk(d.room, 120*time.Second, false)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: nobody here"})
		d.toasts(1)
		d.clear(sent)
	})
	d.act("both are idle: the browser waits, and stays silent because it was read meanwhile", func() {
		d.atDesk("", 60*time.Second, false)
		d.inBrowser(`rests(60)`, protocol.Attention{Idle: 60})
		d.tab.Do(fmt.Sprintf(`holds = %d`, notify.WaitFor.Milliseconds())) // this computer may be too busy to read in time
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "wait: another device goes first"})
		d.toasts(1)
		d.clear(sent)
		d.tab.Do(`lapse()`)
		d.decide(sent, map[protocol.Device]string{web: "stay: read meanwhile"})
	})
}

// reworded: what was said changes.
func (d *devices) reworded() {
	d.act("an edit rewrites the notification, taking back withdraws it", func() {
		d.says(nil)
		d.toasts(1)
		sent := d.says(nil)
		d.toasts(1)
		d.lee.call("POST", "/api/v1/commands/message.edit", protocol.EditMessage{Room: d.room, ID: sent.ID, Body: "reworded"}, nil)
		d.toasts(1)
		if open := d.notes.Open(); len(open) != 1 || open[0].Body != "reworded" {
			d.t.Errorf("on the screen: %+v", open)
		}
		d.lee.call("POST", "/api/v1/commands/message.cancel", protocol.CancelMessage{Room: d.room, ID: sent.ID}, nil)
		d.notes.AwaitOpen(0)
		d.looks(d.icon, icon.Status{Unread: 1})
		d.clear(d.says(nil))
		d.shows = len(d.notes.Asked())
	})
}
