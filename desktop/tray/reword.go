package main

import (
	"slices"

	"sendjay/desktop/link"
	"sendjay/shared/protocol"
)

// changed is told when something about a message changed. It makes nothing unread, but it is one change of the
// room: whoever passed over it would have to ask for the room at its next message.
func (a *app) changed(e link.Push, c protocol.MessageChanged) {
	if al := a.alerts[c.Room]; al != nil && al.message.ID == c.ID && c.Edit != nil {
		a.reworded(al, c.Edit.Body, c.Edit.Mentions)
	}
	a.follow(e)
}

// follow counts an event of a room that makes nothing unread.
func (a *app) follow(e link.Push) {
	if !a.tally.step(e.Room, base(e), e.Rev) {
		a.askRoom(e.Room, a.tidy)
	}
}

// reworded puts the new wording where the old one stands, or shall stand soon. It makes no sound, and shows nothing
// that the person has put away.
func (a *app) reworded(al *alert, body string, mentions []protocol.UserID) {
	if al.message.Body == body {
		return
	}
	al.message.Body, al.message.Mentions = body, mentions
	al.aim = a.aimed(al.message)
	if !al.shown.IsZero() {
		t := a.toast(al)
		t.Silent, t.Standing = true, true
		a.corner.Show(t)
	}
}

// hidden is told when I deleted messages for myself, here or on another device.
func (a *app) hidden(h protocol.MessageHidden) {
	if al := a.alerts[h.Room]; al != nil && (al.message.Seq <= h.From || slices.Contains(h.IDs, al.message.ID)) {
		al.gone = true
		a.silence(h.Room, al)
	}
	if a.tally.rooms[h.Room] != nil || a.tally.open > 0 {
		// Not a change of the room, so its rev says nothing of it.
		a.tally.forget(h.Room)
		a.askRoom(h.Room, a.tidy)
	}
}

// standing returns the rev of every room whose notification stands there.
func (a *app) standing() map[protocol.RoomID]protocol.Rev {
	revs := map[protocol.RoomID]protocol.Rev{}
	for room, al := range a.alerts {
		if r := a.tally.rooms[room]; r != nil && !al.shown.IsZero() {
			revs[room] = r.rev
		}
	}
	return revs
}

// recheck looks whether what stands there is still true after a break: it may have been reworded or taken back
// while nobody told us. before is what standing said.
func (a *app) recheck(before map[protocol.RoomID]protocol.Rev) {
	for room, rev := range before {
		al, r := a.alerts[room], a.tally.rooms[room]
		if al == nil || al.shown.IsZero() || r == nil || r.rev == rev || r.seq > al.message.Seq {
			continue // gone, as it was, or told anew
		}
		a.inquire(room, func(now *protocol.Room) {
			switch m := now.LastMessage; {
			case a.alerts[room] != al:
			case m == nil || m.Seq < al.message.Seq || m.ID == al.message.ID && m.Cancelled:
				al.gone = true
				a.silence(room, al)
			case m.ID == al.message.ID:
				a.reworded(al, m.Body, m.Mentions)
			}
		}, func() {})
	}
}
