package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"sendjay/shared/protocol"
)

// Retired is what the age of its messages took out of the sight of a room's members.
type Retired struct {
	Room protocol.RoomID
	// Upto is the last message that goes, 0 when none is old enough.
	Upto protocol.Seq
	// Members are those who saw any of it, by the number of their deletions since.
	Members map[int64][]protocol.UserID
	// Notice is the rev at which what was pinned on top went too, 0 when it stays.
	Notice protocol.Rev
}

// OldRooms returns those of the next limit rooms after a room whose oldest message is from before t, and the room to
// go on after, "" at the end.
func (s *Store) OldRooms(ctx context.Context, after protocol.RoomID, t time.Time, limit int) (old []protocol.RoomID, next protocol.RoomID, err error) {
	n, until := 0, stampOf(protocol.At(t))
	err = each(ctx, s.read, func(r row) error {
		var room protocol.RoomID
		var oldest sql.NullString
		if err := r.Scan(&room, &oldest); err != nil {
			return err
		}
		if n++; n == limit {
			next = room
		}
		if oldest.Valid && oldest.String < until {
			old = append(old, room)
		}
		return nil
	}, fmt.Sprintf("SELECT R.ROOMID, (SELECT M.CDT FROM A_MSGMST_TBL M WHERE M.ROOMID=R.ROOMID ORDER BY M.SEQ LIMIT 1) "+
		"FROM A_ROOMMST_TBL R WHERE R.ROOMID>? ORDER BY R.ROOMID LIMIT %d", limit), string(after))
	return old, next, s.d.translate(err)
}

// Retire takes the messages of room from before t out of everybody's sight: each member is as one who deleted them
// for himself, which his devices know how to follow. DropRetired removes them from the database.
func (s *Store) Retire(ctx context.Context, room protocol.RoomID, t time.Time, then func(Retired)) (Retired, error) {
	var out Retired
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = Retired{Room: room, Members: map[int64][]protocol.UserID{}}
		rooms := map[protocol.RoomID]*roomState{room: {}}
		if err := s.loadRooms(ctx, tx, rooms, []any{string(room)}); err != nil {
			return err
		}
		at := rooms[room]
		if at.id == "" {
			return ErrNoRoom
		}
		var err error
		if out.Upto, err = sentBefore(ctx, tx, room, at.seq, stampOf(protocol.At(t))); err != nil || out.Upto == 0 {
			return err
		}
		upto := int64(out.Upto)
		if err := each(ctx, tx, func(r row) error {
			var user protocol.UserID
			var hides int64
			err := r.Scan(&user, &hides)
			out.Members[hides+1] = append(out.Members[hides+1], user)
			return err
		}, "SELECT USERID, HIDES FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE='' AND FROMSEQ<?", string(room), upto); err != nil {
			return err
		}
		// MySQL sets columns from left to right, so JOINSEQ comes before what it is made of.
		if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET JOINSEQ="+joinedAt("")+", CLEARSEQ=?, FROMSEQ=?, READSEQ=CASE WHEN READSEQ<? THEN ? ELSE READSEQ END, HIDES=HIDES+1, OWNMS="+
			s.d.nowMS()+" WHERE ROOMID=? AND FROMSEQ<?", upto, upto, upto, upto, string(room), upto); err != nil {
			return err
		}
		return s.unpinOld(ctx, tx, at, &out)
	}, func() {
		if then != nil && out.Upto > 0 {
			then(out)
		}
	})
	return out, err
}

// sentBefore returns the last message of room with a stamp before until. Halving finds it, as the stamps of a room
// never go back.
func sentBefore(ctx context.Context, tx *sql.Tx, room protocol.RoomID, last protocol.Seq, until string) (protocol.Seq, error) {
	var err error
	next := sort.Search(int(last), func(i int) bool {
		var cdt string
		e := tx.QueryRowContext(ctx, "SELECT CDT FROM A_MSGMST_TBL WHERE ROOMID=? AND SEQ>=? ORDER BY SEQ LIMIT 1", string(room), i+1).Scan(&cdt)
		if errors.Is(e, sql.ErrNoRows) {
			return true
		}
		err = cmp.Or(err, e)
		return cdt >= until
	})
	var seq sql.NullInt64
	if err == nil {
		err = tx.QueryRowContext(ctx, "SELECT MAX(SEQ) FROM A_MSGMST_TBL WHERE ROOMID=? AND SEQ<=?", string(room), next).Scan(&seq)
	}
	return protocol.Seq(seq.Int64), err
}

