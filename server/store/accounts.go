package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"sendjay/shared/protocol"
)

// Account is a person with what signing in needs.
type Account struct {
	protocol.User
	// PasswordHash is argon2id in its usual text form; "" lets nobody in.
	PasswordHash string
	Active       bool
	MustChange   bool
}

const accountColumns = "USER_ID, USER_NM, NICK_NM, ORG_CD, ORG_NM, JOB, PWD, ID_KIND, ACTIVE, MUSTCHANGE"

func scanAccount(scan func(...any) error) (Account, error) {
	var a Account
	var kind, active, must string
	err := scan(&a.ID, &a.Name, &a.Nick, &a.Org, &a.OrgName, &a.Job, &a.PasswordHash, &kind, &active, &must)
	a.Admin, a.Active, a.MustChange = kind == "A", active == "Y", must == "Y"
	a.User.MustChange = a.MustChange
	return a, err
}

// Account returns the account id, ErrNoUser when there is none.
func (s *Store) Account(ctx context.Context, id protocol.UserID) (Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM Z_USER_TBL WHERE USER_ID=?", string(id)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return a, ErrNoUser
	}
	return a, s.d.translate(err)
}

// Accounts returns a page of accounts by name whose id, name, nickname or department contains q, and the
// cursor of the next page, "" at the end.
func (s *Store) Accounts(ctx context.Context, q, cursor string, limit int) ([]Account, string, error) {
	where, args := "1=1", []any{}
	if q != "" {
		like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(q)) + "%"
		where = "(LOWER(USER_NM) LIKE ? ESCAPE '!' OR LOWER(USER_ID) LIKE ? ESCAPE '!' OR LOWER(NICK_NM) LIKE ? ESCAPE '!' OR LOWER(ORG_NM) LIKE ? ESCAPE '!')"
		args = append(args, like, like, like, like)
	}
	if name, id, ok := strings.Cut(cursor, "\x00"); ok {
		where += " AND (USER_NM>? OR (USER_NM=? AND USER_ID>?))"
		args = append(args, name, name, id)
	}
	var out []Account
	if err := each(ctx, s.read, func(r *sql.Rows) error {
		a, err := scanAccount(r.Scan)
		out = append(out, a)
		return err
	}, "SELECT "+accountColumns+" FROM Z_USER_TBL WHERE "+where+fmt.Sprintf(" ORDER BY USER_NM, USER_ID LIMIT %d", limit+1), args...); err != nil {
		return nil, "", s.d.translate(err)
	}
	if len(out) <= limit {
		return out, "", nil
	}
	out = out[:limit]
	last := out[limit-1]
	return out, last.Name + "\x00" + string(last.ID), nil
}

// AddAccount adds a, ErrTaken when the id exists.
func (s *Store) AddAccount(ctx context.Context, a Account) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM Z_USER_TBL WHERE USER_ID=?", string(a.ID)).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return ErrTaken
		}
		kind := "U"
		if a.Admin {
			kind = "A"
		}
		now := stampOf(protocol.At(s.now()))
		_, err := tx.ExecContext(ctx, "INSERT INTO Z_USER_TBL (USER_ID, ID_KIND, PWD, USER_NM, NICK_NM, ORG_CD, ORG_NM, JOB, IS_SYNC, ISUDT, MODDT, ACTIVE, MUSTCHANGE) VALUES "+marks(1, 13),
			string(a.ID), kind, a.PasswordHash, a.Name, a.Nick, a.Org, a.OrgName, a.Job, "N", now, now, yes(a.Active), yes(a.MustChange))
		return err
	}, nil)
}

// SetPassword sets the hash of id's password.
func (s *Store) SetPassword(ctx context.Context, id protocol.UserID, hash string, mustChange bool) error {
	return s.change(ctx, ErrNoUser, "UPDATE Z_USER_TBL SET PWD=?, MUSTCHANGE=?, MODDT=? WHERE USER_ID=?", hash, yes(mustChange), stampOf(protocol.At(s.now())), string(id))
}

// SetActive lets id sign in, or not.
func (s *Store) SetActive(ctx context.Context, id protocol.UserID, active bool) error {
	return s.change(ctx, ErrNoUser, "UPDATE Z_USER_TBL SET ACTIVE=?, MODDT=? WHERE USER_ID=?", yes(active), stampOf(protocol.At(s.now())), string(id))
}

// change runs one statement that must meet a row.
func (s *Store) change(ctx context.Context, none error, query string, args ...any) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, none)
		}
		return nil
	}, nil)
}

func yes(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}
