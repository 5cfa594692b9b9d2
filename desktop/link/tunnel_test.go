package link

import (
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sendjay/shared/protocol"
)

// relay copies both ways until one side goes.
func relay(near, far net.Conn) {
	go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
	_, _ = io.Copy(near, far)
	_ = near.Close()
}

// socksProxy speaks as much of SOCKS 5 as it takes, and leads to one address whatever name it is asked for.
func socksProxy(t *testing.T, to string) (addr string, asked *atomic.Int32) {
	t.Helper()
	lis, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lis.Close() })
	asked = new(atomic.Int32)
	serve := func(near net.Conn) {
		head := make([]byte, 2)
		_, _ = io.ReadFull(near, head)
		_, _ = io.CopyN(io.Discard, near, int64(head[1]))
		_, _ = near.Write([]byte{5, 0})
		name := make([]byte, 5) // version, connect, 0, by name, its length
		_, _ = io.ReadFull(near, name)
		_, _ = io.CopyN(io.Discard, near, int64(name[4])+2)
		far, err := net.Dial("tcp4", to)
		if err != nil || name[3] != 3 {
			_ = near.Close()
			return
		}
		asked.Add(1)
		_, _ = near.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		relay(near, far)
	}
	go func() {
		for {
			near, err := lis.Accept()
			if err != nil {
				return
			}
			go serve(near)
		}
	}()
	return lis.Addr().String(), asked
}

// safeServer answers as ours does, with what a request came over, behind TLS.
func safeServer(t *testing.T) (srv *httptest.Server, ca string, protocols chan string) {
	t.Helper()
	protocols = make(chan string, 10)
	srv = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocols <- r.Proto }))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return srv, ca, protocols
}

func TestTunnelsLeadThroughProxiesOfEveryKind(t *testing.T) {
	srv, ca, protocols := safeServer(t)
	to := srv.Listener.Addr().String()
	socks, asked := socksProxy(t, to)
	var connects atomic.Int32
	connect := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		far, err := net.Dial("tcp4", to)
		if r.Method != http.MethodConnect || r.Host != "example.com:443" || err != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		connects.Add(1)
		near, _, _ := http.NewResponseController(w).Hijack()
		_, _ = io.WriteString(near, "HTTP/1.1 200 yes\r\n\r\n")
		relay(near, far)
	})
	clear, safe := httptest.NewServer(connect), httptest.NewUnstartedServer(connect)
	safe.TLS = srv.TLS.Clone()
	safe.TLS.NextProtos = nil
	safe.StartTLS()
	t.Cleanup(clear.Close)
	t.Cleanup(safe.Close)
	for _, c := range []struct {
		proxy string
		count *atomic.Int32
	}{{"socks5://" + socks, asked}, {"socks5h://" + socks, asked}, {clear.URL, &connects}, {safe.URL, &connects}} {
		l, err := New(Config{Proxy: c.proxy, ExtraCA: ca})
		if err != nil {
			t.Fatal(err)
		}
		before := c.count.Load()
		if err := l.Try(t.Context(), "https://example.com"); err != nil {
			t.Errorf("%s: %v", c.proxy, err)
			continue
		}
		if over := <-protocols; over != "HTTP/2.0" {
			t.Errorf("%s: a request over %s", c.proxy, over)
		}
		if k := l.upgrade(t.Context(), "https://example.com", "/ws", "token"); k.status != http.StatusOK {
			t.Errorf("%s: a WebSocket: %v", c.proxy, k.err)
			continue
		}
		if over := <-protocols; over != "HTTP/1.1" {
			t.Errorf("%s: a WebSocket over %s", c.proxy, over)
		}
		if n := c.count.Load() - before; n != 2 {
			t.Errorf("%s: it was asked %d times", c.proxy, n)
		}
	}
}

func TestARealmThatDoesNotAnswerIsNotWaitedFor(t *testing.T) {
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Proxy-Authorization"), "Basic ") {
			w.Header()["Proxy-Authenticate"] = []string{"Negotiate", "Basic"}
			w.WriteHeader(http.StatusProxyAuthRequired)
		}
	}))
	t.Cleanup(gate.Close)
	at := strings.TrimPrefix(gate.URL, "http://")
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	silent := func(context.Context, string) ([]byte, error) { <-forever; return nil, nil }
	for _, held := range []bool{false, true} {
		k := pocket{}
		l, err := New(Config{Keys: k, Proxy: gate.URL, Ticket: silent})
		if err != nil {
			t.Fatal(err)
		}
		l.around.patience = time.Millisecond
		want := protocol.WhyProxySignIn
		if held {
			k[ProxyKey(at)], want = ProxySecret("kim", "secret"), ""
		}
		if err := l.Try(t.Context(), "http://talk.example.invalid"); reason(err, 0) != want {
			t.Errorf("with a password %v: %v", held, err)
		}
	}
}

func FuzzChallenges(f *testing.F) {
	for _, line := range []string{`Negotiate`, `Basic realm="a, Negotiate \" b", NTLM`, `basic realm=x,negotiate , Digest qop="auth", nonce="x"`, ``, `"`, `,,`, `a\`, `"\`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c := challengeOf("proxy:3128", &http.Response{Header: http.Header{"Proxy-Authenticate": {line}}})
		for _, o := range c.offers {
			if o == "" || o != strings.ToLower(o) || strings.ContainsAny(o, " =,") {
				t.Errorf("%q offers %q", line, o)
			}
		}
	})
}

func TestOffersAreReadAsTheyStand(t *testing.T) {
	for line, want := range map[string]string{
		`Negotiate`: "negotiate", `Basic realm="a, Negotiate \" b", NTLM`: "basic ntlm", `basic realm=x,negotiate , Digest qop="auth", nonce="NTLM"`: "basic negotiate digest", ``: "",
		`Negotiate oYG2MIGzoAMKAQChCwYJKoZIgvcSAQICooGeBIGbYIGY==`: "negotiate",
	} {
		c := challengeOf("proxy:3128", &http.Response{Header: http.Header{"Proxy-Authenticate": {line}}})
		if got := strings.Join(c.offers, " "); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
