package main

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sendjay/shared/protocol"
)

// counters is a server of one person: rooms, what happened in them, and what the person hears of it.
type counters struct {
	rooms  map[protocol.RoomID]*counter
	events []event
}

type counter struct {
	room protocol.Room
	// own are the seqs of my own messages, and those that were taken back: they never count.
	own map[protocol.Seq]bool
}

// question is what the tray has asked. The server answers it at some moment, and the answer comes at a later one.
type question struct {
	room   protocol.RoomID // "" for the list of all rooms with something to read
	asked  int
	served bool
	was    protocol.Room
	page   protocol.UnreadPage
}

type event struct {
	room    protocol.RoomID
	base    protocol.Rev
	rev     protocol.Rev
	message *protocol.Message
	cursors []protocol.Cursor
	plain   bool // it makes nothing unread and nothing read
}

func (c *counters) recount(id protocol.RoomID) {
	x := c.rooms[id]
	x.room.Unread = 0
	for n := x.room.Read + 1; n <= x.room.Seq; n++ {
		if !x.own[n] {
			x.room.Unread++
		}
	}
}

func (c *counters) page() (p protocol.UnreadPage) {
	for _, x := range c.rooms {
		if r := x.room; r.Unread > 0 {
			p.Rooms = append(p.Rooms, protocol.UnreadRoom{ID: r.ID, Title: r.Title, Unread: r.Unread, Seq: r.Seq, Rev: r.Rev, Muted: r.Muted})
		}
	}
	return p
}

func (c *counters) badge() (n int, dot bool) {
	for _, x := range c.rooms {
		if x.room.Muted {
			dot = dot || x.room.Unread > 0
		} else {
			n += x.room.Unread
		}
	}
	return n, dot
}

// TestTheBadgeIsAFunctionOfTheServersCounters lets a server count and a tray hear of it, with lost, repeated
// and late events, answers that are overtaken by events, and broken lines: once the questions are answered, both
// show the same.
func TestTheBadgeIsAFunctionOfTheServersCounters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &counters{rooms: map[protocol.RoomID]*counter{}}
		for i := range 3 {
			id := protocol.RoomID(fmt.Sprintf("r%d", i))
			c.rooms[id] = &counter{room: protocol.Room{ID: id, Muted: i == 2, Rev: 1}, own: map[protocol.Seq]bool{}}
		}
		tray := newTally("me")
		var asked []*question
		gap := false // something was lost with the line, and no list was asked for since
		ask := func(room protocol.RoomID) { asked = append(asked, &question{room: room, asked: tray.ask()}) }
		serve := func(q *question) {
			switch {
			case q.served:
			case q.room == "":
				q.served, q.page = true, c.page()
			default:
				q.served, q.was = true, c.rooms[q.room].room
			}
		}
		answer := func(i int) {
			q := asked[i]
			asked = slices.Delete(asked, i, i+1)
			tray.answered()
			if q.room == "" {
				_, doubt := tray.unread(q.page, q.asked)
				for _, id := range doubt {
					ask(id)
				}
			} else if !tray.know(q.was, q.asked) {
				ask(q.room)
			}
		}
		hear := func(e event) {
			var known bool // of a message that was taken back, the room is always asked for
			switch {
			case e.message != nil:
				known = tray.message(*e.message, e.rev)
			case e.cursors != nil:
				known = tray.receipts(e.room, e.cursors, e.base, e.rev)
			case e.plain:
				known = tray.step(e.room, e.base, e.rev)
			}
			if !known {
				ask(e.room)
			}
		}
		happen := func(e event) {
			c.events = append(c.events, e)
			if rapid.IntRange(0, 4).Draw(t, "lost") > 0 {
				hear(e)
			} else {
				gap = true // as only a line that breaks loses events, the next hello follows
			}
		}
		pick := func() *counter {
			return c.rooms[protocol.RoomID(fmt.Sprintf("r%d", rapid.IntRange(0, 2).Draw(t, "room")))]
		}
		t.Repeat(map[string]func(*rapid.T){
			"message": func(t *rapid.T) {
				x := pick()
				sender := rapid.SampledFrom([]protocol.UserID{"me", "kim"}).Draw(t, "sender")
				x.room.Seq++
				x.room.Rev++
				x.own[x.room.Seq] = sender == "me"
				c.recount(x.room.ID)
				happen(event{room: x.room.ID, rev: x.room.Rev, message: &protocol.Message{Room: x.room.ID, Seq: x.room.Seq, Sender: sender, Type: protocol.Talk}})
			},
			"read": func(t *rapid.T) {
				x := pick()
				to := protocol.Seq(rapid.IntRange(int(x.room.Read), int(x.room.Seq)).Draw(t, "to"))
				if to == x.room.Read {
					return
				}
				base := x.room.Rev
				x.room.Read, x.room.Rev = to, x.room.Rev+1
				c.recount(x.room.ID)
				happen(event{room: x.room.ID, base: base, rev: x.room.Rev, cursors: []protocol.Cursor{{User: "me", Seq: to}}})
			},
			"edit": func(*rapid.T) {
				x := pick()
				base := x.room.Rev
				x.room.Rev++
				happen(event{room: x.room.ID, base: base, rev: x.room.Rev, plain: true})
			},
			"mute": func(t *rapid.T) {
				// Not a change of the room, so its rev says nothing of it.
				x := pick()
				x.room.Muted = !x.room.Muted
				if rapid.IntRange(0, 4).Draw(t, "lost") == 0 {
					gap = true
				} else if tray.rooms[x.room.ID] != nil || tray.open > 0 {
					tray.forget(x.room.ID)
					ask(x.room.ID)
				}
			},
			"cancel": func(t *rapid.T) {
				x := pick()
				if x.room.Seq == 0 {
					return
				}
				x.own[protocol.Seq(rapid.IntRange(1, int(x.room.Seq)).Draw(t, "seq"))] = true
				x.room.Rev++
				c.recount(x.room.ID)
				happen(event{room: x.room.ID, rev: x.room.Rev})
			},
			"repeat": func(t *rapid.T) {
				if len(c.events) > 0 {
					hear(rapid.SampledFrom(c.events).Draw(t, "event"))
				}
			},
			"hello": func(*rapid.T) {
				gap = false
				ask("")
			},
			"serve": func(t *rapid.T) {
				if len(asked) == 0 {
					return
				}
				serve(rapid.SampledFrom(asked).Draw(t, "question"))
			},
			"answer": func(t *rapid.T) {
				if i := slices.IndexFunc(asked, func(q *question) bool { return q.served }); i >= 0 {
					answer(i)
				}
			},
			"calm": func(*rapid.T) {
				if gap {
					gap = false
					ask("")
				}
				for len(asked) > 0 {
					serve(asked[0])
					answer(0)
				}
			},
			"": func(t *rapid.T) {
				if len(asked) > 0 || gap {
					return
				}
				wantN, wantDot := c.badge()
				if n, dot := tray.total(); n != wantN || dot != wantDot {
					t.Fatalf("the icon shows %d %v, the server counts %d %v", n, dot, wantN, wantDot)
				}
				if slices.ContainsFunc(tray.top(10), func(r protocol.UnreadRoom) bool { return r.Unread == 0 }) {
					t.Fatal("the menu lists a room with nothing to read")
				}
			},
		})
	})
}
