package store

import (
	"context"
	"database/sql"

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
}

// Stored is a message that is on disk.
type Stored struct {
	Message protocol.Message
	// Repeat is set when this id was stored before; the message is then the first one.
	Repeat bool
	// Revived are those for whom a pair they had left came back by this message.
	Revived []protocol.UserID
}

// Send stores m and gives it the next seq and rev of its room. The same id from the same sender in the
// same room again returns what the first call returned, and then is not called.
func (s *Store) Send(ctx context.Context, m NewMessage, then func(Stored)) (Stored, error) {
	o := &sendOp{in: m, then: then}
	if err := s.commit(ctx, o); err != nil {
		return Stored{}, err
	}
	select {
	case s.indexed <- struct{}{}:
	default:
	}
	return o.out, nil
}

type sendOp struct {
	in   NewMessage
	out  Stored
	err  error
	then func(Stored)
}

func (o *sendOp) kind() int      { return kindSend }
func (o *sendOp) refused() error { return o.err }

func (o *sendOp) run(ctx context.Context, s *Store, tx *sql.Tx) error {
	return o.runAll(ctx, s, tx, []op{o})
}

func (o *sendOp) done() {
	if o.then != nil && !o.out.Repeat {
		o.then(o.out)
	}
}

const (
	kindSend = iota + 1
	kindRead
)

// roomState is what a write needs of a room's row.
type roomState struct {
	id       protocol.RoomID
	seq      protocol.Seq
	rev      protocol.Rev
	members  int
	sleepers bool // somebody left this pair and comes back with the next message
	last     string
	touched  bool
}

// runAll stores many messages with a handful of statements.
func (*sendOp) runAll(ctx context.Context, s *Store, tx *sql.Tx, all []op) error {
	sends := make([]*sendOp, len(all))
	ids := make([]any, len(all))
	for i, o := range all {
		sends[i] = o.(*sendOp)
		sends[i].err, sends[i].out = nil, Stored{}
		ids[i] = string(sends[i].in.ID)
	}
	rooms := map[protocol.RoomID]*roomState{}
	var roomIDs, pairs []any
	for _, o := range sends {
		if rooms[o.in.Room] == nil {
			rooms[o.in.Room] = &roomState{}
			roomIDs = append(roomIDs, string(o.in.Room))
		}
		pairs = append(pairs, string(o.in.Room), string(o.in.Sender))
	}
	if err := s.loadRooms(ctx, tx, rooms, roomIDs); err != nil {
		return err
	}
	type pair struct {
		room protocol.RoomID
		user protocol.UserID
	}
	members := make(map[pair]bool, len(sends))
	if err := each(ctx, tx, func(r *sql.Rows) error {
		var p pair
		if err := r.Scan(&p.room, &p.user); err != nil {
			return err
		}
		members[p] = true
		return nil
	}, "SELECT ROOMID, USERID FROM A_ROOMDTL_TBL WHERE (ROOMID, USERID) IN ("+s.values(len(sends), 2)+") AND STATE=''", pairs...); err != nil {
		return err
	}
	known := map[protocol.MessageID]knownMessage{}
	if err := each(ctx, tx, func(r *sql.Rows) error {
		var id protocol.MessageID
		var k knownMessage
		var cdt string
		if err := r.Scan(&id, &k.room, &k.sender, &k.seq, &k.rev, &cdt); err != nil {
			return err
		}
		k.at = instantOf(cdt)
		known[id] = k
		return nil
	}, "SELECT MSGID, ROOMID, SENDERID, SEQ, BORN, CDT FROM A_MSGMST_TBL WHERE MSGID IN "+marks(1, len(ids)), ids...); err != nil {
		return err
	}

	now := protocol.At(s.now())
	var rows []any
	n := 0
	for _, o := range sends {
		m, room := o.in, rooms[o.in.Room]
		switch k, seen := known[m.ID]; {
		case room.id == "":
			o.err = ErrNoRoom
		case !members[pair{m.Room, m.Sender}]:
			o.err = ErrNotMember
		case seen && (k.room != m.Room || k.sender != m.Sender):
			o.err = ErrTaken
		case seen:
			o.out = Stored{Repeat: true, Message: protocol.Message{ID: m.ID, Room: m.Room, Sender: m.Sender, Seq: k.seq, Rev: k.rev, At: k.at}}
		default:
			if room.sleepers {
				revived, err := s.wake(ctx, tx, room)
				if err != nil {
					return err
				}
				o.out.Revived = revived
			}
			at := max(now, instantOf(room.last))
			room.seq++
			room.rev++
			room.last, room.touched = stampOf(at), true
			o.out.Message = protocol.Message{
				ID: m.ID, Room: m.Room, Seq: room.seq, Rev: room.rev, Sender: m.Sender, SenderName: m.SenderName,
				Type: protocol.Talk, Body: m.Body, Reply: m.Reply, At: at, Unread: room.members - 1,
			}
			known[m.ID] = knownMessage{m.Room, m.Sender, room.seq, room.rev, at}
			rows = append(rows, string(m.ID), string(m.Room), string(m.Sender), m.SenderName, m.Body, string(m.Reply), string(protocol.Talk), room.last, int64(room.seq), int64(room.rev), int64(room.rev))
			n++
		}
	}
	if n == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO A_MSGMST_TBL (MSGID, ROOMID, SENDERID, SENDERNM, BODY, REPLY, TYP, CDT, SEQ, REV, BORN) VALUES "+marks(n, 11), rows...); err != nil {
		return err
	}
	return s.saveRooms(ctx, tx, rooms)
}

