package fanout

import (
	"context"
	"sync"

	"sendjay/shared/protocol"
)

// membersKept bounds the cached memberships over all rooms, about 15 MB.
const membersKept = 300_000

// members keeps the members of rooms in use. A list is never changed, only replaced.
type members struct {
	load func(ctx context.Context, room protocol.RoomID) ([]protocol.Member, error)
	// at is the rev of a room's last change of members; nil where nobody but this process changes them.
	at func(ctx context.Context, room protocol.RoomID) (protocol.Rev, error)

	mu    sync.RWMutex // guards the fields below
	rooms map[protocol.RoomID]*entry
	kept  int
}

// entry is a room's list, or the loading of it.
type entry struct {
	list  *list         // nil while loading
	ready chan struct{} // closed when loaded
	err   error
	moved bool // members moved while the list was being loaded
}

// list holds the members of one room, and after which seq each of them hears.
type list struct {
	ids    []protocol.UserID
	from   []protocol.Seq
	latest protocol.Seq // the highest from
	at     protocol.Rev // the last change of members is at least this one; 0 where nobody asks
}

func newMembers(load func(context.Context, protocol.RoomID) ([]protocol.Member, error), at func(context.Context, protocol.RoomID) (protocol.Rev, error)) *members {
	return &members{load: load, at: at, rooms: map[protocol.RoomID]*entry{}}
}

// count returns the number of members as far as it is known.
func (m *members) count(room protocol.RoomID) int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if e := m.rooms[room]; e != nil && e.list != nil {
		return len(e.list.ids)
	}
	return 0
}

// warm sees to it that the list is there. What goes wrong is seen again, and said, when it is needed.
func (m *members) warm(ctx context.Context, room protocol.RoomID) {
	if m.known(room, 0) == nil {
		_, _ = m.of(ctx, room)
	}
}

// known returns a room's members as of at or later, nil where they would have to be asked for.
func (m *members) known(room protocol.RoomID, at protocol.Rev) *list {
	m.mu.RLock()
	defer m.mu.RUnlock()
	e := m.rooms[room]
	if e == nil || e.list == nil || m.at != nil && e.list.at < at {
		return nil
	}
	return e.list
}

