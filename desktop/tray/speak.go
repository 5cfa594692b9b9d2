package main

import (
	"time"

	"sendjay/desktop/toast"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// speak shows the notification. What it tells of is remembered first: nothing is told twice, also when the
// program ends at this moment.
func (a *app) speak(al *alert) {
	a.keepTold()
	standing := !al.shown.IsZero()
	silent := !notify.Loud(standing, time.Since(al.shown))
	if !silent {
		al.shown = time.Now()
	}
	t := a.toast(al)
	t.Silent = silent
	a.corner.Show(t)
}

func (a *app) toast(al *alert) toast.Toast {
	title, body := a.words(al.message)
	return toast.Toast{Room: al.message.Room, Seq: al.message.Seq, Title: title, Body: body, Sound: a.sound(), Stay: a.stay()}
}

// words are what a notification of m says, as far as the person and the company let it.
func (a *app) words(m protocol.Message) (title, body string) {
	w := notify.WordingOf(a.mine.HideBody || a.preview != "full", a.mine.HideSender || a.preview == "none")
	title, body = "Sendjay", a.say("toast.message")
	if w.Title {
		title = m.SenderName
		if r := a.tally.rooms[m.Room]; r != nil && r.title != "" && r.title != m.SenderName {
			title = r.title + " · " + m.SenderName
		}
	}
	if w.Body {
		body = a.body(m, w.Title)
	}
	if m.Urgent {
		title = a.say("toast.urgent") + " · " + title
	}
	return title, body
}

// body is what the notification says of m; named tells whether it may name anybody.
func (a *app) body(m protocol.Message, named bool) string {
	switch m.Type {
	case protocol.Talk:
		return m.Body
	case protocol.Invite:
		if !named {
			return a.say("toast.message")
		}
		return a.say("toast.invited", "name", m.SenderName)
	case protocol.Image:
		return a.say("toast.image")
	case protocol.File, protocol.FLink:
		return a.say("toast.file")
	}
	return m.Body
}
