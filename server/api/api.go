// Package api is the HTTP side: sign-in, queries, commands for scripts, health, metrics.
// It knows no rules: every handler is a thin adapter over auth, chat and command.
// Every refusal, unknown paths and methods included, has the one shape of the wire contract.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"sendjay/server/auth"
	"sendjay/server/chat"
	"sendjay/server/command"
	"sendjay/server/directory"
	"sendjay/server/feed"
	"sendjay/server/files"
	"sendjay/server/limits"
	"sendjay/server/offer"
	"sendjay/shared/protocol"
)

// Config sets up the API. All parts are needed unless said otherwise.
type Config struct {
	Auth     *auth.Auth
	Chat     *chat.Chat
	Commands *command.Commands
	Files    *files.Files
	Cards    *files.Cards
	People   *directory.Directory
	Desk     DeskStore
	// Offers are the versions of the desktop.
	Offers *offer.Offers
	Limits *limits.Limits
	Feeds  *feed.Clock
	// Health says how the server is.
	Health func(ctx context.Context) (protocol.Health, error)
	// Socket answers /ws, Polling the same over plain HTTP, UI everything that is not ours.
	Socket, Polling, UI http.Handler
	// Ready names what is missing, by part; empty when all is well.
	Ready func(ctx context.Context) map[string]string
	// Metrics writes what the parts count. It is served to this machine alone unless MetricsOpen.
	Metrics     http.HandlerFunc
	MetricsOpen bool
	// Proxies may say for whom they ask.
	Proxies []netip.Prefix
	// Origins are further pages that may use our cookies.
	Origins []string
	// PortalOrigins are the pages of the company's portal, which may hand in its tickets.
	PortalOrigins []string
	// Public is the https host under which browsers know us, "" for none: cookies for it are Secure.
	Public    string
	Unlimited bool
	// Transcripts lets people save the messages of a room as a file.
	Transcripts bool
	Log         *slog.Logger
}

// handler answers one method of one path. What it returns is written as JSON.
type handler func(w http.ResponseWriter, r *http.Request) (any, error)

// API is the http.Handler of the whole server.
type API struct {
	Config
	mux     *http.ServeMux
	cross   *http.CrossOriginProtection
	budgets budgets
	writing chan struct{} // a slot for each transcript
}

// New returns the API.
func New(c Config) (*API, error) {
	a := &API{Config: c, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(), writing: make(chan struct{}, transcriptsAtOnce)}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	for _, o := range c.Origins {
		if err := a.cross.AddTrustedOrigin(o); err != nil {
			return nil, err
		}
	}
	for path, methods := range a.allRoutes() {
		a.mux.Handle(path, a.serve(methods))
	}
	streams, err := a.streams()
	if err != nil {
		return nil, err
	}
	for path, s := range streams {
		a.mux.Handle(path, s.handler)
	}
	a.mux.Handle("/ws", a.socket(c.Socket))
	a.mux.Handle("/healthz", a.reading(func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, struct{}{}) }))
	a.mux.Handle("/readyz", a.reading(a.ready))
	a.mux.Handle("/metrics", a.reading(a.metrics))
	a.mux.HandleFunc("/api", a.unknown)
	a.mux.HandleFunc("/api/", a.unknown)
	a.mux.Handle("/", a.reading(a.ui))
	return a, nil
}

