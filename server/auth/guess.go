package auth

import (
	"cmp"
	"context"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// verdict is what a proof was worth.
type verdict int

const (
	wrong     verdict = iota
	wrongCode         // the password was right
	asked             // the password was right, and a code is missing
	right
)

func (v verdict) refusal() error {
	switch v {
	case right:
		return nil
	case asked:
		return protocol.RefuseField(protocol.Unauthenticated, "code")
	case wrongCode:
		return protocol.RefuseField(protocol.BadCredentials, "code")
	}
	return protocol.Refuse(protocol.BadCredentials)
}

func passwordVerdict(password string, account store.Account) verdict {
	if matches(password, account.PasswordHash) && account.Active {
		return right
	}
	return wrong
}

// anywhere stands for all addresses together: whoever tries codes knows the password already.
const anywhere = "second factor"

// guess lets somebody at an address prove himself, unless there were too many wrong tries. It asks that again
// when its turn has come: a thousand guesses at once are no better than one after the other. A password alone,
// where a code is missing, wipes no wrong code out.
func (a *Auth) guess(ctx context.Context, account store.Account, id protocol.UserID, address string, prove func() (verdict, error)) (v verdict, err error) {
	blocked := func() error {
		if wait := max(a.guard.blocked(id, address), a.guard.blocked(id, anywhere)); wait > 0 {
			return &protocol.Refusal{Code: protocol.RateLimited, RetryAfter: wait}
		}
		return nil
	}
	if err := blocked(); err != nil {
		return wrong, err
	}
	var late error
	err = a.slot(ctx, a.place(), func() {
		if late = blocked(); late != nil {
			return
		}
		if v, late = prove(); late != nil || v == asked {
			return
		}
		for _, place := range []string{address, anywhere} {
			if place == anywhere && v == wrong {
				continue
			}
			a.Guess(Guess{id, place, v == right})
			a.tell(Guess{id, place, v == right})
		}
		// An unknown id stays out of the log: it may be a password in the wrong field.
		if account.ID != "" && blocked() != nil {
			a.Log.Warn("too many wrong passwords or codes", "user", id, "address", address)
		}
	})
	return v, cmp.Or(err, late)
}

// Guess is a try of a password.
type Guess struct {
	User    protocol.UserID `json:"user"`
	Address string          `json:"address"`
	Right   bool            `json:"right,omitempty"`
}

// Guess counts a try, made here or at another node.
func (a *Auth) Guess(g Guess) {
	if g.Right {
		a.guard.passed(g.User, g.Address)
	} else {
		a.guard.failed(g.User, g.Address)
	}
}

func (a *Auth) tell(g Guess) {
	if a.Guessed == nil {
		return
	}
	p := pairOf(g.User, g.Address) // cut: what is no id at all may be of any length
	a.Guessed(Guess{p.user, p.address, g.Right})
}
