package edge

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

// ServeHTTP lets in who asks for our own name, from our own page, with the secret. 127.0.0.1 is shared by
// all users and all pages of the machine: the cookie is the only fence, the rest keeps others from using it.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	site := r.Header.Get("Sec-Fetch-Site")
	if site != "none" {
		// A page that no other one has opened has none to be kept from; with this, the engine of the window throws the process
		// away that it has just started for it, and starts another: measured, a quarter of a second until it is seen.
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
	if r.Host != e.host {
		forbid(w, r)
		return
	}
	if r.URL.Path == vouchedPath {
		e.vouched(w, r)
		return
	}
	if origin := r.Header["Origin"]; len(origin) > 0 && (len(origin) > 1 || origin[0] != "http://"+e.host) {
		forbid(w, r)
		return
	}
	switch site {
	case "", "same-origin", "none":
	default:
		forbid(w, r)
		return
	}
	if r.URL.Path == "/_boot" {
		e.boot(w, r)
		return
	}
	c, err := r.Cookie(e.cookie)
	if err != nil || subtle.ConstantTimeCompare([]byte(c.Value), []byte(e.secret)) != 1 {
		forbid(w, r)
		return
	}
	e.mu.Lock()
	e.asked++
	e.mu.Unlock()
	e.mux.ServeHTTP(w, r)
}

// boot turns a link that works once into the cookie.
func (e *Edge) boot(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		forbid(w, r)
		return
	}
	token := r.URL.Query().Get("t")
	e.mu.Lock()
	link, known := e.boots[token]
	delete(e.boots, token)
	before := e.asked
	e.mu.Unlock()
	if !known || time.Now().After(link.end) {
		forbid(w, r)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: e.cookie, Value: e.secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.Header().Set("Cache-Control", "no-store")
	to := "/"
	if link.room != "" {
		to = "/?room=" + url.QueryEscape(string(link.room))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	if e.Silent == nil {
		return
	}
	time.AfterFunc(askWithin, func() {
		e.mu.Lock()
		silent := e.asked == before
		e.mu.Unlock()
		if silent && e.ctx.Err() == nil {
			e.Silent("the window asked for nothing after its link")
		}
	})
}

func forbid(w http.ResponseWriter, r *http.Request) {
	refuse(w, r, http.StatusForbidden, protocol.Refuse(protocol.Forbidden))
}

// fail answers with the refusal inside err; whatever else went wrong is Unavailable.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	no := asRefusal(err)
	refuse(w, r, no.Code.Status(), no)
}

// refuse answers in the one shape of every refusal.
func refuse(w http.ResponseWriter, r *http.Request, status int, no *protocol.Refusal) {
	if no.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(no.RetryAfter))
	}
	answer(w, status, protocol.Refused{Error: *fault(no, r.Header.Get("Accept-Language"))})
}

func fault(no *protocol.Refusal, lang string) *protocol.Fault {
	return &protocol.Fault{
		Code: no.Code, Message: locale.Of(lang).Say("error." + string(no.Code)), Field: no.Field, RetryAfter: no.RetryAfter,
		Certificate: no.Certificate,
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the window may be gone
}
