package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Portal says whose tickets count. The zero value is a server without a portal.
type Portal struct {
	// Keys is the folder of its keys, "" for no portal.
	Keys             string
	Issuer, Audience string
	// Skew is how far its clock may be off, Life the longest life of a ticket.
	Skew, Life time.Duration
}

// How somebody proved who it is, other than by a password.
const (
	wayPortal   = "portal"
	wayOIDC     = "oidc"
	wayKerberos = "kerberos"
	wayBrowser  = "browser"
)

// ticketIDBytes bounds the id of a ticket; below the least nobody would call it unique.
const ticketIDLeast, ticketIDMost = 8, 200

// HasPortal reports whether the portal's tickets count here.
func (a *Auth) HasPortal() bool { return a.Portal.Keys != "" }

// Ticket returns who a ticket of the portal is for. It takes each ticket once. A ticket for somebody unknown or
// deactivated sounds like a bad one: only the log says which.
func (a *Auth) Ticket(ctx context.Context, ticket, address string) (protocol.User, error) {
	if !a.HasPortal() {
		return protocol.User{}, protocol.Refuse(protocol.NotFound)
	}
	account, err := a.ticket(ctx, ticket)
	if why, bad := errors.AsType[*badTicket](err); bad {
		a.Log.Info("ticket refused", "why", why.Error(), "address", address)
		err = protocol.RefuseField(protocol.BadCredentials, "ticket")
		a.Refused(account.ID, From{Address: address}, err)
		return protocol.User{}, err
	}
	return account.User, err
}

// badTicket is what the log learns of a ticket, and the bearer does not.
type badTicket struct{ why string }

func (b *badTicket) Error() string { return b.why }

func (a *Auth) ticket(ctx context.Context, ticket string) (store.Account, error) {
	var c jwt.RegisteredClaims
	t, err := jwt.ParseWithClaims(ticket, &c, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		k, ok := a.portal.key(id)
		if !ok {
			return nil, errKey
		}
		// The key says how it signs, not the ticket: a public key must never pass for a shared secret.
		if t.Method.Alg() != k.alg {
			return nil, fmt.Errorf("%s is no key for %s", id, t.Method.Alg())
		}
		return k.key, nil
	}, jwt.WithValidMethods(portalAlgs), jwt.WithIssuer(a.Portal.Issuer), jwt.WithAudience(a.Portal.Audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(a.Portal.Skew), jwt.WithStrictDecoding())
	switch {
	case err != nil:
		return store.Account{}, &badTicket{err.Error()}
	case c.IssuedAt == nil:
		return store.Account{}, &badTicket{"iat is missing"}
	case c.ExpiresAt.Sub(c.IssuedAt.Time) > a.Portal.Life:
		return store.Account{}, &badTicket{"it lives longer than --portal-life"}
	case len(c.ID) < ticketIDLeast || len(c.ID) > ticketIDMost:
		return store.Account{}, &badTicket{"jti is missing, or no unique id"}
	case !protocol.UserID(c.Subject).Valid():
		return store.Account{}, &badTicket{"sub is no id"}
	}
	kid, _ := t.Header["kid"].(string)
	until := c.ExpiresAt.Add(a.Portal.Skew + time.Minute)
	if first, err := a.Store.UseTicket(ctx, "portal\x00"+kid+"\x00"+c.ID, until); err != nil {
		return store.Account{}, err
	} else if !first {
		return store.Account{}, &badTicket{"it was used before"}
	}
	return a.known(ctx, protocol.UserID(c.Subject))
}

// known returns an account that may sign in.
func (a *Auth) known(ctx context.Context, id protocol.UserID) (store.Account, error) {
	account, err := a.Store.Account(ctx, id)
	switch {
	case errors.Is(err, store.ErrNoUser):
		return account, &badTicket{"nobody has this id"}
	case err == nil && !account.Active:
		return account, &badTicket{"the account is closed"}
	}
	return account, err
}

// signInBy signs a device in for somebody who proved who it is without a password here. A one-time password that was
// never used is nothing to ask him for.
func (a *Auth) signInBy(ctx context.Context, way string, user protocol.User, from From) (protocol.SignedIn, string, error) {
	user.MustChange = false
	return a.signIn(ctx, way, user, from)
}

// PortalSignIn signs a device in for whom a ticket was.
func (a *Auth) PortalSignIn(ctx context.Context, user protocol.User, from From) (protocol.SignedIn, string, error) {
	return a.signInBy(ctx, wayPortal, user, from)
}
