package store

import (
	"context"
	"database/sql"

	"sendjay/shared/protocol"
)

// WideChanged is what a change of a room for all its members did.
type WideChanged struct {
	Room protocol.RoomID
	Rev  protocol.Rev
	Wide protocol.RoomWide
	// Changed is unset when everything was so already; then there is no rev.
	Changed bool
	// Mine is set when the one who named the room for all thereby gave up a name of his own.
	Mine *protocol.RoomMine
}

// Rename names room for all, or with "" takes that name away. ErrNotMaster for anybody but the master. A name
// of his own would hide from the master what he has just done, so it goes.
func (s *Store) Rename(ctx context.Context, room protocol.RoomID, by protocol.UserID, name string, then func(WideChanged)) error {
	return s.changeWide(ctx, room, by, func(ctx context.Context, tx *sql.Tx, _ map[protocol.UserID]memberState, out *WideChanged) error {
		out.Wide.Name = name
		mine, err := s.mineOf(ctx, tx, by, "D.ROOMID=?", string(room))
		if err != nil || len(mine) == 0 || mine[0].Name == "" {
			return err
		}
		after := mine[0]
		after.Name = ""
		out.Mine = &after
		return s.saveMine(ctx, tx, by, mine[0], &after)
	}, then)
}

// HandOver makes user the master of room. ErrNotMaster for anybody but the master, ErrNoUser for somebody who
// is not in it.
func (s *Store) HandOver(ctx context.Context, room protocol.RoomID, by, user protocol.UserID, then func(WideChanged)) error {
	return s.changeWide(ctx, room, by, func(_ context.Context, _ *sql.Tx, states map[protocol.UserID]memberState, out *WideChanged) error {
		if st, ok := states[user]; !ok || st.state != stateMember {
			return ErrNoUser
		}
		out.Wide.Master = user
		return nil
	}, then)
}

// changeWide lets the master change what all share. When nothing changes, then is not called.
func (s *Store) changeWide(
	ctx context.Context, room protocol.RoomID, by protocol.UserID,
	change func(context.Context, *sql.Tx, map[protocol.UserID]memberState, *WideChanged) error, then func(WideChanged),
) error {
	var out WideChanged
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = WideChanged{Room: room}
		r, states, err := s.openRoom(ctx, tx, room, by)
		if err != nil {
			return err
		}
		if r.wide.Master != by {
			return ErrNotMaster
		}
		out.Rev, out.Wide = r.rev, r.wide
		if err := change(ctx, tx, states, &out); err != nil {
			return err
		}
		if out.Changed = out.Wide != r.wide; !out.Changed {
			return nil
		}
		out.Rev++
		_, err = tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET NICKNM=?, MASTERID=?, MASTERNM=?, REV=?, UDT=? WHERE ROOMID=?",
			out.Wide.Name, string(out.Wide.Master), states[out.Wide.Master].name, int64(out.Rev), stampOf(protocol.At(s.now())), string(room))
		return err
	}, func() {
		if then != nil && (out.Changed || out.Mine != nil) {
			then(out)
		}
	})
}
