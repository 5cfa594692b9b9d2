// Package link is the device's one connection to the server: sign in, dial, hello, resume, back off.
// It knows addresses, tokens and frames; it knows no rules and no screens.
//
// Watchers hear everything from one goroutine and in order: the state, the hello of every connection,
// the server's events. After a hello a watcher has to catch up by rev; what came in between is not repeated.
package link

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"sendjay/shared/protocol"
)

// Keys keeps the refresh token of each server; Get returns "" where there is none. What Set has
// returned survives the end of the program, and replaces the old token in one step.
type Keys interface {
	Get(server string) (string, error)
	Set(server, token string) error
	Delete(server string) error
}

// Config sets up a Link. Keys and Device are needed.
type Config struct {
	Keys Keys
	// Server is the address, "" when none is known yet.
	Server string
	// Device is the secret id of this device. It makes a repeated refresh recognizable.
	Device string
	// ExtraCA is a PEM file of further trusted certificates.
	ExtraCA string
	// Pins are the keys of which the server at the host Pinned must show one; none for any that is trusted.
	// A key is the SHA-256 sum of its SubjectPublicKeyInfo.
	Pins   [][sha256.Size]byte
	Pinned string
	// Proxy is "" or system, direct, an address (a user name and a password may stand in it), or PACPrefix and the
	// address of a script.
	Proxy string
	// Ticket returns what to show to the web server of a host, to sign in by the Kerberos ticket of this computer; nil where
	// there is none. Shows reports whether a host may be shown it.
	Ticket func(ctx context.Context, host string) ([]byte, error)
	Shows  func(host string) bool
	// Agent describes this program to the server.
	Agent string
	Log   *slog.Logger
}

// Push is an event of the server as it came.
type Push struct {
	Frame []byte             `json:"-"`
	Ev    protocol.EventName `json:"ev"`
	Room  protocol.RoomID    `json:"room"`
	Rev   protocol.Rev       `json:"rev"`
	Since *protocol.Rev      `json:"since"`
	Data  json.RawMessage    `json:"data"`
}

// Watcher hears of the link. Nil functions are passed over; none may block for long.
type Watcher struct {
	Moved   func(protocol.Link)
	Greeted func(protocol.Hello)
	Pushed  func(Push)
}

// ErrDown says that the line is down: nothing was sent, or no answer came.
var ErrDown = errors.New("the line is down")

// The back-off between attempts: doubled, with jitter over most of its length.
const (
	firstWait   = 500 * time.Millisecond
	longestWait = time.Minute
	// restartWait is the longest wait for a server that said that it only restarts, for the time of restartFor: so all are
	// back soon after it.
	restartWait = 8 * time.Second
	restartFor  = 2 * time.Minute
	// calmAfter is how long a connection has to last before the back-off starts again at the bottom.
	calmAfter = 20 * time.Second
)

// Link is the device's connection. Run keeps it alive.
type Link struct {
	Config
	http *http.Client
	// around is how requests and WebSockets find their way.
	around *detour
	kick   chan struct{} // come back now
	grant  chan struct{} // one refresh at a time; a channel, so that waiting can be given up

	// The fields below are Run's own.
	restarts time.Time // when the server last said that it restarts
	onward   bool      // another way is to be tried at once

	mu       sync.Mutex // guards the fields below
	watchers []*Watcher
	server   string
	token    tokens
	state    protocol.Link
	hello    *protocol.Hello
	line     *line
	lost     time.Time
	away     bool // replaced: stay away until Use
	way      way
	signIns  int // counts them, so that the end of one does not end the next
}

