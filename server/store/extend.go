package store

import (
	"context"
	"database/sql"
	"errors"

	"sendjay/shared/protocol"
)

// Extended is one message whose file lives longer now.
type Extended struct {
	Room protocol.RoomID
	ID   protocol.MessageID
	Seq  protocol.Seq
	Rev  protocol.Rev
	File protocol.FileInfo
}

// ExtendFile lets the file of a message of user's live until a moment, in all messages that show it.
func (s *Store) ExtendFile(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, until protocol.Instant, then func([]Extended)) (protocol.FileInfo, error) {
	var out protocol.FileInfo
	var all []Extended
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		all = nil
		if _, _, err := s.openRoom(ctx, tx, room, user); err != nil {
			return err
		}
		f, err := fileOf(ctx, tx, "JOIN S_MSGFILE_TBL L ON L.FILEID=F.FILEID WHERE L.MSGID=? AND L.ROOMID=?"+s.d.lockRows(), string(id), string(room))
		now := protocol.At(s.now())
		switch {
		case errors.Is(err, ErrNoFile):
			return ErrNoMessage
		case err != nil:
			return err
		case f.Owner != user:
			return ErrNotSender
		case f.State != FileUsed || f.Until != 0 && f.Until <= now:
			return ErrTooLate
		case f.Until == 0 || until != 0 && until <= f.Until:
			out = *f.Info(now)
			return nil
		}
		f.Until = until
		out = *f.Info(now)
		if _, err := tx.ExecContext(ctx, "UPDATE S_FILE_TBL SET UNTILMS=? WHERE FILEID=?", int64(until), string(f.ID)); err != nil {
			return err
		}
		if err := each(ctx, tx, func(r row) error {
			x := Extended{File: out}
			err := r.Scan(&x.Room, &x.ID, &x.Seq)
			all = append(all, x)
			return err
		}, "SELECT ROOMID, MSGID, SEQ FROM S_MSGFILE_TBL WHERE FILEID=? ORDER BY ROOMID, SEQ", string(f.ID)); err != nil {
			return err
		}
		for i := range all {
			x := &all[i]
			if x.Rev, _, err = s.revOf(ctx, tx, x.Room, x.ID, ""); err != nil {
				return err
			}
			if err := s.turnMessage(ctx, tx, x.Room, x.ID, &x.Rev); err != nil {
				return err
			}
		}
		return nil
	}, func() {
		if then != nil && len(all) > 0 {
			then(all)
		}
	})
	return out, err
}
