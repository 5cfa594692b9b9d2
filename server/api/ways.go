package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sendjay/server/auth"
	"sendjay/shared/protocol"
)

// ways says how one may sign in here. Strangers may know: the sign-in page shows it.
func (a *API) ways(_ http.ResponseWriter, _ *http.Request) (any, error) {
	w := protocol.Ways{Passwords: "all", Portal: a.Auth.HasPortal()}
	if a.Auth.HasOIDC() {
		w.OIDC = &a.Auth.OIDC.Label
	}
	if a.Auth.HasKerberos() {
		w.Kerberos = &a.Auth.Kerberos.Way
	}
	if a.Auth.AdminPasswords {
		w.Passwords = "admins"
	}
	return w, nil
}

// ticket signs a device in with a ticket of the portal. Pages elsewhere cannot: they hand theirs to our own frame,
// or send a form to enter.
func (a *API) ticket(w http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.TicketLogin
	if err := body(r, &in); err != nil {
		return nil, err
	}
	switch {
	case in.Ticket == "":
		return nil, protocol.RefuseField(protocol.BadRequest, "ticket")
	case !in.Device.Known():
		return nil, protocol.RefuseField(protocol.BadRequest, "device")
	}
	from := auth.From{Device: in.Device, Address: a.Address(r), Agent: agent(r)}
	user, err := a.Auth.Ticket(r.Context(), in.Ticket, from.Address)
	if err != nil {
		return nil, err
	}
	if in.Device == protocol.Web {
		a.endBefore(r)
	}
	out, refresh, err := a.Auth.PortalSignIn(r.Context(), user, from)
	if err == nil && in.Device == protocol.Web {
		a.cookies(w, r, out, refresh)
	}
	return out, err
}

// enter takes a ticket from a form on one of the portal's pages, signs the browser in and sends it to the app. The
// browser names the page: a stranger's page could otherwise sign people in as somebody else.
func (a *API) enter(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		a.wrongMethod(w, r, []string{http.MethodPost})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyBytes)
	err := r.ParseForm()
	if err != nil {
		err = protocol.Refuse(protocol.BadRequest)
	}
	if origin := r.Header.Get("Origin"); !slices.Contains(a.PortalOrigins, origin) {
		err = protocol.Refuse(protocol.Forbidden)
	}
	var user protocol.User
	if err == nil {
		user, err = a.Auth.Ticket(r.Context(), r.PostForm.Get("ticket"), a.Address(r))
	}
	to := landing{room: protocol.RoomID(r.PostForm.Get("room"))}
	if err == nil {
		to.entered, err = a.webSignIn(w, r, user, func(from auth.From) (protocol.SignedIn, string, error) {
			return a.Auth.PortalSignIn(r.Context(), user, from)
		})
	}
	a.land(w, r, to, err)
}

// webSignIn signs this browser in, in the place of whoever was before. Who is signed in already stays so: the tabs
// that are open go on. It reports whether anything changed.
func (a *API) webSignIn(w http.ResponseWriter, r *http.Request, user protocol.User, signIn func(auth.From) (protocol.SignedIn, string, error)) (bool, error) {
	if who, cookie, err := a.Who(r); err == nil && cookie && who.User.ID == user.ID && Settled(who) == nil {
		return false, nil
	}
	a.endBefore(r)
	out, refresh, err := signIn(auth.From{Device: protocol.Web, Address: a.Address(r), Agent: agent(r)})
	if err == nil {
		a.cookies(w, r, out, refresh)
	}
	return err == nil, err
}

// endBefore ends the sign-in that this browser shows, since its cookies are about to be replaced.
func (a *API) endBefore(r *http.Request) {
	if who, cookie, err := a.Who(r); err == nil && cookie {
		if err := a.Auth.End(r.Context(), who.User.ID, who.SignIn); err != nil {
			a.Log.Warn("the sign-in before could not be ended", "user", who.User.ID, "err", err)
		}
	} else if c, err := r.Cookie(refreshCookie); err == nil {
		_ = a.Auth.EndWith(r.Context(), c.Value) // whatever it was, it is not used any more
	}
}

// landing is where in the app a browser is sent to after a sign-in elsewhere. There is nothing in it but a room's id and
// what the desktop application asked for, so nobody can be sent to anywhere else.
type landing struct {
	entered bool
	room    protocol.RoomID
	asked   asked
}

// asked is what the desktop application wants of this browser, as its address said.
type asked struct {
	Challenge string `json:"c,omitempty"`
	Port      int    `json:"p,omitempty"`
	State     string `json:"s,omitempty"`
}

const (
	leastPort  = 1024
	stateLeast = 20
	stateMost  = 80
)

// askedOf reads it from an address, the zero value when anything is not as it should be.
func askedOf(q url.Values) asked {
	k := asked{Challenge: q.Get("vouch"), State: q.Get("state")}
	k.Port, _ = strconv.Atoi(q.Get("port"))
	if !protocol.Challenge(k.Challenge) || k.Port < leastPort || k.Port > 65535 || len(k.State) < stateLeast || len(k.State) > stateMost {
		return asked{}
	}
	return k
}

func (l landing) address() string {
	q := url.Values{}
	if l.entered {
		q.Set("entered", "1")
	}
	if l.asked != (asked{}) {
		q.Set("vouch", l.asked.Challenge)
		q.Set("port", strconv.Itoa(l.asked.Port))
		q.Set("state", l.asked.State)
	}
	to := url.URL{Path: "/", RawQuery: q.Encode()}
	if l.room.Valid() && !strings.ContainsAny(string(l.room), "?#%&/") {
		to.Fragment = "/room/" + string(l.room)
	}
	return to.String()
}

// land sends a browser into the app, or to the sign-in page with the word for what went wrong.
func (a *API) land(w http.ResponseWriter, r *http.Request, to landing, err error) {
	at := to.address()
	if err != nil {
		if protocol.CodeOf(err) == protocol.Internal {
			a.Commands.Fault(Lang(r), r.Method+" "+r.Pattern, "", err) // writes it to the log
		}
		at = "/?refused=" + url.QueryEscape(string(protocol.CodeOf(err)))
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, at, http.StatusSeeOther)
}
