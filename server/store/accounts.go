package store

import (
	"cmp"
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
	// Synced is set for people who come from the company's own system and go with it.
	Synced bool
}

const accountColumns = "USER_ID, USER_NM, NICK_NM, ORG_CD, ORG_NM, JOB, TEL_NO, MAIL, AB_CD, AB_NM, ABFROM, ABTO, PICVER, ROLE, IS_SYNC, PWD, ACTIVE, MUSTCHANGE"

func scanAccount(scan func(...any) error) (Account, error) {
	var a Account
	var away protocol.Absence
	var sync, active, must string
	err := scan(&a.ID, &a.Name, &a.Nick, &a.Org, &a.OrgName, &a.Job, &a.Phone, &a.Mail, &away.Code, &away.Name, &away.From, &away.To,
		&a.Picture, &a.Role, &sync, &a.PasswordHash, &active, &must)
	a.Admin, a.Synced, a.Active, a.MustChange = a.Role.Reaches(protocol.Administrator), sync == "Y", active == "Y", must == "Y"
	a.User.MustChange, a.Absence = a.MustChange, absent(away)
	return a, err
}

// absent returns what the columns say of an absence, nil for none.
func absent(away protocol.Absence) *protocol.Absence {
	if away.Code == "" && away.Name == "" {
		return nil
	}
	away.Name = cmp.Or(away.Name, away.Code) // the original shows the code
	return &away
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
	if err := each(ctx, s.read, func(r row) error {
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
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.addAccount(ctx, tx, a) }, nil)
}

func (s *Store) addAccount(ctx context.Context, tx *sql.Tx, a Account) error {
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM Z_USER_TBL WHERE USER_ID=?", string(a.ID)).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return ErrTaken
	}
	if a.Admin && a.Role == "" {
		a.Role = protocol.Owner
	}
	now := stampOf(protocol.At(s.now()))
	if _, err := tx.ExecContext(ctx, "INSERT INTO Z_USER_TBL (USER_ID, ID_KIND, PWD, USER_NM, NICK_NM, ORG_CD, ORG_NM, JOB, TEL_NO, MAIL, IS_SYNC, ISUDT, MODDT, ACTIVE, MUSTCHANGE, ROLE) VALUES "+marks(1, 16),
		string(a.ID), kindOf(a.Role), a.PasswordHash, a.Name, a.Nick, a.Org, a.OrgName, a.Job, a.Phone, a.Mail, yes(a.Synced), now, now, yes(a.Active), yes(a.MustChange), string(a.Role)); err != nil {
		return err
	}
	return s.peopleChanged(ctx, tx)
}

// kindOf is what the original's column says of a role.
func kindOf(r protocol.Role) string {
	if r.Reaches(protocol.Administrator) {
		return "A"
	}
	return "U"
}

// SetPassword sets the hash of id's password.
func (s *Store) SetPassword(ctx context.Context, id protocol.UserID, hash string, mustChange bool) error {
	return s.change(ctx, ErrNoUser, "UPDATE Z_USER_TBL SET PWD=?, MUSTCHANGE=?, MODDT=? WHERE USER_ID=?", hash, yes(mustChange), stampOf(protocol.At(s.now())), string(id))
}

// SetActive lets id sign in, or not.
func (s *Store) SetActive(ctx context.Context, id protocol.UserID, active bool) error {
	var out outcome
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = outcome{}
		if err := met(tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET ACTIVE=?, MODDT=? WHERE USER_ID=?", yes(active), stampOf(protocol.At(s.now())), string(id))); err != nil {
			return err
		}
		return errors.Join(s.stand(ctx, tx, []protocol.UserID{id}, !active, &out), s.peopleChanged(ctx, tx))
	}, func() { s.tell(&out) })
}

// met is ErrNoUser where a statement met no row. MODDT always changes, so that MySQL counts the row too.
func met(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNoUser)
	}
	return nil
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
