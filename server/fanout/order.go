package fanout

import (
	"cmp"
	"slices"
	"time"

	"sendjay/server/session"
	"sendjay/shared/protocol"
)

const (
	// holdTime is how long a message waits for its predecessors from another node, which may be busy or slow to
	// reach its database; firstTime is the same where nothing of the room was delivered yet, so that nobody knows
	// whether any are on their way.
	holdTime  = time.Second
	firstTime = 40 * time.Millisecond
	// lastKept bounds the rooms whose last seq is remembered; a forgotten one begins anew.
	lastKept = 50_000
	// farMost is how many times a shard's backlog of its own may wait of other nodes' events.
	farMost = 4
)

// order brings messages that several nodes stored into the order of their seq.
type order struct {
	last map[protocol.RoomID]protocol.Seq // the highest that was delivered
	held map[protocol.RoomID]*held
}

// held are events of one room that wait for an earlier one.
type held struct {
	items []item
	due   time.Time
}

// inTurn delivers i, or holds it until the messages before it are there. While one of a room is held,
// later events of that room wait behind it; nobody's answer does.
func (s *shard) inTurn(i *item) {
	room := i.event.Room
	if i.frame == nil {
		// At once, whatever is held here: the others put it in order themselves, and wait for it.
		i.frame = session.NewFrame(i.event.Push)
		s.fan.date(&i.event)
		s.fan.carry(&i.event, i.frame)
	}
	if s.order.last == nil || len(s.order.last) > lastKept {
		s.order.last = map[protocol.RoomID]protocol.Seq{}
	}
	h := s.order.held[room]
	if h == nil && !s.early(i) {
		s.pass(i)
		return
	}
	if h == nil {
		if s.order.held == nil {
			s.order.held = map[protocol.RoomID]*held{}
		}
		wait := holdTime
		if _, known := s.order.last[room]; !known {
			wait = firstTime
		}
		h = &held{due: time.Now().Add(wait)}
		s.order.held[room] = h
		time.AfterFunc(wait, s.nudge)
	}
	h.items = append(h.items, *i)
	h.items[len(h.items)-1].event.Placed = nil // whoever asked does not wait with it
	slices.SortStableFunc(h.items, func(a, b item) int { return cmp.Compare(a.event.Rev, b.event.Rev) })
	for len(h.items) > 0 && !s.early(&h.items[0]) {
		s.pass(&h.items[0])
		h.items = h.items[1:]
	}
	if len(h.items) == 0 {
		delete(s.order.held, room)
	}
}

// early reports whether i is a message whose predecessor may still come. With the line down it will not.
func (s *shard) early(i *item) bool {
	if i.event.Ev != protocol.EvMessage {
		return false
	}
	return i.event.Seq > s.order.last[i.event.Room]+1 && s.fan.bus.Others() > 0 && s.fan.bus.Up()
}

func (s *shard) pass(i *item) {
	if i.event.Ev == protocol.EvMessage {
		s.order.last[i.event.Room] = max(s.order.last[i.event.Room], i.event.Seq)
	}
	s.one(i)
}

// overdue delivers what has been held long enough: its predecessors are lost, and clients ask for them.
func (s *shard) overdue() {
	if len(s.order.held) == 0 {
		return
	}
	now := time.Now()
	for room, h := range s.order.held {
		if now.Before(h.due) {
			continue
		}
		delete(s.order.held, room)
		for n := range h.items {
			s.pass(&h.items[n])
		}
	}
	s.letGo()
}

// takeFar takes an event of another node, unless far too much waits.
func (s *shard) takeFar(i item) bool {
	s.mu.Lock()
	full := s.waiting > farMost*s.limit
	s.mu.Unlock()
	if !full {
		s.take(i)
	}
	return !full
}
