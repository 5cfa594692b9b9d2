package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"sendjay/server/store/sqlite"
)

// The write-ahead log is copied back into the database once this many writes were made, from a connection
// of its own, off the commit path: syncing what 2,000 writes have changed held the next commits up for 130
// ms (p99 at 340 messages a second), 250 for 12. Where so many wait that they fill whole bunches, they wait
// longer than that anyway; then the steps are larger, and pages that change again and again are copied less.
//
// While commits go on, copying never reaches the end of the log, and the log never begins anew. So from
// walFrames on the committer itself copies the rest, of which there is little.
const (
	checkpointRows  = 250
	checkpointBunch = 16
	walFrames       = 8192 // 32 MB
)

// lite is SQLite. One connection writes, several read.
type lite struct {
	path   string
	side   *sql.DB
	wake   chan struct{}
	behind int          // writes since the last copying; the committer's own
	frames atomic.Int64 // of the log, when it was last copied and not to the end
	conn   *liteConn    // of the transaction under way; the committer's own
}

// throughStatement lets a test stand before every statement of the stores that are opened meanwhile.
var throughStatement func(query string) error

func (s *Store) openSQLite(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be made: %w", err)
	}
	leftProbes(dir)
	file, err := os.CreateTemp(dir, probe+"*")
	if err != nil {
		return fmt.Errorf("the data folder %s cannot be written: %w", dir, err)
	}
	_ = file.Close()
	_ = os.Remove(file.Name())
	sqlite.Sync()
	d := &lite{path: filepath.Join(dir, "sendjay.db"), wake: make(chan struct{}, 1)}
	s.d = d
	open := func(max int, minds bool, pragmas ...string) *sql.DB {
		pragmas = append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(0)", "temp_store(MEMORY)"}, pragmas...)
		db := sql.OpenDB(&liteConnector{d.path, pragmas, minds, throughStatement})
		db.SetMaxOpenConns(max)
		db.SetMaxIdleConns(max)
		return db
	}
	s.write = open(1, true, "cache_size(-8000)")
	s.read = open(4, false, "query_only(1)", "cache_size(-2000)")
	d.side = open(1, false)
	if err := s.write.PingContext(ctx); err != nil {
		s.closeAll()
		return fmt.Errorf("the database %s cannot be opened: %w", d.path, d.translate(err))
	}
	return nil
}

func (*lite) name() string     { return "sqlite" }
func (*lite) lockRows() string { return "" }
func (*lite) nowMS() string    { return "CAST((julianday('now')-2440587.5)*86400000 AS INTEGER)" }

func (*lite) insertIgnore() string { return "INSERT OR IGNORE" }

func (*lite) inOrder() string { return " CROSS JOIN " }

func (*lite) upsert(key string, cols ...string) string {
	set := make([]string, len(cols))
	for i, c := range cols {
		set[i] = c + "=excluded." + c
	}
	return " ON CONFLICT(" + key + ") DO UPDATE SET " + strings.Join(set, ",")
}

func (*lite) translate(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.SQLITE_IOERR:
		if e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func (*lite) again(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_BUSY)
}

func (*lite) columns(ctx context.Context, q queryer, table string) (map[string]bool, error) {
	return names(ctx, q, "SELECT name FROM pragma_table_info(?)", table)
}

func (*lite) indexes(ctx context.Context, q queryer, table string) (map[string]bool, error) {
	return names(ctx, q, "SELECT name FROM pragma_index_list(?)", table)
}

func (*lite) dropIndex(_, index string) string { return "DROP INDEX " + index }

func (*lite) ddl(statement string) string {
	// Named, the number of a row survives a VACUUM.
	statement = strings.Replace(statement, "CREATE TABLE A_MSGMST_TBL ( ", "CREATE TABLE A_MSGMST_TBL ( ORD INTEGER PRIMARY KEY, ", 1)
	return strings.NewReplacer("SMALLINT UNSIGNED", "INTEGER", "LONGBLOB", "BLOB", "longblob", "BLOB",
		"BIGINT AUTO_INCREMENT PRIMARY KEY", "INTEGER PRIMARY KEY", "VARBINARY(64)", "BLOB").Replace(statement)
}

// lockSchema needs nothing: a migration runs in one immediate transaction.
func (*lite) lockSchema(context.Context, *sql.Conn) (func(), error) { return func() {}, nil }

func (d *lite) background(s *Store) {
	s.wg.Go(func() {
		for {
			select {
			case <-s.quit:
				return
			case <-d.wake:
				d.checkpoint()
			}
		}
	})
}

// checkpoint copies what of the log no reader needs any more.
func (d *lite) checkpoint() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var busy, frames, copied int64
	if d.side.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &frames, &copied) != nil || frames == copied {
		frames = 0
	}
	d.frames.Store(frames)
}

// No line can be lost between a commit and its answer here: what SQLite refuses has not happened.
func (*lite) countCommit(context.Context, *sql.Tx, *Store, int64) error { return nil }
func (*lite) committed(*Store, int64) (bool, error)                     { return false, nil }

func (d *lite) grown(_ *Store, rows int) {
	if d.behind += rows; d.behind < max(checkpointRows, checkpointBunch*rows) {
		return
	}
	d.behind = 0
	if d.frames.Load() > walFrames {
		d.checkpoint()
		return
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// atClose does not truncate: another process may be writing. The last one to close removes the log.
func (d *lite) atClose(*Store) {
	d.checkpoint()
	_ = d.side.Close()
}

func names(ctx context.Context, q queryer, query string, args ...any) (map[string]bool, error) {
	out := map[string]bool{}
	err := each(ctx, q, func(r row) error {
		var n string
		if err := r.Scan(&n); err != nil {
			return err
		}
		out[strings.ToUpper(n)] = true
		return nil
	}, query, args...)
	return out, err
}

// snapshot reads from the write-ahead log as it stands at the first read; "immediate" would wait for writers.
func (*lite) snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }
