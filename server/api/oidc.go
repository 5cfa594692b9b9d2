package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"sendjay/server/auth"
	"sendjay/shared/protocol"
)

// The cookies of signing in at an OpenID provider: the one on the way there and back, and the provider's word
// afterwards, which ends its session too. A browser takes no __Host- cookie from a neighbour's page.
const (
	flowCookie = "sendjay_oidc"
	wordCookie = "sendjay_word"
	hostPrefix = "__Host-"
	// mostWord is what a browser keeps in one cookie, with room for its name.
	mostWord = 3500
)

// flow is a sign-in on its way, as the browser keeps it.
type flow struct {
	auth.OIDCFlow
	Room  protocol.RoomID `json:"r,omitempty"`
	Asked asked           `json:"a,omitzero"`
}

func (a *API) flowName(r *http.Request) string {
	if a.secure(r) {
		return hostPrefix + flowCookie
	}
	return flowCookie
}

// setFlow keeps it in the browser, or takes it away again. Lax: the way back begins at the provider.
func (a *API) setFlow(w http.ResponseWriter, r *http.Request, value string) {
	age := int(auth.OIDCFlowLife / time.Second)
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{Name: a.flowName(r), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: a.secure(r), SameSite: http.SameSiteLaxMode})
}

// oidcBegin sends a browser to the OpenID provider.
func (a *API) oidcBegin(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		a.wrongMethod(w, r, []string{http.MethodGet})
		return
	}
	q := r.URL.Query()
	f := flow{Room: protocol.RoomID(q.Get("room")), Asked: askedOf(q)}
	if !f.Room.Valid() {
		f.Room = ""
	}
	at, began, err := a.Auth.BeginOIDC(r.Context())
	if err != nil {
		a.land(w, r, landing{}, err)
		return
	}
	f.OIDCFlow = began
	raw, err := json.Marshal(f)
	if err != nil {
		a.land(w, r, landing{}, err)
		return
	}
	a.setFlow(w, r, base64.RawURLEncoding.EncodeToString(raw))
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, at, http.StatusSeeOther)
}

// oidcEnd takes a browser back from the provider. Only what began in this browser ends here.
func (a *API) oidcEnd(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		a.wrongMethod(w, r, []string{http.MethodGet})
		return
	}
	var f flow
	if c, err := r.Cookie(a.flowName(r)); err == nil {
		if raw, err := base64.RawURLEncoding.DecodeString(c.Value); err != nil || json.Unmarshal(raw, &f) != nil {
			f = flow{}
		}
	}
	a.setFlow(w, r, "")
	user, word, err := a.Auth.FinishOIDC(r.Context(), f.OIDCFlow, r.URL.Query(), a.Address(r))
	to := landing{room: f.Room, asked: f.Asked}
	if err == nil {
		to.entered, err = a.webSignIn(w, r, user, func(from auth.From) (protocol.SignedIn, string, error) {
			return a.Auth.OIDCSignIn(r.Context(), user, from)
		})
	}
	if err == nil && len(word) <= mostWord {
		a.setWord(w, r, word, int(a.Auth.RefreshLife/time.Second))
	}
	a.land(w, r, to, err)
}

func (a *API) setWord(w http.ResponseWriter, r *http.Request, word string, age int) {
	http.SetCookie(w, &http.Cookie{Name: wordCookie, Value: word, Path: refreshPath, MaxAge: age, HttpOnly: true, Secure: a.secure(r), SameSite: http.SameSiteStrictMode})
}

// signedOut says where a browser that signed out ends the provider's session too.
func (a *API) signedOut(w http.ResponseWriter, r *http.Request) protocol.LoggedOut {
	c, err := r.Cookie(wordCookie)
	if err != nil || c.Value == "" {
		return protocol.LoggedOut{}
	}
	a.setWord(w, r, "", -1)
	return protocol.LoggedOut{Next: a.Auth.OIDCSignOut(r.Context(), c.Value)}
}

// vouch lets this browser's person sign in on the desktop of the same machine.
func (a *API) vouch(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.Vouch
	if err := body(r, &in); err != nil {
		return nil, err
	}
	code, err := a.Auth.Vouch(whoOf(r), in.Challenge)
	if err != nil {
		return nil, err
	}
	return protocol.Vouched{Code: code}, nil
}

// vouched signs a desktop in with what a browser gave it.
func (a *API) vouched(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.VouchedLogin
	if err := body(r, &in); err != nil {
		return nil, err
	}
	return a.Auth.TakeVouched(r.Context(), in, auth.From{Device: protocol.Desktop, Address: a.Address(r), Agent: agent(r)})
}
