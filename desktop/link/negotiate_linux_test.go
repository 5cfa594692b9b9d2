package link_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/link"
	"sendjay/desktop/ticket"
	"sendjay/shared/kdctest"
	"sendjay/shared/protocol"
)

// atExample puts a server behind TLS, under a name that only proxies know, and returns who vouches for it.
func atExample(t *testing.T, server string) (behind, ca string) {
	t.Helper()
	at, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	safe := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }})
	safe.EnableHTTP2 = true
	safe.StartTLS()
	t.Cleanup(safe.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: safe.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return "http://" + safe.Listener.Addr().String(), ca
}

const secret = "https://example.com"

// computer is a link behind a gate; with is what it shows proxies.
func computer(t *testing.T, server, ca string, g *desktoptest.Gate, k *keys, with func(context.Context, string) ([]byte, error)) *device {
	t.Helper()
	if k == nil {
		k = &keys{kept: map[string]string{}}
	}
	l, err := link.New(link.Config{
		Keys: k, Server: server, Device: "device", Agent: "test", ExtraCA: ca, Proxy: "http://" + g.Addr, Ticket: with,
		Shows: func(string) bool { return false }, // proxies are no servers
	})
	if err != nil {
		t.Fatal(err)
	}
	return run(t, l, k)
}

func none(context.Context, string) ([]byte, error) { return nil, ticket.ErrNone }

