package store

import (
	"context"
	"database/sql"
	"errors"

	"sendjay/shared/protocol"
)

// Hidden is what somebody deleted for himself.
type Hidden struct {
	protocol.MessageHidden
	// Moved is his cursor: who deletes what he has not read has read it.
	Moved Moved
	// Changed is unset when nothing was there to delete.
	Changed bool
}

// Hide deletes messages of room for user alone: those named, or all there are. What he may not see, or has deleted
// before, is passed over.
func (s *Store) Hide(ctx context.Context, room protocol.RoomID, user protocol.UserID, ids []protocol.MessageID, all bool, then func(Hidden)) (Hidden, error) {
	var out Hidden
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = Hidden{MessageHidden: protocol.MessageHidden{Room: room}}
		me, err := s.enter(ctx, tx, room, user)
		if err != nil {
			return err
		}
		out.From = me.from
		if err := tx.QueryRowContext(ctx, "SELECT HIDES FROM A_ROOMDTL_TBL WHERE ROOMID=? AND USERID=?", string(room), string(user)).Scan(&out.Hides); err != nil {
			return err
		}
		to := me.seq
		if all {
			out.Changed = me.from < me.seq
			err = s.clear(ctx, tx, me, user, &out)
		} else {
			to, err = s.hideSome(ctx, tx, me, user, ids, &out)
		}
		if err != nil || !out.Changed {
			return err
		}
		out.Hides++
		if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET HIDES=?, OWNMS="+s.d.nowMS()+" WHERE ROOMID=? AND USERID=?", out.Hides, string(room), string(user)); err != nil {
			return err
		}
		if to <= me.read {
			return nil
		}
		out.Moved = Moved{Room: room, Cursor: protocol.Cursor{User: user, Seq: to}, Rev: me.rev + 1, Changed: true}
		if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET READSEQ=?, REV=? WHERE ROOMID=? AND USERID=?", int64(to), int64(out.Moved.Rev), string(room), string(user)); err != nil {
			return err
		}
		return s.turn(ctx, tx, room, out.Moved.Rev)
	}, func() {
		if then != nil && out.Changed {
			then(out)
		}
	})
	return out, err
}

// clear lets user see nothing that is there now. No row per message: a room may hold a hundred thousand.
func (s *Store) clear(ctx context.Context, tx *sql.Tx, me *standing, user protocol.UserID, out *Hidden) error {
	if !out.Changed {
		return nil
	}
	out.From = me.seq
	// MySQL sets columns from left to right, so JOINSEQ comes before what it is made of.
	if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET JOINSEQ="+joinedAt("")+", CLEARSEQ=?, FROMSEQ=? WHERE ROOMID=? AND USERID=?",
		int64(me.seq), int64(me.seq), string(me.id), string(user)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM A_MSGDTL_TBL WHERE ROOMID=? AND RECEIVERID=?", string(me.id), string(user))
	return err
}

func (s *Store) hideSome(ctx context.Context, tx *sql.Tx, me *standing, user protocol.UserID, ids []protocol.MessageID, out *Hidden) (protocol.Seq, error) {
	args := []any{string(user), string(me.id), int64(me.from)}
	for _, id := range ids {
		args = append(args, string(id))
	}
	now := stampOf(protocol.At(s.now()))
	var rows []any
	var to protocol.Seq
	if err := each(ctx, tx, func(r row) error {
		var id protocol.MessageID
		var sender, cdt string
		var seq protocol.Seq
		if err := r.Scan(&id, &sender, &seq, &cdt); err != nil {
			return err
		}
		out.IDs = append(out.IDs, id)
		to = max(to, seq)
		rows = append(rows, string(id), string(me.id), sender, string(user), me.name, "D", cdt, now, out.Hides+1)
		return nil
	}, "SELECT M.MSGID, M.SENDERID, M.SEQ, M.CDT FROM A_MSGMST_TBL M LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=? AND X.STATE='D' "+
		"WHERE M.ROOMID=? AND M.SEQ>? AND X.MSGID IS NULL AND M.MSGID IN "+marks(1, len(ids))+" ORDER BY M.SEQ", args...); err != nil {
		return 0, err
	}
	if out.Changed = len(out.IDs) > 0; !out.Changed {
		return 0, nil
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO A_MSGDTL_TBL (MSGID, ROOMID, SENDERID, RECEIVERID, RECEIVERNM, STATE, CDT, UDT, HIDENO) VALUES "+marks(len(out.IDs), 9)+
		s.d.upsert("MSGID, ROOMID, SENDERID, RECEIVERID", "STATE", "UDT", "HIDENO"), rows...)
	return to, err
}

// joinedAt is the seq after which a member came, whatever he has deleted since. Table is "" or an alias with a dot.
func joinedAt(table string) string {
	return "CASE WHEN " + table + "CLEARSEQ=" + table + "FROMSEQ THEN " + table + "JOINSEQ ELSE " + table + "FROMSEQ END"
}

// HiddenSince returns what user deleted for himself in room after his deletion number since, and the newest number.
func (s *Store) HiddenSince(ctx context.Context, user protocol.UserID, room protocol.RoomID, since int64) ([]protocol.MessageID, int64, error) {
	var hides int64
	err := s.read.QueryRowContext(ctx, "SELECT HIDES FROM A_ROOMDTL_TBL WHERE ROOMID=? AND USERID=? AND STATE=''", string(room), string(user)).Scan(&hides)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, ErrNotMember
	}
	if err != nil || hides <= since {
		return nil, hides, s.d.translate(err)
	}
	ids, err := list[protocol.MessageID](ctx, s.read, "SELECT MSGID FROM A_MSGDTL_TBL WHERE ROOMID=? AND RECEIVERID=? AND STATE='D' AND HIDENO>? AND HIDENO<=?",
		string(room), string(user), since, hides)
	return ids, hides, s.d.translate(err)
}