func (a *API) routes() map[string]map[string]handler {
	return map[string]map[string]handler{
		"/api/v1/auth/login":                            {"POST": a.login},
		"/api/v1/auth/refresh":                          {"POST": a.refresh},
		"/api/v1/auth/ways":                             {"GET": a.ways},
		"/api/v1/auth/ticket":                           {"POST": a.ticket},
		"/api/v1/auth/kerberos":                         {"POST": a.kerberos},
		"/api/v1/auth/vouch":                            {"POST": a.signed(a.vouch)},
		"/api/v1/auth/vouched":                          {"POST": a.vouched},
		"/api/v1/auth/logout":                           {"POST": a.logout},
		"/api/v1/auth/password":                         {"POST": a.fresh(a.password)},
		"/api/v1/me":                                    {"GET": a.fresh(a.me)},
		"/api/v1/me/factor":                             {"GET": a.settling(a.factor), "POST": a.settling(a.beginFactor), "PUT": a.settling(a.confirmFactor)},
		"/api/v1/me/factor/codes":                       {"POST": a.signed(a.renewCodes)},
		"/api/v1/me/factor/off":                         {"POST": a.signed(a.giveFactorUp)},
		"/api/v1/me/settings":                           {"GET": a.signed(a.settings), "PUT": a.signed(a.setSettings)},
		"/api/v1/users":                                 {"GET": a.signed(a.users)},
		"/api/v1/users/{id}":                            {"GET": a.signed(a.card)},
		"/api/v1/org":                                   {"GET": a.signed(a.org)},
		"/api/v1/org/{code}/users":                      {"GET": a.signed(a.orgUsers)},
		"/api/v1/me/profile":                            {"GET": a.signed(a.profile), "PUT": a.signed(a.setProfile)},
		"/api/v1/me/devices":                            {"GET": a.signed(a.myDevices), "DELETE": a.signed(a.endMine)},
		"/api/v1/me/devices/{id}":                       {"DELETE": a.signed(a.endMine)},
		"/api/v1/holidays":                              {"GET": a.signed(a.holidays)},
		"/api/v1/announcement":                          {"GET": a.signed(a.announcement)},
		"/api/v1/me/people":                             {"GET": a.signed(a.circle)},
		"/api/v1/me/people/{id}":                        {"PUT": a.signed(a.mark(true)), "DELETE": a.signed(a.mark(false))},
		"/api/v1/rooms":                                 {"GET": a.signed(a.rooms)},
		"/api/v1/rooms/{id}":                            {"GET": a.signed(a.room)},
		"/api/v1/rooms/{id}/members":                    {"GET": a.signed(a.members)},
		"/api/v1/rooms/{id}/messages":                   {"GET": a.signed(a.messages)},
		"/api/v1/rooms/{id}/messages/{message}":         {"GET": a.signed(a.message)},
		"/api/v1/rooms/{id}/messages/{message}/readers": {"GET": a.signed(a.readers)},
		"/api/v1/rooms/{id}/archive":                    {"GET": a.signed(a.archive)},
		"/api/v1/rooms/{id}/changes":                    {"GET": a.signed(a.changes)},
		"/api/v1/unread":                                {"GET": a.signed(a.unread)},
		"/api/v1/rooms/{id}/place":                      {"GET": a.signed(a.place)},
		"/api/v1/search":                                {"GET": a.signed(a.search)},
		"/api/v1/updates":                               {"GET": a.signed(a.update)},
		"/api/v1/commands/{op}":                         {"POST": a.signed(a.command)},
	}
}

// stream is a path whose bodies are as long as files are, or whose answer is no JSON, with its methods.
type stream struct {
	methods []string
	handler http.Handler
}

func (a *API) streams() (map[string]stream, error) {
	tus, err := a.uploads()
	if err != nil {
		return nil, err
	}
	get := []string{http.MethodGet}
	return map[string]stream{
		uploadsPath:                    {[]string{http.MethodOptions, http.MethodPost}, a.upload(tus)},
		uploadsPath + "{id}":           {[]string{http.MethodHead, http.MethodPatch, http.MethodDelete}, a.upload(tus)},
		"/api/v1/auth/portal":          {[]string{http.MethodPost}, http.HandlerFunc(a.enter)},
		"/org/interfaceToDept":         {[]string{http.MethodPost}, http.HandlerFunc(a.feedPosted)},
		"/org/interfaceToUser":         {[]string{http.MethodPost}, http.HandlerFunc(a.feedPosted)},
		"/api/v1/line/{id}":            {[]string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete}, http.HandlerFunc(a.line)},
		"/api/v1/auth/oidc":            {get, http.HandlerFunc(a.oidcBegin)},
		"/api/v1/auth/oidc/callback":   {get, http.HandlerFunc(a.oidcEnd)},
		"/api/v1/feed":                 {[]string{http.MethodPost}, http.HandlerFunc(a.feedIn)},
		"/api/v1/admin/feed/upload":    {[]string{http.MethodPost}, http.HandlerFunc(a.feedUpload)},
		"/api/v1/admin/updates/upload": {[]string{http.MethodPost}, http.HandlerFunc(a.bringUpdate)},
		"/api/v1/me/picture":           {[]string{http.MethodPut, http.MethodDelete}, http.HandlerFunc(a.myPicture)},
		"/api/v1/users/{id}/picture":   {get, http.HandlerFunc(a.picture)},
		"/api/v1/files/{id}":           {get, a.file(files.Original)},
		"/api/v1/previews/{id}":        {get, a.cardPicture()},
		"/api/v1/files/{id}/thumb":     {get, a.file(files.Thumb)},
		"/api/v1/files/{id}/screen":    {get, a.file(files.Screen)},

		"/api/v1/rooms/{id}/transcript": {get, http.HandlerFunc(a.transcript)},

		"/api/v1/updates/{version}/{os}/{arch}/{name}": {get, http.HandlerFunc(a.program)},
	}, nil
}

// ServeHTTP implements http.Handler. A fault of ours ends one request, and is said like every other refusal.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(fault)
		}
		a.Log.Error("panic", "path", r.Pattern, "fault", fault, "stack", string(debug.Stack()))
		a.refuse(w, r, protocol.Refuse(protocol.Internal)) // changes nothing when something was said already
	}()
	a.mux.ServeHTTP(w, r)
}

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
			a.wrongMethod(w, r, allow)
			return
		}
		if err := a.ours(r); err != nil {
			a.refuse(w, r, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyBytes)
		out, err := h(w, r)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		if out != (sent{}) {
			write(w, http.StatusOK, out)
		}
	})
}

