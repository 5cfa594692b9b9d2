package main

import (
	"cmp"
	"slices"

	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// tally mirrors the server's own count of what is unread, room by room. It never counts for itself
// across a gap: where an event does not follow on what is known, the room is asked for again.
type tally struct {
	me    protocol.UserID
	rooms map[protocol.RoomID]*roomCount
	// told is how far the messages of a room were considered. More may be known of it: a question about one message is
	// answered with all that the room has by then, and the line may be lost before the others come.
	told map[protocol.RoomID]protocol.Seq
	turn int // grows with every question and every event
	open int // questions that are not answered yet
}

type roomCount struct {
	title  string
	muted  bool
	few    bool // mentions only
	unread int
	seq    protocol.Seq
	rev    protocol.Rev
	at     protocol.Instant
	asked  int // the turn of the question whose answer this is
	turn   int // the turn of the last event that told of it
}

func newTally(me protocol.UserID) *tally {
	return &tally{me: me, rooms: map[protocol.RoomID]*roomCount{}, told: map[protocol.RoomID]protocol.Seq{}}
}

// ask notes that the server is asked something, and returns the turn at which it was.
func (t *tally) ask() int {
	t.open++
	t.turn++
	return t.turn
}

// answered notes that one of the questions has its answer, or will have none.
func (t *tally) answered() { t.open-- }

// took notes that an event told of r.
func (t *tally) took(r *roomCount) {
	t.turn++
	r.turn = t.turn
}

// know takes over what the server said of a room when it was asked at a turn, unless something newer has been
// heard already. Not everything that counts is a change of the room: it reports false where the room has to be
// asked for again.
func (t *tally) know(r protocol.Room, asked int) bool {
	had, turn := t.rooms[r.ID], 0
	switch {
	case had == nil:
	case had.rev > r.Rev:
		return had.asked >= asked
	case had.rev == r.Rev && had.asked > asked:
		return true
	default:
		turn = had.turn
	}
	t.rooms[r.ID] = &roomCount{title: r.Title, muted: r.Muted, few: r.Notify == protocol.NotifyMentions, unread: r.Unread, seq: r.Seq, rev: r.Rev, at: r.At, asked: asked, turn: turn}
	return true
}

// unread takes over the whole list of rooms with something to read, which was asked for at a turn. It
// returns them with how far each was considered before, and beside them those that have to be asked for.
func (t *tally) unread(page protocol.UnreadPage, asked int) (all []notify.Missed, doubt []protocol.RoomID) {
	listed := map[protocol.RoomID]bool{}
	for _, r := range page.Rooms {
		listed[r.ID] = true
		had := t.rooms[r.ID]
		if had == nil {
			had = &roomCount{}
			t.rooms[r.ID] = had
		}
		if had.asked < asked {
			had.title, had.muted, had.few = r.Title, r.Muted, r.Notify == protocol.NotifyMentions
		}
		if r.Rev < had.rev || r.Rev == had.rev && had.asked > asked {
			continue
		}
		all = append(all, notify.Missed{Room: r.ID, Unread: r.Unread, Muted: r.Muted, MentionsOnly: r.Notify == protocol.NotifyMentions, Seq: r.Seq, Told: t.told[r.ID]})
		t.told[r.ID] = r.Seq
		had.unread, had.seq, had.rev, had.asked = r.Unread, r.Seq, r.Rev, asked
	}
	for id, r := range t.rooms {
		switch {
		case listed[id] || r.asked > asked:
		case r.turn > asked:
			doubt = append(doubt, id) // something happened there since, and the list may have been made before
		default:
			// Nothing to read any more; how far the room is will be asked when something comes.
			delete(t.rooms, id)
			delete(t.told, id)
		}
	}
	return all, doubt
}

// message reports whether the new message follows on what is known and has been counted. If not,
// the room has to be asked for.
func (t *tally) message(m protocol.Message, rev protocol.Rev) bool {
	r := t.rooms[m.Room]
	switch {
	case r == nil:
		return false
	case rev <= r.rev:
		// Counted with what the server said before, but a list that is on its way may have been made before that.
		return t.open == 0
	case rev != r.rev+1:
		return false
	}
	r.rev, r.seq, r.at = rev, m.Seq, m.At
	if m.Sender == t.me {
		t.considered(m)
	}
	t.took(r)
	if m.Sender != t.me && !m.Type.System() {
		r.unread++
	}
	return true
}

// considered notes that a message was.
func (t *tally) considered(m protocol.Message) { t.told[m.Room] = max(t.told[m.Room], m.Seq) }

// receipts does the same for moved cursors. base is the rev on which the event builds.
func (t *tally) receipts(room protocol.RoomID, cursors []protocol.Cursor, base, rev protocol.Rev) bool {
	r := t.rooms[room]
	switch {
	case r == nil:
		// Nothing is known to be unread there, and reading makes it no more. But an answer that is on its way may
		// have been given before.
		return t.open == 0 || !slices.ContainsFunc(cursors, func(c protocol.Cursor) bool { return c.User == t.me })
	case rev <= r.rev:
		return true
	case base > r.rev:
		return false
	}
	for _, c := range cursors {
		if c.User != t.me {
			continue
		}
		if c.Seq < r.seq {
			return false // read in part: only the server knows how much is left
		}
		r.unread = 0
	}
	r.rev = rev
	t.took(r)
	return true
}

// step does the same for a change that makes nothing unread and nothing read.
func (t *tally) step(room protocol.RoomID, base, rev protocol.Rev) bool {
	r := t.rooms[room]
	if r == nil || rev <= r.rev {
		return true
	}
	if base > r.rev {
		return false
	}
	r.rev = rev
	t.took(r)
	return true
}

func (t *tally) forget(room protocol.RoomID) { delete(t.rooms, room) }

// total is the badge: what is unread in rooms that are not muted. dot says that muted rooms have something.
func (t *tally) total() (n int, dot bool) {
	for _, r := range t.rooms {
		if r.muted {
			dot = dot || r.unread > 0
		} else {
			n += r.unread
		}
	}
	return n, dot
}

// top returns the rooms with something to read, the newest first.
func (t *tally) top(limit int) []protocol.UnreadRoom {
	var all []protocol.UnreadRoom
	for id, r := range t.rooms {
		if r.unread > 0 {
			all = append(all, protocol.UnreadRoom{ID: id, Title: r.title, Unread: r.unread, Seq: r.seq, Rev: r.rev, Muted: r.muted})
		}
	}
	slices.SortFunc(all, func(a, b protocol.UnreadRoom) int {
		return cmp.Or(cmp.Compare(t.rooms[b.ID].at, t.rooms[a.ID].at), cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(limit, len(all))]
}
