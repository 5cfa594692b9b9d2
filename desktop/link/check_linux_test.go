package link_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/link"
	"sendjay/shared/protocol"
)

// found is what a test of the way found, in its order, what is bad with an exclamation mark.
func found(t *testing.T, l *link.Link) (words string, steps map[protocol.LineSaid]protocol.LineStep) {
	t.Helper()
	all := l.Check(t.Context())
	var said []string
	steps = map[protocol.LineSaid]protocol.LineStep{}
	for _, s := range all.Steps {
		word := string(s.Said)
		if s.Mark == protocol.MarkBad {
			word += "!"
		}
		said = append(said, word)
		steps[s.Said] = s
	}
	raw, err := json.Marshal(all)
	if err != nil || strings.Contains(string(raw), "secret") || strings.Contains(string(raw), "ticket-") {
		t.Errorf("it tells a secret: %s, %v", raw, err)
	}
	return strings.Join(said, " "), steps
}

func lined(t *testing.T, c link.Config) *link.Link {
	t.Helper()
	c.Keys, c.Device, c.Agent = &keys{kept: map[string]string{}}, "device", "test"
	l, err := link.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTheWayToTheServerIsTested(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	to, ca := atExample(t, up.URL)
	closed := desktoptest.NewGate(t, up.URL)
	closed.Close()
	shut := desktoptest.NewGate(t, to)
	shut.Shut()
	gate := func(wants *url.Userinfo, offers ...string) *desktoptest.Gate {
		g := desktoptest.NewGate(t, to)
		g.Offers, g.Wants, g.Takes = offers, wants, func(shown []byte) bool { return string(shown) == "ticket-good" }
		return g
	}
	shows := func(text string) func(context.Context, string) ([]byte, error) {
		return func(context.Context, string) ([]byte, error) { return []byte(text), nil }
	}
	kim := url.UserPassword("kim", "secret")
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(busy.Close)
	script := filepath.Join(t.TempDir(), "proxy.pac")
	if err := os.WriteFile(script, []byte(fmt.Sprintf(`function FindProxyForURL() { return "PROXY %s"; }`, gate(nil).Addr)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		link.Config
		want string
	}{
		{"no server", link.Config{}, "no_server!"},
		{"the straight way", link.Config{Server: up.URL, Proxy: "direct"}, "direct no_tls server socket_untried clock"},
		{"nobody there", link.Config{Server: "http://" + closed.Addr, Proxy: "direct"}, "direct no_tls server_refused!"},
		{"a name that nobody knows", link.Config{Server: named, Proxy: "direct"}, "direct no_name!"},
		{"not a server of ours", link.Config{Server: busy.URL, Proxy: "direct"}, "direct no_tls server_status!"},
		{"a certificate that nobody trusts", link.Config{Server: strings.Replace(to, "http:", "https:", 1), Proxy: "direct"}, "direct tls_refused!"},
		{"no TLS there", link.Config{Server: strings.Replace(up.URL, "http:", "https:", 1), Proxy: "direct"}, "direct tls_failed!"},
		{"an open proxy", link.Config{Server: secret, ExtraCA: ca, Proxy: "http://" + gate(nil).Addr}, "proxy proxy_open tls server socket_untried clock"},
		{"as a script says", link.Config{Server: secret, ExtraCA: ca, Proxy: link.PACPrefix + "file://" + script}, "script_proxy proxy_open tls server socket_untried clock"},
		{"a script that is not there", link.Config{Server: secret, Proxy: link.PACPrefix + "file:///nowhere"}, "no_way!"},
		{"a ticket", link.Config{Server: secret, ExtraCA: ca, Proxy: "http://" + gate(nil, "Negotiate").Addr, Ticket: shows("ticket-good")}, "proxy proxy_ticket tls server socket_untried clock"},
		{"a ticket that is refused", link.Config{Server: secret, Proxy: "http://" + gate(nil, "Negotiate").Addr, Ticket: shows("ticket-bad")}, "proxy wants_ticket!"},
		{"a password", link.Config{Server: secret, ExtraCA: ca, Proxy: "http://kim:secret@" + gate(kim, "Basic").Addr}, "proxy proxy_name tls server socket_untried clock"},
		{"a password that is missing", link.Config{Server: secret, Proxy: "http://" + gate(kim, "Negotiate", "Basic").Addr, Ticket: shows("ticket-bad")}, "proxy wants_name!"},
		{"NTLM alone", link.Config{Server: secret, Proxy: "http://" + gate(nil, "NTLM").Addr, Ticket: shows("ticket-good")}, "proxy wants_kind!"},
		{"the same for what is not encrypted", link.Config{Server: named, Proxy: "http://" + gate(nil, "NTLM").Addr}, "proxy wants_kind!"},
		{"a proxy that is away", link.Config{Server: secret, Proxy: "http://" + closed.Addr}, "proxy proxy_silent!"},
		{"a proxy that does not get there", link.Config{Server: secret, Proxy: "http://" + shut.Addr}, "proxy proxy_refuses!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, steps := found(t, lined(t, c.Config))
			if got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
			if s, ok := steps[protocol.SaidTLS]; ok && (s.Issuer == "" || s.Until == nil) {
				t.Errorf("of the certificate: %+v", s)
			}
			if s, ok := steps[protocol.SaidTLSRefused]; ok && (s.Until == nil || s.Certificate == nil) {
				t.Errorf("of the certificate: %+v", s)
			}
			for _, w := range []protocol.LineSaid{protocol.SaidWantsKind, protocol.SaidWantsName, protocol.SaidProxyTicket} {
				if s, ok := steps[w]; ok && (s.Status != http.StatusProxyAuthRequired || len(s.Offers) == 0 || s.Host == "") {
					t.Errorf("of the proxy: %+v", s)
				}
			}
		})
	}
	t.Run("and a WebSocket by who is signed in", func(t *testing.T) {
		srv := desktoptest.NewServer(t, []string{"kim", "lee"})
		d := begin(t, srv.URL, nil)
		d.signIn("kim")
		if got, _ := found(t, d.Link); !slices.Contains(strings.Fields(got), "socket") {
			t.Errorf("found %q", got)
		}
		box := desktoptest.NewBox(t, srv.URL, desktoptest.Refuses)
		d = begin(t, box.URL, nil)
		if _, err := d.SignIn(t.Context(), "lee", desktoptest.Password, ""); err != nil {
			t.Fatal(err)
		}
		if got, steps := found(t, d.Link); steps[protocol.SaidSocketBlocked].Status != http.StatusForbidden {
			t.Errorf("found %q", got)
		}
	})
	t.Run("and the clock", func(t *testing.T) {
		for by, want := range map[time.Duration]string{-time.Hour: "clock_ahead!", time.Hour: "clock_behind!"} {
			slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
			}))
			t.Cleanup(slow.Close)
			got, _ := found(t, lined(t, link.Config{Server: slow.URL, Proxy: "direct"}))
			if !strings.HasSuffix(got, " "+want) {
				t.Errorf("by %v: found %q", by, got)
			}
		}
	})
}
