// Package store keeps everything in a SQL database: SQLite in a file, MySQL or MariaDB.
// It knows SQL, the legacy table names, migrations, seq and rev; it does not know who may do what.
// What a write call has returned is on disk. Writes share commits: one committer takes whatever waits.
//
// On SQLite the committer keeps in mind the rooms it sends to (heads). Whoever adds a write need not care:
// a statement that changes rooms or members lets go of them by itself, and the tests of this package check
// after every commit that nothing false is in mind. A statement that names its room plainly ("WHERE
// ROOMID=?") lets go of that room, any other of all of them, which costs the next sends a look each.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sendjay/shared/protocol"
)

// The errors that callers tell apart.
var (
	ErrNoRoom    = errors.New("no such room")
	ErrNotMember = errors.New("not a member")
	ErrNoMessage = errors.New("no such message")
	ErrNoUser    = errors.New("no such person")
	ErrNoSignIn  = errors.New("no such sign-in")
	ErrTaken     = errors.New("the id is taken")
	ErrTooLate   = errors.New("too late")
	ErrNotSender = errors.New("not the sender")
	ErrNotMaster = errors.New("not the master")
	ErrNoCursor  = errors.New("not a cursor of ours")
	ErrTooMany   = errors.New("too many members")
	// ErrTooManyPinned says that there is no place for another pinned room.
	ErrTooManyPinned = errors.New("too many pinned rooms")
	// ErrTooManyKinds says that a message carries no further kind of emoji.
	ErrTooManyKinds = errors.New("too many kinds of reactions")
	ErrFull         = errors.New("the disk is full")
	ErrUnavailable  = errors.New("the database does not answer")
	ErrClosed       = errors.New("the store is closed")
)

// Config says where the data is. The zero Now is the system clock.
type Config struct {
	// DSN is "sqlite", "" for the same, or mysql://user:password@host:3306/schema.
	DSN string
	// Dir is the folder of the embedded database.
	Dir string
	Log *slog.Logger
	Now func() time.Time
	// LegacyPassword turns a reversibly encrypted password of the original into an argon2id hash,
	// or into "" when it cannot; then it has to be reset. Nil means reset all.
	LegacyPassword func(stored string) string
}

// Store is an open database. Its methods may be called from many goroutines.
type Store struct {
	log   *slog.Logger
	now   func() time.Time
	d     dialect
	write *sql.DB
	read  *sql.DB

	name    string // of this opened store, among those on the same database
	commits int64  // counts the commits; the committer's own
	wary    int    // for how many commits ids are asked for before they are written; the committer's own
	ops     chan *pending
	quit    chan struct{}
	// stopped is closed when the committer has gone.
	stopped chan struct{}
	once    sync.Once
	wg      sync.WaitGroup

	passed func(WideChanged) // set before the first write, nil for nobody
	stood  func(Stood)       // the same

	counts counts
	full   fullness

	unindexed unindexed    // what the search index has yet to take
	sweeps    *sql.DB      // read, for the goroutine that looks for it; tests listen to read meanwhile
	sent      atomic.Int64 // counts what was sent, so that the indexer knows when it is in the way
	sentSeen  atomic.Int64 // that count when the indexer last looked
}

// Open opens the database, brings its tables up to date, and starts the committer.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{log: c.Log, now: c.Now, ops: make(chan *pending, 4096), quit: make(chan struct{}), stopped: make(chan struct{})}
	s.unindexed.wake, s.unindexed.quiet = make(chan struct{}, 1), map[block]time.Time{}
	s.name, s.counts.of = rand.Text(), map[place]counted{}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.connect(ctx, c); err != nil {
		return nil, err
	}
	if err := s.migrate(ctx, c.LegacyPassword); err != nil {
		s.closeAll()
		return nil, s.d.translate(err)
	}
	s.wg.Go(s.commitLoop)
	s.sweeps = s.read
	s.wg.Go(s.indexLoop)
	s.d.background(s)
	return s, nil
}

func (s *Store) closeAll() {
	if s.read != nil && s.read != s.write {
		_ = s.read.Close()
	}
	if s.write != nil {
		_ = s.write.Close()
	}
}

// Close waits for the writes under way and closes the database. It may be called twice.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.quit)
		s.wg.Wait()
		s.d.atClose(s)
		s.closeAll()
	})
	return nil
}

// Empty reports whether there is no person in the database.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT USER_ID FROM Z_USER_TBL LIMIT 1) AS T").Scan(&n)
	return n == 0, s.d.translate(err)
}

// stamp is how the original writes a moment: text of 26 characters, UTC, microseconds.
const stamp = "2006-01-02 15:04:05.000000"

func stampOf(i protocol.Instant) string { return i.Time().Format(stamp) }

// marks returns "(?,?),(?,?)" for rows of width w.
func marks(rows, w int) string {
	one := make([]byte, 0, 2*w+2)
	one = append(one, '(')
	for i := range w {
		if i > 0 {
			one = append(one, ',')
		}
		one = append(one, '?')
	}
	one = append(one, ')')
	out := make([]byte, 0, rows*(len(one)+1))
	for i := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, one...)
	}
	return string(out)
}

// each runs a query and hands every row to scan. It goes around database/sql where SQLite is asked outside of a
// transaction: that makes two values of every column before it is one of ours, and starts a goroutine for
// every query that can be called off, which made up a fifth of what a page of messages costs.
func each(ctx context.Context, q queryer, scan func(row) error, query string, args ...any) error {
	if db, ok := q.(*sql.DB); ok {
		if _, ok := db.Driver().(liteDriver); ok {
			return readLite(ctx, db, scan, query, args)
		}
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// first reads the first row that a query finds into dest; false when there is none.
func first(ctx context.Context, q queryer, dest []any, query string, args ...any) (found bool, err error) {
	err = each(ctx, q, func(r row) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(dest...)
	}, query, args...)
	return found, err
}

// row is what a query has found.
type row interface{ Scan(dest ...any) error }

// queryer is what a database and a transaction have in common.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
