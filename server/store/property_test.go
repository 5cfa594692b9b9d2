package store_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

var everybody = []protocol.UserID{"a", "b", "c", "d"}

// world is a room as it ought to be.
type world struct {
	s       *store.Store
	room    protocol.RoomID
	master  protocol.UserID
	name    string
	mine    map[protocol.UserID]protocol.RoomMine // without version and place
	seq     protocol.Seq
	rev     protocol.Rev
	ids     []protocol.MessageID
	talks   map[protocol.MessageID]*talked
	members map[protocol.UserID]*stands
	copies  map[protocol.UserID]*copied
	notice  protocol.MessageID
}

type talked struct {
	sender    protocol.UserID
	seq       protocol.Seq
	rev       protocol.Rev
	cancelled bool
	body      string
	reply     protocol.MessageID
	hidden    map[protocol.UserID]bool
	reacted   map[string]bool // "emoji user"
}

// from is where the person came, clear up to where he has deleted all.
type stands struct{ read, from, clear protocol.Seq }

func (s stands) sees(seq protocol.Seq) bool { return seq > max(s.from, s.clear) }

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

func TestWhateverPeopleDoTheRoomIsAsTheModelSaysAndOldCopiesCatchUp(t *testing.T) {
	if err := flag.Set("rapid.checks", "12"); err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, everybody...)
		rapid.Check(t, func(r *rapid.T) {
			rooms++
			// A title of its own does not make another room, more people do: each world has a guest of its own.
			guest := protocol.UserID(fmt.Sprintf("g%d%s", rooms, t.Name()[len(t.Name())-3:]))
			people(t, s, guest)
			w := &world{s: s, master: "a", rev: 1, mine: map[protocol.UserID]protocol.RoomMine{}, talks: map[protocol.MessageID]*talked{}, members: map[protocol.UserID]*stands{}, copies: map[protocol.UserID]*copied{}}
			with := []protocol.UserID{guest, "b", "c"}[:rapid.IntRange(1, 3).Draw(r, "others")]
			made, err := s.CreateRoom(t.Context(), "a", with, "", nil)
			if err != nil || made.Existed {
				r.Fatalf("%+v %v", made, err)
			}
			w.room = made.Room
			for _, u := range append(with, "a") {
				w.members[u] = &stands{}
			}
			all := append(slices.Clone(everybody), guest)
			who := rapid.SampledFrom(all)
			r.Repeat(map[string]func(*rapid.T){
				"send":   func(r *rapid.T) { w.send(r, who.Draw(r, "who")) },
				"again":  func(r *rapid.T) { w.again(r) },
				"read":   func(r *rapid.T) { w.read(r, who.Draw(r, "who"), protocol.Seq(rapid.IntRange(0, 30).Draw(r, "seq"))) },
				"cancel": func(r *rapid.T) { w.cancel(r, who.Draw(r, "who")) },
				"edit":   func(r *rapid.T) { w.edit(r, who.Draw(r, "who")) },
				"react":  func(r *rapid.T) { w.react(r, who.Draw(r, "who")) },
				"hide":   func(r *rapid.T) { w.hide(r, who.Draw(r, "who"), rapid.IntRange(0, 7).Draw(r, "all") == 0) },
				"notice": func(r *rapid.T) { w.pin(r, who.Draw(r, "who")) },
				"invite": func(r *rapid.T) { w.invite(r, who.Draw(r, "who"), who.Draw(r, "whom")) },
				"leave":  func(r *rapid.T) { w.depart(r, who.Draw(r, "who"), "") },
				"kick":   func(r *rapid.T) { w.depart(r, who.Draw(r, "who"), who.Draw(r, "whom")) },
				"rename": func(r *rapid.T) {
					w.rename(r, who.Draw(r, "who"), rapid.SampledFrom([]string{"", "영업팀", "Sales"}).Draw(r, "name"))
				},
				"hand over": func(r *rapid.T) { w.handOver(r, who.Draw(r, "who"), who.Draw(r, "whom")) },
				"set up":    func(r *rapid.T) { w.setUp(r, who.Draw(r, "who")) },
				"copy": func(r *rapid.T) {
					if u := who.Draw(r, "who"); w.members[u] != nil {
						w.copies[u] = w.fresh(r, u)
					}
				},
				"": w.check,
			})
		})
	})
}

func (w *world) refused(r *rapid.T, u protocol.UserID, err error) bool {
	if w.members[u] != nil {
		return false
	}
	if !errors.Is(err, store.ErrNotMember) {
		r.Fatalf("%s, who is not a member: %v", u, err)
	}
	return true
}

