package store

import (
	"context"
	"database/sql"
	"errors"
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
	_ = s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT DISTINCT ROOMID, SEQ FROM S_WORD_TBL) T").Scan(&n)
	return n
}
