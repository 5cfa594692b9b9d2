package person

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"sendjay/shared/protocol"
)

// Log is what a client knows of one room, kept by events and changes alone. The person's lock guards it.
type Log struct {
	rev      protocol.Rev
	messages map[protocol.Seq]protocol.Message
	members  map[protocol.UserID]protocol.Member
	wide     protocol.RoomWide
	mine     protocol.RoomMine
	hides    int64
	notice   *protocol.Notice
	// noticeRev is the rev at which notice became what it is.
	noticeRev protocol.Rev
}

// log returns the log of a room, a new one when there is none. p.mu is held.
func (p *Person) log(room protocol.RoomID) *Log {
	l := p.rooms[room]
	if l == nil {
		l = &Log{messages: map[protocol.Seq]protocol.Message{}, members: map[protocol.UserID]protocol.Member{}}
		p.rooms[room] = l
	}
	return l
}

// apply takes an event in, or reports a gap: the client's rule.
func (l *Log) apply(e push, me protocol.UserID) bool {
	base := e.Rev - 1
	if e.Since != nil {
		base = *e.Since
	}
	switch {
	case base > l.rev:
		return false
	case e.Rev < l.rev:
		return true // known already, by an answer or by changes; one rev may have two events, members and their line
	}
	switch e.Ev {
	case protocol.EvMessage:
		var m protocol.Message
		must(e.Data, &m)
		l.messages[m.Seq] = m
	case protocol.EvCancelled:
		var c protocol.MessageCancelled
		must(e.Data, &c)
		l.cancel(c.Seq, c.ID, e.Rev)
	case protocol.EvChanged:
		var c protocol.MessageChanged
		must(e.Data, &c)
		l.changed(c, e.Rev, me)
	case protocol.EvNotice:
		var n protocol.NoticeChanged
		must(e.Data, &n)
		l.notice, l.noticeRev = n.Notice, e.Rev
	case protocol.EvReceipts:
		var r protocol.Receipts
		must(e.Data, &r)
		l.move(r.Cursors)
	case protocol.EvMembers:
		var m protocol.MembersChanged
		must(e.Data, &m)
		l.take(m.Members)
		l.wide.Master = cmp.Or(m.Master, l.wide.Master)
	case protocol.EvRoom:
		must(e.Data, &l.wide)
	}
	l.rev = max(l.rev, e.Rev)
	return true
}

// setUp takes in how I have set up the room. Of two, the one with the higher version is true.
func (l *Log) setUp(m protocol.RoomMine) {
	if m.Version >= l.mine.Version {
		l.mine = m
	}
}

func (l *Log) move(cursors []protocol.Cursor) {
	for _, c := range cursors {
		if m, ok := l.members[c.User]; ok {
			m.Read = max(m.Read, c.Seq)
			l.members[c.User] = m
		}
	}
}

func (l *Log) take(members []protocol.Member) {
	for _, m := range members {
		if m.Left {
			delete(l.members, m.ID)
			continue
		}
		m.Read = max(m.Read, l.members[m.ID].Read)
		l.members[m.ID] = m
	}
}

// fetch asks for what changed in a room until it is current.
func (p *Person) fetch(ctx context.Context, room protocol.RoomID) error {
	for {
		p.mu.Lock()
		since, hides := p.log(room).rev, p.log(room).hides
		p.mu.Unlock()
		var page protocol.ChangesPage
		if err := p.Get(ctx, fmt.Sprintf("/api/v1/rooms/%s/changes?since=%d&hides=%d", room, since, hides), &page); err != nil {
			return err
		}
		p.mu.Lock()
		l := p.log(room)
		for _, m := range page.Messages {
			if m.Hidden && !m.Cancelled {
				delete(l.messages, m.Seq)
				continue
			}
			l.messages[m.Seq] = m
		}
		l.hide(page.HiddenIDs, page.From)
		l.hides = max(l.hides, page.Hides)
		if page.NoticeRev > l.noticeRev {
			l.notice, l.noticeRev = page.Notice, page.NoticeRev
		}
		l.take(page.Members)
		l.move(page.Cursors)
		l.wide = page.Room
		l.setUp(page.Mine)
		stuck := page.More && page.Rev <= since
		l.rev = max(l.rev, page.Rev)
		p.wake()
		p.mu.Unlock()
		if stuck {
			return fmt.Errorf("changes of %s say more, but end at rev %d after since %d", room, page.Rev, since)
		}
		if !page.More {
			return nil
		}
	}
}

