package store

import "context"

// talkColumns adds what editing, reactions, mentions, deleting for oneself and notices need.
func (m *migrator) talkColumns(ctx context.Context) error {
	for _, t := range []struct {
		table   string
		columns [][2]string
	}{
		// REACTS counts the emoji, so that a page without any costs no second look.
		{"A_MSGMST_TBL", [][2]string{
			{"EDITDT", "CHAR(26) NOT NULL DEFAULT ''"},
			{"MENTIONS", "VARCHAR(1100) NOT NULL DEFAULT ''"},
			{"FORWARDED", "CHAR(1) NOT NULL DEFAULT ''"},
			{"REACTS", "INTEGER NOT NULL DEFAULT 0"},
		}},
		{"A_MSGDTL_TBL", [][2]string{{"HIDENO", "BIGINT NOT NULL DEFAULT 0"}}},
		// Where FROMSEQ is CLEARSEQ, the member has deleted all up to there, and came at JOINSEQ.
		{"A_ROOMDTL_TBL", [][2]string{
			{"HIDES", "BIGINT NOT NULL DEFAULT 0"}, {"CLEARSEQ", "BIGINT NOT NULL DEFAULT 0"}, {"JOINSEQ", "BIGINT NOT NULL DEFAULT 0"},
		}},
		{"A_ROOMMST_TBL", [][2]string{
			{"NOTICE", "VARCHAR(40) NOT NULL DEFAULT ''"},
			{"NOTICEBY", "VARCHAR(40) NOT NULL DEFAULT ''"},
			{"NOTICEBYNM", "VARCHAR(50) NOT NULL DEFAULT ''"},
			{"NOTICEDT", "CHAR(26) NOT NULL DEFAULT ''"},
			{"NOTICEREV", "BIGINT NOT NULL DEFAULT 0"},
		}},
	} {
		have, err := m.s.d.columns(ctx, m.q, t.table)
		if err != nil {
			return err
		}
		for _, c := range t.columns {
			if have[c[0]] {
				continue
			}
			if err := m.exec(ctx, "ALTER TABLE "+t.table+" ADD COLUMN "+c[0]+" "+c[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// talkTables adds who reacted to what, and which message quotes which: an edit or a cancel must find them.
func (m *migrator) talkTables(ctx context.Context) error {
	for _, t := range []string{
		`S_REACTION_TBL (ROOMID VARCHAR(40) NOT NULL, MSGID VARCHAR(40) NOT NULL, EMOJI VARCHAR(64) NOT NULL, USERID VARCHAR(40) NOT NULL, ATMS BIGINT NOT NULL,
 PRIMARY KEY (ROOMID, MSGID, EMOJI, USERID))`,
		`S_REPLY_TBL (ROOMID VARCHAR(40) NOT NULL, REPLY VARCHAR(40) NOT NULL, MSGID VARCHAR(40) NOT NULL, PRIMARY KEY (ROOMID, REPLY, MSGID))`,
	} {
		if err := m.exec(ctx, m.s.d.ddl("CREATE TABLE IF NOT EXISTS "+t)); err != nil {
			return err
		}
	}
	return m.exec(ctx, m.s.d.insertIgnore()+" INTO S_REPLY_TBL (ROOMID, REPLY, MSGID) SELECT ROOMID, REPLY, MSGID FROM A_MSGMST_TBL "+
		"WHERE REPLY<>'' AND LENGTH(REPLY)<=40 AND TYP NOT IN ('invite','leave')")
}

// namesIndexed empties the index, which knew nothing of files: it is written anew by and by, and until then everything
// is found all the same.
func (m *migrator) namesIndexed(ctx context.Context) error {
	return m.exec(ctx, "DELETE FROM S_FIND_TBL")
}