func TestAProxyIsShownTheTicketOfThisComputerUnasked(t *testing.T) {
	centre := kdctest.Start(t, "kim")
	t.Setenv("KRB5_CONFIG", centre.Config)
	t.Setenv("KRB5CCNAME", centre.Kinit("kim"))
	for _, c := range []struct {
		name, server string
		offers       []string
	}{
		{"to a server behind TLS", secret, []string{"Negotiate"}},
		{"to one in the clear", named, []string{"Negotiate"}},
		{"by one that takes a password too", secret, []string{`Basic realm="the company, \"all of it\"", charset="UTF-8", NEGOTIATE`, "NTLM"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			up := desktoptest.NewUpstream(t)
			to, ca := up.URL, ""
			if c.server == secret {
				to, ca = atExample(t, up.URL)
			}
			g := desktoptest.NewGate(t, to)
			var mu sync.Mutex
			seen := map[string]int{}
			g.Offers = c.offers
			g.Takes = func(shown []byte) bool {
				mu.Lock()
				seen[string(shown)]++
				mu.Unlock()
				return centre.Accepts(shown)
			}
			d := computer(t, c.server, ca, g, nil, ticket.For)
			d.signIn("kim")
			for range 3 {
				g.Drop() // every new connection is asked anew
				d.wait("link offline")
				d.Wake()
				d.wait("link online")
			}
			for range 20 {
				if err := d.Get(t.Context(), "/rooms", &struct{}{}); err != nil {
					t.Fatal(err)
				}
			}
			if asks := d.AskingProxy(); asks != "" {
				t.Errorf("%s waits for a person", asks)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, n := range seen {
				if n > 1 {
					t.Errorf("a ticket was shown %d times", n)
				}
			}
			if n := g.Passed.Load(); len(seen) == 0 || len(seen) > 10 {
				t.Errorf("%d tickets for %d requests", len(seen), n)
			}
		})
	}
}

func TestWithoutATicketThatCountsAPersonIsAsked(t *testing.T) {
	forged := func(context.Context, string) ([]byte, error) { return []byte("forged"), nil }
	for _, c := range []struct {
		name   string
		offers []string
		with   func(context.Context, string) ([]byte, error)
		held   bool // a name and a password that the proxy takes
		why    protocol.LinkWhy
		shown  bool
	}{
		{"no ticket, and a password would do", []string{"Negotiate", "Basic"}, none, false, protocol.WhyProxySignIn, false},
		{"no ticket, and a password that is kept", []string{"Negotiate", "Basic"}, none, true, "", false},
		{"a ticket that is refused, and a password would do", []string{"Negotiate", "Basic"}, forged, false, protocol.WhyProxySignIn, true},
		{"a ticket that is refused, and a password that is kept", []string{"Negotiate", "Basic"}, forged, true, "", false},
		{"no ticket, and nothing else would do", []string{"Negotiate"}, none, false, protocol.WhyProxyTicket, false},
		{"a ticket that is refused, and nothing else would do", []string{"Negotiate"}, forged, false, protocol.WhyProxyTicket, true},
		{"nothing but NTLM", []string{"NTLM"}, forged, false, protocol.WhyProxyKind, false},
		{"nothing but what nobody has, with a password kept", []string{`Digest realm="x", nonce="Basic"`, "NTLM"}, forged, false, protocol.WhyProxyKind, false},
		{"a proxy that does not say what it wants", []string{}, forged, false, protocol.WhyProxySignIn, false},
	} {
		for _, server := range []string{secret, named} {
			t.Run(c.name+" "+server, func(t *testing.T) {
				up := desktoptest.NewUpstream(t)
				to, ca := up.URL, ""
				if server == secret {
					to, ca = atExample(t, up.URL)
				}
				g := desktoptest.NewGate(t, to)
				g.Offers = c.offers
				g.Wants = url.UserPassword("kim", "p@ss:1")
				k := &keys{kept: map[string]string{}}
				if c.held {
					k.kept[link.ProxyKey(g.Addr)] = link.ProxySecret("kim", "p@ss:1")
				}
				d := computer(t, server, ca, g, k, c.with)
				err := d.Try(t.Context(), server)
				if why := protocol.LinkWhy(d.Unreached(err).Field); why != c.why || (err == nil) != (c.why == "") {
					t.Fatalf("%v: %q", err, why)
				}
				if err != nil && strings.Contains(err.Error(), g.Addr) {
					t.Errorf("the error names the proxy: %v", err)
				}
				if shown := g.Showed.Load() > 0; shown != c.shown {
					t.Errorf("shown %v", shown)
				}
				if asked := g.Asked.Load(); asked > 2 {
					t.Errorf("asked %d times", asked)
				}
				byName := c.why == protocol.WhyProxySignIn
				if asks := d.AskingProxy(); byName != (asks == g.Addr) || !byName && asks != "" {
					t.Errorf("%q asks", asks)
				}
				if !byName {
					return
				}
				if err := d.SignInAtProxy("kim", "p@ss:1"); err != nil {
					t.Fatal(err)
				}
				d.signIn("kim")
			})
		}
	}
}

func TestAProxyThatForgetsOfTicketsIsToldAPassword(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	g := desktoptest.NewGate(t, up.URL)
	g.Offers, g.Wants = []string{"Negotiate", "Basic"}, url.UserPassword("kim", "secret")
	takes := true
	g.Takes = func([]byte) bool { return takes }
	k := &keys{kept: map[string]string{}}
	d := computer(t, named, "", g, k, func(context.Context, string) ([]byte, error) { return []byte("ticket"), nil })
	d.signIn("kim")
	if err := k.Set(link.ProxyKey(g.Addr), link.ProxySecret("kim", "secret")); err != nil {
		t.Fatal(err)
	}
	takes = false
	g.Drop()
	d.wait("link offline")
	d.Wake()
	d.wait("link online")
}

func TestWhatCannotBeSentTwiceGoesWithATicket(t *testing.T) {
	got := make(chan string, 1)
	server := desktoptest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		all, _ := io.ReadAll(r.Body)
		got <- string(all)
	}))
	g := desktoptest.NewGate(t, server)
	g.Offers, g.Takes = []string{"Negotiate"}, func([]byte) bool { return true }
	d := computer(t, named, "", g, nil, func(context.Context, string) ([]byte, error) { return []byte("ticket"), nil })
	upload := func() error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/files", io.MultiReader(bytes.NewReader([]byte("a file"))))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := d.Fetch(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	if err := upload(); !errors.Is(err, link.ErrDown) {
		t.Errorf("the first one has no ticket: %v", err)
	}
	for range 3 {
		if err := upload(); err != nil {
			t.Fatal(err)
		}
		if text := <-got; text != "a file" {
			t.Errorf("came as %q", text)
		}
	}
}

func TestAServerBehindATunnelIsNoProxy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if says := r.Header.Get("Proxy-Authorization"); says != "" {
			t.Errorf("it was shown %q", says)
		}
		w.Header().Set("Proxy-Authenticate", "Negotiate")
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(server.Close)
	to, ca := atExample(t, server.URL)
	g := desktoptest.NewGate(t, to)
	asked := 0
	d := computer(t, secret, ca, g, nil, func(context.Context, string) ([]byte, error) { asked++; return []byte("ticket"), nil })
	if err := d.Try(t.Context(), secret); err == nil || asked > 0 {
		t.Errorf("%v, %d tickets made", err, asked)
	}
	// Nor is one that is reached without a proxy.
	l, err := link.New(link.Config{Keys: d.keys, Server: server.URL, Device: "device", Proxy: "direct", Ticket: func(context.Context, string) ([]byte, error) {
		asked++
		return []byte("ticket"), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Try(t.Context(), server.URL); err == nil || asked > 0 {
		t.Errorf("%v, %d tickets made", err, asked)
	}
}