func (w *world) send(r *rapid.T, u protocol.UserID) {
	messages++
	id := protocol.MessageID(fmt.Sprint("m", messages))
	var reply protocol.MessageID
	if len(w.ids) > 0 && rapid.Bool().Draw(r, "reply") {
		reply = rapid.SampledFrom(w.ids).Draw(r, "to")
	}
	out, err := w.s.Send(r.Context(), store.NewMessage{ID: id, Room: w.room, Sender: u, SenderName: string(u), Body: string(id), Reply: reply}, nil)
	if w.refused(r, u, err) {
		return
	}
	w.seq++
	w.rev++
	if reply != "" && w.talks[reply].seq <= w.members[u].visible() {
		reply = ""
	}
	if (out.Message.Quote == nil) != (reply == "") {
		r.Fatalf("a reply to %q says %+v", reply, out.Message.Quote)
	}
	if err != nil || out.Message.Seq != w.seq || out.Message.Rev != w.rev {
		r.Fatalf("sent %+v %v, want seq %d rev %d", out, err, w.seq, w.rev)
	}
	w.ids = append(w.ids, id)
	w.talks[id] = &talked{sender: u, seq: w.seq, rev: w.rev, body: string(id), reply: reply, hidden: map[protocol.UserID]bool{}, reacted: map[string]bool{}}
}

func (s stands) visible() protocol.Seq { return max(s.from, s.clear) }

// act draws a message and says whether u may act on it.
func (w *world) act(r *rapid.T, u protocol.UserID) (protocol.MessageID, *talked, bool) {
	id := rapid.SampledFrom(w.ids).Draw(r, "id")
	m := w.talks[id]
	stands := w.members[u]
	return id, m, stands != nil && stands.sees(m.seq) && !m.cancelled && !m.hidden[u]
}

func (w *world) edit(r *rapid.T, u protocol.UserID) {
	if len(w.ids) == 0 {
		return
	}
	id, m, may := w.act(r, u)
	messages++
	body := fmt.Sprint("e", messages)
	out, err := w.s.Edit(r.Context(), w.room, u, store.Wording{ID: id, Body: body}, time.Hour, nil)
	switch {
	case w.refused(r, u, err):
	case !may:
		if !errors.Is(err, store.ErrNoMessage) {
			r.Fatalf("%s edited what he may not see: %v", u, err)
		}
	case m.sender != u:
		if !errors.Is(err, store.ErrNotSender) {
			r.Fatalf("%s edited another one's: %v", u, err)
		}
	default:
		w.rev++
		if err != nil || !out.Changed || out.Rev != w.rev {
			r.Fatalf("edited %+v %v, want rev %d", out, err, w.rev)
		}
		m.body = body
	}
}

func (w *world) react(r *rapid.T, u protocol.UserID) {
	if len(w.ids) == 0 {
		return
	}
	id, m, may := w.act(r, u)
	emoji, on := rapid.SampledFrom([]protocol.Emoji{"👍", "❤️", "😂"}).Draw(r, "emoji"), rapid.Bool().Draw(r, "on")
	out, err := w.s.React(r.Context(), w.room, u, id, emoji, on, nil)
	if w.refused(r, u, err) {
		return
	}
	if !may {
		if !errors.Is(err, store.ErrNoMessage) {
			r.Fatalf("%s reacted to what he may not see: %v", u, err)
		}
		return
	}
	key := string(emoji) + " " + string(u)
	if m.reacted[key] != on {
		w.rev++
	}
	if err != nil || out.Changed != (m.reacted[key] != on) || out.Rev != w.rev {
		r.Fatalf("reacted %+v %v, want rev %d", out, err, w.rev)
	}
	m.reacted[key] = on
}

func (w *world) hide(r *rapid.T, u protocol.UserID, all bool) {
	if len(w.ids) == 0 {
		return
	}
	id, m, _ := w.act(r, u)
	out, err := w.s.Hide(r.Context(), w.room, u, []protocol.MessageID{id}, all, nil)
	if w.refused(r, u, err) {
		return
	}
	if err != nil {
		r.Fatal(err)
	}
	s, to := w.members[u], m.seq
	switch {
	case all:
		to = w.seq
		s.clear = w.seq
	case !s.sees(m.seq) || m.hidden[u]:
		return
	}
	m.hidden[u] = m.hidden[u] || !all
	if out.Changed && to > s.read {
		s.read = to
		w.rev++
	}
}

