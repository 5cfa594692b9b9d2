package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// original.sql holds the tables of the original product, names kept: the database contract.
//
//go:embed original.sql
var original string

// migration is one step. Every step may be run again from its start: MySQL cannot undo a change of tables,
// so a step that was cut off is repeated whole.
type migration struct {
	about string
	run   func(m *migrator, ctx context.Context) error
}

var migrations = []migration{
	{"the original's tables", (*migrator).originalTables},
	{"our columns beside the original's", (*migrator).ourColumns},
	{"our own tables", (*migrator).ourTables},
	{"seq and rev of the messages", (*migrator).numberMessages},
	{"seq and rev of the rooms", (*migrator).numberRooms},
	{"a cursor for each member", (*migrator).cursors},
	{"rows for what a member was not sent", (*migrator).holes},
	{"no rows for what the cursors say", (*migrator).superfluous},
	{"same members, same room", (*migrator).sameMembersKeys},
	{"indexes", (*migrator).ourIndexes},
	{"passwords that could be read are no longer kept", (*migrator).passwords},
	{"a count of commits for each server", (*migrator).commits},
	{"signs in the search index", (*migrator).signsIndexed},
	{"quiet hours of the week", (*migrator).quietHours},
	{"rooms pinned by a member, and a count of what he has set up", (*migrator).mineColumns},
	{"a search index of blocks", (*migrator).blocksIndexed},
	{"roles, posts, absences and what was done to accounts", (*migrator).people},
	{"files", (*migrator).files},
	{"columns for edits, mentions, reactions, notices and what one deletes for oneself", (*migrator).talkColumns},
	{"who reacted, and what quotes what", (*migrator).talkTables},
	{"when the members of a room last changed", (*migrator).membersAt},
	{"cards of links", (*migrator).previews},
	{"what is unread, counted in an index", (*migrator).unreadIndexed},
	{"by which way somebody signed in", (*migrator).signInWay},
	{"when somebody changed what is his alone", (*migrator).ownAt},
	{"what changed after it was sent, in an index of its own", (*migrator).changedIndexed},
	{"settings as long as a notice in two languages, and who came and went", (*migrator).comings},
	{"names of files in the search index", (*migrator).namesIndexed},
	{"who delivered which data set", (*migrator).feedSets},
	{"the members of a room in the order of their names", (*migrator).membersOrdered},
	{"what colleagues see of each other, in an index of its own", (*migrator).directoryIndexed},
	{"mail addresses in what is delivered", (*migrator).feedMail},
	{"further posts in what is delivered", (*migrator).feedPosts},
	{"after how long somebody counts as idle", (*migrator).awayAfter},
	{"which messages show a card", (*migrator).shownBy},
	{"urgent messages", (*migrator).urgent},
	{"members whose accounts are closed", (*migrator).membersGone},
}

// ErrNewer says that the database was written by a newer server.
var ErrNewer = errors.New("the database was made by a newer version of sendjay-server")

func (m *migrator) originalTables(ctx context.Context) error {
	if m.s.d.name() == "mysql" {
		if err := m.upperCase(ctx); err != nil {
			return err
		}
	}
	for _, statement := range statements(original) {
		table := tableOf.FindStringSubmatch(statement)
		if table == nil {
			return fmt.Errorf("original.sql: %q", statement)
		}
		if index := indexOf.FindStringSubmatch(statement); index != nil {
			have, err := m.s.d.indexes(ctx, m.q, table[1])
			if err == nil && !have[index[1]] {
				err = m.exec(ctx, m.s.d.ddl(statement))
			}
			if err != nil {
				return err
			}
			continue
		}
		cols, err := m.s.d.columns(ctx, m.q, table[1])
		if err != nil {
			return err
		}
		if len(cols) > 0 {
			continue
		}
		if err := m.exec(ctx, m.s.d.ddl(statement)); err != nil {
			return err
		}
	}
	return nil
}