// unpinOld takes down what is pinned on top of a room when it goes.
func (s *Store) unpinOld(ctx context.Context, tx *sql.Tx, room *roomState, out *Retired) error {
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM A_ROOMMST_TBL R JOIN A_MSGMST_TBL M ON M.MSGID=R.NOTICE AND M.ROOMID=R.ROOMID WHERE R.ROOMID=? AND M.SEQ<=?",
		string(room.id), int64(out.Upto)).Scan(&n); err != nil || n == 0 {
		return err
	}
	out.Notice = room.rev + 1
	if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET NOTICE='', NOTICEBY='', NOTICEBYNM='', NOTICEDT='', NOTICEREV=? WHERE ROOMID=?", int64(out.Notice), string(room.id)); err != nil {
		return err
	}
	return s.turn(ctx, tx, room.id, out.Notice)
}

// DropRetired removes at most limit messages of room up to upto, the oldest first, with everything that hangs on
// them. It says how many there were; files go where no other message shows them.
func (s *Store) DropRetired(ctx context.Context, room protocol.RoomID, upto protocol.Seq, limit int) (int, error) {
	n := 0
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		rooms := map[protocol.RoomID]*roomState{room: {}}
		if err := s.loadRooms(ctx, tx, rooms, []any{string(room)}); err != nil {
			return err
		}
		ids := []any{string(room)}
		var showing []protocol.MessageID
		var first, last protocol.Seq
		var from, to string
		if err := each(ctx, tx, func(r row) error {
			var id protocol.MessageID
			var typ protocol.MessageType
			if err := r.Scan(&id, &last, &typ, &to); err != nil {
				return err
			}
			if len(ids) == 1 {
				first, from = last, to
			}
			if ids = append(ids, string(id)); carries(typ) {
				showing = append(showing, id)
			}
			return nil
		}, fmt.Sprintf("SELECT MSGID, SEQ, TYP, CDT FROM A_MSGMST_TBL WHERE ROOMID=? AND SEQ<=? ORDER BY SEQ LIMIT %d", limit), string(room), int64(upto)); err != nil {
			return err
		}
		if n = len(ids) - 1; n == 0 {
			return nil
		}
		for _, id := range showing {
			if err := s.detach(ctx, tx, room, id); err != nil {
				return err
			}
		}
		if err := s.unquote(ctx, tx, rooms[room], last, ids); err != nil {
			return err
		}
		these := " WHERE ROOMID=? AND MSGID IN " + marks(1, n)
		for _, table := range []string{"S_REACTION_TBL", "S_REPLY_TBL", "A_MSGDTL_TBL", "A_MSGMST_TBL"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+these, ids...); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM S_MSGPREVIEW_TBL WHERE ROOMID=? AND SEQ<=?", string(room), int64(last)); err != nil {
			return err
		}
		return s.unfind(ctx, tx, room, first, last, from, to)
	}, nil)
	return n, err
}

// unquote lets the messages that stay and quote one of these read as what they are now.
func (s *Store) unquote(ctx context.Context, tx *sql.Tx, room *roomState, last protocol.Seq, ids []any) error {
	quoting, err := list[string](ctx, tx, "SELECT DISTINCT M.MSGID FROM S_REPLY_TBL Q JOIN A_MSGMST_TBL M ON M.MSGID=Q.MSGID AND M.ROOMID=Q.ROOMID WHERE M.SEQ>? AND Q.ROOMID=? AND Q.REPLY IN "+
		marks(1, len(ids)-1), append([]any{int64(last)}, ids...)...)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(quoting, 500) {
		args := []any{int64(room.rev + 1), string(room.id)}
		for _, m := range part {
			args = append(args, m)
		}
		if _, err := tx.ExecContext(ctx, "UPDATE A_MSGMST_TBL SET REV=? WHERE ROOMID=? AND MSGID IN "+marks(1, len(part)), args...); err != nil {
			return err
		}
	}
	if len(quoting) > 0 {
		if err := s.turn(ctx, tx, room.id, room.rev+1); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM S_REPLY_TBL WHERE ROOMID=? AND REPLY IN "+marks(1, len(ids)-1), ids...)
	return err
}

// unfind lets nothing in the search index speak of messages from first to last. A block of which nothing is left
// keeps a row that says so: without one, a search and every sweep would look again.
func (s *Store) unfind(ctx context.Context, tx *sql.Tx, room protocol.RoomID, first, last protocol.Seq, from, to string) error {
	for b := blockOf(room, first); b.first() <= int64(last); b.n++ {
		if b.last() > int64(last) {
			return s.reindex(ctx, tx, room, last)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO S_FIND_TBL (ROOMID, BLOCK, UPTO, FIRSTDT, LASTDT, SIGNS) VALUES (?,?,?,?,?,?)"+
			s.d.upsert("ROOMID, BLOCK", "UPTO", "FIRSTDT", "LASTDT", "SIGNS"), string(room), b.n, b.last(), from, to, []byte(signsOf(nil))); err != nil {
			return err
		}
	}
	return nil
}
