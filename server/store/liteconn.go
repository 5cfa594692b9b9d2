package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
)

// statementsKept is how many prepared statements a connection keeps. Lists of varying length make a text
// each, so the one unused for longest goes.
const statementsKept = 100

// liteConnector opens connections to SQLite that keep what they have prepared: preparing costs more than
// most of our statements take.
type liteConnector struct {
	driver.Connector
	// minds is set for the connection of the committer, which keeps rooms in mind.
	minds bool
	// through lets a test stand before every statement.
	through func(query string) error
}

// sqliteConn is what the driver's connections can do; a wrapper has to hand on all of it.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

func (l liteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := l.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	all, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver gave a %T", c), c.Close())
	}
	lc := &liteConn{sqliteConn: all, kept: map[string]*liteStmt{}, through: l.through}
	if l.minds {
		lc.heads = newHeads()
	}
	return lc, nil
}

// liteConn is one connection. As with any of database/sql, one goroutine at a time uses it.
type liteConn struct {
	sqliteConn
	kept  map[string]*liteStmt
	turn  int64
	heads *heads // nil unless this is the committer's connection
	args  []driver.NamedValue

	through func(query string) error
}

// liteStmt is a prepared statement that is kept.
type liteStmt struct {
	driver.Stmt
	run interface {
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	touch touch
	used  int64
	busy  bool // its rows are being read
}

// Unwrap lets the driver find its own.
func (c *liteConn) Unwrap() driver.Conn { return c.sqliteConn }

// stmt returns the kept statement for query, preparing it when there is none; nil when query is not one to
// keep or its statement is in use.
func (c *liteConn) stmt(ctx context.Context, query string) (*liteStmt, error) {
	if c.through != nil {
		if err := c.through(query); err != nil {
			return nil, err
		}
	}
	c.turn++
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil, nil
		}
		s.used = c.turn
		return s, nil
	}
	if !keepable(query) {
		return nil, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &liteStmt{Stmt: made, touch: touches(query), used: c.turn}
	var ok bool
	if s.run, ok = made.(interface {
		driver.StmtExecContext
		driver.StmtQueryContext
	}); !ok {
		return nil, errors.Join(fmt.Errorf("the driver gave a %T", made), made.Close())
	}
	if len(c.kept) >= statementsKept {
		c.forgetOne()
	}
	c.kept[query] = s
	return s, nil
}

// keepable reports whether query is worth keeping and means the same every time: some pragmas act while
// they are prepared.
func keepable(query string) bool {
	switch verb, _, _ := strings.Cut(query, " "); verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE", "ROLLBACK":
		return true
	}
	return query == dataVersion
}

// forgetOne closes the statement unused for longest.
func (c *liteConn) forgetOne() {
	oldest := ""
	for query, s := range c.kept {
		if !s.busy && (oldest == "" || s.used < c.kept[oldest].used) {
			oldest = query
		}
	}
	if oldest != "" {
		_ = c.kept[oldest].Close() // an error would be that of its last run, which was told
		delete(c.kept, oldest)
	}
}

// ExecContext runs query, and lets go of the rooms that it changes.
func (c *liteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	if c.heads != nil {
		if s != nil {
			c.heads.forget(s.touch, args)
		} else {
			c.heads.forget(touches(query), args)
		}
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.run.ExecContext(ctx, args)
}

// QueryContext runs query. A statement that returns rows may change some as well.
func (c *liteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	if c.heads != nil {
		if s != nil {
			c.heads.forget(s.touch, args)
		} else {
			c.heads.forget(touches(query), args)
		}
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.run.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &liteRows{rows, s}, nil
}

// liteRows gives its statement back when it is closed.
type liteRows struct {
	driver.Rows
	s *liteStmt
}

func (r *liteRows) Close() error {
	r.s.busy = false
	return r.Rows.Close()
}

// Close ends the connection and what it has kept.
func (c *liteConn) Close() error {
	for query, s := range c.kept {
		_ = s.Close() // the connection goes anyway
		delete(c.kept, query)
	}
	return c.sqliteConn.Close()
}

// values makes arguments of v, in a slice that the next call uses again.
func (c *liteConn) values(v ...any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, x := range v {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: x})
	}
	return c.args
}

// errInUse is what must not be: a statement of the committer's own is done with before it is run again.
var errInUse = errors.New("the statement is in use")

// exec runs a statement of the committer's own, which knows what it means for the rooms in mind.
func (c *liteConn) exec(ctx context.Context, query string, args ...any) error {
	s, err := c.stmt(ctx, query)
	if s == nil {
		return cmp.Or(err, errInUse)
	}
	_, err = s.run.ExecContext(ctx, c.values(args...))
	return err
}

// row reads one row into dest; false when there is none.
func (c *liteConn) row(ctx context.Context, dest []driver.Value, query string, args ...any) (bool, error) {
	s, err := c.stmt(ctx, query)
	if s == nil {
		return false, cmp.Or(err, errInUse)
	}
	rows, err := s.run.QueryContext(ctx, c.values(args...))
	if err != nil {
		return false, err
	}
	err = rows.Next(dest)
	found := err == nil
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return found, errors.Join(err, rows.Close())
}
