package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// migrator runs the steps that a database has not seen yet.
type migrator struct {
	s      *Store
	q      queryer
	legacy func(string) string
}

func (m *migrator) exec(ctx context.Context, statement string) error {
	if _, err := m.q.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%w (in %.60s…)", err, statement)
	}
	return nil
}

// throughMigration lets a test stand between the steps and the database.
var throughMigration func(queryer) queryer

// migrate brings the tables up to date. Only one process at a time does so; the others wait for it.
func (s *Store) migrate(ctx context.Context, legacy func(string) string) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	unlock, err := s.d.lockSchema(ctx, conn)
	if err != nil {
		return err
	}
	defer unlock()
	if s.d.name() == "mysql" {
		return s.migrateOn(ctx, conn, legacy)
	}
	var version int
	if err := conn.QueryRowContext(ctx, "SELECT VERSION FROM S_SCHEMA_TBL").Scan(&version); err == nil && version == len(migrations) {
		return nil
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if err := s.migrateOn(ctx, tx, legacy); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *Store) migrateOn(ctx context.Context, q queryer, legacy func(string) string) error {
	if _, err := q.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS S_SCHEMA_TBL (VERSION INTEGER NOT NULL)"); err != nil {
		return err
	}
	var version int
	err := q.QueryRowContext(ctx, "SELECT VERSION FROM S_SCHEMA_TBL").Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = q.ExecContext(ctx, "INSERT INTO S_SCHEMA_TBL (VERSION) VALUES (0)")
	}
	if err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("%w (tables %d, this version knows %d)", ErrNewer, version, len(migrations))
	}
	if throughMigration != nil {
		q = throughMigration(q)
	}
	m := &migrator{s: s, q: q, legacy: legacy}
	for i := version; i < len(migrations); i++ {
		s.log.Info("changing the tables", "step", i+1, "about", migrations[i].about)
		if err := migrations[i].run(m, ctx); err != nil {
			return fmt.Errorf("changing the tables, step %d (%s): %w", i+1, migrations[i].about, err)
		}
		if _, err := q.ExecContext(ctx, "UPDATE S_SCHEMA_TBL SET VERSION=?", i+1); err != nil {
			return err
		}
	}
	return nil
}
