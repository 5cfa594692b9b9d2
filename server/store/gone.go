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

// stand marks people as gone, or as back, in all their rooms, unless they are marked so. Each of those has one change more, so that whoever
// holds a copy of it asks.
func (s *Store) stand(ctx context.Context, tx *sql.Tx, people []protocol.UserID, gone bool) error {
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
	}
	return nil
}
