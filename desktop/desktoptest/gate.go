package desktoptest

import (
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Gate is a company's proxy. Whatever name it is asked for, it leads to one server.
type Gate struct {
	// Addr is its host and port.
	Addr string
	// Passed counts what it was asked for.
	Passed atomic.Int32
	// Wants is the name and the password that it wants to hear, nil for none; Takes whether it takes a ticket that it is
	// shown after Negotiate, nil for never. Offers are the ways to tell who asks that it names. They are set before anybody
	// comes. As some proxies do, it lets a connection through that it has let through before.
	Wants  *url.Userinfo
	Takes  func(ticket []byte) bool
	Offers []string
	// Asked counts how often it asked who comes, Showed the tickets that it was shown.
	Asked, Showed atomic.Int32

	to   string
	srv  *http.Server
	shut atomic.Bool

	mu   sync.Mutex // guards the field below
	held []net.Conn
}

// NewGate opens a gate to the server at to, until the test ends.
func NewGate(t testing.TB, to string) *Gate {
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{Addr: lis.Addr().String(), to: at.Host}
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(at)
			r.Out.Header.Del("Proxy-Authorization")
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		Transport:    &http.Transport{DisableKeepAlives: true},
	}
	known := func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, letThrough{}, new(atomic.Bool))
	}
	g.srv = &http.Server{ReadHeaderTimeout: time.Minute, ConnContext: known, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.content(r) {
			g.Asked.Add(1)
			for _, o := range g.Offers {
				w.Header().Add("Proxy-Authenticate", o)
			}
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		if g.shut.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		g.Passed.Add(1)
		if r.Method == http.MethodConnect {
			g.carry(w)
			return
		}
		pass.ServeHTTP(w, r)
	})}
	go func() { _ = g.srv.Serve(lis) }()
	t.Cleanup(g.Close)
	return g
}

// letThrough marks connections.
type letThrough struct{}

// content reports whether the gate knows enough of who asks.
func (g *Gate) content(r *http.Request) bool {
	before := r.Context().Value(letThrough{}).(*atomic.Bool)
	says := r.Header.Get("Proxy-Authorization")
	shown, byTicket := strings.CutPrefix(says, "Negotiate ")
	if byTicket {
		g.Showed.Add(1)
	}
	if g.Wants == nil && g.Offers == nil {
		return true
	}
	ok := g.Wants != nil && says == "Basic "+base64.StdEncoding.EncodeToString([]byte(plain(g.Wants)))
	if ticket, err := base64.StdEncoding.DecodeString(shown); byTicket && err == nil && g.Takes != nil {
		ok = g.Takes(ticket)
	}
	if ok && byTicket {
		before.Store(true)
	}
	return ok || says == "" && before.Load()
}

// Close shuts the gate; what it carries ends.
func (g *Gate) Close() {
	_ = g.srv.Close()
	g.Drop()
}

// Shut lets nothing through until Open; what the gate carries ends.
func (g *Gate) Shut() {
	g.shut.Store(true)
	g.Drop()
}

// Open lets all through again.
func (g *Gate) Open() { g.shut.Store(false) }

// Drop ends what the gate carries.
func (g *Gate) Drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.held {
		_ = c.Close()
	}
	g.held = nil
}

func plain(u *url.Userinfo) string {
	password, _ := u.Password()
	return u.Username() + ":" + password
}

func (g *Gate) carry(w http.ResponseWriter) {
	far, err := net.DialTimeout("tcp4", g.to, 10*time.Second)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = far.Close()
		return
	}
	g.mu.Lock()
	g.held = append(g.held, near, far)
	g.mu.Unlock()
	if g.shut.Load() { // since it was let in
		g.Drop()
	}
	if _, err := io.Copy(near, strings.NewReader("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = near.Close()
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
			_ = way[1].Close()
		})
	}
	both.Wait()
}
