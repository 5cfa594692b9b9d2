package edge

import (
	"context"
	"net/http"
	"time"

	"sendjay/shared/protocol"
)

// Signing in by the Kerberos ticket of this computer: asked for by the window, and by itself where nobody has signed out.
const (
	// Between tries of our own: a ticket comes with the network, with a VPN, or when somebody signs in to the realm.
	firstTry   = time.Minute
	longestTry = 30 * time.Minute
	// tryTicketWithin bounds one, in which the realm may be asked too.
	tryTicketWithin = time.Minute
)

// keyLeft says that somebody signed out of the present server, or was, and wants to be asked.
func (e *Edge) keyLeft() string { return "left " + e.Link.Server() }

func (e *Edge) left() bool {
	var left bool
	_, err := e.State.Load(e.keyLeft(), &left)
	return left || err != nil
}

func (e *Edge) setLeft(left bool) {
	if e.left() == left {
		return
	}
	if err := e.State.Save(e.keyLeft(), left); err != nil {
		e.Log.Warn("that somebody signed out is not remembered", "error", err)
	}
}

// byTicket signs the device in by the ticket of its computer; the page gets no token.
func (e *Edge) byTicket(w http.ResponseWriter, r *http.Request) {
	user, err := e.enterByTicket(r.Context())
	if err != nil {
		if no := asRefusal(err); no.Code == protocol.Unavailable && no.Field == "" {
			err = e.Link.Unreached(err)
		}
		fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, protocol.SignedIn{User: user})
}

// enterByTicket signs in, one at a time: a window and we ourselves may want to at the same moment.
func (e *Edge) enterByTicket(ctx context.Context) (protocol.User, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTicketWithin)
	defer cancel()
	select {
	case e.entering <- struct{}{}:
		defer func() { <-e.entering }()
	case <-ctx.Done():
		return protocol.User{}, ctx.Err()
	}
	if me := e.Me(); me != nil {
		return *me, nil
	}
	out, err := e.Link.SignInByTicket(ctx)
	if err != nil {
		return protocol.User{}, err
	}
	e.become(&out.User)
	return out.User, nil
}

// ticketing signs in by the ticket whenever nobody is in, until ctx ends.
func (e *Edge) ticketing(ctx context.Context) {
	wait := firstTry
	for {
		var again <-chan time.Time
		if e.Link.State().State == protocol.SignedOut && e.Me() == nil && e.Link.ShowsTicket() && !e.left() {
			if err := e.tryTicket(ctx); err != nil {
				e.Log.Info("not signed in by the ticket of this computer", "error", err)
				again = time.After(wait)
				wait = min(2*wait, longestTry)
			} else {
				wait = firstTry
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-e.outside:
		case <-again:
		}
	}
}

func (e *Edge) tryTicket(ctx context.Context) error {
	ways, err := e.Link.Ways(ctx)
	if err != nil {
		return err
	}
	if ways.Kerberos == nil {
		return protocol.Refuse(protocol.NotFound)
	}
	_, err = e.enterByTicket(ctx)
	return err
}

// lookAround lets ticketing look at who is in.
func (e *Edge) lookAround() {
	select {
	case e.outside <- struct{}{}:
	default:
	}
}