func (w *world) pin(r *rapid.T, u protocol.UserID) {
	if len(w.ids) == 0 {
		return
	}
	id, _, may := w.act(r, u)
	if rapid.IntRange(0, 3).Draw(r, "down") == 0 {
		id, may = "", true
	}
	out, err := w.s.Notice(r.Context(), w.room, u, id, nil)
	switch {
	case w.refused(r, u, err):
	case !may:
		if !errors.Is(err, store.ErrNoMessage) {
			r.Fatalf("%s pinned what he may not see: %v", u, err)
		}
	case len(w.members) > 2 && w.master != u:
		if !errors.Is(err, store.ErrNotMaster) {
			r.Fatalf("%s, not the master, pinned: %v", u, err)
		}
	default:
		if id != w.notice {
			w.rev++
		}
		if err != nil || out.Rev != w.rev || out.Changed != (id != w.notice) {
			r.Fatalf("pinned %+v %v", out, err)
		}
		w.notice = id
	}
}

func (w *world) again(r *rapid.T) {
	if len(w.ids) == 0 {
		return
	}
	id := rapid.SampledFrom(w.ids).Draw(r, "id")
	m := w.talks[id]
	out, err := w.s.Send(r.Context(), store.NewMessage{ID: id, Room: w.room, Sender: m.sender, Body: "another"}, nil)
	if w.refused(r, m.sender, err) {
		return
	}
	if err != nil || !out.Repeat || out.Message.Seq != m.seq || out.Message.Rev != m.rev {
		r.Fatalf("sent again: %+v %v, want %+v", out, err, m)
	}
}

func (w *world) read(r *rapid.T, u protocol.UserID, seq protocol.Seq) {
	out, err := w.s.Read(r.Context(), w.room, u, seq, nil)
	if w.refused(r, u, err) {
		return
	}
	m := w.members[u]
	if to := min(seq, w.seq); to > m.read {
		m.read = to
		w.rev++
	}
	if err != nil || out.Cursor.Seq != m.read || out.Rev != w.rev {
		r.Fatalf("read %+v %v, want %d rev %d", out, err, m.read, w.rev)
	}
}

func (w *world) cancel(r *rapid.T, u protocol.UserID) {
	if len(w.ids) == 0 {
		return
	}
	id := rapid.SampledFrom(w.ids).Draw(r, "id")
	_, err := w.s.Cancel(r.Context(), w.room, u, id, time.Hour, nil)
	if w.refused(r, u, err) {
		return
	}
	m := w.talks[id]
	switch {
	case m.sender != u:
		if !errors.Is(err, store.ErrNotSender) {
			r.Fatalf("cancelled by %s: %v", u, err)
		}
	case err != nil:
		r.Fatal(err)
	case !m.cancelled:
		m.cancelled = true
		w.rev++
		if w.notice == id {
			w.notice = ""
		}
		for u, s := range w.members {
			if u != m.sender && s.read < m.seq {
				m.hidden[u] = true
			}
		}
	}
}

func (w *world) invite(r *rapid.T, by, whom protocol.UserID) {
	_, added, err := w.s.Invite(r.Context(), w.room, by, []protocol.UserID{whom}, nil)
	if w.refused(r, by, err) {
		return
	}
	if err != nil || (len(added) == 1) != (w.members[whom] == nil) {
		r.Fatalf("invited %v %v", added, err)
	}
	if len(added) == 1 {
		w.members[whom] = &stands{read: w.seq, from: w.seq}
		for _, m := range w.talks {
			delete(m.hidden, whom)
		}
		w.seq++
		w.rev++
	}
}

func (w *world) depart(r *rapid.T, by, whom protocol.UserID) {
	if len(w.members) < 3 {
		return // leaving a pair is told in a test of its own
	}
	var out store.MembersMoved
	var err error
	if whom == "" {
		whom = by
		out, err = w.s.Leave(r.Context(), w.room, by, nil)
	} else if by != whom {
		out, err = w.s.Kick(r.Context(), w.room, by, whom, nil)
	}
	if by == whom && out.Room == "" && err == nil {
		return
	}
	if w.refused(r, by, err) {
		return
	}
	switch {
	case by != whom && by != w.master:
		if !errors.Is(err, store.ErrNotMaster) {
			r.Fatalf("kicked by %s: %v", by, err)
		}
	case w.members[whom] == nil:
		if !errors.Is(err, store.ErrNoUser) {
			r.Fatalf("kicked a stranger: %v", err)
		}
	default:
		w.seq++
		w.rev++
		if err != nil || out.Line == nil || out.Line.Seq != w.seq || out.Rev != w.rev {
			r.Fatalf("left: %+v %v", out, err)
		}
		delete(w.members, whom)
		delete(w.copies, whom)
		w.mineOf(whom, func(m *protocol.RoomMine) { m.Pinned = 0 })
		if w.master == whom {
			for u := range w.members {
				room, err := w.s.Room(r.Context(), u, w.room)
				if err != nil || w.members[room.Master] == nil {
					r.Fatalf("master is %s, %v", room.Master, err)
				}
				w.master = room.Master
				break
			}
		}
	}
}

