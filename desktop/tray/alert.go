package main

import (
	"maps"
	"slices"
	"time"

	"sendjay/desktop/toast"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

const (
	// oneSoundFor is how long further lines of a room change the text without another sound.
	oneSoundFor = 20 * time.Second
	// singleRooms is how many rooms are announced one by one after a break; more become one summary.
	singleRooms = 3
)

// alert is what was, or is about to be, said about one room.
type alert struct {
	message protocol.Message // the newest that was considered
	read    protocol.Seq     // my cursor, as far as heard
	gone    bool             // taken back
	shown   time.Time        // when the notification last made a sound, zero when none stands there
	wait    *time.Timer
}

func (al *alert) stop() {
	if al.wait != nil {
		al.wait.Stop()
		al.wait = nil
	}
}

func (a *app) alert(room protocol.RoomID) *alert {
	al := a.alerts[room]
	if al == nil {
		al = &alert{}
		a.alerts[room] = al
	}
	return al
}

// consider asks the table whether m is worth a word. A message is considered at most once.
func (a *app) consider(m protocol.Message) {
	al := a.alert(m.Room)
	if m.Seq <= al.message.Seq {
		return
	}
	al.message, al.gone = m, m.Cancelled
	al.stop()
	v := notify.Decide(a.situation(al))
	a.journal.add(m, v)
	switch v.Then {
	case notify.Speak:
		a.lastLook(al)
	case notify.Wait:
		al.wait = time.AfterFunc(notify.WaitFor, func() {
			a.do(func() {
				if al.wait != nil { // not stopped in the meantime
					al.wait = nil
					a.lastLook(al)
				}
			})
		})
	}
	if v.Later {
		a.later[m.Room] = true
	}
}

// lastLook asks once more, just before speaking.
func (a *app) lastLook(al *alert) {
	v := notify.LastLook(a.situation(al))
	if v.Then == notify.Speak {
		a.speak(al)
		return
	}
	a.journal.add(al.message, v)
}

// situation gathers the facts about the newest message of a room.
func (a *app) situation(al *alert) notify.Situation {
	m := al.message
	s := notify.Situation{
		Message: notify.Message{Type: m.Type, Mine: m.Sender == a.me.ID, Cancelled: al.gone, Read: m.Seq <= al.read},
		Room:    notify.Room{ID: m.Room},
		Devices: a.devices(),
	}
	if r := a.tally.rooms[m.Room]; r != nil {
		s.Room.Muted = r.muted
		s.Message.Read = s.Message.Read || r.unread == 0 && !m.Type.System()
	}
	for _, p := range m.People {
		s.Message.InvitedMe = s.Message.InvitedMe || m.Type == protocol.Invite && p.ID == a.me.ID
	}
	return s
}

// speak shows the notification.
func (a *app) speak(al *alert) {
	silent := !al.shown.IsZero() && time.Since(al.shown) < oneSoundFor
	if !silent {
		al.shown = time.Now()
	}
	m := al.message
	title := m.SenderName
	if r := a.tally.rooms[m.Room]; r != nil && r.title != "" && r.title != m.SenderName {
		title = r.title + " · " + m.SenderName
	}
	body := a.body(m)
	switch a.preview {
	case "sender":
		body = a.say("toast.message")
	case "none":
		title, body = "Sendjay", a.say("toast.message")
	}
	a.corner.Show(toast.Toast{Room: m.Room, Title: title, Body: body, Silent: silent})
}

// body is what the notification says of m.
func (a *app) body(m protocol.Message) string {
	switch m.Type {
	case protocol.Talk:
		return m.Body
	case protocol.Invite:
		return a.say("toast.invited", "name", m.SenderName)
	case protocol.Image:
		return a.say("toast.image")
	case protocol.File, protocol.FLink:
		return a.say("toast.file")
	}
	return m.Body
}

// readUpTo is told when I have read, here or on another device.
func (a *app) readUpTo(room protocol.RoomID, seq protocol.Seq) {
	al := a.alert(room)
	al.read = max(al.read, seq)
	if al.message.Seq <= al.read {
		a.silence(room, al)
	}
}

// cancelled takes a message back without a trace.
func (a *app) cancelled(c protocol.MessageCancelled) {
	if al := a.alerts[c.Room]; al != nil && al.message.ID == c.ID {
		al.gone = true
		a.silence(c.Room, al)
	}
}

func (a *app) silence(room protocol.RoomID, al *alert) {
	al.stop()
	al.shown = time.Time{}
	a.corner.Withdraw(room)
}

func (a *app) dropAlert(room protocol.RoomID) {
	if al := a.alerts[room]; al != nil {
		a.silence(room, al)
		delete(a.alerts, room)
	}
}

// announce speaks of what came while the line was down: up to three rooms one by one, else in sum.
func (a *app) announce(fresh []protocol.RoomID) {
	if len(fresh) <= singleRooms {
		for _, room := range fresh {
			ask(a, "/rooms/"+string(room), new(protocol.Room), func(r *protocol.Room) {
				a.tally.know(*r)
				if r.LastMessage != nil && r.Unread > 0 {
					a.consider(*r.LastMessage)
				}
			}, func() {})
		}
		return
	}
	a.sum(fresh)
}

// summary speaks once of what was kept back during do-not-disturb or while the screen was locked.
func (a *app) summary() {
	if len(a.later) == 0 || time.Now().Before(a.quiet) || a.self().Locked {
		return
	}
	rooms := slices.Collect(maps.Keys(a.later))
	clear(a.later)
	a.sum(rooms)
}

func (a *app) sum(of []protocol.RoomID) {
	rooms, messages := 0, 0
	for _, room := range of {
		if r := a.tally.rooms[room]; r != nil && !r.muted && r.unread > 0 {
			rooms++
			messages += r.unread
		}
	}
	if rooms == 0 {
		return
	}
	if time.Now().Before(a.quiet) || a.self().Locked {
		for _, room := range of {
			a.later[room] = true
		}
		return
	}
	a.corner.Show(toast.Toast{Room: noticeRoom, Title: "Sendjay", Body: a.say("toast.summary", "rooms", rooms, "messages", messages)})
}
