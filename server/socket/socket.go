// Package socket holds one WebSocket per live session: upgrade, hello, reading, writing, heartbeat
// and close codes; and the same over plain HTTP for those to whom no WebSocket gets through.
// It knows no rules: what a frame asks for is carried out by command, what happens is told by fanout.
// An idle connection costs one parked goroutine and a small read buffer; it has no writer and no
// queue. Whoever has something to say writes it himself, without waiting; only what the other side
// does not take at once is queued, and a reader too slow for a bounded queue is closed.
package socket

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/server/command"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// Caller is who opens a socket.
type Caller struct {
	session.Who
	// Cookie is set when a cookie proves who it is: then the page must be ours.
	Cookie bool
	// Lang is the language of sentences.
	Lang string
}

// Config sets up a Server.
type Config struct {
	// Auth says who asks, or returns a refusal.
	Auth     func(r *http.Request) (Caller, error)
	Commands *command.Commands
	Sessions *session.Registry
	// Spend counts a request of a session without a WebSocket, and reports whether it may be made; nil: all may.
	Spend func(signIn string) bool
	// Server stands in the hello, as it is at that moment; nil says nothing.
	Server func() protocol.Server
	// Origins are further pages that may use a cookie, as scheme://host[:port].
	Origins []string
	Log     *slog.Logger
}

// The times of a connection. A client that is asked after pingAfter has until silentAfter to answer.
const (
	pingAfter   = 25 * time.Second
	silentAfter = 35 * time.Second
	// endTime is how long a connection may take to read what was queued and the close code: 10 s until
	// it reads again, as promised, and what the kernels hold (some 100 KiB) through a window of 2 KiB. There TCP
	// goes on by its probes, which by then come seconds apart: 20 s were seen.
	endTime = 60 * time.Second
	// byeTime is how long the other side may take to answer a close code it could read.
	byeTime = 3 * time.Second
)

// Server is the http.Handler of /ws.
type Server struct {
	Config
	upgrader websocket.Upgrader
	ctx      context.Context
	cancel   context.CancelFunc

	mu       sync.Mutex // guards the fields below
	conns    map[*conn]struct{}
	polled   map[name]*polled
	draining bool
	empty    chan struct{} // closed when draining and the last connection is gone
	moved    int           // came or left since tidy last ran
	tidy     *time.Timer   // gives memory back after many moved

	badFrames, slow, silent atomic.Int64
}

// New returns a Server.
func New(c Config) *Server {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "socket")
	if c.Server == nil {
		c.Server = func() protocol.Server { return protocol.Server{} }
	}
	s := &Server{Config: c, conns: map[*conn]struct{}{}, polled: map[name]*polled{}, empty: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.tidy = time.AfterFunc(time.Hour, s.giveBack)
	s.tidy.Stop()
	s.upgrader = websocket.Upgrader{
		// Of the upgrader's connection only the answer is used: no buffers for the rest.
		WriteBufferPool:   &sync.Pool{},
		EnableCompression: true,
		CheckOrigin:       func(*http.Request) bool { return true }, // ours is stricter, and only for cookies
		Error: func(w http.ResponseWriter, r *http.Request, status int, _ error) {
			code := protocol.BadRequest
			if status == http.StatusMethodNotAllowed {
				code = protocol.MethodNotKnown
			}
			s.refuse(w, r, status, protocol.Refuse(code), "")
		},
	}
	return s
}

// ServeHTTP checks who asks and turns the request into a session.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	by, err := s.Auth(r)
	if err != nil {
		s.refuse(w, r, protocol.CodeOf(err).Status(), err, by.Lang)
		return
	}
	if by.Cookie && !s.ours(r) {
		s.refuse(w, r, http.StatusForbidden, protocol.Refuse(protocol.Forbidden), by.Lang)
		return
	}
	if s.stopping() {
		s.refuse(w, r, http.StatusServiceUnavailable, &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: 1}, by.Lang)
		return
	}
	if r.URL.Query().Has("trial") {
		s.trial(w, r)
		return
	}
	c := &conn{srv: s}
	if _, err := s.upgrader.Upgrade(hijack{w, c}, r, nil); err != nil {
		return // the upgrader has answered
	}
	c.open(by)
}

// ours reports whether the page that opens the socket is one of ours. Programs send no Origin.
func (s *Server) ours(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(s.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// refuse answers instead of upgrading, in the shape of every refusal over HTTP.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, err error, lang string) {
	f := s.Commands.Fault(lang, "open socket", "", err)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if status == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodGet)
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(protocol.Refused{Error: *f}) // nobody left to tell
	}
}

func (s *Server) stopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// enter takes c in, unless the server is stopping.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.conns[c] = struct{}{}
	s.stirred()
	return true
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, in := s.conns[c]; !in {
		return
	}
	delete(s.conns, c)
	s.stirred()
	s.settled()
}

// settled notes that the last one has left a server that stops. The caller holds mu.
func (s *Server) settled() {
	if s.draining && len(s.conns) == 0 && len(s.polled) == 0 {
		close(s.empty)
	}
}

// A crowd that comes or goes leaves more garbage than it keeps. Once it is quiet for a moment, that is
// given back to the system; otherwise it would stand idle for minutes.
const (
	crowd     = 200
	tidyAfter = 3 * time.Second
)

// stirred notes that somebody came or left. The caller holds mu.
func (s *Server) stirred() {
	if s.moved++; s.moved >= crowd && !s.draining {
		s.tidy.Reset(tidyAfter)
	}
}

func (s *Server) giveBack() {
	s.mu.Lock()
	s.moved = 0
	s.mu.Unlock()
	debug.FreeOSMemory()
}

// Shutdown asks every session to come back later (1012) once what it asked for is answered, and
// returns when all are gone. Whoever is still there when ctx ends is cut off.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	if s.draining {
		s.mu.Unlock()
		return
	}
	s.draining = true
	s.tidy.Stop()
	all := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	waiting := slices.Collect(maps.Values(s.polled))
	s.settled()
	s.mu.Unlock()
	for _, p := range waiting {
		go p.restart()
	}
	for _, c := range all {
		c.restart()
	}
	select {
	case <-s.empty:
	case <-ctx.Done():
		for _, c := range all {
			c.cutOff()
		}
		for _, p := range waiting {
			s.dropPolled(p)
		}
		<-s.empty
	}
	s.cancel()
}

// Stats are numbers for an operator.
type Stats struct {
	// Open counts all live connections, Polled those without a WebSocket among them.
	Open, Polled            int
	BadFrames, Slow, Silent int64
}

// Stats returns how many sockets are open, and what was wrong with others since the start.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	n, p := len(s.conns), len(s.polled)
	s.mu.Unlock()
	return Stats{Open: n + p, Polled: p, BadFrames: s.badFrames.Load(), Slow: s.slow.Load(), Silent: s.silent.Load()}
}

// hijack hands the upgrader our own connection instead of the bare one, so that whatever it writes
// goes through our queue.
type hijack struct {
	http.ResponseWriter
	c *conn
}