func (w *world) rename(r *rapid.T, by protocol.UserID, name string) {
	err := w.s.Rename(r.Context(), w.room, by, name, nil)
	if w.refused(r, by, err) {
		return
	}
	switch {
	case by != w.master:
		if !errors.Is(err, store.ErrNotMaster) {
			r.Fatalf("renamed by %s: %v", by, err)
		}
	case err != nil:
		r.Fatal(err)
	default:
		w.mineOf(by, func(m *protocol.RoomMine) { m.Name = "" })
		if w.name != name {
			w.name = name
			w.rev++
		}
	}
}

func (w *world) handOver(r *rapid.T, by, whom protocol.UserID) {
	err := w.s.HandOver(r.Context(), w.room, by, whom, nil)
	if w.refused(r, by, err) {
		return
	}
	switch {
	case by != w.master:
		if !errors.Is(err, store.ErrNotMaster) {
			r.Fatalf("handed over by %s: %v", by, err)
		}
	case w.members[whom] == nil:
		if !errors.Is(err, store.ErrNoUser) {
			r.Fatalf("handed over to a stranger: %v", err)
		}
	case err != nil:
		r.Fatal(err)
	case whom != by:
		w.master = whom
		w.rev++
	}
}

// setUp changes something of what is u's alone. It has no rev.
func (w *world) setUp(r *rapid.T, u protocol.UserID) {
	var change store.Mine
	if rapid.Bool().Draw(r, "name?") {
		change.Name = new(rapid.SampledFrom([]string{"", "우리 방"}).Draw(r, "name"))
	}
	if rapid.Bool().Draw(r, "notify?") {
		change.Notify = new(rapid.SampledFrom([]protocol.Notify{protocol.NotifyAll, protocol.NotifyMentions, protocol.NotifyNone}).Draw(r, "notify"))
	}
	if rapid.Bool().Draw(r, "pinned?") {
		change.Pinned = new(rapid.Bool().Draw(r, "pinned"))
	}
	if rapid.Bool().Draw(r, "panel?") {
		change.PanelHidden = new(rapid.Bool().Draw(r, "panel"))
	}
	err := w.s.SetMine(r.Context(), w.room, u, change, nil)
	if w.refused(r, u, err) {
		return
	}
	if err != nil {
		r.Fatal(err)
	}
	w.mineOf(u, func(m *protocol.RoomMine) {
		if change.Name != nil {
			m.Name = *change.Name
		}
		if change.Notify != nil {
			m.Notify = *change.Notify
		}
		if change.Pinned != nil {
			m.Pinned = map[bool]int{true: 1}[*change.Pinned]
		}
		if change.PanelHidden != nil {
			m.PanelHidden = *change.PanelHidden
		}
	})
}

func (w *world) mineOf(u protocol.UserID, change func(*protocol.RoomMine)) {
	m := w.mine[u]
	if m.Notify == "" {
		m.Notify = protocol.NotifyAll
	}
	change(&m)
	w.mine[u] = m
}

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
				w.reads(r, text, m)
			}
		}
		if want := w.notice; (want == "") != (now.notice == "") || want != "" && now.notice != string(want)+" "+w.talks[want].body {
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

// reads wants the wording of now, also of what is quoted, and as many reactions as were given.
func (w *world) reads(r *rapid.T, text string, m *talked) {
	want := fmt.Sprintf("%d talk %s", m.seq, m.body)
	if !strings.HasPrefix(text, want) {
		r.Fatalf("reads %q, want %q", text, want)
	}
	if q := w.talks[m.reply]; q != nil {
		body := q.body
		if q.cancelled {
			body = ""
		}
		if quote := fmt.Sprintf(" > %s %s %v", m.reply, body, q.cancelled); !strings.Contains(text, quote) {
			r.Fatalf("reads %q, want it to quote %q", text, quote)
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
