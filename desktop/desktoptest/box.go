package desktoptest

import (
	"context"
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

// How a Box treats WebSockets.
const (
	Passes  = "passes"  // lets them through
	Refuses = "refuses" // answers with its own page
	Strips  = "strips"  // forwards the request without what makes it an upgrade
	Hangs   = "hangs"   // never answers the upgrade
	Eats    = "eats"    // lets the upgrade through and no frame after it
)

// Box is what stands between a client and a server in some networks: it passes HTTP on, and has its own mind about
// WebSockets.
type Box struct {
	URL string
	// Upgrades counts the WebSockets that were asked for.
	Upgrades atomic.Int32
	// Redirect, unless nil, is where everything has moved to.
	Redirect atomic.Pointer[string]

	mode  atomic.Pointer[string]
	ended context.Context

	mu   sync.Mutex // guards the field below
	held map[io.Closer]bool
}

// NewBox stands before the server at to, until the test ends.
func NewBox(t testing.TB, to, mode string) *Box {
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	b := &Box{held: map[io.Closer]bool{}}
	b.Set(mode)
	ctx, stop := context.WithCancel(context.Background())
	b.ended = ctx
	pass := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(at); r.Out.Host = r.In.Host },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		Transport:    &http.Transport{DisableCompression: true},
	}
	b.URL = Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := b.Redirect.Load(); to != nil {
			http.Redirect(w, r, *to+r.URL.RequestURI(), http.StatusPermanentRedirect)
			return
		}
		if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			b.Upgrades.Add(1)
			b.upgrade(w, r, at.Host, pass)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(stop)
	t.Cleanup(b.Drop)
	return b
}

// Set changes how WebSockets are treated from now on; those that stand go on.
func (b *Box) Set(mode string) { b.mode.Store(&mode) }

// Drop ends the WebSockets that the box carries.
func (b *Box) Drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.held {
		_ = c.Close()
	}
}

func (b *Box) upgrade(w http.ResponseWriter, r *http.Request, to string, pass http.Handler) {
	switch *b.mode.Load() {
	case Refuses:
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<html>WebSockets are not allowed here</html>")
	case Strips:
		for _, name := range []string{"Upgrade", "Connection", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions"} {
			r.Header.Del(name)
		}
		pass.ServeHTTP(w, r)
	case Hangs:
		select {
		case <-r.Context().Done():
		case <-b.ended.Done():
		}
	case Eats:
		b.carry(w, r, to, false)
	default:
		b.carry(w, r, to, true)
	}
}

// carry makes the upgrade itself, and passes on what comes after the answer, or none of it.
func (b *Box) carry(w http.ResponseWriter, r *http.Request, to string, all bool) {
	far, err := net.DialTimeout("tcp", to, 10*time.Second)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if r.Write(far) != nil {
		_ = far.Close()
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	near, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = far.Close()
		return
	}
	b.hold(near, far)
	var both sync.WaitGroup
	end := func() { _ = near.Close(); _ = far.Close() }
	both.Go(func() {
		defer end()
		var to io.Writer = far
		if !all {
			to = io.Discard
		}
		_, _ = io.Copy(to, rw)
	})
	both.Go(func() {
		defer end()
		if all {
			_, _ = io.Copy(near, far)
			return
		}
		head := make([]byte, 0, 1<<10) // the answer, byte by byte, so that no frame comes with it
		for one := make([]byte, 1); !strings.HasSuffix(string(head), "\r\n\r\n"); head = append(head, one[0]) {
			if _, err := io.ReadFull(far, one); err != nil {
				return
			}
		}
		_, _ = near.Write(head)
		_, _ = io.Copy(io.Discard, far)
	})
	both.Wait()
	b.release(near, far)
}

func (b *Box) hold(all ...io.Closer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range all {
		b.held[c] = true
	}
}

func (b *Box) release(all ...io.Closer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range all {
		delete(b.held, c)
	}
}
