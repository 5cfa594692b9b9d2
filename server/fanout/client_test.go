package fanout_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"pgregory.net/rapid"

	"sendjay/server/session"
	"sendjay/shared/protocol"
)

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
