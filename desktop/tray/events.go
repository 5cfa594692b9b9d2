package main

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"time"

	"sendjay/desktop/link"
	"sendjay/desktop/update"
	"sendjay/shared/protocol"
	"sendjay/shared/resident"
)

// askWithin bounds a question to the server that nobody watches.
const askWithin = 20 * time.Second

// base is the rev on which an event builds.
func base(e link.Push) protocol.Rev {
	if e.Since != nil {
		return *e.Since
	}
	return e.Rev - 1
}

// connected is told at every hello: who we are, and what the other devices say.
func (a *app) connected(h protocol.Hello) {
	if h.User.ID != a.me.ID || a.tally == nil {
		a.reset(h.User)
	}
	a.me, a.session = h.User, h.Session
	clear(a.others)
	for _, d := range h.Attention {
		a.others[d.Session] = d
		a.reported(d.Session)
	}
	a.renewal.wish(update.Came)
	a.askRecent()
	a.sync(a.away())
	if a.lost.IsZero() {
		time.AfterFunc(settled, resident.Trim)
	}
}

// settled is when what only the start needed, and the first look at the server, is behind us.
const settled = 20 * time.Second

// away is how long there was no line before the present one; a first one follows on an age.
func (a *app) away() time.Duration {
	if a.lost.IsZero() {
		return math.MaxInt64
	}
	return time.Since(a.lost)
}

// linkMoved is told when the line to the server comes, goes, or is signed out.
func (a *app) linkMoved(l protocol.Link) {
	if a.link.State == protocol.Online && l.State != protocol.Online {
		a.lost = a.server.Lost()
		a.counting.stop()
	}
	a.link = l
	a.prove()
	if l.State == protocol.SignedOut {
		a.reset(protocol.User{})
		a.closeRooms()
	}
}

// heard is an event of the server.
func (a *app) heard(e link.Push) {
	if a.tally == nil {
		return
	}
	switch e.Ev {
	case protocol.EvMessage:
		var m protocol.Message
		if a.read(e, &m) {
			a.recent.spoke(m.Room)
			if a.tally.message(m, e.Rev) {
				a.consider(m, a.aimed(m))
			} else {
				a.askRoom(m.Room, func() { a.consider(m, a.aimed(m)) })
			}
		}
	case protocol.EvReceipts:
		var r protocol.Receipts
		if a.read(e, &r) {
			a.cursors(e, r.Cursors)
		}
	case protocol.EvCancelled:
		var c protocol.MessageCancelled
		if a.read(e, &c) {
			a.cancelled(c)
			a.askRoom(c.Room, func() {})
		}
	case protocol.EvChanged:
		var c protocol.MessageChanged
		if a.read(e, &c) {
			a.changed(e, c)
		}
	case protocol.EvHidden:
		var h protocol.MessageHidden
		if a.read(e, &h) {
			a.hidden(h)
		}
	case protocol.EvNotice:
		a.follow(e)
	case protocol.EvRoom:
		if a.tally.rooms[e.Room] != nil {
			a.askRoom(e.Room, func() {}) // the menu shows its title
		}
	case protocol.EvMembers:
		var c protocol.MembersChanged
		if a.read(e, &c) {
			a.members(e.Room, c)
		}
	case protocol.EvMine:
		var mine protocol.RoomMine
		if a.read(e, &mine) && (a.tally.rooms[mine.Room] != nil || a.tally.open > 0) {
			// Not a change of the room, so its rev says nothing of it.
			a.tally.forget(mine.Room)
			a.askRoom(mine.Room, func() {})
		}
	case protocol.EvUpdates:
		a.renewal.wish(update.News)
	case protocol.EvSettings:
		var s protocol.NotifySettings
		if a.read(e, &s) {
			a.choose(s)
			a.learnRest(s, func() { a.rest(protocol.Holidays{Holidays: a.holidays}) })
		}
	case protocol.EvHolidays:
		var h protocol.Holidays
		if a.read(e, &h) {
			a.rest(h)
		}
	case protocol.EvWhy:
		var q protocol.WhyAsked
		if a.read(e, &q) {
			a.because(q)
		}
	case protocol.EvWhether:
		var q protocol.WhetherAsked
		if a.read(e, &q) {
			a.whether(q)
		}
	case protocol.EvTold:
		var t protocol.Told
		if a.read(e, &t) {
			a.answered(t)
		}
	case protocol.EvAttention:
		var d protocol.DeviceAttention
		if a.read(e, &d) {
			if d.Gone {
				delete(a.others, d.Session)
			} else {
				a.others[d.Session] = d
				a.reported(d.Session)
			}
			a.summary() // where that one was held, or paused
		}
	}
}

