package store

import (
	"context"
	"database/sql"

	"sendjay/shared/protocol"
)

// Noticed is what is pinned on top of a room.
type Noticed struct {
	Room   protocol.RoomID
	Rev    protocol.Rev
	Notice *protocol.Notice
	// Changed is unset when it was so before.
	Changed bool
}

// Notice pins message id on top of room, or takes the pinned one down when id is "". In a group it is the master's
// right (ErrNotMaster), in a pair either one's.
func (s *Store) Notice(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, then func(Noticed)) (Noticed, error) {
	var out Noticed
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = Noticed{Room: room}
		me, err := s.enter(ctx, tx, room, user)
		if err != nil {
			return err
		}
		if id != "" {
			if _, err := s.seen(ctx, tx, user, room, me.from, id); err != nil {
				return err
			}
		}
		if me.members > 2 && me.master != user {
			return ErrNotMaster
		}
		out.Rev = me.rev
		if me.notice == id {
			return nil
		}
		out.Rev, out.Changed = me.rev+1, true
		by, name, at := "", "", ""
		if id != "" {
			by, name, at = string(user), me.name, stampOf(protocol.At(s.now()))
		}
		if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET NOTICE=?, NOTICEBY=?, NOTICEBYNM=?, NOTICEDT=?, NOTICEREV=? WHERE ROOMID=?",
			string(id), by, name, at, int64(out.Rev), string(room)); err != nil {
			return err
		}
		if id != "" {
			one := []protocol.Room{{ID: room, Notice: &protocol.Notice{ID: id}}}
			if err := s.fillNotices(ctx, tx, user, one); err != nil {
				return err
			}
			out.Notice = one[0].Notice
		}
		return s.turn(ctx, tx, room, out.Rev)
	}, func() {
		if then != nil && out.Changed {
			then(out)
		}
	})
	return out, err
}
