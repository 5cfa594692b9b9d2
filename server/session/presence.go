package session

import (
	"slices"
	"sync"
	"time"

	"sendjay/shared/protocol"
)

const (
	// presenceEvery is the least time between two presence frames to one session.
	presenceEvery = time.Second
	// presenceGather is how long the first change waits for others.
	presenceGather = 200 * time.Millisecond
	// presenceGrace is how long somebody whose line went may take to come back before it is told.
	presenceGrace = 5 * time.Second
	// awayIdle is the idle bucket, in seconds, from which on a device counts as left alone.
	awayIdle = 180
)

// presence tells sessions how the people whom they watch are present. It costs nothing for people whom
// nobody watches. What changes is gathered: one frame per session and second, however much happens.
type presence struct {
	now func(protocol.UserID) protocol.Presence // how somebody is present at this moment

	mu       sync.Mutex // guards the fields below
	watched  map[protocol.UserID]*watched
	watchers map[*Session][]*watched
	dirty    map[*watched]struct{} // may have changed since they were last told
	timer    *time.Timer
	told     time.Time // when frames last went out
	closed   bool
}

// watched is somebody whom at least one session watches.
type watched struct {
	by   []*Session
	told protocol.Presence
	gone [3]time.Time // since when a device that was told is away, by place in kinds
}

func (p *presence) init(now func(protocol.UserID) protocol.Presence) {
	p.now = now
	p.watched, p.watchers, p.dirty = map[protocol.UserID]*watched{}, map[*Session][]*watched{}, map[*watched]struct{}{}
}

// watch lets s hear of these people, in place of those before, and returns how they are.
func (p *presence) watch(s *Session, users []protocol.UserID) []protocol.Presence {
	out := make([]protocol.Presence, 0, len(users))
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.watchers[s]
	mine := make([]*watched, 0, len(users))
	for _, u := range users {
		w := p.watched[u]
		if w == nil {
			w = &watched{told: p.now(u)}
			p.watched[w.told.User] = w
		}
		if slices.Contains(mine, w) {
			continue
		}
		mine = append(mine, w)
		w.by = append(w.by, s)
		out = append(out, w.told)
	}
	p.dropLocked(s, before)
	if len(mine) == 0 {
		delete(p.watchers, s)
	} else {
		p.watchers[s] = mine
	}
	return out
}

// drop forgets that s watches anybody.
func (p *presence) drop(s *Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropLocked(s, p.watchers[s])
	delete(p.watchers, s)
}

// dropLocked takes s once from each of these. The caller holds mu.
func (p *presence) dropLocked(s *Session, from []*watched) {
	for _, w := range from {
		at := slices.Index(w.by, s)
		last := len(w.by) - 1
		w.by[at] = w.by[last]
		w.by[last] = nil
		if w.by = w.by[:last]; last == 0 {
			delete(p.watched, w.told.User)
			delete(p.dirty, w)
		}
	}
}

// touch notes that somebody's presence may have changed.
func (p *presence) touch(user protocol.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.watched[user]; w != nil {
		p.dirty[w] = struct{}{}
		p.later(time.Now())
	}
}

// later sets the timer when there is something to look at. The caller holds mu.
func (p *presence) later(now time.Time) {
	if p.timer == nil && len(p.dirty) > 0 && !p.closed {
		p.timer = time.AfterFunc(max(presenceGather, p.told.Add(presenceEvery).Sub(now)), p.tell)
	}
}

