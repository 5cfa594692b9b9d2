package fanout_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sendjay/server/chat"
	"sendjay/server/fanout"
	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// house is a store with the rules and the fan-out over it, as one server has them. It can be started again.
type house struct {
	dir      string
	db       *store.Store
	sessions *session.Registry
	out      *fanout.Fanout
	talk     *chat.Chat
}

func (h *house) start(r *rapid.T) {
	var err error
	if h.db, err = store.Open(r.Context(), store.Config{Dir: h.dir}); err != nil {
		r.Fatal(err)
	}
	h.sessions = session.NewRegistry(session.Config{})
	h.out = fanout.New(fanout.Config{Sessions: h.sessions, Members: h.db.Members})
	h.talk = chat.New(chat.Config{Store: h.db, Out: h.out, ReceiptDelay: time.Millisecond})
}

func (h *house) stop() {
	h.talk.Close()
	h.out.Close()
	h.sessions.Quit()
	_ = h.db.Close()
}

// client is a program that follows the frames of one person's session, and asks for what it lacks.
type client struct {
	h       *house
	me      protocol.UserID
	session *session.Session // nil without a line
	rooms   map[protocol.RoomID]*copied
	old     [][]byte // frames of the past, to come again

	mu    sync.Mutex // guards queue
	queue [][]byte
}

// copied is what a client knows of a room.
type copied struct {
	rev      protocol.Rev
	hides    int64
	from     protocol.Seq
	messages map[protocol.Seq]protocol.Message
	gone     map[protocol.MessageID]bool // taken back or deleted for me
	members  map[protocol.UserID]protocol.Seq
	notice   string
}

// The session's line. A reader that is slow has its frames wait in the queue.
func (c *client) Put(f *session.Frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, f.Text)
	return false
}
func (c *client) Flush()                                 {}
func (c *client) End(protocol.CloseCode, *session.Frame) {}

func (c *client) cut() {
	if c.session != nil {
		c.h.sessions.Close(c.session)
		c.session = nil
	}
	c.mu.Lock()
	c.queue = nil
	c.mu.Unlock()
}

// come connects and asks for what was missed.
func (c *client) come(r *rapid.T) {
	c.cut()
	c.session = session.New(session.Who{User: protocol.User{ID: c.me}, Device: protocol.Web}, c)
	c.h.sessions.Open(c.session, 0)
	page, err := c.h.talk.Rooms(r.Context(), c.me, "", "", 100)
	if err != nil {
		r.Fatal(err)
	}
	listed := map[protocol.RoomID]bool{}
	for _, room := range page.Rooms {
		listed[room.ID] = true
		if known := c.rooms[room.ID]; known == nil {
			c.fresh(r, room.ID)
		} else if room.Rev > known.rev || known.hides != room.Hides {
			c.catchUp(r, room.ID)
		}
	}
	for id := range c.rooms {
		if !listed[id] {
			delete(c.rooms, id)
		}
	}
}

// fresh reads a room as a program does that has just been started.
func (c *client) fresh(r *rapid.T, id protocol.RoomID) {
	if got := look(r, c.h, c.me, id); got != nil {
		c.rooms[id] = got
	} else {
		delete(c.rooms, id)
	}
}

func look(r *rapid.T, h *house, me protocol.UserID, id protocol.RoomID) *copied {
	room, err := h.talk.Room(r.Context(), me, id)
	if err != nil {
		if protocol.CodeOf(err) != protocol.NotFound {
			r.Fatal(err)
		}
		return nil
	}
	out := &copied{rev: room.Rev, hides: room.Hides, from: room.From, messages: map[protocol.Seq]protocol.Message{}, gone: map[protocol.MessageID]bool{}, members: map[protocol.UserID]protocol.Seq{}}
	out.pin(room.Notice)
	for _, m := range room.Members {
		out.members[m.ID] = m.Read
	}
	after := protocol.Seq(0)
	for more := true; more; {
		page, err := h.talk.Messages(r.Context(), me, id, nil, &after, 30)
		if err != nil {
			r.Fatal(err)
		}
		for _, m := range page.Messages {
			after = m.Seq
			out.put(m)
		}
		more = page.More && len(page.Messages) > 0
	}
	return out
}

func (o *copied) put(m protocol.Message) {
	if m.Cancelled {
		o.gone[m.ID] = true
		delete(o.messages, m.Seq)
	} else if !o.gone[m.ID] && m.Seq > o.from {
		o.messages[m.Seq] = m
	}
}

