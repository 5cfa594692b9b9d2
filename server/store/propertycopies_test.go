package store_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"sendjay/shared/protocol"
)

// Copies of the room as clients keep them, and what has to be true of them.

// copied is what a client holds of the room since some moment.
type copied struct {
	rev      protocol.Rev
	messages map[protocol.MessageID]string
	members  map[protocol.UserID]stands
	wide     protocol.RoomWide
	mine     protocol.RoomMine
	unread   int
	from     protocol.Seq
	hides    int64
	notice   string
}

// looks is all that is to be seen of a message.
func looks(m protocol.Message) string {
	s := fmt.Sprintf("%d %s %s", m.Seq, m.Type, m.Body)
	if m.Edited != 0 {
		s += " edited"
	}
	if m.Quote != nil {
		s += fmt.Sprintf(" > %s %s %v", m.Quote.ID, m.Quote.Body, m.Quote.Cancelled)
	}
	for _, r := range m.Reactions {
		s += fmt.Sprintf(" %s%d%v%v", r.Emoji, r.Count, r.Users, r.Mine)
	}
	return s
}

func pinned(n *protocol.Notice) string {
	if n == nil {
		return ""
	}
	return string(n.ID) + " " + n.Body
}

var rooms, messages int

// fresh reads all that u may see.
func (w *world) fresh(r *rapid.T, u protocol.UserID) *copied {
	c := &copied{messages: map[protocol.MessageID]string{}, members: map[protocol.UserID]stands{}}
	room, err := w.s.Room(r.Context(), u, w.room)
	if err != nil {
		r.Fatal(err)
	}
	c.rev, c.unread = room.Rev, room.Unread
	c.wide = protocol.RoomWide{Name: room.Name, Master: room.Master}
	c.mine = protocol.RoomMine{Room: room.ID, Version: room.MineVersion, Notify: room.Notify, Pinned: room.Pinned, PanelHidden: room.PanelHidden}
	if room.Own {
		c.mine.Name = room.Title
	} else if room.Name != "" && room.Title != room.Name {
		r.Fatalf("the title is %q, the name for all %q", room.Title, room.Name)
	}
	c.from, c.hides, c.notice = room.From, room.Hides, pinned(room.Notice)
	for _, m := range room.Members {
		c.members[m.ID] = stands{read: m.Read, from: m.From}
	}
	after := protocol.Seq(0)
	for more := true; more; {
		page, err := w.s.Messages(r.Context(), u, w.room, nil, &after, 4)
		if err != nil {
			r.Fatal(err)
		}
		for _, m := range page.Messages {
			if after = m.Seq; !m.Cancelled {
				c.messages[m.ID] = looks(m)
			}
		}
		more = page.More
	}
	return c
}

// follow brings an old copy up to date as a client does.
func (w *world) follow(r *rapid.T, u protocol.UserID, c *copied) {
	for more := true; more; {
		page, err := w.s.Changes(r.Context(), u, w.room, c.rev, 3)
		if err != nil {
			r.Fatal(err)
		}
		for _, m := range page.Messages {
			if c.messages[m.ID] = looks(m); m.Cancelled {
				delete(c.messages, m.ID)
			}
		}
		for _, m := range page.Members {
			if c.members[m.ID] = (stands{read: m.Read, from: m.From}); m.Left {
				delete(c.members, m.ID)
			}
		}
		for _, x := range page.Cursors {
			if before, ok := c.members[x.User]; !ok || before.read > x.Seq {
				r.Fatalf("cursor of %s went back from %+v to %d", x.User, before, x.Seq)
			} else {
				c.members[x.User] = stands{read: x.Seq, from: before.from}
			}
		}
		if page.Rev < c.rev || (page.More && page.Rev == c.rev) {
			r.Fatalf("changes after %d end at %d", c.rev, page.Rev)
		}
		c.rev, c.unread, more = page.Rev, page.Unread, page.More
		c.wide, c.mine = page.Room, page.Mine
		if page.From != c.from {
			c.from = page.From
			maps.DeleteFunc(c.messages, func(_ protocol.MessageID, text string) bool {
				seq, _, _ := strings.Cut(text, " ")
				n, err := strconv.ParseInt(seq, 10, 64)
				return err != nil || protocol.Seq(n) <= c.from
			})
		}
		if page.NoticeRev > 0 {
			c.notice = pinned(page.Notice)
		}
	}
	gone, hides, err := w.s.HiddenSince(r.Context(), u, w.room, c.hides)
	if err != nil {
		r.Fatal(err)
	}
	for _, id := range gone {
		delete(c.messages, id)
	}
	c.hides = hides
}