// tell sends what changed.
func (p *presence) tell() {
	now := time.Now()
	p.mu.Lock()
	p.timer = nil
	news := map[*Session][]protocol.Presence{}
	for w := range p.dirty {
		is, settled := w.settle(p.now(w.told.User), now)
		if settled {
			delete(p.dirty, w)
		}
		if is == w.told {
			continue
		}
		w.told = is
		for _, s := range w.by {
			news[s] = append(news[s], is)
		}
	}
	if len(news) > 0 {
		p.told = now
	}
	p.later(now.Add(presenceGather - presenceEvery)) // whoever is in his grace is looked at in a second
	p.mu.Unlock()

	var one *Frame // most of the time one person changed, and all who watch hear the same
	var of protocol.Presence
	for s, people := range news {
		if len(people) > 1 {
			s.send(NewFrame(protocol.Push{Ev: protocol.EvPresence, Data: protocol.Presences{People: people}}))
			continue
		}
		if one == nil || of != people[0] {
			of = people[0]
			one = NewFrame(protocol.Push{Ev: protocol.EvPresence, Data: protocol.Presences{People: people}})
		}
		s.send(one)
	}
}

func (p *presence) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

// settle returns what is to be told of w, who is present like this now: a device that went is told only
// after its grace. It reports whether that is the last word.
func (w *watched) settle(is protocol.Presence, now time.Time) (told protocol.Presence, settled bool) {
	settled = true
	was := w.told
	for i, k := range kinds {
		level := levelOf(&is, k)
		if *level != "" || *levelOf(&was, k) == "" {
			w.gone[i] = time.Time{}
			continue
		}
		if w.gone[i].IsZero() {
			w.gone[i] = now
		}
		if now.Sub(w.gone[i]) < presenceGrace {
			*level = *levelOf(&was, k)
			settled = false
		}
	}
	return is, settled
}

var kinds = [...]protocol.Device{protocol.Web, protocol.Desktop, protocol.Mobile}

func levelOf(p *protocol.Presence, k protocol.Device) *protocol.Level {
	switch k {
	case protocol.Web:
		return &p.Web
	case protocol.Desktop:
		return &p.Desktop
	}
	return &p.Mobile
}

// level is how present somebody is at a device that says a; one that says nothing is in use.
func level(a *protocol.Attention) protocol.Level {
	if a != nil && (a.Locked || a.Idle >= awayIdle) {
		return protocol.Away
	}
	return protocol.Here
}

// raise lets p be present at a device of this kind at this level, unless he is more so already.
func raise(p *protocol.Presence, k protocol.Device, l protocol.Level) {
	if at := levelOf(p, k); *at != protocol.Here {
		*at = l
	}
}

// Watch lets s hear how these people are present, in place of those whom it watched before, and returns
// how they are now. Without a session it only answers.
func (r *Registry) Watch(s *Session, users []protocol.UserID) []protocol.Presence {
	if s == nil {
		out := make([]protocol.Presence, len(users))
		for i, u := range users {
			out[i] = r.Presence(u)
		}
		return out
	}
	out := r.presence.watch(s, users)
	r.mu.RLock()
	here := r.here(s)
	r.mu.RUnlock()
	if !here { // it ended meanwhile, and its end was perhaps first
		r.presence.drop(s)
	}
	return out
}

// Presence returns how somebody is present.
func (r *Registry) Presence(user protocol.UserID) protocol.Presence {
	p := protocol.Presence{User: user}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for s := r.people[user]; s != nil; s = s.next {
		raise(&p, s.Device, level(s.attention))
	}
	for _, x := range r.far[user] {
		raise(&p, x.Device, level(x.Attention))
	}
	return p
}

// Watched reports whether anybody here watches anybody.
func (r *Registry) Watched() bool {
	r.presence.mu.Lock()
	defer r.presence.mu.Unlock()
	return len(r.presence.watched) > 0
}

// TellWatchers hands f to the sessions here that watch user.
func (r *Registry) TellWatchers(user protocol.UserID, f func() *Frame) {
	r.presence.mu.Lock()
	var by []*Session
	if w := r.presence.watched[user]; w != nil {
		by = slices.Clone(w.by)
	}
	r.presence.mu.Unlock()
	if len(by) == 0 {
		return
	}
	one := f()
	for _, s := range by {
		s.send(one)
	}
}