var (
	tableOf = regexp.MustCompile(`(?:CREATE TABLE|ON) ([A-Z_]+_TBL)`)
	indexOf = regexp.MustCompile(`CREATE (?:UNIQUE )?INDEX ([A-Z_0-9]+)`)
)

func statements(script string) []string {
	var out []string
	var text []string
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "--") && line != "" {
			text = append(text, line)
		}
	}
	for s := range strings.SplitSeq(strings.Join(text, " "), ";") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// upperCase gives tables of an original that ran with lower-case names the names of its DDL.
func (m *migrator) upperCase(ctx context.Context) error {
	var folded int
	if err := m.q.QueryRowContext(ctx, "SELECT @@lower_case_table_names").Scan(&folded); err != nil || folded != 0 {
		return err // here one name is as good as the other
	}
	have, err := list[string](ctx, m.q, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE()")
	if err != nil {
		return err
	}
	for _, name := range have {
		upper := strings.ToUpper(name)
		if name == upper || !strings.HasSuffix(upper, "_TBL") || slices.Contains(have, upper) {
			continue
		}
		if err := m.exec(ctx, "RENAME TABLE `"+name+"` TO `"+upper+"`"); err != nil {
			return err
		}
	}
	return nil
}

// ourColumns changes each table once: on a large history every change writes the whole table anew.
func (m *migrator) ourColumns(ctx context.Context) error {
	const number = "BIGINT NOT NULL DEFAULT 0"
	for _, t := range []struct {
		table   string
		columns [][2]string
		// widen is for MySQL, where the original's columns are shorter than what they hold.
		widen []string
	}{
		{"Z_ORG_TBL", nil, nil},
		{"Z_INTORG_TBL", nil, nil},
		{"Z_INTUSER_TBL", nil, nil},
		{"A_FILELOG_TBL", nil, nil},
		{"Z_ACTLOG_TBL", nil, nil},
		{"Z_USER_TBL", [][2]string{{"ACTIVE", "CHAR(1) NOT NULL DEFAULT 'Y'"}, {"MUSTCHANGE", "CHAR(1) NOT NULL DEFAULT 'N'"}}, nil},
		{"A_ROOMMST_TBL", [][2]string{{"SEQ", number}, {"REV", number}, {"LASTDT", "CHAR(26) NOT NULL DEFAULT ''"}}, nil},
		{"A_ROOMDTL_TBL", [][2]string{{"READSEQ", number}, {"FROMSEQ", number}, {"REV", number}}, nil},
		{
			"A_ROOMMEM_TBL",
			[][2]string{{"HASH", "CHAR(64) NULL"}},
			[]string{"DROP INDEX A_ROOMMEM_IDX1", "ADD INDEX A_ROOMMEM_IDX1 (MEMBERS(191))", "MODIFY MEMBERS VARCHAR(1000) NOT NULL DEFAULT ''"},
		},
		{"A_MSGMST_TBL", [][2]string{{"SEQ", number}, {"REV", number}, {"BORN", number}}, []string{"MODIFY SENDERNM VARCHAR(50) NOT NULL"}},
		{"A_MSGDTL_TBL", nil, []string{"MODIFY SENDERID VARCHAR(40) NOT NULL", "MODIFY RECEIVERID VARCHAR(40) NOT NULL", "MODIFY RECEIVERNM VARCHAR(50) NOT NULL"}},
	} {
		have, err := m.s.d.columns(ctx, m.q, t.table)
		if err != nil {
			return err
		}
		var changes []string
		for _, c := range t.columns {
			if !have[c[0]] {
				changes = append(changes, "ADD COLUMN "+c[0]+" "+c[1])
			}
		}
		if m.s.d.name() == "sqlite" {
			for _, c := range changes {
				if err := m.exec(ctx, "ALTER TABLE "+t.table+" "+c); err != nil {
					return err
				}
			}
			continue
		}
		var collation string
		if err := m.q.QueryRowContext(ctx, "SELECT TABLE_COLLATION FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=?", t.table).Scan(&collation); err != nil {
			return err
		}
		changes = append(changes, t.widen...)
		if collation != "utf8mb4_bin" {
			// Ids are case-sensitive, and emoji need four bytes.
			changes = append(changes, "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
		}
		if t.table == "A_MSGMST_TBL" && !have["ORD"] {
			// InnoDB stores rows by primary key: in order of arrival is what inserts like.
			changes = append(changes, "ADD COLUMN ORD BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY")
		}
		if len(changes) == 0 {
			continue
		}
		if err := m.exec(ctx, "ALTER TABLE "+t.table+" "+strings.Join(changes, ", ")); err != nil {
			return err
		}
	}
	return nil
}

func (m *migrator) ourTables(ctx context.Context) error {
	for _, t := range []string{
		`S_KEY_TBL (KEYID VARCHAR(40) NOT NULL PRIMARY KEY, SECRET VARBINARY(64) NOT NULL, ATMS BIGINT NOT NULL)`,
		`S_SIGNIN_TBL (SIGNINID VARCHAR(40) NOT NULL PRIMARY KEY, USER_ID VARCHAR(20) NOT NULL, DEVICE VARCHAR(10) NOT NULL,
 HASH VARBINARY(64) NOT NULL, PREVHASH VARBINARY(64) NOT NULL, ATTEMPT VARCHAR(64) NOT NULL DEFAULT '', COUNTER BIGINT NOT NULL DEFAULT 0,
 AGENT VARCHAR(200) NOT NULL DEFAULT '', ADDRESS VARCHAR(64) NOT NULL DEFAULT '', ATMS BIGINT NOT NULL, USEDMS BIGINT NOT NULL, EXPIRESMS BIGINT NOT NULL,
 REVOKED CHAR(1) NOT NULL DEFAULT 'N')`,
		`S_SETTING_TBL (NAME VARCHAR(40) NOT NULL PRIMARY KEY, VALUE VARCHAR(1000) NOT NULL)`,
		`S_WORD_TBL (WORD VARCHAR(16) NOT NULL, ROOMID VARCHAR(40) NOT NULL, SEQ BIGINT NOT NULL, PRIMARY KEY (WORD, ROOMID, SEQ))`,
	} {
		statement := "CREATE TABLE IF NOT EXISTS " + t
		if m.s.d.name() == "sqlite" && strings.HasPrefix(t, "S_WORD_TBL") {
			statement += " WITHOUT ROWID"
		}
		if err := m.exec(ctx, m.s.d.ddl(statement)); err != nil {
			return err
		}
	}
	return nil
}

func (m *migrator) commits(ctx context.Context) error {
	return m.exec(ctx, m.s.d.ddl("CREATE TABLE IF NOT EXISTS S_COMMIT_TBL (NODE VARCHAR(40) NOT NULL PRIMARY KEY, COMMITS BIGINT NOT NULL, ATMS BIGINT NOT NULL)"))
}

// signsIndexed lets the index begin anew: it once passed over what is neither letter nor digit. What it
// holds stays and is added to, so that words are found meanwhile.
func (m *migrator) signsIndexed(ctx context.Context) error {
	_, err := m.q.ExecContext(ctx, "DELETE FROM S_SETTING_TBL WHERE NAME='search.indexed'")
	return err
}

// blocksIndexed replaces the index that had a row for each pair of characters. What the new one does not
// hold yet is found all the same.
func (m *migrator) blocksIndexed(ctx context.Context) error {
	for _, statement := range []string{
		"DELETE FROM S_SETTING_TBL WHERE NAME='search.indexed'",
		"DROP TABLE IF EXISTS S_WORD_TBL",
		m.s.d.ddl(`CREATE TABLE IF NOT EXISTS S_FIND_TBL (ROOMID VARCHAR(40) NOT NULL, BLOCK BIGINT NOT NULL, UPTO BIGINT NOT NULL,
 FIRSTDT CHAR(26) NOT NULL, LASTDT CHAR(26) NOT NULL, SIGNS BLOB NOT NULL, PRIMARY KEY (ROOMID, BLOCK))`),
	} {
		if err := m.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (m *migrator) ourIndexes(ctx context.Context) error {
	for _, x := range []struct{ table, name, drop, on string }{
		{"A_MSGMST_TBL", "A_MSGMST_IDX1", "drop", ""}, // (ROOMID, TYP, CDT): paging goes by seq now
		{"A_MSGMST_TBL", "A_MSGMST_IDX2", "drop", ""}, // (ROOMID, CDT, SENDERID)
		{"A_MSGMST_TBL", "A_MSGMST_IDX4", "drop", ""}, // (STATE, CDT)
		{"A_MSGMST_TBL", "A_MSGMST_IDX3", "drop", ""}, // (TYP, FILESTATE)
		{"A_MSGDTL_TBL", "A_MSGDTL_IDX2", "drop", ""},
		{"A_MSGDTL_TBL", "A_MSGDTL_IDX4", "drop", ""},
		{"A_MSGMST_TBL", "A_MSGMST_SEQ", "", "UNIQUE INDEX A_MSGMST_SEQ ON A_MSGMST_TBL (ROOMID, SEQ)"},
		{"A_MSGMST_TBL", "A_MSGMST_REV", "", "INDEX A_MSGMST_REV ON A_MSGMST_TBL (ROOMID, REV)"},
		{"A_ROOMDTL_TBL", "A_ROOMDTL_USER", "", "INDEX A_ROOMDTL_USER ON A_ROOMDTL_TBL (USERID, STATE)"},
		{"A_ROOMMEM_TBL", "A_ROOMMEM_HASH", "", "UNIQUE INDEX A_ROOMMEM_HASH ON A_ROOMMEM_TBL (HASH)"},
		{"S_SIGNIN_TBL", "S_SIGNIN_USER", "", "INDEX S_SIGNIN_USER ON S_SIGNIN_TBL (USER_ID)"},
	} {
		have, err := m.s.d.indexes(ctx, m.q, x.table)
		if err != nil {
			return err
		}
		switch {
		case x.drop != "" && have[x.name]:
			err = m.exec(ctx, m.s.d.dropIndex(x.table, x.name))
		case x.drop == "" && !have[x.name]:
			err = m.exec(ctx, "CREATE "+x.on)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unreadIndexed lets SQLite count what is unread in the index by seq alone, without a look at every message.
// A second index would cost each message more than a tenth of its time, so it takes the place of the unique
// one: there the committer alone gives the numbers. With several servers on one database that stays.
func (m *migrator) unreadIndexed(ctx context.Context) error {
	if m.s.d.name() != "sqlite" {
		return nil
	}
	have, err := m.s.d.indexes(ctx, m.q, "A_MSGMST_TBL")
	if err == nil && !have["A_MSGMST_UNREAD"] {
		err = m.exec(ctx, "CREATE INDEX A_MSGMST_UNREAD ON A_MSGMST_TBL (ROOMID, SEQ, SENDERID, STATE2, TYP)")
	}
	if err == nil && have["A_MSGMST_SEQ"] {
		err = m.exec(ctx, m.s.d.dropIndex("A_MSGMST_TBL", "A_MSGMST_SEQ"))
	}
	return err
}

// passwords converts or empties what the original encrypted so that it could be read back.
func (m *migrator) passwords(ctx context.Context) error {
	type account struct{ id, pwd string }
	var rows []account
	if err := each(ctx, m.q, func(r row) error {
		var x account
		err := r.Scan(&x.id, &x.pwd)
		rows = append(rows, x)
		return err
	}, "SELECT USER_ID, PWD FROM Z_USER_TBL WHERE PWD<>'' AND PWD NOT LIKE '$argon2id$%'"); err != nil {
		return err
	}
	for _, x := range rows {
		hash := ""
		if m.legacy != nil {
			hash = m.legacy(x.pwd)
		}
		if _, err := m.q.ExecContext(ctx, "UPDATE Z_USER_TBL SET PWD=? WHERE USER_ID=?", hash, x.id); err != nil {
			return err
		}
	}
	return nil
}
