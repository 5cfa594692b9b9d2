package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"strings"
	"time"

	"sendjay/shared/protocol"
)

// signInWay notes by which way somebody signed in; the password is "".
func (m *migrator) signInWay(ctx context.Context) error {
	have, err := m.s.d.columns(ctx, m.q, "S_SIGNIN_TBL")
	if err != nil || have["WAY"] {
		return err
	}
	return m.exec(ctx, "ALTER TABLE S_SIGNIN_TBL ADD COLUMN WAY VARCHAR(10) NOT NULL DEFAULT ''")
}

// UseTicket notes that a ticket of this name was used, until it could be used no longer anyhow. It reports false
// for one that was used before, at whatever node.
func (s *Store) UseTicket(ctx context.Context, name string, until time.Time) (bool, error) {
	sum := sha256.Sum256([]byte(name)) // names are foreign and of any length
	first := false
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO S_TICKET_TBL (TICKET, EXPIRESMS) VALUES (?,?)", hex.EncodeToString(sum[:]), until.UnixMilli())
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		first = n == 1
		return err
	}, nil)
	return first && err == nil, err
}

// ForgetTickets removes tickets that could be used no longer at t.
func (s *Store) ForgetTickets(ctx context.Context, t time.Time) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM S_TICKET_TBL WHERE EXPIRESMS<?", t.UnixMilli())
		return err
	}, nil)
}

// AccountByMail returns the one account with this mail address, whatever its letters' case; ErrNoUser when there is
// none, or more than one.
func (s *Store) AccountByMail(ctx context.Context, mail string) (Account, error) {
	if mail == "" {
		return Account{}, ErrNoUser
	}
	ids, err := list[string](ctx, s.read, "SELECT USER_ID FROM Z_USER_TBL WHERE LOWER(MAIL)=? LIMIT 2", strings.ToLower(mail))
	if err != nil {
		return Account{}, s.d.translate(err)
	}
	if len(ids) != 1 {
		return Account{}, ErrNoUser
	}
	return s.Account(ctx, protocol.UserID(ids[0]))
}
