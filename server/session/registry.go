package session

import (
	"cmp"
	"log/slog"
	"slices"
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
	// Bus reaches the other nodes; nil for a node alone.
	Bus Bus
	// Ended is told of sign-ins that were ended at another node; the sign-in is "" for all of a person.
	Ended func(user protocol.UserID, signIn string)
	// Came is told of every session that opens here, before it is there, and names it; Went hears that name when the
	// session has ended. Neither may wait. Nil: nobody keeps a log.
	Came func(s *Session) int64
	Went func(n int64)
	Log  *slog.Logger
}

// mostPerKind is the upper end of the setting, from the design.
const mostPerKind = 5

// Registry holds the live sessions of this node.
type Registry struct {
	came     func(*Session) int64
	went     func(int64)
	log      *slog.Logger
	presence presence
	typing   typing
	bus      Bus // nil for a node alone
	ended    func(protocol.UserID, string)
	deaf     []func() // stop hearing the bus

	mu      sync.RWMutex // guards the fields below, and what the Registry guards of every session
	people  map[protocol.UserID]*Session
	count   int
	perKind int
	last    int64                       // the highest stamp given or heard
	far     map[protocol.UserID][]*away // sessions at other nodes
}

// NewRegistry returns an empty registry.
func NewRegistry(c Config) *Registry {
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	r := &Registry{
		came:   c.Came,
		went:   c.Went,
		log:    log.With("part", "session"),
		people: map[protocol.UserID]*Session{},
		typing: typing{tell: c.Tell},
		bus:    c.Bus,
		ended:  c.Ended,
	}
	r.SetPerKind(c.PerKind)
	r.presence.init(r.Presence)
	if r.bus != nil {
		r.join()
	}
	return r
}

// SetPerKind changes how many live sessions a person may have per device kind, for those that open from now on.
func (r *Registry) SetPerKind(n int) {
	r.mu.Lock()
	r.perKind = min(max(n, 1), mostPerKind)
	r.mu.Unlock()
}

// Quit stops the timers; nobody hears of presence and typing any more.
func (r *Registry) Quit() {
	for _, stop := range r.deaf {
		stop()
	}
	r.presence.close()
	r.typing.close()
}

// Open takes s in and returns what the person's other devices say. Sessions of the same kind beyond
// the setting, oldest first, are told who took over and ended.
func (r *Registry) Open(s *Session, now protocol.Instant) []protocol.DeviceAttention {
	if r.came != nil {
		s.noted = r.came(s)
	}
	r.mu.Lock()
	s.stamp, s.opened = r.stampLocked(now), now
	known := []protocol.DeviceAttention{}
	s.next = r.people[s.User]
	r.people[s.User] = s
	r.count++
	out := r.settleLocked(s.User, s.Device)
	for _, o := range r.othersLocked(s) {
		if o.attention != nil {
			known = append(known, says(o))
		}
	}
	for _, x := range r.far[s.User] {
		if x.Attention != nil {
			known = append(known, x.says())
		}
	}
	r.sayLocked(word{Open: []near{nearOf(s)}})
	r.mu.Unlock()
	r.finish(out)
	r.presence.touch(s.User)
	return known
}

// newer is who takes over.
type newer struct {
	id             protocol.SessionID
	at             protocol.Instant
	address, agent string
}

// outdone is what settleLocked found: sessions of one person that have to end, and who hears of it.
type outdone struct {
	by   newer
	old  []*Session
	gone []protocol.DeviceAttention
	rest []*Session
}

// settleLocked takes the sessions of a person and kind beyond the setting out of the books, oldest first;
// those at other nodes are ended there. The caller holds mu and calls finish without it.
func (r *Registry) settleLocked(user protocol.UserID, device protocol.Device) outdone {
	type one struct {
		stamp int64
		id    protocol.SessionID
		near  *Session
		far   *away
	}
	var all []one
	for at := r.people[user]; at != nil; at = at.next {
		if at.Device == device {
			all = append(all, one{at.stamp, at.ID, at, nil})
		}
	}
	for _, x := range r.far[user] {
		if x.Device == device {
			all = append(all, one{x.Stamp, x.Session, nil, x})
		}
	}
	if len(all) <= r.perKind {
		return outdone{}
	}
	slices.SortFunc(all, func(a, b one) int { return cmp.Or(cmp.Compare(b.stamp, a.stamp), cmp.Compare(b.id, a.id)) })
	var out outdone
	if first := all[0]; first.near != nil {
		out.by = newer{first.id, first.near.opened, first.near.Address, first.near.Agent}
	} else {
		out.by = newer{first.id, first.far.At, first.far.Address, first.far.Agent}
	}
	for _, o := range all[r.perKind:] {
		if o.far != nil {
			r.dropFarLocked(o.far)
			if o.far.Attention != nil {
				out.gone = append(out.gone, o.far.goneFrom())
			}
			continue
		}
		r.cut(o.near)
		r.sayLocked(word{Close: &gone{o.near.User, o.near.ID}})
		out.old = append(out.old, o.near)
		if o.near.attention != nil {
			out.gone = append(out.gone, goneFrom(o.near))
		}
	}
	for at := r.people[user]; at != nil; at = at.next {
		if at.ID != out.by.id {
			out.rest = append(out.rest, at)
		}
	}
	return out
}

// finish tells and ends those who were outdone.
func (r *Registry) finish(o outdone) {
	for _, s := range o.old {
		r.log.Info("session replaced", "user", s.User, "device", s.Device, "session", s.ID, "by", o.by.id)
		s.line.End(protocol.CloseReplaced, NewFrame(protocol.Push{Ev: protocol.EvReplaced, Data: protocol.Replaced{
			Device: s.Device, At: o.by.at, Address: o.by.address, Agent: o.by.agent,
		}}))
		r.over(s)
	}
	for _, g := range o.gone {
		tell(o.rest, g)
	}
}

// over forgets what s watched and typed.
func (r *Registry) over(s *Session) {
	r.presence.drop(s)
	r.typing.ended(s.ID)
	if r.went != nil {
		r.went(s.noted)
	}
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
	r.sayLocked(word{Close: &gone{s.User, s.ID}})
	r.mu.Unlock()
	r.over(s)
	r.presence.touch(s.User)
	tell(rest, goneFrom(s))
}

// EndSignIn ends the sessions that were opened with this sign-in, at all nodes.
func (r *Registry) EndSignIn(user protocol.UserID, signIn string) {
	r.sayEnd(user, signIn)
	r.endHere(user, signIn)
}

// EndUser ends every session of a person, at all nodes.
func (r *Registry) EndUser(user protocol.UserID) {
	r.sayEnd(user, "")
	r.endHere(user, "")
}

func (r *Registry) endHere(user protocol.UserID, signIn string) {
	r.end(user, func(s *Session) bool { return signIn == "" || s.SignIn == signIn })
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

// Others returns how many live sessions a person has beside one, at all nodes.
func (r *Registry) Others(user protocol.UserID, beside protocol.SessionID) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := len(r.far[user])
	for s := r.people[user]; s != nil; s = s.next {
		if s.ID != beside {
			n++
		}
	}
	return n
}

// Users returns everybody who has a live session here.
func (r *Registry) Users() []protocol.UserID {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]protocol.UserID, 0, len(r.people))
	for u := range r.people {
		out = append(out, u)
	}
	return out
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
