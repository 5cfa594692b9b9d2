package chat

import (
	"sync"
	"time"

	"sendjay/shared/protocol"
)

// receiptsKept bounds the cursors that wait over all rooms; at that number the rooms are let go early.
const receiptsKept = 20_000

// stream is the order of what a node publishes. Receipts of a room wait a moment so that many make
// one event; anything else of that room lets them go first, so that a room's revs have no gap.
//
// The lock is held while events are handed on, because the order of those calls is the promise;
// Publisher.Publish only appends to a queue.
type stream struct {
	out   Publisher
	delay time.Duration

	mu      sync.Mutex // guards the fields below
	waiting map[protocol.RoomID]*receipts
	order   []*receipts // by due time, since every wait has the same length
	kept    int
	timer   *time.Timer
	closed  bool
}

// receipts are the cursor moves of one room, everything after since up to rev.
type receipts struct {
	room       protocol.RoomID
	since, rev protocol.Rev
	membersAt  protocol.Rev
	cursors    []protocol.Cursor
	at         map[protocol.UserID]int
	due        time.Time
	gone       bool
}

func newStream(out Publisher, delay time.Duration) *stream {
	return &stream{out: out, delay: delay, waiting: map[protocol.RoomID]*receipts{}}
}

// publish hands on events of one room.
func (s *stream) publish(events ...Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.waiting[events[0].Room]; r != nil {
		s.letGo(r)
	}
	for _, e := range events {
		s.out.Publish(e)
	}
}

// moved takes a cursor move that was committed as rev.
func (s *stream) moved(room protocol.RoomID, c protocol.Cursor, rev, membersAt protocol.Rev) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.waiting[room]
	if r == nil {
		r = &receipts{room: room, since: rev - 1, at: map[protocol.UserID]int{}, due: time.Now().Add(s.delay)}
		s.waiting[room] = r
		s.order = append(s.order, r)
		if s.timer == nil {
			s.timer = time.AfterFunc(s.delay, s.due)
		}
	}
	r.rev, r.membersAt = rev, max(r.membersAt, membersAt)
	if i, ok := r.at[c.User]; ok {
		r.cursors[i] = c
	} else {
		r.at[c.User] = len(r.cursors)
		r.cursors = append(r.cursors, c)
		s.kept++
	}
	if s.closed || s.kept > receiptsKept {
		s.letAllGo()
	}
}

// due lets go what has waited long enough, and sets the timer for the rest.
func (s *stream) due() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = nil
	now := time.Now()
	for len(s.order) > 0 {
		r := s.order[0]
		if wait := r.due.Sub(now); !r.gone && wait > 0 {
			s.timer = time.AfterFunc(wait, s.due)
			return
		}
		s.order[0] = nil
		s.order = s.order[1:]
		if !r.gone {
			s.letGo(r)
		}
	}
	s.order = nil
}

// heard lets the receipts of a room go because another node has changed it: they come before that.
func (s *stream) heard(room protocol.RoomID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.waiting[room]; r != nil {
		s.letGo(r)
	}
}

func (s *stream) letAllGo() {
	for _, r := range s.waiting {
		s.letGo(r)
	}
}

// letGo publishes r. The caller holds mu.
func (s *stream) letGo(r *receipts) {
	delete(s.waiting, r.room)
	s.kept -= len(r.cursors)
	r.gone = true
	s.out.Publish(Event{Push: protocol.Push{
		Ev: protocol.EvReceipts, Room: r.room, Rev: r.rev, Since: &r.since,
		Data: protocol.Receipts{Cursors: r.cursors},
	}, MembersAt: r.membersAt})
	r.at = nil
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.letAllGo()
	s.order = nil
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}
