package auth

import (
	"context"
	"errors"
	"fmt"

	"sendjay/server/ldap"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Directory knows people by their passwords, so that we need not.
type Directory interface {
	Find(ctx context.Context, login string) (ldap.Person, error)
	Prove(ctx context.Context, p ldap.Person, password string) error
}

// parallelBinds bounds how many sign-ins wait for the directory at once.
const parallelBinds = 8

// claim is who somebody says he is, before he has proved it.
type claim struct {
	id      protocol.UserID
	account store.Account
	person  *ldap.Person // nil when the directory knows nobody, or there is none
	silent  error        // why the directory did not answer
}

// claimed looks up who signs in as login: the directory may call him otherwise than he does.
func (a *Auth) claimed(ctx context.Context, login protocol.UserID) (claim, error) {
	c := claim{id: login}
	if a.Directory != nil {
		if err := a.slot(ctx, a.binding, func() {
			p, err := a.Directory.Find(ctx, string(login))
			switch {
			case err == nil:
				c.person, c.id = &p, protocol.UserID(p.ID)
			case !errors.Is(err, ldap.ErrNobody):
				c.silent = err
			}
		}); err != nil {
			return c, err
		}
	}
	// What cannot be an id at all is one more unknown one.
	if c.id.Valid() {
		var err error
		if c.account, err = a.Store.Account(ctx, c.id); err != nil && !errors.Is(err, store.ErrNoUser) {
			return c, err
		}
	}
	return c, nil
}

// local reports whether a password of ours lets account in.
func (a *Auth) local(account store.Account) bool {
	return a.Directory == nil || a.Local == nil || a.Local(account.Role)
}

// ours reports whether the directory has no say about account: a name there that happens to be that of an
// administrator whom somebody made here by hand must not become him.
func ours(account store.Account) bool {
	return !account.Synced && account.Role != "" && account.PasswordHash != ""
}

// word judges a password: by the directory first, then by what we keep, where that is allowed.
func (a *Auth) word(ctx context.Context, c claim, password string) (verdict, error) {
	silent := c.silent
	if c.person != nil && c.account.ID != "" && !ours(c.account) {
		err := a.Directory.Prove(ctx, *c.person, password)
		switch {
		case err == nil && c.account.Active:
			return right, nil
		case err != nil && !errors.Is(err, ldap.ErrWrong):
			silent = err
		}
	}
	if silent != nil && !a.hasWord(c.account) {
		return wrong, fmt.Errorf("%w: %w", &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: 5}, silent)
	}
	if !a.local(c.account) {
		c.account.PasswordHash = "" // takes as long, and says no
	}
	v := wrong
	if a.Directory == nil {
		return passwordVerdict(password, c.account), nil
	}
	err := a.slot(ctx, a.hashing, func() { v = passwordVerdict(password, c.account) })
	return v, err
}

// place is where a password is judged: beside the directory others need not wait until it answers.
func (a *Auth) place() chan struct{} {
	if a.Directory != nil {
		return a.binding
	}
	return a.hashing
}

// hasWord reports whether there is a password of ours that account can be asked for.
func (a *Auth) hasWord(account store.Account) bool {
	return account.PasswordHash != "" && a.local(account)
}
