package edge

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sendjay/shared/protocol"
)

// Where the company's own sign-in is, the browser of this machine does it: it knows the company's certificates, cards
// and sessions, and the window need not. It comes back to vouchedPath with a code that is worth nothing without the
// verifier, which never leaves this process.
const (
	vouchedPath = "/_vouched"
	// browserLife is how long signing in there may take, waitAtMost how long a window waits for one answer.
	browserLife = 15 * time.Minute
	waitAtMost  = 25 * time.Second
	numberRunes = 6
)

// vouching is a sign-in that a browser was asked for.
type vouching struct {
	server   string
	state    string
	verifier string
	number   string // on both screens
	until    time.Time
	done     chan struct{} // closed when it is over, in or not
	in       bool          // guarded by Edge.mu
}

type (
	askedBrowser struct {
		Number string `json:"number"`
	}
	browserState struct {
		State string `json:"state"` // waiting, in, other or late
	}
)

// ways asks the server how one may sign in, before anybody has.
func (e *Edge) ways(w http.ResponseWriter, r *http.Request) {
	out, err := e.Link.Ways(r.Context())
	if err != nil {
		fail(w, r, err)
		return
	}
	if out.Kerberos != nil {
		out.Kerberos.Silent, out.Kerberos.Browser = !e.left(), false
		if !e.Link.ShowsTicket() { // the browser of this machine may
			out.Kerberos.Silent, out.Kerberos.Browser = false, true
		}
	}
	if e.Browse == nil { // nobody here can open one
		out.OIDC, out.Portal = nil, false
		if out.Kerberos != nil && out.Kerberos.Browser {
			out.Kerberos = nil
		}
	}
	answer(w, http.StatusOK, out)
}

// askBrowser opens the browser at the server. Whoever was asked before is asked no more.
func (e *Edge) askBrowser(w http.ResponseWriter, r *http.Request) {
	server := e.Link.Server()
	if e.Browse == nil || server == "" {
		fail(w, r, protocol.Refuse(protocol.Unavailable))
		return
	}
	v := &vouching{
		server: server, state: rand.Text(), verifier: rand.Text() + rand.Text(), until: time.Now().Add(browserLife), done: make(chan struct{}),
	}
	sum := sha256.Sum256([]byte(v.verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	v.number = strings.ToUpper(challenge[:numberRunes])
	e.mu.Lock()
	before := e.vouching
	e.vouching = v
	e.mu.Unlock()
	if before != nil {
		before.end()
	}
	_, port, _ := net.SplitHostPort(e.host) // our own address
	q := url.Values{"vouch": {challenge}, "port": {port}, "state": {v.state}}
	if err := e.Browse(server + "/?" + q.Encode()); err != nil {
		e.Log.Warn("the browser cannot be opened", "error", err)
		fail(w, r, protocol.Refuse(protocol.Unavailable))
		return
	}
	answer(w, http.StatusOK, askedBrowser{v.number})
}

// end lets those who wait look again. Whoever takes a vouching out of the edge calls it, once.
func (v *vouching) end() { close(v.done) }

// browserAnswer waits a while for what becomes of the sign-in with a number.
func (e *Edge) browserAnswer(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	v := e.vouching
	e.mu.Unlock()
	if v == nil || v.number != r.PathValue("number") {
		state := "other"
		if v == nil && e.Me() != nil {
			state = "in"
		}
		answer(w, http.StatusOK, browserState{state})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), min(waitAtMost, time.Until(v.until)))
	defer cancel()
	state := "waiting"
	select {
	case <-v.done:
		e.mu.Lock()
		state = "other"
		if v.in {
			state = "in"
		}
		e.mu.Unlock()
	case <-ctx.Done():
		if !time.Now().Before(v.until) {
			state = "late"
		}
	case <-e.ctx.Done():
	}
	answer(w, http.StatusOK, browserState{state})
}

// vouched takes the browser back. It comes from another site and without our secret; the state, which only the browser
// that we opened was told, stands in its place.
func (e *Edge) vouched(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		forbid(w, r)
		return
	}
	q := r.URL.Query()
	e.mu.Lock()
	v := e.vouching
	if v == nil || v.state != q.Get("state") || time.Now().After(v.until) || v.server != e.Link.Server() {
		e.mu.Unlock()
		forbid(w, r)
		return
	}
	e.vouching = nil // a state serves once
	e.mu.Unlock()
	defer v.end()
	out, err := e.Link.SignInVouched(r.Context(), q.Get("code"), v.verifier)
	if err != nil {
		e.Log.Info("signing in by the browser did not work", "error", err)
		fail(w, r, err)
		return
	}
	e.become(&out.User)
	e.mu.Lock()
	v.in = true
	e.mu.Unlock()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, v.server+"/?vouched=1", http.StatusSeeOther)
}
