package main

import (
	"time"

	"sendjay/desktop/toast"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// alert is what was, or is about to be, said about one room.
type alert struct {
	upto    protocol.Seq     // the newest that was considered
	message protocol.Message // the one that is told of, or waits for it; else the newest that was considered
	read    protocol.Seq     // my cursor, as far as heard
	gone    bool             // taken back
	shown   time.Time        // when the notification last made a sound, zero when none stands there
	aim     aim
	wait    *time.Timer
	left    *toast.Toast // shown by the tray before this one, of a message that is still to be had
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

// aim says for whom a message is meant.
type aim struct{ mentioned, everybody, reply bool }

// personal reports whether I want to hear of the message although I want to hear little of its room.
func (to aim) personal(r *roomCount) bool {
	return to.mentioned || to.reply || to.everybody && (r == nil || !r.muted)
}

// consider asks the table whether m is worth a word. A message is considered at most once.
func (a *app) consider(m protocol.Message, aim aim) {
	a.tally.considered(m)
	al := a.alert(m.Room)
	if m.Seq <= al.upto {
		return
	}
	before := *al
	al.upto = m.Seq
	delete(a.owed, m.Room)
	al.message, al.gone, al.aim = m, m.Cancelled, aim
	a.holding()
	s := a.situation(al)
	if s.Message.InvitedMe && m.Seq > al.read {
		a.invited[m.Room] = m.Seq
	} else if !m.Type.System() {
		delete(a.invited, m.Room) // from now on there is something to read
	}
	v := notify.Decide(s)
	a.journal.add(m, v)
	switch v.Then {
	case notify.Speak:
		al.stop()
		a.lastLook(al)
	case notify.Wait:
		if al.wait != nil {
			break // a room where much is said would be put off for ever
		}
		al.wait = time.AfterFunc(notify.WaitFor, func() {
			a.do(func() {
				if al.wait != nil { // not stopped in the meantime
					al.wait = nil
					a.lastLook(al)
				}
			})
		})
	default:
		if al.wait != nil || !al.shown.IsZero() {
			// What is worth no word takes none away from the one before.
			al.message, al.gone, al.aim = before.message, before.gone, before.aim
		}
	}
	if v.Later {
		a.keepBack(m.Room, kept{aim.personal(a.tally.rooms[m.Room]), m.Urgent && !a.mine.UrgentOff})
	}
}

// lastLook asks once more, just before speaking.
func (a *app) lastLook(al *alert) {
	a.holding()
	v := notify.LastLook(a.situation(al))
	if v.Then == notify.Speak {
		a.journal.add(al.message, v)
		a.speak(al)
		return
	}
	a.journal.add(al.message, v)
	if v.Later {
		a.keepBack(al.message.Room, kept{al.aim.personal(a.tally.rooms[al.message.Room]), al.message.Urgent && !a.mine.UrgentOff})
	}
}

// situation gathers the facts about the newest message of a room.
func (a *app) situation(al *alert) notify.Situation {
	m := al.message
	s := notify.Situation{
		Message: notify.Message{
			Type: m.Type, Mine: m.Sender == a.me.ID, Cancelled: al.gone, Read: m.Seq <= al.read,
			Mentioned: al.aim.mentioned, Everybody: al.aim.everybody, ReplyToMe: al.aim.reply, Urgent: m.Urgent,
		},
		Room:    notify.Room{ID: m.Room},
		Mine:    a.chosen(),
		Devices: a.devices(),
	}
	if r := a.tally.rooms[m.Room]; r != nil {
		s.Room.Muted, s.Room.MentionsOnly = r.muted, r.few
		s.Message.Read = s.Message.Read || r.unread == 0 && !m.Type.System()
	}
	for _, p := range m.People {
		s.Message.InvitedMe = s.Message.InvitedMe || m.Type == protocol.Invite && p.ID == a.me.ID
	}
	return s
}

// readUpTo is told when I have read, here or on another device.
func (a *app) readUpTo(room protocol.RoomID, seq protocol.Seq) {
	al := a.alert(room)
	al.read = max(al.read, seq)
	if al.message.Seq <= al.read {
		a.silence(room, al)
	}
	if a.invited[room] <= al.read {
		delete(a.invited, room)
	}
	last := al.upto
	if r := a.tally.rooms[room]; r != nil {
		last = max(last, r.seq)
	}
	if last <= al.read { // else something of what was kept is still to be read
		delete(a.later, room)
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
