package main

import (
	"fmt"

	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

// atBrowser: the person is at the browser, or only the browser can speak.
func (d *devices) atBrowser() {
	d.act("the person looks at another room in the browser: a banner in the page, nothing else", func() {
		d.inBrowser(`here(true); `+inFront(d.other), protocol.Attention{Room: d.other, Focused: true})
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: present at another device", web: "banner: looking at another room in the browser"})
		d.toasts(0)
		d.clear(sent)
	})
	d.act("the person looks at the room in the browser: read there", func() {
		d.inBrowser(inFront(d.room), protocol.Attention{Room: d.room, Focused: true})
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: being read on another device", web: "stay: being read here"})
		d.looks(d.icon, icon.Status{})
		d.toasts(0)
	})
	d.act("the computer loses its notification service: the browser speaks", func() {
		d.inBrowser(`location.hash = "#/"; rests(180)`, awayFromIt)
		d.notes.Stop()
		d.knows(`a.unable`)
		shown := toldIn(d.tab)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: no notifications possible", web: "speak: primary device"})
		d.popups(d.tab, shown+1)
		d.looks(d.icon, icon.Status{Unread: 1})
		d.clear(sent)
	})
	d.act("a tab is closed at the very moment: the next one takes over, and each message is told once", func() {
		next := d.browse()
		next.Await("its part of the line", `document.querySelector("[data-room]") && /Connected|연결됨/.test(document.body.innerText)`)
		// What a page that was just opened finds is no news to it: it has asked for all, and lived through one message.
		next.Await("what it was set to", `performance.getEntriesByType("resource").some((r) => r.name.endsWith("/me/settings") && r.responseEnd > 0)`)
		before := d.says(nil)
		next.Await("the message", fmt.Sprintf(`document.body.innerText.includes("message %d")`, d.sent))
		d.decide(before, map[protocol.Device]string{web: "speak: primary device"})
		d.clear(before)
		next.Await("no number", `document.title === "Sendjay"`)
		next.Do(`stops()`) // however busy this computer is, the gap counts as short
		// A page that is about to close may hear one more message: it would tell of it, and take the popup along.
		d.tab.Do(`window.deaf = true`)
		d.tab.Close() // it held the socket
		sent := d.says(nil)
		d.tab = next
		d.tab.Await("the popup", fmt.Sprintf(`told.filter((t) => t.includes("message %d")).length === 1`, d.sent))
		d.decide(sent, map[protocol.Device]string{web: "speak: primary device"})
		d.clear(sent)
		if n := toldIn(d.tab); n != 1 {
			d.t.Errorf("%d popups", n)
		}
	})
	d.act("what the person sends as urgent goes out through the computer, as his own session", func() {
		m := person.NewMessage(d.room, "fire")
		m.Urgent = true
		d.do(protocol.OpMessageSend, m)
		var page protocol.MessagesPage
		d.lee.call("GET", fmt.Sprintf("/api/v1/rooms/%s/messages?limit=1", d.room), nil, &page)
		if len(page.Messages) != 1 || !page.Messages[0].Urgent {
			d.t.Errorf("the other one reads %+v", page.Messages)
		}
	})
}
