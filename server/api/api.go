// Package api is the HTTP side: sign-in, queries, commands for scripts, health, metrics.
// It knows no rules: every handler is a thin adapter over auth, chat and command.
// Every refusal, unknown paths and methods included, has the one shape of the wire contract.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"sendjay/server/auth"
	"sendjay/server/chat"
	"sendjay/server/command"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// People finds people to talk to.
type People interface {
	Accounts(ctx context.Context, q, cursor string, limit int) ([]store.Account, string, error)
}

// Config sets up the API. All parts are needed unless said otherwise.
type Config struct {
	Auth     *auth.Auth
	Chat     *chat.Chat
	Commands *command.Commands
	People   People
	// Socket answers /ws, UI everything that is not ours.
	Socket, UI http.Handler
	// Ready names what is missing, by part; empty when all is well.
	Ready func(ctx context.Context) map[string]string
	// Metrics writes what the parts count. It is served to this machine alone unless MetricsOpen.
	Metrics     http.HandlerFunc
	MetricsOpen bool
	// Proxies may say for whom they ask.
	Proxies []netip.Prefix
	// Origins are further pages that may use our cookies.
	Origins   []string
	Unlimited bool
	Log       *slog.Logger
}

// handler answers one method of one path. What it returns is written as JSON.
type handler func(w http.ResponseWriter, r *http.Request) (any, error)

// API is the http.Handler of the whole server.
type API struct {
	Config
	mux     *http.ServeMux
	cross   *http.CrossOriginProtection
	budgets budgets
}

// Route is one path with its methods, for the reference and for tests of who may do what.
type Route struct {
	Path    string
	Methods []string
}

// New returns the API.
func New(c Config) (*API, error) {
	a := &API{Config: c, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection()}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	for _, o := range c.Origins {
		if err := a.cross.AddTrustedOrigin(o); err != nil {
			return nil, err
		}
	}
	for path, methods := range a.routes() {
		a.mux.Handle(path, a.serve(methods))
	}
	a.mux.Handle("/ws", c.Socket)
	a.mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, struct{}{}) })
	a.mux.HandleFunc("/readyz", a.ready)
	a.mux.HandleFunc("/metrics", a.metrics)
	a.mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { a.refuse(w, r, protocol.Refuse(protocol.NotFound)) })
	a.mux.Handle("/", c.UI)
	return a, nil
}

func (a *API) routes() map[string]map[string]handler {
	return map[string]map[string]handler{
		"/api/v1/auth/login":          {"POST": a.login},
		"/api/v1/auth/refresh":        {"POST": a.refresh},
		"/api/v1/auth/logout":         {"POST": a.signed(a.logout)},
		"/api/v1/auth/password":       {"POST": a.signed(a.password)},
		"/api/v1/me":                  {"GET": a.signed(a.me)},
		"/api/v1/users":               {"GET": a.signed(a.users)},
		"/api/v1/rooms":               {"GET": a.signed(a.rooms)},
		"/api/v1/rooms/{id}":          {"GET": a.signed(a.room)},
		"/api/v1/rooms/{id}/members":  {"GET": a.signed(a.members)},
		"/api/v1/rooms/{id}/messages": {"GET": a.signed(a.messages)},
		"/api/v1/rooms/{id}/changes":  {"GET": a.signed(a.changes)},
		"/api/v1/unread":              {"GET": a.signed(a.unread)},
		"/api/v1/search":              {"GET": a.signed(a.search)},
		"/api/v1/commands/{op}":       {"POST": a.signed(a.command)},
	}
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// bodyBytes bounds every body; a command's data is bounded like a frame.
const bodyBytes = 64 << 10

func (a *API) serve(methods map[string]handler) http.Handler {
	var allow []string
	for m := range methods {
		allow = append(allow, m)
		if m == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		h := methods[method]
		if h == nil {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			a.refuse(w, r, protocol.Refuse(protocol.MethodNotKnown))
			return
		}
		// A page elsewhere may not use our cookies. Programs with a token of their own are no pages.
		if bearer(r) == "" && a.cross.Check(r) != nil {
			a.refuse(w, r, protocol.Refuse(protocol.Forbidden))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyBytes)
		out, err := h(w, r)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		write(w, http.StatusOK, out)
	})
}

type whoKey struct{}

// signed lets only those in who prove who they are.
func (a *API) signed(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		who, _, err := a.Who(r)
		if err != nil {
			return nil, err
		}
		if !a.Unlimited && !a.budgets.spend(who.SignIn) {
			return nil, &protocol.Refusal{Code: protocol.RateLimited, RetryAfter: 1}
		}
		return h(w, r.WithContext(context.WithValue(r.Context(), whoKey{}, who)))
	}
}

func whoOf(r *http.Request) auth.Who {
	who, _ := r.Context().Value(whoKey{}).(auth.Who)
	return who
}

// accessCookie holds the access token in a browser; refreshCookie goes to the sign-in paths only.
const (
	accessCookie  = "sendjay_access"
	refreshCookie = "sendjay_refresh"
	refreshPath   = "/api/v1/auth"
)

func bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// Who says who asks, and whether only a cookie proves it. Tokens in addresses do not count.
func (a *API) Who(r *http.Request) (auth.Who, bool, error) {
	if r.Header.Get("Authorization") != "" {
		who, err := a.Auth.Check(r.Context(), bearer(r))
		return who, false, err
	}
	c, err := r.Cookie(accessCookie)
	if err != nil {
		return auth.Who{}, false, protocol.Refuse(protocol.Unauthenticated)
	}
	who, err := a.Auth.Check(r.Context(), c.Value)
	return who, true, err
}

// Lang is the language of the sentences for this request.
func Lang(r *http.Request) string { return r.Header.Get("Accept-Language") }

func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		err = protocol.Refuse(protocol.TooLarge)
	}
	f := a.Commands.Fault(Lang(r), r.Method+" "+r.Pattern, whoOf(r).User.ID, err)
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if f.Code == protocol.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	write(w, f.Code.Status(), protocol.Refused{Error: *f})
}

func write(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the reader may be gone
}

// body reads a JSON object into v.
func body(r *http.Request, v any) error {
	raw, err := readAll(r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		if refusal, ok := errors.AsType[*protocol.Refusal](err); ok {
			return refusal
		}
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return protocol.RefuseField(protocol.BadRequest, t.Field)
		}
		return protocol.Refuse(protocol.BadRequest)
	}
	return nil
}

func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	missing := a.Ready(r.Context())
	status := http.StatusOK
	if len(missing) > 0 {
		status = http.StatusServiceUnavailable
	}
	write(w, status, struct {
		Ready   bool              `json:"ready"`
		Missing map[string]string `json:"missing"`
	}{len(missing) == 0, missing})
}

func (a *API) metrics(w http.ResponseWriter, r *http.Request) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if !a.MetricsOpen && (err != nil || !from.Addr().Unmap().IsLoopback() || r.Header.Get("X-Forwarded-For") != "") {
		a.refuse(w, r, protocol.Refuse(protocol.NotFound))
		return
	}
	a.Metrics(w, r)
}
