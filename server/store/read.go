package store

import (
	"context"
	"database/sql"
	"time"

	"sendjay/shared/protocol"
)

// Moved is a read cursor after a read.
type Moved struct {
	Room   protocol.RoomID
	Cursor protocol.Cursor
	Rev    protocol.Rev
	// Changed is unset when the cursor stood there or further already.
	Changed bool
}

// Read moves user's cursor in room up to seq, at most to the room's last message, and never back.
func (s *Store) Read(ctx context.Context, room protocol.RoomID, user protocol.UserID, seq protocol.Seq, then func(Moved)) (Moved, error) {
	o := &readOp{room: room, user: user, seq: seq, then: then}
	err := s.commit(ctx, o)
	return o.out, err
}

type readOp struct {
	room protocol.RoomID
	user protocol.UserID
	seq  protocol.Seq
	out  Moved
	err  error
	then func(Moved)
}

func (o *readOp) kind() int      { return kindRead }
func (o *readOp) refused() error { return o.err }

func (o *readOp) run(ctx context.Context, s *Store, tx *sql.Tx) error {
	return o.runAll(ctx, s, tx, []op{o})
}

func (o *readOp) done() {
	if o.then != nil && o.out.Changed {
		o.then(o.out)
	}
}

// runAll moves many cursors with four statements.
func (*readOp) runAll(ctx context.Context, s *Store, tx *sql.Tx, all []op) error {
	type pair struct {
		room protocol.RoomID
		user protocol.UserID
	}
	rooms := map[protocol.RoomID]*roomState{}
	cursors := map[pair]protocol.Seq{}
	var roomIDs, pairs []any
	for _, each := range all {
		o := each.(*readOp)
		o.err, o.out = nil, Moved{}
		if rooms[o.room] == nil {
			rooms[o.room] = &roomState{}
			roomIDs = append(roomIDs, string(o.room))
		}
		pairs = append(pairs, string(o.room), string(o.user))
	}
	if err := s.loadRooms(ctx, tx, rooms, roomIDs); err != nil {
		return err
	}
	if err := each(ctx, tx, func(r *sql.Rows) error {
		var p pair
		var at protocol.Seq
		if err := r.Scan(&p.room, &p.user, &at); err != nil {
			return err
		}
		cursors[p] = at
		return nil
	}, "SELECT ROOMID, USERID, READSEQ FROM A_ROOMDTL_TBL WHERE (ROOMID, USERID) IN ("+s.values(len(all), 2)+") AND STATE=''", pairs...); err != nil {
		return err
	}
	moved := map[pair]protocol.Rev{}
	for _, each := range all {
		o := each.(*readOp)
		p := pair{o.room, o.user}
		room := rooms[o.room]
		at, member := cursors[p]
		if room.id == "" || !member {
			o.err = ErrNotMember
			continue
		}
		to := min(o.seq, room.seq)
		o.out = Moved{Room: o.room, Cursor: protocol.Cursor{User: o.user, Seq: max(at, to)}, Rev: room.rev}
		if to <= at {
			continue
		}
		room.rev++
		room.touched = true
		cursors[p], moved[p] = to, room.rev
		o.out.Rev, o.out.Changed = room.rev, true
	}
	if len(moved) == 0 {
		return nil
	}
	rows := make([]any, 0, 4*len(moved))
	for p, rev := range moved {
		rows = append(rows, string(p.room), string(p.user), "", int64(cursors[p]), int64(rev))
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO A_ROOMDTL_TBL (ROOMID, USERID, USERNM, READSEQ, REV) VALUES "+marks(len(moved), 5)+
		s.d.upsert("ROOMID, USERID", "READSEQ", "REV"), rows...); err != nil {
		return err
	}
	return s.saveRooms(ctx, tx, rooms)
}

func parseStamp(s string) (time.Time, error) { return time.Parse(stamp, s) }
