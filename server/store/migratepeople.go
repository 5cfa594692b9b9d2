package store

import (
	"context"
	"database/sql"
)

// people adds what the organisation, profiles and administration keep. A picture of the original has version 0.
// Whoever was an administrator of the original had every right.
func (m *migrator) people(ctx context.Context) error {
	have, err := m.s.d.columns(ctx, m.q, "Z_USER_TBL")
	if err != nil {
		return err
	}
	for _, c := range [][2]string{
		{"ROLE", "VARCHAR(10) NOT NULL DEFAULT ''"},
		{"MAIL", "VARCHAR(100) NOT NULL DEFAULT ''"},
		{"ABFROM", "VARCHAR(10) NOT NULL DEFAULT ''"},
		{"ABTO", "VARCHAR(10) NOT NULL DEFAULT ''"},
		{"ABOWN", "CHAR(1) NOT NULL DEFAULT 'N'"},
		{"PICVER", "VARCHAR(40) NOT NULL DEFAULT ''"},
		{"PREFS", "VARCHAR(1000) NOT NULL DEFAULT ''"},
		{"WRONG", "INTEGER NOT NULL DEFAULT 0"},
	} {
		if have[c[0]] {
			continue
		}
		if err := m.exec(ctx, "ALTER TABLE Z_USER_TBL ADD COLUMN "+c[0]+" "+c[1]); err != nil {
			return err
		}
	}
	for _, t := range []string{
		`S_POST_TBL (USER_ID VARCHAR(20) NOT NULL, ORG_CD VARCHAR(20) NOT NULL, JOB VARCHAR(50) NOT NULL DEFAULT '', PRIMARY KEY (USER_ID, ORG_CD))`,
		`S_FAVOURITE_TBL (USER_ID VARCHAR(20) NOT NULL, PERSON VARCHAR(20) NOT NULL, ATMS BIGINT NOT NULL, PRIMARY KEY (USER_ID, PERSON))`,
		`S_COUNTER_TBL (NAME VARCHAR(40) NOT NULL PRIMARY KEY, N BIGINT NOT NULL)`,
		`S_AUDIT_TBL (N BIGINT NOT NULL PRIMARY KEY, ATMS BIGINT NOT NULL, WHO VARCHAR(40) NOT NULL, ADDRESS VARCHAR(64) NOT NULL DEFAULT '', ACT VARCHAR(40) NOT NULL,
 TARGET VARCHAR(100) NOT NULL DEFAULT '', ABOUT VARCHAR(2000) NOT NULL DEFAULT '', HASH CHAR(64) NOT NULL)`,
		`S_FACTOR_TBL (USER_ID VARCHAR(20) NOT NULL PRIMARY KEY, SECRET VARCHAR(100) NOT NULL, CODES VARCHAR(1000) NOT NULL DEFAULT '', LIVE CHAR(1) NOT NULL DEFAULT 'N', LASTSTEP BIGINT NOT NULL DEFAULT 0)`,
		`S_TICKET_TBL (TICKET CHAR(64) NOT NULL PRIMARY KEY, EXPIRESMS BIGINT NOT NULL)`,
		`S_FEEDKEY_TBL (ID VARCHAR(40) NOT NULL PRIMARY KEY, NAME VARCHAR(100) NOT NULL, HASH CHAR(64) NOT NULL, NETS VARCHAR(1000) NOT NULL DEFAULT '', ATMS BIGINT NOT NULL, USEDMS BIGINT NOT NULL DEFAULT 0)`,
		`S_APPLY_TBL (ID VARCHAR(40) NOT NULL PRIMARY KEY, DTKEY CHAR(14) NOT NULL, ATMS BIGINT NOT NULL, WHO VARCHAR(40) NOT NULL, ABOUT VARCHAR(1000) NOT NULL DEFAULT '', BEFOREIT LONGBLOB, UNDONE CHAR(1) NOT NULL DEFAULT 'N')`,
	} {
		if err := m.exec(ctx, m.s.d.ddl("CREATE TABLE IF NOT EXISTS "+t)); err != nil {
			return err
		}
	}
	if _, err := m.q.ExecContext(ctx, "UPDATE Z_USER_TBL SET ROLE='owner' WHERE ID_KIND='A' AND ROLE=''"); err != nil {
		return err
	}
	_, err = m.q.ExecContext(ctx, "UPDATE Z_USER_TBL SET PICVER='0' WHERE PICVER='' AND LENGTH(PICTURE)>0")
	return err
}

// feedMail lets a delivered set say mail addresses, which the original's had no column for.
func (m *migrator) feedMail(ctx context.Context) error {
	have, err := m.s.d.columns(ctx, m.q, "Z_INTUSER_TBL")
	if err != nil || have["MAIL"] {
		return err
	}
	return m.exec(ctx, "ALTER TABLE Z_INTUSER_TBL ADD COLUMN MAIL VARCHAR(100) NOT NULL DEFAULT ''")
}

// feedPosts lets it say what somebody is beside his main post.
func (m *migrator) feedPosts(ctx context.Context) error {
	have, err := m.s.d.columns(ctx, m.q, "Z_INTUSER_TBL")
	if err != nil || have["POSTS"] {
		return err
	}
	return m.exec(ctx, "ALTER TABLE Z_INTUSER_TBL ADD COLUMN POSTS VARCHAR(500) NOT NULL DEFAULT ''")
}

// The counters.
const (
	peopleCounter = "people"
	auditCounter  = "audit"
)

// count adds one to a counter and returns it. The row stays locked until the transaction ends.
func (s *Store) count(ctx context.Context, tx *sql.Tx, name string) (int64, error) {
	if _, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO S_COUNTER_TBL (NAME, N) VALUES (?,0)", name); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE S_COUNTER_TBL SET N=N+1 WHERE NAME=?", name); err != nil {
		return 0, err
	}
	var n int64
	err := tx.QueryRowContext(ctx, "SELECT N FROM S_COUNTER_TBL WHERE NAME=?", name).Scan(&n)
	return n, err
}

// peopleChanged tells the directories of all nodes to read anew.
func (s *Store) peopleChanged(ctx context.Context, tx *sql.Tx) error {
	_, err := s.count(ctx, tx, peopleCounter)
	return err
}
