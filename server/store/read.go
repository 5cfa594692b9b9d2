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
	// MembersAt is the rev at which the room's members last changed.
	MembersAt protocol.Rev
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

func (o *readOp) refused() error { return o.err }
func (o *readOp) weight() int    { return 256 }

func (o *readOp) run(ctx context.Context, s *Store, tx *sql.Tx) error {
	return o.runAll(ctx, s, tx, []op{o})
}

func (*readOp) runAll(ctx context.Context, s *Store, tx *sql.Tx, all []op) error {
	return s.talk(ctx, tx, all)
}

func (o *readOp) done() {
	if o.then != nil && o.out.Changed {
		o.then(o.out)
	}
}

func parseStamp(s string) (time.Time, error) { return time.Parse(stamp, s) }
