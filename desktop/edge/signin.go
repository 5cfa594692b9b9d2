package edge

import (
	"encoding/json"
	"io"
	"net/http"
	"unicode/utf8"

	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

const bodyBytes = 64 << 10

// login signs the device in, not the page: the page gets no token.
func (e *Edge) login(w http.ResponseWriter, r *http.Request) {
	var in protocol.Login
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyBytes))
	if err != nil || json.Unmarshal(raw, &in) != nil {
		fail(w, r, protocol.Refuse(protocol.BadRequest))
		return
	}
	switch {
	case !in.UserID.Valid():
		fail(w, r, protocol.RefuseField(protocol.BadRequest, "userId"))
		return
	case in.Password == "" || len(in.Password) > protocol.Limits.PasswordBytes || !utf8.ValidString(in.Password):
		fail(w, r, protocol.RefuseField(protocol.BadRequest, "password"))
		return
	}
	out, err := e.Link.SignIn(r.Context(), in.UserID, in.Password, in.Code)
	if err != nil {
		if no := asRefusal(err); no.Code == protocol.Unavailable && no.Field == "" {
			err = e.Link.Unreached(err)
		}
		fail(w, r, err)
		return
	}
	e.become(&out.User)
	answer(w, http.StatusOK, protocol.SignedIn{ExpiresIn: out.ExpiresIn, User: out.User})
}

// logout ends the sign-in of the device, also where the server cannot be told.
func (e *Edge) logout(w http.ResponseWriter, r *http.Request) {
	e.Forget() // while it is known whose it is
	if e.Leaves != nil {
		e.Leaves()
	}
	if err := e.Link.SignOut(r.Context()); err != nil {
		e.Log.Info("signed out without the server", "error", err)
	}
	e.become(nil)
	answer(w, http.StatusOK, struct{}{})
}

// refresh renews nothing: tokens are the link's business.
func (e *Edge) refresh(w http.ResponseWriter, r *http.Request) {
	me := e.Me()
	if me == nil {
		fail(w, r, protocol.Refuse(protocol.Unauthenticated))
		return
	}
	answer(w, http.StatusOK, protocol.SignedIn{User: *me})
}

// whoami answers from what is known while the line is down, so that a window opens at once.
func (e *Edge) whoami(w http.ResponseWriter, r *http.Request) {
	me := e.Me()
	if me != nil && e.Link.State().State != protocol.Online {
		answer(w, http.StatusOK, me)
		return
	}
	var user protocol.User
	err := e.Link.Get(r.Context(), "/me", &user)
	switch {
	case err == nil:
		if me == nil || *me != user {
			e.become(&user)
		}
		answer(w, http.StatusOK, user)
	case me != nil && asRefusal(err).Code == protocol.Unavailable:
		answer(w, http.StatusOK, me)
	default:
		fail(w, r, err)
	}
}

// known is who was signed in last at a server, and its last hello.
type known struct {
	Me    *protocol.User  `json:"me"`
	Hello *protocol.Hello `json:"hello"`
}

func (e *Edge) keyKnown() string { return "known " + e.Link.Server() }

// recall takes up who was signed in last at the present server.
func (e *Edge) recall() {
	var k known
	if _, err := e.State.Load(e.keyKnown(), &k); err != nil {
		e.Log.Warn("who was signed in is not known", "error", err)
	}
	e.mu.Lock()
	e.me, e.hello = k.Me, k.Hello
	e.mu.Unlock()
	e.account(k.Me)
}

// keyRoom is the setting in which the page keeps the room of the main window.
const keyRoom = "room"

// become notes who is signed in now; nil for nobody.
func (e *Edge) become(me *protocol.User) {
	e.mu.Lock()
	if me == nil || e.me == nil || me.ID != e.me.ID {
		e.hello = nil
	}
	before := e.me
	e.me = me
	k := known{e.me, e.hello}
	e.mu.Unlock()
	if me == nil && before != nil {
		e.clearPages(e.State.Account())
		_ = e.State.Delete(state.Settings, keyRoom) // the next person was in another one
	}
	if err := e.State.Save(e.keyKnown(), k); err != nil {
		e.Log.Warn("who is signed in is not remembered", "error", err)
	}
	e.account(me)
	if me != nil {
		e.setLeft(false)
	}
}

// account puts somebody's drafts, outbox and pages at hand.
func (e *Edge) account(me *protocol.User) {
	name := ""
	if me != nil {
		name = e.Link.Server() + " " + string(me.ID)
	}
	if name == e.State.Account() {
		return
	}
	if err := e.State.SetAccount(name); err != nil {
		e.Log.Error("the profile cannot be written", "error", err)
		return
	}
	e.outbox.Restore()
	if e.Downloads != nil {
		e.Downloads.Restore()
	}
}
