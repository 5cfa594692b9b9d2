package store

import (
	"context"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

// The steps that turn a history of the original into ours. Each gives the same result when it is run
// again, and none runs again once a later one has begun: that one may have removed what it reads.

// numberMessages gives the messages of each room their seq in the order in which the original shows them.
func (m *migrator) numberMessages(ctx context.Context) error {
	const numbered = `(SELECT MSGID, ROOMID, ROW_NUMBER() OVER (PARTITION BY ROOMID ORDER BY CDT, MSGID) AS N FROM A_MSGMST_TBL)`
	statement := "UPDATE A_MSGMST_TBL AS M JOIN " + numbered + " AS T ON T.MSGID=M.MSGID AND T.ROOMID=M.ROOMID SET M.SEQ=T.N, M.REV=T.N+1, M.BORN=T.N+1"
	if m.s.d.name() == "sqlite" {
		statement = "UPDATE A_MSGMST_TBL SET SEQ=T.N, REV=T.N+1, BORN=T.N+1 FROM " + numbered + " AS T WHERE T.MSGID=A_MSGMST_TBL.MSGID AND T.ROOMID=A_MSGMST_TBL.ROOMID"
	}
	if err := m.exec(ctx, statement); err != nil {
		return err
	}
	// The original kept the text of what was taken back.
	return m.exec(ctx, "UPDATE A_MSGMST_TBL SET BODY='', BUFFER=NULL WHERE STATE2='C'")
}

func (m *migrator) numberRooms(ctx context.Context) error {
	if err := m.exec(ctx, `UPDATE A_ROOMMST_TBL SET
 SEQ=(SELECT COALESCE(MAX(M.SEQ),0) FROM A_MSGMST_TBL M WHERE M.ROOMID=A_ROOMMST_TBL.ROOMID),
 LASTDT=(SELECT COALESCE(MAX(M.CDT),'') FROM A_MSGMST_TBL M WHERE M.ROOMID=A_ROOMMST_TBL.ROOMID),
 MEMCNT=(SELECT COUNT(*) FROM A_ROOMDTL_TBL D WHERE D.ROOMID=A_ROOMMST_TBL.ROOMID AND D.STATE=''),
 STATE=(SELECT CASE WHEN COUNT(*)>0 THEN '2' ELSE '' END FROM A_ROOMDTL_TBL D WHERE D.ROOMID=A_ROOMMST_TBL.ROOMID AND D.STATE='2')`); err != nil {
		return err
	}
	return m.exec(ctx, "UPDATE A_ROOMMST_TBL SET REV=SEQ+1")
}

// cursors reads where each member stands from the rows that he was sent: he sees from his first one on,
// and has read up to the first that he has not.
func (m *migrator) cursors(ctx context.Context) error {
	const mine = ` FROM A_MSGDTL_TBL X JOIN A_MSGMST_TBL M ON M.MSGID=X.MSGID AND M.ROOMID=X.ROOMID WHERE X.ROOMID=A_ROOMDTL_TBL.ROOMID AND X.RECEIVERID=A_ROOMDTL_TBL.USERID`
	const end = `(SELECT R.SEQ FROM A_ROOMMST_TBL R WHERE R.ROOMID=A_ROOMDTL_TBL.ROOMID)`
	return m.exec(ctx, "UPDATE A_ROOMDTL_TBL SET REV=1, FROMSEQ=COALESCE((SELECT MIN(M.SEQ)-1"+mine+"), "+end+", 0), "+
		"READSEQ=COALESCE((SELECT MIN(M.SEQ)-1"+mine+" AND X.STATE='' AND X.SENDERID<>X.RECEIVERID), "+end+", 0)")
}

// holes marks as deleted what a member was not sent although he was sent older ones: the original did not
// show it to him either.
func (m *migrator) holes(ctx context.Context) error {
	return m.exec(ctx, m.s.d.insertIgnore()+` INTO A_MSGDTL_TBL (MSGID, ROOMID, SENDERID, RECEIVERID, RECEIVERNM, STATE, CDT, UDT)
 SELECT M.MSGID, M.ROOMID, M.SENDERID, D.USERID, D.USERNM, 'D', M.CDT, M.CDT FROM A_ROOMDTL_TBL D JOIN A_MSGMST_TBL M ON M.ROOMID=D.ROOMID AND M.SEQ>D.FROMSEQ
 WHERE D.STATE='' AND NOT EXISTS (SELECT 1 FROM A_MSGDTL_TBL X WHERE X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=D.USERID)`)
}

// superfluous leaves the rows by which somebody's state departs from his cursor: deleted, or read out of turn.
func (m *migrator) superfluous(ctx context.Context) error {
	if err := m.exec(ctx, "DELETE FROM A_MSGDTL_TBL WHERE STATE=''"); err != nil {
		return err
	}
	return m.exec(ctx, `DELETE FROM A_MSGDTL_TBL WHERE STATE='R' AND NOT EXISTS (SELECT 1 FROM A_ROOMDTL_TBL D, A_MSGMST_TBL M
 WHERE D.ROOMID=A_MSGDTL_TBL.ROOMID AND D.USERID=A_MSGDTL_TBL.RECEIVERID AND D.STATE='' AND M.MSGID=A_MSGDTL_TBL.MSGID AND M.ROOMID=A_MSGDTL_TBL.ROOMID
  AND M.SEQ>D.READSEQ AND M.SENDERID<>D.USERID)`)
}

// sameMembersKeys gives each room of the original the key by which the same people find it: the newest wins.
func (m *migrator) sameMembersKeys(ctx context.Context) error {
	taken, err := list[string](ctx, m.q, "SELECT HASH FROM A_ROOMMEM_TBL WHERE HASH IS NOT NULL")
	if err != nil {
		return err
	}
	seen := make(map[string]bool, len(taken))
	for _, h := range taken {
		seen[h] = true
	}
	var rows []any
	if err := each(ctx, m.q, func(r row) error {
		var room, members string
		if err := r.Scan(&room, &members); err != nil {
			return err
		}
		var ids []protocol.UserID
		for id := range strings.SplitSeq(members, ";") {
			ids = append(ids, protocol.UserID(id))
		}
		slices.Sort(ids)
		if hash, _ := sameMembers(slices.Compact(ids)); hash != nil && !seen[hash.(string)] {
			seen[hash.(string)] = true
			rows = append(rows, room, hash)
		}
		return nil
	}, "SELECT ROOMID, MEMBERS FROM A_ROOMMEM_TBL WHERE HASH IS NULL AND MEMBERS<>'' ORDER BY CDT DESC, ROOMID DESC"); err != nil {
		return err
	}
	for part := range slices.Chunk(rows, 2*500) {
		if _, err := m.q.ExecContext(ctx, "INSERT INTO A_ROOMMEM_TBL (ROOMID, HASH) VALUES "+marks(len(part)/2, 2)+m.s.d.upsert("ROOMID", "HASH"), part...); err != nil {
			return err
		}
	}
	return nil
}
