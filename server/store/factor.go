package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

// Factor is what proves somebody beside the password. The zero one is none.
type Factor struct {
	// Secret is sealed by whoever made it.
	Secret string
	// Codes are the marks of the recovery codes that are left.
	Codes []string
	// Live is set once a code was shown to be right; before that nobody is asked for one.
	Live bool
	// Step is the last one that was used: it and those before it serve no more.
	Step int64
}

// Factor returns id's second factor.
func (s *Store) Factor(ctx context.Context, id protocol.UserID) (Factor, error) {
	var f Factor
	var codes, live string
	err := s.read.QueryRowContext(ctx, "SELECT SECRET, CODES, LIVE, LASTSTEP FROM S_FACTOR_TBL WHERE USER_ID=?", string(id)).Scan(&f.Secret, &codes, &live, &f.Step)
	if errors.Is(err, sql.ErrNoRows) {
		return f, nil
	}
	f.Codes, f.Live = strings.Fields(codes), live == "Y"
	return f, s.d.translate(err)
}

// BeginFactor keeps a secret that is not asked for yet. It reports false, and changes nothing, where one is.
func (s *Store) BeginFactor(ctx context.Context, id protocol.UserID, secret string) (bool, error) {
	begun := false
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		begun = false
		if _, err := tx.ExecContext(ctx, "DELETE FROM S_FACTOR_TBL WHERE USER_ID=? AND LIVE='N'", string(id)); err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO S_FACTOR_TBL (USER_ID, SECRET) VALUES (?,?)", string(id), secret)
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		begun = n > 0
		return err
	}, nil)
	return begun, err
}

// ConfirmFactor makes the secret that was begun count from step on, with recovery codes, and writes down who did.
// It reports false, and changes nothing, when another secret stands there by now.
func (s *Store) ConfirmFactor(ctx context.Context, by Act, id protocol.UserID, secret string, codes []string, step int64) (bool, error) {
	return s.factor(ctx, &by, "UPDATE S_FACTOR_TBL SET LIVE='Y', CODES=?, LASTSTEP=? WHERE USER_ID=? AND SECRET=? AND LIVE='N'", strings.Join(codes, " "), step, string(id), secret)
}

// UseStep uses a step up. It reports false when it, or a later one, was used before.
func (s *Store) UseStep(ctx context.Context, id protocol.UserID, step int64) (bool, error) {
	return s.factor(ctx, nil, "UPDATE S_FACTOR_TBL SET LASTSTEP=? WHERE USER_ID=? AND LIVE='Y' AND LASTSTEP<?", step, string(id), step)
}

// SetCodes puts other recovery codes in the place of those that are left, and writes down who did.
func (s *Store) SetCodes(ctx context.Context, by Act, id protocol.UserID, codes []string) (bool, error) {
	return s.factor(ctx, &by, "UPDATE S_FACTOR_TBL SET CODES=? WHERE USER_ID=? AND LIVE='Y'", strings.Join(codes, " "), string(id))
}

// DropFactor forgets id's second factor and writes down who did. It reports false when there is none.
func (s *Store) DropFactor(ctx context.Context, by Act, id protocol.UserID) (bool, error) {
	return s.factor(ctx, &by, "DELETE FROM S_FACTOR_TBL WHERE USER_ID=?", string(id))
}

// factor runs a statement of which it matters whether it met a row.
func (s *Store) factor(ctx context.Context, by *Act, query string, args ...any) (bool, error) {
	met := false
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		met = false
		r, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		if met = n > 0; err != nil || !met || by == nil {
			return err
		}
		return s.audit(ctx, tx, *by)
	}, nil)
	return met, err
}

// UseCode uses a recovery code up, and writes down that somebody did. It reports false when there is no such code.
func (s *Store) UseCode(ctx context.Context, by Act, id protocol.UserID, mark string) (bool, error) {
	used := false
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		used = false
		var codes string
		err := tx.QueryRowContext(ctx, "SELECT CODES FROM S_FACTOR_TBL WHERE USER_ID=? AND LIVE='Y'"+s.d.lockRows(), string(id)).Scan(&codes)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		left := strings.Fields(codes)
		at := slices.Index(left, mark)
		if at < 0 {
			return nil
		}
		used = true
		if _, err := tx.ExecContext(ctx, "UPDATE S_FACTOR_TBL SET CODES=? WHERE USER_ID=?", strings.Join(slices.Delete(left, at, at+1), " "), string(id)); err != nil {
			return err
		}
		return s.audit(ctx, tx, by)
	}, nil)
	return used, err
}