type knownMessage struct {
	room   protocol.RoomID
	sender protocol.UserID
	seq    protocol.Seq
	rev    protocol.Rev
	at     protocol.Instant
}

// loadRooms fills rooms, whose keys are ids, and locks the rows; a room that is not there keeps an empty id.
func (s *Store) loadRooms(ctx context.Context, tx *sql.Tx, rooms map[protocol.RoomID]*roomState, ids []any) error {
	return each(ctx, tx, func(r *sql.Rows) error {
		var id protocol.RoomID
		var st roomState
		var state string
		if err := r.Scan(&id, &st.seq, &st.rev, &st.members, &state, &st.last); err != nil {
			return err
		}
		st.id, st.sleepers = id, state == stateAsleep
		*rooms[id] = st
		return nil
	}, "SELECT ROOMID, SEQ, REV, MEMCNT, STATE, LASTDT FROM A_ROOMMST_TBL WHERE ROOMID IN "+marks(1, len(ids))+s.d.lockRows(), ids...)
}

// saveRooms writes the seq, rev and time of the rooms that were touched.
func (s *Store) saveRooms(ctx context.Context, tx *sql.Tx, rooms map[protocol.RoomID]*roomState) error {
	var rows []any
	n := 0
	for _, r := range rooms {
		if r.touched {
			rows = append(rows, string(r.id), int64(r.seq), int64(r.rev), r.last, r.last)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO A_ROOMMST_TBL (ROOMID, SEQ, REV, LASTDT, UDT) VALUES "+marks(n, 5)+
		s.d.upsert("ROOMID", "SEQ", "REV", "LASTDT", "UDT"), rows...)
	return err
}

// values is the inside of IN (…) for rows of width w.
func (s *Store) values(rows, w int) string {
	if s.d.name() == "sqlite" {
		return "VALUES " + marks(rows, w)
	}
	return marks(rows, w)
}

// wake brings those back who had left a pair: they see what comes now, not what was.
func (s *Store) wake(ctx context.Context, tx *sql.Tx, room *roomState) ([]protocol.UserID, error) {
	users, err := list[protocol.UserID](ctx, tx, "SELECT USERID FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE='2'", string(room.id))
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET STATE='', FROMSEQ=?, READSEQ=?, REV=? WHERE ROOMID=? AND STATE='2'",
		int64(room.seq), int64(room.seq), int64(room.rev)+1, string(room.id)); err != nil {
		return nil, err
	}
	room.members += len(users)
	room.sleepers = false
	_, err = tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET STATE='', MEMCNT=? WHERE ROOMID=?", room.members, string(room.id))
	return users, err
}

// list returns the first column of every row.
func list[T any](ctx context.Context, q queryer, query string, args ...any) ([]T, error) {
	var out []T
	err := each(ctx, q, func(r *sql.Rows) error {
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
	t, err := parseStamp(s)
	if err != nil {
		return 0
	}
	return protocol.At(t)
}
