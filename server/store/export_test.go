package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"sendjay/shared/protocol"
)

// ErrCut is what a migration meets that CutMigration cuts off.
var ErrCut = errors.New("cut off by the test")

// CutMigration lets migrations fail at their n-th statement that changes something, until restore.
func CutMigration(n int) (restore func()) {
	throughMigration = func(q queryer) queryer { return &cut{q, n} }
	return func() { throughMigration = nil }
}

type cut struct {
	queryer
	left int
}

func (c *cut) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if c.left--; c.left < 0 {
		return nil, ErrCut
	}
	return c.queryer.ExecContext(ctx, query, args...)
}

// Exec runs a statement on the connection that writes.
func (s *Store) Exec(ctx context.Context, statement string) error {
	_, err := s.write.ExecContext(ctx, statement)
	return err
}

// Indexed is how many messages the search index holds.
func (s *Store) Indexed(ctx context.Context) (n int) {
	_ = s.read.QueryRowContext(ctx, fmt.Sprintf("SELECT COALESCE(SUM(UPTO-BLOCK*%d),0) FROM S_FIND_TBL", blockSize)).Scan(&n)
	return n
}

// Every test of this package checks after every commit that the committer has nothing false in mind.
func init() { afterCommit = audit }

// SkipAudit leaves that out where time is measured; no store may be open.
func SkipAudit() { afterCommit = nil }

func audit(c *liteConn) {
	through := c.through
	c.through = nil
	defer func() { c.through = through }()
	err := c.exec("SAVEPOINT AUDIT") // all of it from one moment
	if err == nil {
		err = c.heads.current(c)
	}
	for id, mind := range c.heads.rooms {
		if err != nil {
			break
		}
		delete(c.heads.rooms, id)
		var disk *roomState
		if disk, err = c.head(id); err != nil {
			break
		}
		c.heads.kept--
		for user := range mind.cursors {
			err = errors.Join(err, c.cursor(disk, user))
			c.heads.kept--
		}
		if !reflect.DeepEqual(mind, disk) {
			err = fmt.Errorf("in mind is %+v, on disk %+v", mind, disk)
		}
		c.heads.rooms[id] = mind
	}
	kept := 0
	for _, r := range c.heads.rooms {
		kept += 1 + len(r.cursors)
	}
	if kept != c.heads.kept {
		err = errors.Join(err, fmt.Errorf("%d are kept, not %d", kept, c.heads.kept))
	}
	if err = errors.Join(err, c.exec("RELEASE SAVEPOINT AUDIT")); err != nil {
		panic(err)
	}
}

// FailStatements lets statements on SQLite fail for which fails says so, in stores that are opened until restore.
func FailStatements(fails func(query string) bool) (restore func()) {
	throughStatement = func(query string) error {
		if fails(query) {
			return ErrCut
		}
		return nil
	}
	return func() { throughStatement = nil }
}

// InMind is how many rooms the committer keeps in mind; no write may be under way.
func (s *Store) InMind(ctx context.Context) (n int) {
	_ = s.do(ctx, func(context.Context, *sql.Tx) error {
		n = len(s.d.(*lite).conn.heads.rooms)
		return nil
	}, nil)
	return n
}

// Touched names the rooms that query with these arguments is taken to change: nil for none, "*" for all.
func Touched(query string, args ...string) []string {
	h := newHeads()
	named := make([]any, len(args))
	for i, a := range args {
		named[i] = a
		h.rooms[protocol.RoomID(a)] = &roomState{}
	}
	h.rooms["another"] = &roomState{}
	h.forget(touches(query), named)
	if len(h.rooms) == 0 {
		return []string{"*"}
	}
	var out []string
	for _, a := range args {
		if h.rooms[protocol.RoomID(a)] == nil {
			out = append(out, a)
		}
	}
	return out
}
