package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sendjay/shared/protocol"
)

// Cancelled is a message that was taken back.
type Cancelled struct {
	Room   protocol.RoomID
	ID     protocol.MessageID
	Seq    protocol.Seq
	Rev    protocol.Rev
	Sender protocol.UserID
	// Changed is unset when it had been taken back before.
	Changed bool
	// MembersAt is the rev at which the room's members last changed.
	MembersAt protocol.Rev
}

// Cancel takes message id back: its text goes from the database at once, and those who had not read it
// never see it again. ErrNotSender for anybody but the sender, ErrTooLate after window.
func (s *Store) Cancel(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, window time.Duration, then func(Cancelled)) (Cancelled, error) {
	var out Cancelled
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = Cancelled{Room: room, ID: id}
		r, _, err := s.openRoom(ctx, tx, room, user)
		if err != nil {
			return err
		}
		var typ, state, cdt string
		err = tx.QueryRowContext(ctx, "SELECT SENDERID, SEQ, TYP, STATE2, CDT FROM A_MSGMST_TBL WHERE MSGID=? AND ROOMID=?", string(id), string(room)).
			Scan(&out.Sender, &out.Seq, &typ, &state, &cdt)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ErrNoMessage
		case err != nil:
			return err
		case out.Sender != user || protocol.MessageType(typ).System():
			return ErrNotSender
		case state == "C":
			out.Rev = r.rev
			return nil
		case s.now().Sub(instantOf(cdt).Time()) > window:
			return ErrTooLate
		}
		now := stampOf(protocol.At(s.now()))
		out.Rev, out.Changed, out.MembersAt = r.rev+1, true, r.moved
		if _, err := tx.ExecContext(ctx, "UPDATE A_MSGMST_TBL SET STATE2='C', BODY='', BUFFER=NULL, MENTIONS='', REACTS=0, REV=?, UDT=? WHERE MSGID=? AND ROOMID=?",
			int64(out.Rev), now, string(id), string(room)); err != nil {
			return err
		}
		// A row that stands already says that this person has deleted the message, or read it out of turn.
		if _, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO A_MSGDTL_TBL (MSGID, ROOMID, SENDERID, RECEIVERID, RECEIVERNM, STATE, CDT, UDT) "+
			"SELECT ?, ROOMID, ?, USERID, USERNM, 'D', ?, ? FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE='' AND USERID<>? AND READSEQ<?",
			string(id), string(user), cdt, now, string(room), string(user), int64(out.Seq)); err != nil {
			return err
		}
		if carries(protocol.MessageType(typ)) {
			if err := s.detach(ctx, tx, room, id); err != nil {
				return err
			}
		} else if _, err := s.loseCard(ctx, tx, room, out.Seq); err != nil {
			return err
		}
		if err := s.reindex(ctx, tx, room, out.Seq); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM S_REACTION_TBL WHERE ROOMID=? AND MSGID=?", string(room), string(id)); err != nil {
			return err
		}
		if err := s.ripple(ctx, tx, room, id, out.Rev); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET NOTICE='', NOTICEREV=? WHERE ROOMID=? AND NOTICE=?", int64(out.Rev), string(room), string(id)); err != nil {
			return err
		}
		return s.turn(ctx, tx, room, out.Rev)
	}, func() {
		if then != nil && out.Changed {
			then(out)
		}
	})
	return out, err
}