func (o *copied) pin(n *protocol.Notice) {
	o.notice = ""
	if n != nil {
		o.notice = string(n.ID) + " " + n.Body
	}
}

func (o *copied) hide(ids []protocol.MessageID, from protocol.Seq) {
	o.from = max(o.from, from)
	for _, id := range ids {
		o.gone[id] = true
	}
	maps.DeleteFunc(o.messages, func(seq protocol.Seq, m protocol.Message) bool { return seq <= o.from || o.gone[m.ID] })
}

func (o *copied) moved(members []protocol.Member, me protocol.UserID) (left bool) {
	for _, m := range members {
		if !m.Left {
			o.members[m.ID] = max(o.members[m.ID], m.Read)
			continue
		}
		delete(o.members, m.ID)
		left = left || m.ID == me
	}
	return left
}

// catchUp asks for the changes of a room.
func (c *client) catchUp(r *rapid.T, id protocol.RoomID) {
	known := c.rooms[id]
	for more := true; more; {
		page, err := c.h.talk.Changes(r.Context(), c.me, id, known.rev, known.hides, 7)
		if protocol.CodeOf(err) == protocol.NotFound {
			delete(c.rooms, id)
			return
		}
		if err != nil {
			r.Fatal(err)
		}
		if page.From > 0 && page.From != known.from && known.members[c.me] < page.From && page.Rev > known.rev && slices.ContainsFunc(page.Members, func(m protocol.Member) bool { return m.ID == c.me }) {
			c.fresh(r, id) // I left and came back meanwhile
			return
		}
		known.hide(page.HiddenIDs, page.From)
		for _, m := range page.Messages {
			known.put(m)
		}
		if known.moved(page.Members, c.me) {
			delete(c.rooms, id)
			return
		}
		for _, x := range page.Cursors {
			known.members[x.User] = max(known.members[x.User], x.Seq)
		}
		known.pin(page.Notice)
		known.rev, known.hides, more = page.Rev, page.Hides, page.More
	}
}

// pump takes in up to n frames that wait.
func (c *client) pump(r *rapid.T, n int) {
	for range n {
		c.mu.Lock()
		if len(c.queue) == 0 {
			c.mu.Unlock()
			return
		}
		text := c.queue[0]
		c.queue = c.queue[1:]
		c.mu.Unlock()
		c.old = append(c.old, text)
		c.hear(r, text)
	}
}

func (c *client) hear(r *rapid.T, text []byte) {
	var p struct {
		Ev    protocol.EventName `json:"ev"`
		Room  protocol.RoomID    `json:"room"`
		Rev   protocol.Rev       `json:"rev"`
		Since *protocol.Rev      `json:"since"`
		Data  json.RawMessage    `json:"data"`
	}
	read := func(into any) {
		if err := json.Unmarshal(p.Data, into); err != nil {
			r.Fatalf("%s: %v", text, err)
		}
	}
	if err := json.Unmarshal(text, &p); err != nil {
		r.Fatalf("%s: %v", text, err)
	}
	if p.Ev == protocol.EvHidden {
		var h protocol.MessageHidden
		read(&h)
		if known := c.rooms[h.Room]; known != nil {
			known.hide(h.IDs, h.From)
			if h.Hides == known.hides+1 {
				known.hides = h.Hides
			} else if h.Hides > known.hides {
				c.catchUp(r, h.Room)
			}
		}
		return
	}
	if p.Room == "" {
		return
	}
	known := c.rooms[p.Room]
	if known == nil {
		c.fresh(r, p.Room)
		return
	}
	since := p.Rev - 1
	if p.Since != nil {
		since = *p.Since
	}
	switch {
	case p.Rev < known.rev, p.Rev == known.rev && p.Ev != protocol.EvMessage:
		return
	case since > known.rev:
		c.catchUp(r, p.Room)
		return
	}
	rev := p.Rev
	switch p.Ev {
	case protocol.EvMessage:
		var m protocol.Message
		read(&m)
		known.put(m)
	case protocol.EvCancelled:
		var m protocol.MessageCancelled
		read(&m)
		known.put(protocol.Message{ID: m.ID, Seq: m.Seq, Cancelled: true})
		if strings.HasPrefix(known.notice, string(m.ID)+" ") {
			known.notice = ""
		}
		for seq, quoting := range known.messages {
			if quoting.Quote != nil && quoting.Quote.ID == m.ID {
				quoting.Quote = &protocol.Quote{ID: m.ID, Seq: m.Seq, Cancelled: true}
				known.messages[seq] = quoting
			}
		}
	case protocol.EvReceipts:
		var x protocol.Receipts
		read(&x)
		for _, one := range x.Cursors {
			if _, member := known.members[one.User]; member {
				known.members[one.User] = max(known.members[one.User], one.Seq)
			}
		}
	case protocol.EvMembers:
		var m protocol.MembersChanged
		read(&m)
		if known.moved(m.Members, c.me) {
			delete(c.rooms, p.Room)
			return
		}
		// The line that tells of it has the same rev.
		rev = max(known.rev, p.Rev-1)
	default:
		// Wordings, emoji, names and notices: what becomes of them stands in the changes.
		c.catchUp(r, p.Room)
		return
	}
	known.rev = rev
}

