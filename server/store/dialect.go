package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"sendjay/shared/protocol"
)

// dialect is where SQLite and MySQL differ.
type dialect interface {
	// name is "sqlite" or "mysql".
	name() string
	// lockRows ends a SELECT whose rows are about to be changed.
	lockRows() string
	// upsert ends a multi-row INSERT that overwrites cols of rows with the same key.
	upsert(key string, cols ...string) string
	// loadTalk finds what the ops need to know, and keeps it from changing until the transaction ends.
	loadTalk(ctx context.Context, s *Store, tx *sql.Tx, t *talking, all []op) error
	// saveTalk writes what came of them.
	saveTalk(ctx context.Context, s *Store, tx *sql.Tx, t *talking) error
	// changed is what to put behind FROM, as M, for up to limit messages of room behind the seq from whose rev
	// is above after and at most upto, those that changed first first; args are its parameters.
	changed(ctx context.Context, tx *sql.Tx, room protocol.RoomID, from protocol.Seq, after, upto protocol.Rev, limit int) (sql string, args []any, err error)
	// count is the query for how many of the messages of each part are unread by somebody who has read none.
	count(parts []stretch, user protocol.UserID) (query string, args []any)
	// firstMembers is the query for the first most members, in name order, of each of so many rooms.
	firstMembers(rooms, most int) string
	// inOrder joins two tables and reads the left one first, whatever the planner thinks.
	inOrder() string
	// sized is the query for the name of the database and how many bytes it takes.
	sized() string
	// nowMS is the database's clock, in milliseconds.
	nowMS() string
	// insertIgnore starts an INSERT that passes over rows whose key is taken.
	insertIgnore() string
	// translate turns a driver's error into one of ours where we have one.
	translate(err error) error
	// again reports whether the same transaction may succeed when tried once more.
	again(err error) bool
	// room is nil while more can be written.
	room() error
	columns(ctx context.Context, q queryer, table string) (map[string]bool, error)
	indexes(ctx context.Context, q queryer, table string) (map[string]bool, error)
	dropIndex(table, index string) string
	// ddl turns a statement of the original into this dialect.
	ddl(statement string) string
	// lockSchema keeps other processes from migrating at the same time.
	lockSchema(ctx context.Context, c *sql.Conn) (unlock func(), err error)
	// begin starts a transaction of the committer. Once it has ended, end gives up what it held, and what
	// is remembered of it when it failed.
	begin(s *Store) (ctx context.Context, tx *sql.Tx, end func(well bool), err error)
	// snapshot is how a reading transaction sees one moment.
	snapshot() *sql.TxOptions
	// background starts what the database needs beside the commits.
	background(s *Store)
	atClose(s *Store)
	// grown is told after every commit.
	grown(s *Store, rows int)
	// countCommit leaves in the transaction how many commits this store has made.
	countCommit(ctx context.Context, tx *sql.Tx, s *Store, n int64) error
	// committed reports whether commit n, whose answer was lost, has happened.
	committed(s *Store, n int64) (bool, error)
}

func (s *Store) connect(ctx context.Context, c Config) error {
	switch {
	case c.DSN == "" || c.DSN == "sqlite":
		return s.openSQLite(ctx, c.Dir)
	case strings.HasPrefix(c.DSN, "mysql://"):
		return s.openMySQL(ctx, c.DSN)
	}
	scheme := c.DSN
	if u, err := url.Parse(c.DSN); err == nil && u.Scheme != "" {
		scheme = u.Scheme
	}
	return fmt.Errorf("unknown database %q: want sqlite or mysql://user:password@host:3306/schema", scheme)
}
