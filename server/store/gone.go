package store

import (
	"context"
	"database/sql"
	"slices"

	"sendjay/shared/protocol"
)

// membersGone marks members whose accounts are closed, and counts them in their rooms: they stay members, for the
// account may be opened again, but nobody waits for them to read.
func (m *migrator) membersGone(ctx context.Context) error {
	for _, c := range []struct{ table, column, is string }{
		{"A_ROOMDTL_TBL", "GONE", "CHAR(1) NOT NULL DEFAULT ''"},
		{"A_ROOMMST_TBL", "GONECNT", "INTEGER NOT NULL DEFAULT 0"},
	} {
		have, err := m.s.d.columns(ctx, m.q, c.table)
		if err == nil && !have[c.column] {
			err = m.exec(ctx, "ALTER TABLE "+c.table+" ADD COLUMN "+c.column+" "+c.is)
		}
		if err != nil {
			return err
		}
	}
	if err := m.exec(ctx, "UPDATE A_ROOMDTL_TBL SET GONE='Y' WHERE USERID IN (SELECT USER_ID FROM Z_USER_TBL WHERE ACTIVE='N')"); err != nil {
		return err
	}
	return m.exec(ctx, "UPDATE A_ROOMMST_TBL SET GONECNT="+countGone+" WHERE ROOMID IN (SELECT ROOMID FROM A_ROOMDTL_TBL WHERE GONE='Y')")
}

// goneSQL reads the mark as a truth.
const goneSQL = "GONE='Y'"

const countGone = "(SELECT COUNT(*) FROM A_ROOMDTL_TBL D WHERE D.ROOMID=A_ROOMMST_TBL.ROOMID AND D.STATE='' AND D.GONE='Y')"

// Stood is a room of which members' accounts were closed, or opened again.
type Stood struct {
	Room protocol.RoomID
	Rev  protocol.Rev
	// Members are those whom it is about, Count is how many there are.
	Members []protocol.Member
	Count   int
}

// outcome is what members of rooms are told once the closing or opening of accounts is on disk.
type outcome struct {
	stood  []Stood
	passed []WideChanged
}

// Stood lets then hear of every room in which somebody is gone now, or back, in commit order. It is set before the
// store is used.
func (s *Store) Stood(then func(Stood)) { s.stood = then }

// tell says what became of the rooms, in the order of their revs.
func (s *Store) tell(o *outcome) {
	if s.stood != nil {
		for _, r := range o.stood {
			s.stood(r)
		}
	}
	if s.passed != nil {
		for _, w := range o.passed {
			s.passed(w)
		}
	}
}

// stand marks people as gone, or as back, in all their rooms, unless they are marked so. Each of those has one change more, so that whoever
// holds a copy of it asks; out is who is to be told at once.
func (s *Store) stand(ctx context.Context, tx *sql.Tx, people []protocol.UserID, gone bool, out *outcome) error {
	mark := ""
	if gone {
		mark = "Y"
	}
	for part := range slices.Chunk(people, rowsAtOnce) {
		ids := make([]any, len(part))
		for i, id := range part {
			ids[i] = string(id)
		}
		found, err := list[string](ctx, tx, "SELECT DISTINCT USERID FROM A_ROOMDTL_TBL WHERE USERID IN "+marks(1, len(ids))+" AND GONE<>?", append(ids, mark)...)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			continue
		}
		args := make([]any, len(found))
		for i, id := range found {
			args[i] = id
		}
		these := " WHERE USERID IN " + marks(1, len(args))
		for _, q := range []struct {
			text string
			args []any
		}{
			{"UPDATE A_ROOMDTL_TBL SET GONE=?" + these, append([]any{mark}, args...)},
			{"UPDATE A_ROOMMST_TBL SET GONECNT=" + countGone + ", REV=REV+1 WHERE ROOMID IN (SELECT ROOMID FROM A_ROOMDTL_TBL" + these + " AND STATE='')", args},
			{"UPDATE A_ROOMDTL_TBL SET REV=(SELECT R.REV FROM A_ROOMMST_TBL R WHERE R.ROOMID=A_ROOMDTL_TBL.ROOMID)" + these + " AND STATE=''", args},
		} {
			if _, err := tx.ExecContext(ctx, q.text, q.args...); err != nil {
				return err
			}
		}
		err = each(ctx, tx, func(r row) error {
			at := Stood{}
			m := protocol.Member{Gone: gone}
			if err := r.Scan(&at.Room, &at.Rev, &at.Count, &m.ID, &m.Name, &m.Read, &m.From); err != nil {
				return err
			}
			if n := len(out.stood); n == 0 || out.stood[n-1].Room != at.Room || out.stood[n-1].Rev != at.Rev {
				out.stood = append(out.stood, at)
			}
			last := &out.stood[len(out.stood)-1]
			last.Members = append(last.Members, m)
			return nil
		}, "SELECT R.ROOMID, R.REV, R.MEMCNT, D.USERID, D.USERNM, D.READSEQ, D.FROMSEQ FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID"+
			" WHERE D.USERID IN "+marks(1, len(args))+" AND D.STATE='' ORDER BY R.ROOMID, D.USERID", args...)
		if err != nil {
			return err
		}
	}
	return nil
}
