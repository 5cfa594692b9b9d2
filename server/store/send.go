package store

import (
	"context"
	"database/sql"
	"time"

	"sendjay/shared/protocol"
)

// NewMessage is a text on its way into a room.
type NewMessage struct {
	ID         protocol.MessageID
	Room       protocol.RoomID
	Sender     protocol.UserID
	SenderName string
	Body       string
	Reply      protocol.MessageID
	// File is a file of the sender's, whole and not yet sent, or one that the sender may see.
	File protocol.FileID
	// FileUntil is when a file that was not sent before expires, 0 for never.
	FileUntil protocol.Instant
	Mentions  []protocol.UserID
	Forwarded bool
	// Urgent makes it urgent, unless the sender has sent UrgentMost of those within the hour.
	Urgent     bool
	UrgentMost int
}

// Stored is a message that is on disk.
type Stored struct {
	Message protocol.Message
	// Repeat is set when this id was stored before; the message is then the first one.
	Repeat bool
	// Revived are those for whom a pair they had left came back by this message, Members how many are in it then.
	Revived []protocol.Member
	Members int
	// MembersAt is the rev at which the room's members last changed.
	MembersAt protocol.Rev
}

// Send stores m and gives it the next seq and rev of its room. The same id from the same sender in the
// same room again returns what the first call returned, and then is not called. An id is known as long as its message
// is kept: of one that was deleted by its age nothing is left, and who sends it again would rather have it twice than
// never.
func (s *Store) Send(ctx context.Context, m NewMessage, then func(Stored)) (Stored, error) {
	o := &sendOp{in: m, then: then}
	if err := s.commit(ctx, o); err != nil {
		return Stored{}, err
	}
	s.sent.Add(1)
	s.unindexed.sent(m.Room, o.out.Message.Seq)
	return o.out, nil
}

type sendOp struct {
	in   NewMessage
	out  Stored
	err  error
	then func(Stored)
}

func (o *sendOp) refused() error { return o.err }
func (o *sendOp) weight() int    { return len(o.in.Body) + 256 }

func (o *sendOp) run(ctx context.Context, s *Store, tx *sql.Tx) error {
	return o.runAll(ctx, s, tx, []op{o})
}

func (*sendOp) runAll(ctx context.Context, s *Store, tx *sql.Tx, all []op) error {
	return s.talk(ctx, tx, all)
}

func (o *sendOp) done() {
	if o.then != nil && !o.out.Repeat {
		o.then(o.out)
	}
}

// roomState is what a write needs of a room's row.
type roomState struct {
	id       protocol.RoomID
	row      int64 // the number that SQLite gave the room's row
	seq      protocol.Seq
	rev      protocol.Rev
	members  int
	gone     int  // of members, those whose accounts are closed
	sleepers bool // somebody left this pair and comes back with the next message
	last     protocol.Instant
	touched  bool
	moved    protocol.Rev // when the members last changed
	// cursors are those of members, as far as they were asked for.
	cursors map[protocol.UserID]protocol.Seq
}

// stateOf makes a roomState of a room's row.
func stateOf(id protocol.RoomID, seq, rev, members int64, state, last string, moved, gone int64) roomState {
	return roomState{
		id: id, seq: protocol.Seq(seq), rev: protocol.Rev(rev), members: int(members), gone: int(gone), sleepers: state == stateAsleep,
		last: instantOf(last), moved: protocol.Rev(moved), cursors: map[protocol.UserID]protocol.Seq{},
	}
}

type knownMessage struct {
	room   protocol.RoomID
	sender protocol.UserID
	seq    protocol.Seq
	rev    protocol.Rev
	at     protocol.Instant
}

// headColumns are what stateOf reads.
const headColumns = "ROOMID, SEQ, REV, MEMCNT, STATE, LASTDT, MEMREV, GONECNT"

// loadRooms fills rooms, whose keys are ids, and locks the rows; a room that is not there keeps an empty id.
func (s *Store) loadRooms(ctx context.Context, tx *sql.Tx, rooms map[protocol.RoomID]*roomState, ids []any) error {
	return each(ctx, tx, func(r row) error {
		var id protocol.RoomID
		var seq, rev, members, moved, gone int64
		var state, last string
		if err := r.Scan(&id, &seq, &rev, &members, &state, &last, &moved, &gone); err != nil {
			return err
		}
		*rooms[id] = stateOf(id, seq, rev, members, state, last, moved, gone)
		return nil
	}, "SELECT "+headColumns+" FROM A_ROOMMST_TBL WHERE ROOMID IN "+marks(1, len(ids))+s.d.lockRows(), ids...)
}

// wake brings those back who had left a pair: they see what comes now, not what was.
func (s *Store) wake(ctx context.Context, tx *sql.Tx, room *roomState) ([]protocol.Member, error) {
	var back []protocol.Member
	if err := each(ctx, tx, func(r row) error {
		m := protocol.Member{Read: room.seq, From: room.seq}
		err := r.Scan(&m.ID, &m.Name, &m.Gone)
		if m.Gone {
			room.gone++
		}
		back = append(back, m)
		return err
	}, "SELECT USERID, USERNM, "+goneSQL+" FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE='2'", string(room.id)); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET STATE='', FROMSEQ=?, READSEQ=?, REV=? WHERE ROOMID=? AND STATE='2'",
		int64(room.seq), int64(room.seq), int64(room.rev)+1, string(room.id)); err != nil {
		return nil, err
	}
	room.members += len(back)
	room.sleepers = false
	room.moved = room.rev + 1
	_, err := tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET STATE='', MEMCNT=?, GONECNT=?, MEMREV=? WHERE ROOMID=?", room.members, room.gone, int64(room.moved), string(room.id))
	return back, err
}

// list returns the first column of every row.
func list[T any](ctx context.Context, q queryer, query string, args ...any) ([]T, error) {
	var out []T
	err := each(ctx, q, func(r row) error {
		var v T
		if err := r.Scan(&v); err != nil {
			return err
		}
		out = append(out, v)
		return nil
	}, query, args...)
	return out, err
}

// instantOf reads the original's text of a moment; anything else is the zero instant.
func instantOf(s string) protocol.Instant {
	if i, ok := quickInstant(s); ok {
		return i
	}
	t, err := parseStamp(s)
	if err != nil {
		return 0
	}
	return protocol.At(t)
}

// quickInstant reads what stampOf writes without going through its layout, which takes as long as half of the row.
func quickInstant(s string) (protocol.Instant, bool) {
	if len(s) != len(stamp) {
		return 0, false
	}
	var n [7]int // year to second, and microseconds
	part := 0
	for i := range len(s) {
		if c := stamp[i]; c < '0' || c > '9' {
			if s[i] != c {
				return 0, false
			}
			part++
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n[part] = 10*n[part] + int(s[i]-'0')
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 1000*n[6], time.UTC)
	// Where one is out of its range, the moment is another.
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	ok := year == n[0] && int(month) == n[1] && day == n[2] && hour == n[3] && minute == n[4] && second == n[5]
	return protocol.At(t), ok
}
