package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"sendjay/shared/protocol"
)

// standing is one member in a room that is locked for a change.
type standing struct {
	roomState
	name       string
	read, from protocol.Seq
	master     protocol.UserID
	notice     protocol.MessageID
}

// enter locks a room for a change by one of its members, without looking at the others.
func (s *Store) enter(ctx context.Context, tx *sql.Tx, room protocol.RoomID, user protocol.UserID) (*standing, error) {
	rooms := map[protocol.RoomID]*roomState{room: {}}
	if err := s.loadRooms(ctx, tx, rooms, []any{string(room)}); err != nil {
		return nil, err
	}
	if rooms[room].id == "" {
		return nil, ErrNoRoom
	}
	out := &standing{roomState: *rooms[room]}
	err := tx.QueryRowContext(ctx, "SELECT D.USERNM, D.READSEQ, D.FROMSEQ, R.MASTERID, R.NOTICE FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID WHERE D.ROOMID=? AND D.USERID=? AND D.STATE=''",
		string(room), string(user)).Scan(&out.name, &out.read, &out.from, &out.master, &out.notice)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotMember
	}
	return out, err
}

// seen returns a message that user, who sees what comes after from, may act on: not one of before his time, not one
// he has deleted, not one that was taken back, and no line of the room.
func (s *Store) seen(ctx context.Context, q queryer, user protocol.UserID, room protocol.RoomID, from protocol.Seq, id protocol.MessageID) (messageRow, error) {
	var m messageRow
	err := q.QueryRowContext(ctx, "SELECT "+messageColumns("M")+" FROM A_MSGMST_TBL M LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=? AND X.STATE='D' "+
		"WHERE M.MSGID=? AND M.ROOMID=? AND M.SEQ>? AND M.STATE2='' AND M.TYP NOT IN ('invite','leave') AND X.MSGID IS NULL",
		string(user), string(id), string(room), int64(from)).Scan(m.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrNoMessage
	}
	return m, err
}

// turn makes rev the newest change of the room.
func (s *Store) turn(ctx context.Context, tx *sql.Tx, room protocol.RoomID, rev protocol.Rev) error {
	_, err := tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET REV=?, UDT=? WHERE ROOMID=?", int64(rev), stampOf(protocol.At(s.now())), string(room))
	return err
}

// ripple gives those messages the rev that quote id, because they read differently now.
func (s *Store) ripple(ctx context.Context, tx *sql.Tx, room protocol.RoomID, id protocol.MessageID, rev protocol.Rev) error {
	quoting, err := list[string](ctx, tx, "SELECT MSGID FROM S_REPLY_TBL WHERE ROOMID=? AND REPLY=?", string(room), string(id))
	if err != nil {
		return err
	}
	for part := range slices.Chunk(quoting, 500) {
		args := []any{int64(rev), string(room)}
		for _, m := range part {
			args = append(args, m)
		}
		if _, err := tx.ExecContext(ctx, "UPDATE A_MSGMST_TBL SET REV=? WHERE ROOMID=? AND MSGID IN "+marks(1, len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}
