package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"sendjay/shared/protocol"
)

// Passed lets then hear of every room whose master was closed, in commit order. It is set before the store is used.
func (s *Store) Passed(then func(WideChanged)) { s.passed = then }

// passOn gives the groups of people who are no longer here to the member who has been there longest of those who are.
// A group in which nobody is left stays as it is.
func (s *Store) passOn(ctx context.Context, tx *sql.Tx, gone []protocol.UserID, out *outcome) error {
	for part := range slices.Chunk(gone, rowsAtOnce) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = string(id)
		}
		rooms, err := list[protocol.RoomID](ctx, tx, "SELECT R.ROOMID FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID AND R.MASTERID=D.USERID WHERE D.STATE='' AND R.MEMCNT>2 AND D.USERID IN "+
			marks(1, len(args)), args...)
		if err != nil {
			return err
		}
		for _, room := range rooms {
			w, err := s.passOne(ctx, tx, room)
			if err != nil {
				return err
			}
			if w.Changed {
				out.passed = append(out.passed, w)
			}
		}
	}
	return nil
}

func (s *Store) passOne(ctx context.Context, tx *sql.Tx, room protocol.RoomID) (WideChanged, error) {
	out := WideChanged{Room: room}
	rooms := map[protocol.RoomID]*roomState{room: {}}
	if err := s.loadRooms(ctx, tx, rooms, []any{string(room)}); err != nil {
		return out, err
	}
	var name string
	err := tx.QueryRowContext(ctx, "SELECT D.USERID, D.USERNM FROM A_ROOMDTL_TBL D JOIN Z_USER_TBL U ON U.USER_ID=D.USERID WHERE D.ROOMID=? AND D.STATE='' AND U.ACTIVE='Y' ORDER BY D.CDT, D.USERID LIMIT 1", string(room)).
		Scan(&out.Wide.Master, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if err := tx.QueryRowContext(ctx, "SELECT NICKNM FROM A_ROOMMST_TBL WHERE ROOMID=?", string(room)).Scan(&out.Wide.Name); err != nil {
		return out, err
	}
	out.Rev, out.Changed = rooms[room].rev+1, true
	_, err = tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET MASTERID=?, MASTERNM=?, REV=?, UDT=? WHERE ROOMID=?",
		string(out.Wide.Master), name, int64(out.Rev), stampOf(protocol.At(s.now())), string(room))
	return out, err
}