// sent is a message of mine from a window of this device: no event tells of it, but it counts as a change.
func (a *app) sent(m protocol.MessageSent) {
	a.recent.spoke(m.Room)
	a.corner.Withdraw(unsentIn + m.Room)
	if a.tally.rooms[m.Room] != nil && !a.tally.message(protocol.Message{Room: m.Room, Seq: m.Seq, At: m.At, Sender: a.me.ID}, m.Rev) {
		a.askRoom(m.Room, func() {})
	}
}

func (a *app) read(e link.Push, into any) bool {
	err := json.Unmarshal(e.Data, into)
	if err != nil {
		a.log.Warn("an event that cannot be read", "event", e.Ev, "error", err)
	}
	return err == nil
}

func (a *app) cursors(e link.Push, moved []protocol.Cursor) {
	for _, c := range moved {
		if c.User == a.me.ID {
			a.readUpTo(e.Room, c.Seq)
		}
	}
	if a.tally.receipts(e.Room, moved, base(e), e.Rev) {
		a.tidy()
	} else {
		a.askRoom(e.Room, a.tidy)
	}
}

func (a *app) members(room protocol.RoomID, c protocol.MembersChanged) {
	for _, m := range c.Members {
		if m.ID == a.me.ID && m.Left {
			a.left(room)
			return
		}
	}
	if a.tally.rooms[room] != nil {
		a.askRoom(room, func() {}) // its title may be made of the members' names
	}
}

// left is told when I am not in a room any more.
func (a *app) left(room protocol.RoomID) {
	a.tally.forget(room)
	a.recent.forget(room)
	a.dropAlert(room)
	delete(a.owed, room)
	delete(a.invited, room)
}

// askRoom brings one room up to date; then runs in the loop afterwards, also where the server gave no answer.
func (a *app) askRoom(room protocol.RoomID, then func()) {
	a.inquire(room, func(*protocol.Room) { then() }, then)
}

// inquire asks what the server knows of a room, and counts with that. Where it gave no answer, all is counted
// again later.
func (a *app) inquire(room protocol.RoomID, got func(*protocol.Room), failed func()) {
	t := a.tally
	asked := t.ask()
	ask(a, "/rooms/"+url.PathEscape(string(room)), new(protocol.Room), func(r *protocol.Room) {
		t.answered()
		if a.tally == t {
			if !t.know(*r, asked) {
				a.askRoom(room, a.tidy)
			}
			got(r)
		}
	}, func(err error) {
		t.answered()
		switch {
		case a.tally != t:
		case protocol.CodeOf(err) == protocol.NotFound: // I am not in it any more
			a.left(room)
			a.tidy()
		default:
			a.countLater()
			failed()
		}
	})
}

// ask asks the server something; got or failed runs in the loop.
func ask[T any](a *app, path string, into *T, got func(*T), failed func(error)) {
	go func() {
		ctx, stop := context.WithTimeout(a.ctx, askWithin)
		defer stop()
		err := a.server.Get(ctx, path, into)
		a.do(func() {
			if err == nil {
				got(into)
				return
			}
			a.log.Debug("the server gave no answer", "path", path, "error", err)
			failed(err)
		})
	}()
}
