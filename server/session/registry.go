package session

import (
	"log/slog"
	"sync"

	"sendjay/shared/protocol"
)

// Config sets up a Registry.
type Config struct {
	// PerKind is the number of live sessions per person and device kind; 0 is 1, the most is 5.
	PerKind int
	// Tell hands a frame to the members of a room who are here, and returns about how many members it
	// has. Nil: nobody hears who is typing.
	Tell func(room protocol.RoomID, f *Frame) int
	Log  *slog.Logger
}

// mostPerKind is the upper end of the setting, from the design.
const mostPerKind = 5

// Registry holds the live sessions of this node.
type Registry struct {
	perKind  int
	log      *slog.Logger
	presence presence
	typing   typing

	mu     sync.RWMutex // guards the fields below, and next and attention of every session
	people map[protocol.UserID]*Session
	count  int
}

// NewRegistry returns an empty registry.
func NewRegistry(c Config) *Registry {
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	r := &Registry{
		perKind: min(max(c.PerKind, 1), mostPerKind),
		log:     log.With("part", "session"),
		people:  map[protocol.UserID]*Session{},
		typing:  typing{tell: c.Tell},
	}
	r.presence.init(r.Presence)
	return r
}

// Quit stops the timers; nobody hears of presence and typing any more.
func (r *Registry) Quit() {
	r.presence.close()
	r.typing.close()
}

// Open takes s in and returns what the person's other devices say. Sessions of the same kind beyond
// the setting, oldest first, are told who took over and ended.
func (r *Registry) Open(s *Session, now protocol.Instant) []protocol.DeviceAttention {
	r.mu.Lock()
	same := 1
	var old []*Session
	for at := r.people[s.User]; at != nil; at = at.next {
		if at.Device == s.Device {
			if same++; same > r.perKind {
				old = append(old, at)
			}
		}
	}
	var gone []protocol.DeviceAttention
	for _, o := range old {
		r.cut(o)
		if o.attention != nil {
			gone = append(gone, goneFrom(o))
		}
	}
	known := []protocol.DeviceAttention{}
	rest := r.othersLocked(s)
	for _, o := range rest {
		if o.attention != nil {
			known = append(known, says(o))
		}
	}
	s.next = r.people[s.User]
	r.people[s.User] = s
	r.count++
	r.mu.Unlock()

	for _, o := range old {
		r.log.Info("session replaced", "user", s.User, "device", s.Device, "session", o.ID, "by", s.ID)
		o.line.End(protocol.CloseReplaced, NewFrame(protocol.Push{Ev: protocol.EvReplaced, Data: protocol.Replaced{
			Device: s.Device, At: now, Address: s.Address, Agent: s.Agent,
		}}))
		r.over(o)
	}
	for _, g := range gone {
		tell(rest, g)
	}
	r.presence.touch(s.User)
	return known
}

// over forgets what s watched and typed.
func (r *Registry) over(s *Session) {
	r.presence.drop(s)
	r.typing.ended(s)
}

// Close forgets s. Calling it again, or for a session that was replaced, does nothing.
func (r *Registry) Close(s *Session) {
	r.mu.Lock()
	if !r.cut(s) {
		r.mu.Unlock()
		return
	}
	var rest []*Session
	if s.attention != nil {
		rest = r.othersLocked(s)
	}
	r.mu.Unlock()
	r.over(s)
	r.presence.touch(s.User)
	tell(rest, goneFrom(s))
}

// EndSignIn ends the sessions that were opened with this sign-in.
func (r *Registry) EndSignIn(user protocol.UserID, signIn string) {
	r.end(user, func(s *Session) bool { return s.SignIn == signIn })
}

// EndUser ends every session of a person.
func (r *Registry) EndUser(user protocol.UserID) {
	r.end(user, func(*Session) bool { return true })
}

func (r *Registry) end(user protocol.UserID, which func(*Session) bool) {
	r.mu.RLock()
	var ending []*Session
	for s := r.people[user]; s != nil; s = s.next {
		if which(s) {
			ending = append(ending, s)
		}
	}
	r.mu.RUnlock()
	for _, s := range ending {
		r.Close(s)
		s.line.End(protocol.CloseSignedOut, nil)
	}
}

// Of appends the live sessions of these people to dst.
func (r *Registry) Of(dst []*Session, users []protocol.UserID) []*Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, u := range users {
		for s := r.people[u]; s != nil; s = s.next {
			dst = append(dst, s)
		}
	}
	return dst
}

// Count returns the number of live sessions.
func (r *Registry) Count() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.count
}

// cut takes s out of its list and reports whether it was in. The caller holds mu.
func (r *Registry) cut(s *Session) bool {
	at := r.people[s.User]
	if at == s {
		if s.next == nil {
			delete(r.people, s.User)
		} else {
			r.people[s.User] = s.next
		}
	} else {
		for at != nil && at.next != s {
			at = at.next
		}
		if at == nil {
			return false
		}
		at.next = s.next
	}
	s.next = nil
	r.count--
	return true
}

// othersLocked returns the person's sessions without s. The caller holds mu.
func (r *Registry) othersLocked(s *Session) []*Session {
	var rest []*Session
	for at := r.people[s.User]; at != nil; at = at.next {
		if at != s {
			rest = append(rest, at)
		}
	}
	return rest
}