// ours refuses pages elsewhere: they may not use our cookies. Programs with a token of their own are no pages.
func (a *API) ours(r *http.Request) error {
	if _, own := bearer(r); own {
		return nil
	}
	if a.cross.Check(r) != nil {
		return protocol.Refuse(protocol.Forbidden)
	}
	// What an HTML form can send is not JSON, whatever stands in it.
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Header.Get("Cookie") != "" && slices.Contains(formTypes, kind) {
		return protocol.RefuseField(protocol.BadRequest, "Content-Type")
	}
	return nil
}

var formTypes = []string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// reading serves what can only be read.
func (a *API) reading(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			a.wrongMethod(w, r, []string{http.MethodGet, http.MethodHead})
			return
		}
		h(w, r)
	})
}

// socket lets the upgrade be asked for by GET alone; the rest is the socket's own.
func (a *API) socket(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			a.wrongMethod(w, r, []string{http.MethodGet})
			return
		}
		h.ServeHTTP(w, r)
	})
}

// line is a live session without a WebSocket. Which methods there are is said here, the rest is the socket's own.
func (a *API) line(w http.ResponseWriter, r *http.Request) {
	methods := []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete}
	if !slices.Contains(methods, r.Method) {
		a.wrongMethod(w, r, methods)
		return
	}
	if err := a.ours(r); err != nil {
		a.refuse(w, r, err)
		return
	}
	a.Polling.ServeHTTP(w, r)
}

// Spend counts a request of a sign-in that is answered elsewhere, and reports whether it may be made.
func (a *API) Spend(signIn string) bool { return a.Unlimited || a.budgets.spend(signIn) }

func (a *API) unknown(w http.ResponseWriter, r *http.Request) {
	a.refuse(w, r, protocol.Refuse(protocol.NotFound))
}

func (a *API) wrongMethod(w http.ResponseWriter, r *http.Request, allow []string) {
	w.Header().Set("Allow", strings.Join(allow, ", "))
	a.refuse(w, r, protocol.Refuse(protocol.MethodNotKnown))
}

// ui serves the web UI. What it does not have is refused in our shape.
func (a *API) ui(w http.ResponseWriter, r *http.Request) {
	n := &noticed{ResponseWriter: w}
	a.UI.ServeHTTP(n, r)
	if n.missing {
		for _, h := range []string{"Content-Length", "Content-Encoding", "ETag", "Last-Modified"} {
			w.Header().Del(h)
		}
		a.unknown(w, r)
	}
}

// noticed holds a 404 and what was said with it back.
type noticed struct {
	http.ResponseWriter
	missing bool
}

func (n *noticed) WriteHeader(status int) {
	if n.missing = status == http.StatusNotFound; !n.missing {
		n.ResponseWriter.WriteHeader(status)
	}
}

func (n *noticed) Write(b []byte) (int, error) {
	if n.missing {
		return len(b), nil
	}
	return n.ResponseWriter.Write(b)
}

func (n *noticed) Unwrap() http.ResponseWriter { return n.ResponseWriter }

type whoKey struct{}

// signed lets only those in who prove who they are, and who have a password of their own.
func (a *API) signed(h handler) handler {
	return a.fresh(func(w http.ResponseWriter, r *http.Request) (any, error) {
		if err := Settled(whoOf(r)); err != nil {
			return nil, err
		}
		return h(w, r)
	})
}

// Settled refuses whoever still has a one-time password, with which one can only choose a password, or lacks the
// second factor that is demanded.
func Settled(who auth.Who) error {
	if who.User.MustChange {
		return protocol.RefuseField(protocol.Forbidden, "password")
	}
	if who.User.MustEnrol {
		return protocol.RefuseField(protocol.Forbidden, "factor")
	}
	return nil
}

// fresh lets those with a one-time password in as well.
func (a *API) fresh(h handler) handler {
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

// bearer returns the token of a program; own says that it shows one, which then alone counts.
func bearer(r *http.Request) (token string, own bool) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// Who says who asks, and whether only a cookie proves it. Tokens in addresses do not count.
func (a *API) Who(r *http.Request) (auth.Who, bool, error) {
	if token, own := bearer(r); own {
		who, err := a.Auth.Check(r.Context(), token)
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
	if f.Code == protocol.Unauthenticated && w.Header().Get("WWW-Authenticate") == "" {
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
	if p, ok := v.(protocol.MessagesPage); ok {
		_, _ = w.Write(append(p.Encode(), '\n')) // the reader may be gone
		return
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the reader may be gone
}

// body reads a JSON object into v.
func body(r *http.Request, v any) error {
	raw, err := readAll(r.Body)
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

// forwarded are what proxies add: who is behind one is not this machine.
var forwarded = []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"}

func (a *API) metrics(w http.ResponseWriter, r *http.Request) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	far := err != nil || !from.Addr().Unmap().IsLoopback() ||
		slices.ContainsFunc(forwarded, func(h string) bool { return r.Header.Get(h) != "" })
	if far && !a.MetricsOpen {
		a.unknown(w, r)
		return
	}
	a.Metrics(w, r)
}