// shown is what a person would see of what a client knows.
func (o *copied) shown() string {
	var out []string
	for _, seq := range slices.Sorted(maps.Keys(o.messages)) {
		m := o.messages[seq]
		line := fmt.Sprintf("%d %s %q edited=%t", seq, m.Type, m.Body, m.Edited > 0)
		if m.Quote != nil {
			line += fmt.Sprintf(" > %d %q %t", m.Quote.Seq, m.Quote.Body, m.Quote.Cancelled)
		}
		for _, x := range m.Reactions {
			line += fmt.Sprintf(" %s%d", x.Emoji, x.Count)
		}
		out = append(out, line)
	}
	for _, id := range slices.Sorted(maps.Keys(o.members)) {
		out = append(out, fmt.Sprintf("%s read %d", id, o.members[id]))
	}
	return strings.Join(append(out, "notice "+o.notice), "\n")
}

func TestAfterAnyCutsRestartsLateAndRepeatedFramesAClientKnowsWhatAFreshOneReads(t *testing.T) {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		h := &house{dir: t.TempDir()}
		h.start(r)
		defer func() { h.stop() }()
		all := []protocol.UserID{"a", "b", "c", "d"}
		clients := map[protocol.UserID]*client{}
		for _, u := range all {
			if err := h.db.AddAccount(r.Context(), store.Account{User: protocol.User{ID: u, Name: string(u)}, Active: true}); err != nil {
				r.Fatal(err)
			}
			clients[u] = &client{h: h, me: u, rooms: map[protocol.RoomID]*copied{}}
			clients[u].come(r)
		}
		var rooms []protocol.RoomID
		var ids []protocol.SendMessage
		count := 0
		ok := func(err error) {
			// Strangers, messages of others, what is gone: refused, and nothing changes.
			if refusal := new(protocol.Refusal); err != nil && !errors.As(err, &refusal) {
				r.Fatal(err)
			}
		}
		create := func(r *rapid.T) {
			by := rapid.SampledFrom(all).Draw(r, "by")
			with := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 3, func(u protocol.UserID) protocol.UserID { return u }).Draw(r, "with")
			made, err := h.talk.CreateRoom(r.Context(), chat.Person{ID: by, Name: string(by)}, protocol.CreateRoom{Members: with})
			if ok(err); err == nil && !slices.Contains(rooms, made.Room.ID) {
				rooms = append(rooms, made.Room.ID)
			}
		}
		create(r)
		person := func(r *rapid.T, name string) chat.Person {
			u := rapid.SampledFrom(all).Draw(r, name)
			return chat.Person{ID: u, Name: string(u)}
		}
		room := func(r *rapid.T) protocol.RoomID { return rapid.SampledFrom(rooms).Draw(r, "room") }
		peer := func(r *rapid.T) *client { return clients[rapid.SampledFrom(all).Draw(r, "client")] }
		message := func(r *rapid.T) (protocol.SendMessage, bool) {
			if len(ids) == 0 {
				return protocol.SendMessage{}, false
			}
			return rapid.SampledFrom(ids).Draw(r, "message"), true
		}
		r.Repeat(map[string]func(*rapid.T){
			"create": create,
			"send": func(r *rapid.T) {
				by, in := person(r, "by"), room(r)
				for range rapid.SampledFrom([]int{1, 1, 2, 12}).Draw(r, "times") {
					count++
					m := protocol.SendMessage{ID: protocol.MessageID(fmt.Sprint("m", count)), Room: in, Type: protocol.Talk, Body: protocol.Text(fmt.Sprint("said ", count))}
					if to, any := message(r); any {
						m.Reply = to.ID
					}
					_, err := h.talk.Send(r.Context(), by, m)
					if ok(err); err == nil {
						ids = append(ids, m)
					}
				}
			},
			"read": func(r *rapid.T) {
				ok(h.talk.Read(r.Context(), person(r, "by"), protocol.ReadMessages{Room: room(r), Seq: protocol.Seq(rapid.IntRange(0, 30).Draw(r, "seq"))}))
			},
			"change": func(r *rapid.T) {
				m, any := message(r)
				if !any {
					return
				}
				by := person(r, "by")
				switch rapid.IntRange(0, 5).Draw(r, "what") {
				case 0, 1:
					ok(h.talk.Cancel(r.Context(), by, protocol.CancelMessage{Room: m.Room, ID: m.ID}))
				case 2:
					ok(h.talk.Edit(r.Context(), by, protocol.EditMessage{Room: m.Room, ID: m.ID, Body: "edited"}))
				case 3:
					ok(h.talk.React(r.Context(), by, protocol.ReactMessage{Room: m.Room, ID: m.ID, Emoji: "👍", On: rapid.Bool().Draw(r, "on")}))
				case 4:
					ok(h.talk.Hide(r.Context(), by, protocol.HideMessages{Room: m.Room, IDs: []protocol.MessageID{m.ID}}))
				default:
					ok(h.talk.Notice(r.Context(), by, protocol.SetNotice{Room: m.Room, ID: m.ID}))
				}
			},
			"hide all": func(r *rapid.T) {
				ok(h.talk.Hide(r.Context(), person(r, "by"), protocol.HideMessages{Room: room(r), All: true}))
			},
			"invite": func(r *rapid.T) {
				_, err := h.talk.Invite(r.Context(), person(r, "by"), protocol.InviteMembers{Room: room(r), Members: []protocol.UserID{person(r, "whom").ID}})
				ok(err)
			},
			"leave": func(r *rapid.T) { ok(h.talk.Leave(r.Context(), person(r, "by"), protocol.LeaveRoom{Room: room(r)})) },
			"kick": func(r *rapid.T) {
				ok(h.talk.Kick(r.Context(), person(r, "by"), protocol.KickMember{Room: room(r), User: person(r, "whom").ID}))
			},
			"rename": func(r *rapid.T) {
				ok(h.talk.Rename(r.Context(), person(r, "by"), protocol.RenameRoom{Room: room(r), Title: "name", For: protocol.ForAll}))
			},
			"cut":  func(r *rapid.T) { peer(r).cut() },
			"come": func(r *rapid.T) { peer(r).come(r) },
			"pump": func(r *rapid.T) { peer(r).pump(r, rapid.IntRange(1, 20).Draw(r, "frames")) },
			"again": func(r *rapid.T) {
				c := peer(r)
				if c.session != nil && len(c.old) > 0 {
					c.hear(r, rapid.SampledFrom(c.old).Draw(r, "frame"))
				}
			},
			"restart": func(r *rapid.T) {
				if rapid.IntRange(0, 3).Draw(r, "really") > 0 {
					return
				}
				h.stop()
				for _, c := range clients {
					c.session, c.queue = nil, nil
				}
				h.start(r)
			},
		})
		// Some are there to the end and learn by frames alone; the others come back.
		for _, u := range all {
			c := clients[u]
			if c.session == nil {
				c.come(r)
			}
			deadline := time.Now().Add(10 * time.Second)
			for _, id := range rooms {
				for {
					c.pump(r, 1000)
					want, got := look(r, h, u, id), c.rooms[id]
					if same(want, got) {
						break
					}
					if time.Now().After(deadline) {
						r.Fatalf("%s in %s\nknows\n%s\n\nbut it is\n%s", u, id, text(got), text(want))
					}
					<-time.After(time.Millisecond) // frames are under way
				}
			}
		}
	})
}

func text(o *copied) string {
	if o == nil {
		return "nothing"
	}
	return fmt.Sprintf("rev %d from %d\n%s", o.rev, o.from, o.shown())
}

// same: a room that one is not told of before its first message may be unknown.
func same(want, got *copied) bool {
	if want == nil || got == nil {
		return want == nil && got == nil || got == nil && len(want.messages) == 0
	}
	return want.shown() == got.shown()
}