// of returns the room's list, loading it when it is not there.
func (m *members) of(ctx context.Context, room protocol.RoomID) (*list, error) {
	for {
		m.mu.Lock()
		e := m.rooms[room]
		if e != nil && e.list != nil {
			m.mu.Unlock()
			return e.list, nil
		}
		if e == nil {
			e = &entry{ready: make(chan struct{})}
			m.rooms[room] = e
			m.mu.Unlock()
			return m.fill(ctx, room, e)
		}
		m.mu.Unlock()
		select {
		case <-e.ready:
			if e.err == nil {
				continue
			}
			// Whoever loaded may have given up for reasons of his own; ask again ourselves.
			if ctx.Err() != nil {
				return nil, e.err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// fill loads e, again when members moved meanwhile, since nobody knows on which side of that move
// the loaded list stands.
func (m *members) fill(ctx context.Context, room protocol.RoomID, e *entry) (*list, error) {
	for {
		l, err := m.read(ctx, room)
		m.mu.Lock()
		if e.moved && err == nil {
			e.moved = false
			m.mu.Unlock()
			continue
		}
		if err != nil || len(l.ids) == 0 {
			delete(m.rooms, room)
			e.err = err
		} else {
			e.list = l
			m.kept += len(l.ids)
			m.evict(room)
		}
		close(e.ready)
		m.mu.Unlock()
		return l, err
	}
}

// read asks the database. The rev is asked for first: then the list is as new as it says, or newer.
func (m *members) read(ctx context.Context, room protocol.RoomID) (*list, error) {
	var at protocol.Rev
	if m.at != nil {
		var err error
		if at, err = m.at(ctx, room); err != nil {
			return newList(nil), err
		}
	}
	got, err := m.load(ctx, room)
	l := newList(got)
	l.at = at
	return l, err
}

// since returns the room's list, not older than its change of members at the rev at.
func (m *members) since(ctx context.Context, room protocol.RoomID, at protocol.Rev) (*list, error) {
	l, err := m.of(ctx, room)
	if err != nil || m.at == nil || l.at >= at {
		return l, err
	}
	m.mu.Lock()
	if e := m.rooms[room]; e != nil && e.list == l {
		m.kept -= len(l.ids)
		delete(m.rooms, room)
	}
	m.mu.Unlock()
	return m.of(ctx, room)
}

// evict forgets some rooms, whichever come first, but not this one. The caller holds mu.
func (m *members) evict(but protocol.RoomID) {
	for room, e := range m.rooms {
		if m.kept <= membersKept {
			return
		}
		if room != but && e.list != nil {
			m.kept -= len(e.list.ids)
			delete(m.rooms, room)
		}
	}
}

// changed notes a change of members that happened at the rev at. Where other processes change them too, one
// of theirs may have gone unheard: then the list is looked up again instead of patched.
func (m *members) changed(room protocol.RoomID, people []protocol.Member, at protocol.Rev) {
	if m.at == nil {
		m.moved(room, people)
		return
	}
	m.mu.Lock()
	e := m.rooms[room]
	known := e != nil && e.list != nil && at > 0 && e.list.at >= at
	m.mu.Unlock()
	if !known {
		m.forget(room)
	}
}

// moved takes people in or out.
func (m *members) moved(room protocol.RoomID, people []protocol.Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.rooms[room]
	switch {
	case e == nil:
	case e.list == nil:
		e.moved = true
	default:
		m.kept -= len(e.list.ids)
		e.list = e.list.with(people)
		m.kept += len(e.list.ids)
	}
}

// forget drops the list, or has it loaded again when that is going on.
func (m *members) forget(room protocol.RoomID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.rooms[room]
	switch {
	case e == nil:
	case e.list == nil:
		e.moved = true
	default:
		m.kept -= len(e.list.ids)
		delete(m.rooms, room)
	}
}

func newList(people []protocol.Member) *list {
	l := &list{ids: make([]protocol.UserID, 0, len(people)), from: make([]protocol.Seq, 0, len(people))}
	for _, p := range people {
		l.add(p)
	}
	return l
}

func (l *list) add(p protocol.Member) {
	if !p.Left {
		l.ids = append(l.ids, p.ID)
		l.from = append(l.from, p.From)
		l.latest = max(l.latest, p.From)
	}
}

// with returns the list after people came or left.
func (l *list) with(people []protocol.Member) *list {
	touched := make(map[protocol.UserID]bool, len(people))
	for _, p := range people {
		touched[p.ID] = true
	}
	n := newList(nil)
	n.at = l.at
	for i, id := range l.ids {
		if !touched[id] {
			n.add(protocol.Member{ID: id, From: l.from[i]})
		}
	}
	for _, p := range people {
		n.add(p)
	}
	return n
}

// groups are the members by what they hear of an event: all of it, all but what was said before they came, or only
// that the room went on.
type groups struct{ all, less, rev []protocol.UserID }

// hearing divides the members by an event of the message with this seq that shows an earlier one; 0 is for none. The
// result is the list's own or lies in g until the next call.
func (l *list) hearing(seq, past protocol.Seq, g *groups) groups {
	if (seq == 0 || l.latest < seq) && (past == 0 || l.latest < past) {
		return groups{all: l.ids}
	}
	g.all, g.less, g.rev = g.all[:0], g.less[:0], g.rev[:0]
	for i, id := range l.ids {
		switch from := l.from[i]; {
		case seq > 0 && from >= seq:
			g.rev = append(g.rev, id)
		case past > 0 && from >= past:
			g.less = append(g.less, id)
		default:
			g.all = append(g.all, id)
		}
	}
	return *g
}