// New returns a Link.
func New(c Config) (*Link, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "link")
	t := &http.Transport{
		MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: dialWithin,
		ResponseHeaderTimeout: 60 * time.Second, ForceAttemptHTTP2: true, WriteBufferSize: 4 << 10, ReadBufferSize: 4 << 10,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(4)},
	}
	led, err := waysOf(c.Proxy)
	if err != nil {
		return nil, err
	}
	around := newDetour(led, &wallet{keys: c.Keys, log: c.Log, held: map[string]*url.Userinfo{}})
	around.ticket, around.secure = c.Ticket, t.TLSClientConfig
	t.DialContext, t.DialTLSContext = around.dial, around.dialTLS
	t.Proxy = func(r *http.Request) (*url.URL, error) {
		if v := viaOf(r.Context()); v != nil {
			return v.URL, nil
		}
		return nil, nil // the tunnel is dialled
	}
	if c.ExtraCA != "" {
		pem, err := os.ReadFile(c.ExtraCA)
		if err != nil {
			return nil, fmt.Errorf("extra certificates: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("extra certificates: %s holds none", c.ExtraCA)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	if len(c.Pins) > 0 && c.Pinned != "" {
		t.TLSClientConfig.VerifyConnection = pins(c.Pins).hold(c.Pinned)
	}
	return &Link{
		Config: c, around: around, kick: make(chan struct{}, 1), grant: make(chan struct{}, 1),
		server: strings.TrimRight(c.Server, "/"), state: protocol.Link{State: protocol.Connecting},
		http: &http.Client{Transport: &outward{t, around}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// waysOf reads the setting.
func waysOf(setting string) (ways, error) {
	switch setting {
	case "", "system":
		return &system{}, nil
	case "direct":
		return fixed{}, nil
	}
	if script, ok := strings.CutPrefix(setting, PACPrefix); ok {
		return &scripted{pac{at: script}}, nil
	}
	at, err := url.Parse(setting)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return fixed{at}, nil
}

// Watch lets w hear everything from now on. Call it before Run to miss nothing.
func (l *Link) Watch(w Watcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watchers = append(l.watchers[:len(l.watchers):len(l.watchers)], &w)
}

// State returns the present state.
func (l *Link) State() protocol.Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// Lost returns since when nothing came over the last line that was lost, by the clock on the wall; the zero time before the
// first.
func (l *Link) Lost() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// Hello returns the hello of the present connection, or the last one; nil before the first.
func (l *Link) Hello() *protocol.Hello {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hello
}

// Server returns the address of the server, "" when none is known.
func (l *Link) Server() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.server
}

// SetServer changes to another server, with the credential kept for that one if there is any.
func (l *Link) SetServer(address string) {
	address = strings.TrimRight(address, "/")
	l.mu.Lock()
	if l.server == address {
		l.mu.Unlock()
		l.Wake()
		return
	}
	l.server, l.token, l.hello, l.away, l.way = address, tokens{}, nil, false, way{}
	at := l.line
	l.mu.Unlock()
	if at != nil {
		at.leave()
	}
	l.Wake()
}

// offline is the state without a line, and why.
func offline(err error, status int) protocol.Link {
	s := protocol.Link{State: protocol.Offline, Why: reason(err, status)}
	if s.Why == protocol.WhyCertificate {
		s.Certificate = certificateFault(err)
	}
	return s
}

// Wake is called when the computer wakes up, when the network changes, and when somebody asks: a line
// that seems alive is tried, one that is down is dialled at once. Another network may have other proxies, and what
// stood idle in the old one leads nowhere.
func (l *Link) Wake() {
	l.around.forget()
	l.http.CloseIdleConnections()
	l.mu.Lock()
	at := l.line
	l.way.short, l.way.doubts = 0, 0 // what happened in another network says nothing of this one
	l.mu.Unlock()
	if at != nil {
		at.probe()
		select {
		case at.elsewhere <- struct{}{}:
		default:
		}
	}
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// Use takes the session back after another device of this kind took over, and connects at once.
func (l *Link) Use() {
	l.mu.Lock()
	l.away = false
	l.mu.Unlock()
	l.Wake()
}

func (l *Link) watching() []*Watcher {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watchers
}

func sameFault(a, b *protocol.CertificateFault) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// move changes the state; only Run's goroutine does.
func (l *Link) move(s protocol.Link) {
	l.mu.Lock()
	same := l.state.State == s.State && l.state.Why == s.Why && l.state.Plain == s.Plain && sameFault(l.state.Certificate, s.Certificate)
	l.state = s
	l.mu.Unlock()
	if same {
		return
	}
	l.Log.Info("link", "state", s.State, "plain", s.Plain)
	for _, w := range l.watching() {
		if w.Moved != nil {
			w.Moved(s)
		}
	}
}

// Run keeps the connection until ctx ends.
func (l *Link) Run(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		began := time.Now()
		again := l.connect(ctx)
		if time.Since(began) > calmAfter {
			wait = firstWait
		}
		if l.onward {
			l.onward = false
			continue // the wait stays what it is: a server that is gone is gone on every way
		}
		var timer <-chan time.Time
		if again {
			timer = time.After(jitter(wait))
		} // else somebody has to act first: sign in, take the session back
		select {
		case <-ctx.Done():
		case <-l.kick:
			wait = firstWait
		case <-timer:
			most := longestWait
			if time.Since(l.restarts) < restartFor {
				most = restartWait
			}
			wait = min(2*wait, most)
		}
	}
	l.http.CloseIdleConnections()
}

// jitter spreads devices that lost their server at the same moment.
func jitter(d time.Duration) time.Duration { return d/4 + rand.N(d*3/4) }

// connect runs one connection to its end and reports whether to come back by itself.
func (l *Link) connect(ctx context.Context) bool {
	l.mu.Lock()
	server, away, was, signIn := l.server, l.away, l.state.State, l.signIns
	l.mu.Unlock()
	if away {
		return false
	}
	token, err := l.access(ctx, "")
	switch {
	case errors.Is(err, errSignedOut):
		l.move(protocol.Link{State: protocol.SignedOut})
		return false
	case err != nil:
		if ctx.Err() == nil {
			l.Log.Info("no access", "error", plain(err))
			l.move(offline(err, 0))
		}
		return true
	}
	if was != protocol.Offline {
		l.move(protocol.Link{State: protocol.Connecting})
	}
	over := l.talk(ctx, server, token)
	if ctx.Err() != nil {
		return false
	}
	another := l.learn(over)
	if server != l.Server() || over.left {
		l.move(protocol.Link{State: protocol.Connecting})
		l.again()
		return true
	}
	switch {
	case another:
		l.Log.Info("no WebSocket gets through; trying plain HTTP", "status", over.status, "error", plain(over.err))
		if over.greeted {
			l.move(protocol.Link{State: protocol.Offline})
		}
		l.onward = true
	case over.code == protocol.CloseReplaced:
		l.mu.Lock()
		l.away = true
		l.mu.Unlock()
		l.move(protocol.Link{State: protocol.TakenOver, By: over.by})
		return false
	case over.code == protocol.CloseSignedOut:
		l.forget(server, signIn)
		l.again() // unless somebody has just signed in, this ends in SignedOut
	case over.status == http.StatusUnauthorized:
		l.stale(token)
		l.move(protocol.Link{State: protocol.Offline})
	case over.code != 0 && !comesBack(over.code):
		l.Log.Warn("the server wants us to stay away", "code", int(over.code))
		l.move(protocol.Link{State: protocol.Offline})
		return false
	default:
		if over.code == protocol.CloseRestart {
			l.restarts = time.Now()
		}
		l.Log.Info("line lost", "code", int(over.code), "error", plain(over.err))
		if over.ours {
			over.status = 0 // the server's own word, and no box on the way
		}
		l.move(offline(over.err, over.status))
	}
	return true
}

// again makes Run go on without a wait.
func (l *Link) again() {
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// comesBack says whether a close code lets us return by ourselves. Codes that are not ours do: proxies
// and dying networks make all sorts.
func comesBack(code protocol.CloseCode) bool {
	for _, c := range protocol.Closes {
		if c.Code == code {
			return c.Return
		}
	}
	return true
}

// plain is an error without the address it speaks of.
func plain(err error) string {
	if err == nil {
		return ""
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err.Error()
	}
	return err.Error()
}
