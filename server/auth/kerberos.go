package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"sendjay/server/kerberos"
	"sendjay/server/ldap"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Kerberos signs people in by the ticket that their computer has of them. The zero value is a server without.
type Kerberos struct {
	// Tickets says whose a ticket is; nil is a server without.
	Tickets Tickets
	// ByDirectory asks the directory whose account a name is. Otherwise the name, in small letters, is the id.
	ByDirectory bool
	Way         protocol.KerberosWay
}

// Tickets proves tickets.
type Tickets interface {
	Prove(token []byte, from netip.Addr) (kerberos.Proof, error)
}

const (
	// badTickets is how many an address may show at once that do not count, and one more each badTicketEvery. Many
	// computers may stand behind one address, and one with a wrong clock must not shut the others out.
	badTickets     = 60
	badTicketEvery = time.Second
	// badAddresses bounds the memory; the whole table is dropped when it is full.
	badAddresses = 20_000
)

// refusals bounds what an address that shows bad tickets costs, and writes into the log.
type refusals struct {
	mu   sync.Mutex // guards the field below
	seen map[string]*rate.Limiter
}

func (r *refusals) of(address string) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.seen[address]
	if l == nil {
		if r.seen == nil || len(r.seen) >= badAddresses {
			r.seen = map[string]*rate.Limiter{}
		}
		l = rate.NewLimiter(rate.Every(badTicketEvery), badTickets)
		r.seen[address] = l
	}
	return l
}

// HasKerberos reports whether Kerberos tickets count here.
func (a *Auth) HasKerberos() bool { return a.Kerberos.Tickets != nil }

// KerberosTicket returns whose the ticket in a token is. It takes each showing of a ticket once, over all nodes. A
// ticket of somebody unknown or deactivated sounds like a bad one: only the log says which.
func (a *Auth) KerberosTicket(ctx context.Context, token []byte, address string) (protocol.User, error) {
	if !a.HasKerberos() {
		return protocol.User{}, protocol.Refuse(protocol.NotFound)
	}
	limit := a.refusals.of(address)
	if limit.Tokens() < 1 {
		return protocol.User{}, &protocol.Refusal{Code: protocol.RateLimited, RetryAfter: int(badTicketEvery / time.Second)}
	}
	account, err := a.kerberosTicket(ctx, token, address)
	if why, bad := errors.AsType[*badTicket](err); bad {
		limit.Allow()
		a.Log.Info("Kerberos ticket refused", "why", why.Error(), "address", address)
		err = protocol.RefuseField(protocol.BadCredentials, "kerberos")
		a.Refused(account.ID, From{Address: address}, err)
		return protocol.User{}, err
	}
	return account.User, err
}

func (a *Auth) kerberosTicket(ctx context.Context, token []byte, address string) (store.Account, error) {
	none := store.Account{}
	from, _ := netip.ParseAddr(address) // one that cannot be read is none of those that a ticket names
	p, err := a.Kerberos.Tickets.Prove(token, from)
	if why, bad := errors.AsType[*kerberos.Bad](err); bad {
		return none, &badTicket{why.Error()}
	} else if err != nil {
		return none, err
	}
	if first, err := a.Store.UseTicket(ctx, "kerberos\x00"+p.Mark, p.Until.Add(time.Minute)); err != nil {
		return none, err
	} else if !first {
		return none, &badTicket{"it was shown before"}
	}
	id, err := a.kerberosID(ctx, p)
	if err != nil {
		return none, err
	}
	account, err := a.known(ctx, id)
	if err == nil && ours(account) {
		err = &badTicket{"an administrator who was made by hand signs in by his password"}
	}
	return account, err
}

// kerberosID returns whose account a name in a realm is.
func (a *Auth) kerberosID(ctx context.Context, p kerberos.Proof) (protocol.UserID, error) {
	id := protocol.UserID(strings.ToLower(p.Name))
	if a.Kerberos.ByDirectory {
		var person ldap.Person
		var silent error
		if err := a.slot(ctx, a.binding, func() { person, silent = a.Directory.Find(ctx, p.Name) }); err != nil {
			return "", err
		}
		switch {
		case errors.Is(silent, ldap.ErrNobody):
			return "", &badTicket{"the directory does not know the name"}
		case silent != nil:
			return "", fmt.Errorf("%w: %w", &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: 5}, silent)
		}
		id = protocol.UserID(person.ID)
	}
	if !id.Valid() {
		return "", &badTicket{"its name is no id"}
	}
	return id, nil
}

// KerberosSignIn signs a device in for whom a ticket was.
func (a *Auth) KerberosSignIn(ctx context.Context, user protocol.User, from From) (protocol.SignedIn, string, error) {
	return a.signInBy(ctx, wayKerberos, user, from)
}