// catchUp fetches every room of the list. Behind a tray whose line is down the list is the one that the tray has kept,
// and what changed since comes after the hello with which the line is back.
func (p *Person) catchUp(ctx context.Context) error {
	for cursor := ""; ; {
		var page protocol.RoomsPage
		if err := p.Get(ctx, "/api/v1/rooms?cursor="+cursor, &page); err != nil {
			return err
		}
		for _, r := range page.Rooms {
			err := p.fetch(ctx, r.ID)
			if h := p.Hello(); protocol.CodeOf(err) == protocol.Unavailable && h != nil && h.Link != nil && h.Link.State != protocol.Online {
				return nil
			}
			if err != nil {
				return err
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// Messages returns what the log has of a room, by seq.
func (p *Person) Messages(room protocol.RoomID) []protocol.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.log(room)
	out := make([]protocol.Message, 0, len(l.messages))
	for _, seq := range slices.Sorted(maps.Keys(l.messages)) {
		out = append(out, l.messages[seq])
	}
	return out
}

// Unread returns how many members have not read the message with this seq, by the cursors in the log.
func (p *Person) Unread(room protocol.RoomID, seq protocol.Seq) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log(room).unread(seq)
}

func (l *Log) unread(seq protocol.Seq) int {
	n := 0
	for _, m := range l.members {
		if !m.Gone && m.From < seq && m.Read < seq && m.ID != l.messages[seq].Sender {
			n++
		}
	}
	return n
}

// History asks the server for every message of a room, page by page.
func (p *Person) History(ctx context.Context, room protocol.RoomID) ([]protocol.Message, error) {
	var all []protocol.Message
	path := fmt.Sprintf("/api/v1/rooms/%s/messages?limit=100", room)
	for at := path; ; {
		var page protocol.MessagesPage
		if err := p.Get(ctx, at, &page); err != nil {
			return nil, err
		}
		all = slices.Concat(page.Messages, all)
		if !page.More || len(page.Messages) == 0 {
			return all, nil
		}
		at = fmt.Sprintf("%s&before=%d", path, page.Messages[0].Seq)
	}
}

// Differs says in what the log of a room departs from what the server says now, "" in nothing.
func (p *Person) Differs(ctx context.Context, room protocol.RoomID) (string, error) {
	var fresh protocol.Room
	if err := p.Get(ctx, "/api/v1/rooms/"+string(room), &fresh); err != nil {
		return "", err
	}
	history, err := p.History(ctx, room)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.log(room)
	if l.rev != fresh.Rev {
		return fmt.Sprintf("rev %d, the server says %d", l.rev, fresh.Rev), nil
	}
	if wide := (protocol.RoomWide{Name: fresh.Name, Master: fresh.Master}); l.wide != wide {
		return fmt.Sprintf("the room is %+v, the server says %+v", l.wide, wide), nil
	}
	mine := protocol.RoomMine{Room: room, Version: fresh.MineVersion, Notify: fresh.Notify, Pinned: fresh.Pinned, PanelHidden: fresh.PanelHidden}
	if fresh.Own {
		mine.Name = fresh.Title
	}
	if l.mine != mine {
		return fmt.Sprintf("set up as %+v, the server says %+v", l.mine, mine), nil
	}
	if a, b := l.notice, fresh.Notice; (a == nil) != (b == nil) || a != nil && *a != *b || l.noticeRev != fresh.NoticeRev {
		return fmt.Sprintf("on top is %+v since %d, the server says %+v since %d", a, l.noticeRev, b, fresh.NoticeRev), nil
	}
	if len(fresh.Members) != len(l.members) {
		return fmt.Sprintf("%d members, the server says %d", len(l.members), len(fresh.Members)), nil
	}
	for _, m := range fresh.Members {
		if mine := l.members[m.ID]; mine != m {
			return fmt.Sprintf("member %+v, the server says %+v", mine, m), nil
		}
	}
	known := 0
	for _, m := range history {
		mine, ok := l.messages[m.Seq]
		if !ok || !reads(mine, m) {
			return fmt.Sprintf("message %+v, the server says %+v", mine, m), nil
		}
		if !m.Type.System() && !m.Cancelled && l.unread(m.Seq) != m.Unread {
			return fmt.Sprintf("message %d is unread by %d, the server says %d", m.Seq, l.unread(m.Seq), m.Unread), nil
		}
		known++
	}
	for _, m := range l.messages {
		if m.Cancelled {
			known++ // the server leaves out what was cancelled before it was read
		}
	}
	if known < len(l.messages) {
		return fmt.Sprintf("%d messages, the server says %d", len(l.messages), len(history)), nil
	}
	return "", nil
}
