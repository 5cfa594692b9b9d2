package fanout

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sendjay/server/chat"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// batch is the most events a shard puts before it lets the sessions write. It is well below what
// a session's queue holds, so that a burst does not look like a slow reader.
const batch = 256

// loadTime bounds the asking for a room's members when nobody did so before.
const loadTime = 5 * time.Second

// admitTime is how long a caller is held back before he is refused.
const admitTime = 5 * time.Second

// shard delivers the events of its share of the rooms.
type shard struct {
	fan   *Fanout
	limit int
	log   *slog.Logger
	wake  chan struct{}

	mu      sync.Mutex // guards the fields below
	queue   []item
	waiting int           // deliveries in queue and in work
	below   chan struct{} // closed when waiting falls below limit; nil when nobody waits
	closed  bool

	// Only run uses these.
	found []*session.Session
	loose []*session.Session
	heard groups
	order order
}

type item struct {
	event chat.Event
	// frame is set where it came ready: of another node, or of what is no event of the room but only concerns its members.
	frame *session.Frame
	// less is the frame for those who came after what the event shows, where another node sent it.
	less   *session.Frame
	weight int
	// far is set for an event of another node, whose frame came ready.
	far bool
}

func newShard(f *Fanout, limit int, log *slog.Logger) *shard {
	return &shard{fan: f, limit: limit, log: log, wake: make(chan struct{}, 1)}
}

func (s *shard) take(i item) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		if i.event.Placed != nil {
			i.event.Placed()
		}
		return
	}
	s.queue = append(s.queue, i)
	s.waiting += i.weight
	first := len(s.queue) == 1
	s.mu.Unlock()
	if first {
		s.nudge()
	}
}

// tell takes i unless the shard is behind.
func (s *shard) tell(i item) {
	s.mu.Lock()
	behind := s.waiting > s.limit/2
	s.mu.Unlock()
	if !behind {
		s.take(i)
	}
}

func (s *shard) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// admit waits while too much waits, though not for ever: then the caller hears to come back.
func (s *shard) admit(ctx context.Context) error {
	var late <-chan time.Time
	for {
		s.mu.Lock()
		if s.waiting <= s.limit || s.closed {
			s.mu.Unlock()
			return nil
		}
		if s.below == nil {
			s.below = make(chan struct{})
		}
		below := s.below
		s.mu.Unlock()
		if late == nil {
			late = time.After(admitTime)
		}
		select {
		case <-below:
			continue
		case <-late:
		case <-ctx.Done():
		}
		return &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: 1}
	}
}

func (s *shard) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.nudge()
}

// run delivers until the shard is closed and empty.
func (s *shard) run() {
	var spare []item
	for range s.wake {
		for {
			s.overdue()
			s.mu.Lock()
			work := s.queue
			s.queue = spare[:0]
			closed := s.closed
			s.mu.Unlock()
			if len(work) == 0 {
				spare = work
				if closed {
					return
				}
				break
			}
			for at := 0; at < len(work); at += batch {
				s.deliver(work[at:min(at+batch, len(work))])
			}
			clear(work)
			spare = work
			if cap(spare) > 4*batch {
				spare = nil
			}
		}
	}
}

// deliver puts the events of work into the queues of all who must hear them, and lets them go.
func (s *shard) deliver(work []item) {
	weight := 0
	for i := range work {
		weight += work[i].weight
		if s.fan.bus == nil {
			s.one(&work[i])
		} else {
			s.inTurn(&work[i])
		}
		if placed := work[i].event.Placed; placed != nil {
			placed()
		}
	}
	s.letGo()

	s.mu.Lock()
	s.waiting -= weight
	below := s.below
	if below != nil && s.waiting <= s.limit {
		s.below = nil
	} else {
		below = nil
	}
	s.mu.Unlock()
	if below != nil {
		close(below)
	}
}

// letGo lets the sessions write what was put into their queues.
func (s *shard) letGo() {
	for i, l := range s.loose {
		l.Flush()
		s.loose[i] = nil
	}
	s.loose = s.loose[:0]
}

// one puts one event into the queues.
func (s *shard) one(i *item) {
	e := &i.event
	if len(e.Moved) > 0 {
		s.fan.members.changed(e.Room, e.Moved, e.MembersAt)
	}
	to := groups{all: e.To}
	if e.To == nil {
		list := s.fan.members.known(e.Room, e.MembersAt)
		if list == nil {
			// A limit to the asking alone: a timer for each message would cost more than finding its members.
			ctx, cancel := context.WithTimeout(context.Background(), loadTime)
			var err error
			list, err = s.fan.members.since(ctx, e.Room, e.MembersAt)
			cancel()
			if err != nil {
				// The members see by the next rev that they missed something, and ask.
				s.log.Warn("event dropped: members unknown", "room", e.Room, "rev", e.Rev, "error", err)
				if s.fan.doubt != nil {
					s.fan.doubt.raise(0)
				}
				return
			}
		}
		to = list.hearing(e.Seq, e.Past, &s.heard)
	}
	if s.fan.doubt != nil && e.Rev > 0 {
		s.fan.doubt.saw(e.Room, e.Rev)
	}
	if s.fan.doubt != nil && e.Ev == protocol.EvHolidays {
		s.fan.doubt.resting()
	}
	s.put(to.all, e.Skip, func() *session.Frame {
		if i.frame != nil {
			return i.frame
		}
		return session.NewFrame(e.Push)
	})
	s.put(to.less, e.Skip, func() *session.Frame {
		if i.less != nil {
			return i.less
		}
		return session.NewFrame(without(e))
	})
	s.put(to.rev, e.Skip, func() *session.Frame { return wentOn(e.Room, e.Rev, e.Rev-1) })
}

// put puts a frame, which is made when somebody is here, into the queues of people.
func (s *shard) put(to []protocol.UserID, skip protocol.SessionID, frame func() *session.Frame) {
	if len(to) == 0 {
		return
	}
	s.found = s.fan.sessions.Of(s.found[:0], to)
	if len(s.found) == 0 || len(s.found) == 1 && s.found[0].ID == skip {
		return
	}
	f := frame()
	for i, l := range s.found {
		if l.ID != skip && l.Put(f) {
			s.loose = append(s.loose, l)
		}
		s.found[i] = nil
	}
}

// without is an event as those hear it who came after what it shows.
func without(e *chat.Event) protocol.Push {
	p := e.Push
	p.Data = e.Less
	return p
}

// wentOn says that nothing happened in a room since a rev that concerns who hears it: receipts that hold nothing.
func wentOn(room protocol.RoomID, rev, since protocol.Rev) *session.Frame {
	return session.NewFrame(protocol.Push{
		Ev: protocol.EvReceipts, Room: room, Rev: rev, Since: &since, Data: protocol.Receipts{Cursors: []protocol.Cursor{}},
	})
}