func (w *world) check(r *rapid.T) {
	for u, stands := range w.members {
		now := w.fresh(r, u)
		if mine := now.members[u]; now.rev != w.rev || mine.read != stands.read || mine.from != stands.from || now.from != stands.visible() || len(now.members) != len(w.members) {
			r.Fatalf("%s sees %+v, want rev %d, %+v", u, now, w.rev, *stands)
		}
		w.counts(r, u, now.unread)
		mine := now.mine
		mine.Room, mine.Version, mine.Pinned = "", 0, min(mine.Pinned, 1)
		w.mineOf(u, func(*protocol.RoomMine) {})
		if (now.wide != protocol.RoomWide{Name: w.name, Master: w.master}) || mine != w.mine[u] {
			r.Fatalf("%s sees %+v and has set up %+v, want %q of %s, %+v", u, now.wide, mine, w.name, w.master, w.mine[u])
		}
		for id, m := range w.talks {
			text, visible := now.messages[id]
			if visible != (!m.cancelled && stands.sees(m.seq) && !m.hidden[u]) {
				r.Fatalf("%s sees %s %+v: %v", u, id, m, visible)
			}
			if visible {
				w.reads(r, text, m, stands.from)
			}
		}
		want := w.notice
		if want != "" && w.talks[want].seq <= stands.from {
			want = "" // said before he came
		}
		if (want == "") != (now.notice == "") || want != "" && now.notice != string(want)+" "+w.talks[want].body {
			r.Fatalf("%s sees %q pinned, want %q", u, now.notice, want)
		}
		if old := w.copies[u]; old != nil {
			w.follow(r, u, old)
			if !maps.Equal(old.messages, now.messages) || !maps.Equal(old.members, now.members) || old.rev != now.rev || old.unread != now.unread ||
				old.from != now.from || old.hides != now.hides || old.notice != now.notice || old.wide != now.wide || old.mine != now.mine {
				r.Fatalf("the copy of %s is\n%+v, but now is\n%+v", u, old, now)
			}
			if rapid.Bool().Draw(r, "keep") {
				w.copies[u] = now
			}
		}
	}
}

// reads wants the wording of now, also of what is quoted unless that was said up to from, and as many reactions as were
// given.
func (w *world) reads(r *rapid.T, text string, m *talked, from protocol.Seq) {
	want := fmt.Sprintf("%d talk %s", m.seq, m.body)
	if !strings.HasPrefix(text, want) {
		r.Fatalf("reads %q, want %q", text, want)
	}
	if q := w.talks[m.reply]; q != nil {
		body := q.body
		if q.cancelled {
			body = ""
		}
		if quote := fmt.Sprintf(" > %s %s %v", m.reply, body, q.cancelled); strings.Contains(text, quote) != (q.seq > from) {
			r.Fatalf("reads %q, of which %q is said before seq %d or not", text, quote, from)
		}
	}
	counts := map[string]int{}
	for key, on := range m.reacted {
		if on {
			counts[strings.Fields(key)[0]]++
		}
	}
	for emoji, n := range counts {
		if !strings.Contains(text, fmt.Sprint(" ", emoji, n, "[")) {
			r.Fatalf("reads %q, want %s %d times", text, emoji, n)
		}
	}
}
