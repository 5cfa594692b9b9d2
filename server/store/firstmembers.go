package store

import (
	"context"
	"fmt"
)

// firstMembers reads no more of a room's members than it returns: they stand in the order of their names in an
// index, in which each room is looked up by itself. To rank all members of a room of a thousand takes longer than
// all the rest of a page of the list.
func (*lite) firstMembers(rooms, most int) string {
	return "SELECT D.ROOMID, D.USERID, D.USERNM, D.READSEQ, " + joinedAt("D.") + `, D.GONE='Y' FROM A_ROOMMST_TBL R CROSS JOIN A_ROOMDTL_TBL D
 ON D.ROWID IN (SELECT N.ROWID FROM A_ROOMDTL_TBL N WHERE N.ROOMID=R.ROOMID AND N.STATE='' ORDER BY N.USERNM, N.USERID ` +
		fmt.Sprintf("LIMIT %d) WHERE R.ROOMID IN %s", most, marks(1, rooms))
}

// firstMembers ranks them: here a subquery may not have a limit where it would be of use.
func (maria) firstMembers(rooms, most int) string {
	return fmt.Sprintf(`SELECT ROOMID, USERID, USERNM, READSEQ, JOINED, GONE='Y' FROM (
 SELECT ROOMID, USERID, USERNM, READSEQ, %s AS JOINED, GONE, ROW_NUMBER() OVER (PARTITION BY ROOMID ORDER BY USERNM, USERID) AS N
 FROM A_ROOMDTL_TBL WHERE STATE='' AND ROOMID IN %s) T WHERE N<=%d`, joinedAt(""), marks(1, rooms), most)
}

// membersOrdered puts the members of a room in the order of their names, in an index that takes the place of the one
// by room and state. Names and states change seldom, so that reading and sending do not touch it.
func (m *migrator) membersOrdered(ctx context.Context) error {
	have, err := m.s.d.indexes(ctx, m.q, "A_ROOMDTL_TBL")
	if err == nil && !have["A_ROOMDTL_NAMES"] {
		err = m.exec(ctx, "CREATE INDEX A_ROOMDTL_NAMES ON A_ROOMDTL_TBL (ROOMID, STATE, USERNM, USERID)")
	}
	if err == nil && have["A_ROOMDTL_IDX1"] {
		err = m.exec(ctx, m.s.d.dropIndex("A_ROOMDTL_TBL", "A_ROOMDTL_IDX1"))
	}
	return err
}
