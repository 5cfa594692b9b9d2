package session

import (
	"slices"
	"sync"
	"time"

	"sendjay/shared/protocol"
)

const (
	// typingLife is how long somebody is typing who does not say so again.
	typingLife = 6 * time.Second
	// typingRenew is how often those who go on are named again, so that nobody's line goes out meanwhile.
	typingRenew = 4 * time.Second
	// typingGap is the least time between two frames of one room, typingGapMost that of the largest rooms.
	typingGap     = time.Second
	typingGapMost = 3 * time.Second
	// typingGapMember is what each member adds to the gap.
	typingGapMember = 3 * time.Millisecond
)

// typing knows who is typing where. A room hears the first few of them, and not more often than the gap,
// however many there are.
type typing struct {
	// tell hands a frame to the members of a room who are here, and returns about how many members it has.
	tell func(protocol.RoomID, *Frame) int

	mu     sync.Mutex // guards the field below
	rooms  map[protocol.RoomID]*typists
	closed bool
}

// typists are those who are typing in one room, in the order in which they began.
type typists struct {
	who   []typist
	said  []protocol.Person // whom the members were last told of
	at    time.Time         // when
	gap   time.Duration
	timer *time.Timer
}

type typist struct {
	protocol.Person
	session protocol.SessionID // where it was said
	until   time.Time
}

// set notes that somebody is typing in a room, or no longer is.
func (t *typing) set(room protocol.RoomID, who protocol.Person, by protocol.SessionID, on bool) {
	now := time.Now()
	t.mu.Lock()
	if t.closed || t.tell == nil {
		t.mu.Unlock()
		return
	}
	r := t.rooms[room]
	if r == nil {
		if !on {
			t.mu.Unlock()
			return
		}
		r = &typists{gap: typingGap}
		if t.rooms == nil {
			t.rooms = map[protocol.RoomID]*typists{}
		}
		t.rooms[room] = r
	}
	at := slices.IndexFunc(r.who, func(x typist) bool { return x.ID == who.ID })
	switch {
	case on && at >= 0:
		r.who[at].until, r.who[at].session = now.Add(typingLife), by
	case on:
		r.who = append(r.who, typist{who, by, now.Add(typingLife)})
	case at >= 0:
		r.who = slices.Delete(r.who, at, at+1)
	}
	t.lookLocked(room, r, now) // unlocks
}

// sent notes that somebody's message went out, which every member sees for himself.
func (t *typing) sent(room protocol.RoomID, user protocol.UserID) (was bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.rooms[room]
	if r == nil {
		return false
	}
	before := len(r.who)
	r.who = slices.DeleteFunc(r.who, func(x typist) bool { return x.ID == user })
	r.said = slices.DeleteFunc(slices.Clone(r.said), func(p protocol.Person) bool { return p.ID == user })
	return len(r.who) < before
}

// ended notes the end of a session.
func (t *typing) ended(s protocol.SessionID) {
	now := time.Now()
	t.mu.Lock()
	var left []protocol.RoomID
	for room, r := range t.rooms {
		if slices.ContainsFunc(r.who, func(x typist) bool { return x.session == s }) {
			left = append(left, room)
		}
	}
	t.mu.Unlock()
	for _, room := range left {
		t.mu.Lock()
		r := t.rooms[room]
		if r == nil {
			t.mu.Unlock()
			continue
		}
		r.who = slices.DeleteFunc(r.who, func(x typist) bool { return x.session == s })
		t.lookLocked(room, r, now)
	}
}

// look is what the timer of a room does.
func (t *typing) look(room protocol.RoomID) {
	now := time.Now()
	t.mu.Lock()
	r := t.rooms[room]
	if r == nil || t.closed {
		t.mu.Unlock()
		return
	}
	t.lookLocked(room, r, now)
}

// lookLocked tells the room what it has to hear now and sets the timer for what comes later. It unlocks mu.
func (t *typing) lookLocked(room protocol.RoomID, r *typists, now time.Time) {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	r.who = slices.DeleteFunc(r.who, func(x typist) bool { return !now.Before(x.until) })
	shown := make([]protocol.Person, 0, protocol.Limits.Typists)
	for _, x := range r.who[:min(len(r.who), protocol.Limits.Typists)] {
		shown = append(shown, x.Person)
	}
	changed := !slices.Equal(shown, r.said)
	due := r.at.Add(typingRenew)
	if changed {
		due = r.at.Add(r.gap)
	}
	speak := (changed || len(shown) > 0) && !now.Before(due)
	if speak {
		r.said, r.at = shown, now
	}
	switch {
	case len(r.who) == 0 && (speak || !changed):
		delete(t.rooms, room)
	default:
		next := due
		if speak {
			next = now.Add(typingRenew)
		}
		for _, x := range r.who {
			if x.until.Before(next) {
				next = x.until
			}
		}
		r.timer = time.AfterFunc(max(next.Sub(now), time.Millisecond), func() { t.look(room) })
	}
	t.mu.Unlock()
	if !speak {
		return
	}
	members := t.tell(room, NewFrame(protocol.Push{Ev: protocol.EvTyping, Data: protocol.Typing{Room: room, People: shown}}))
	gap := min(typingGap+time.Duration(members)*typingGapMember, typingGapMost)
	t.mu.Lock()
	r.gap = gap
	t.mu.Unlock()
}

func (t *typing) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, r := range t.rooms {
		if r.timer != nil {
			r.timer.Stop()
		}
	}
}

// Type notes that the person at s is typing in a room, or no longer is. Whether he may is decided before.
func (r *Registry) Type(s *Session, who protocol.Person, room protocol.RoomID, on bool) {
	r.typing.set(room, who, s.ID, on)
	r.say(word{Type: &types{Room: room, Who: who, Session: s.ID, On: on}})
}

// Sent notes that somebody sent a message to a room and so no longer is typing it.
func (r *Registry) Sent(user protocol.UserID, room protocol.RoomID) {
	if r.typing.sent(room, user) {
		r.say(word{Type: &types{Room: room, Who: protocol.Person{ID: user}, Sent: true}})
	}
}
