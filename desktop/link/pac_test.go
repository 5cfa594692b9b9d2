package link

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sendjay/shared/protocol"
)

const script = `
function FindProxyForURL(url, host) {
  if (isPlainHostName(host) || dnsDomainIs(host, ".corp.example") || localHostOrDomainIs(host, "intra.example")) return "DIRECT";
  if (isInNet(host, "10.1.0.0", "255.255.0.0")) return "SOCKS sock.example:1080; DIRECT";
  if (shExpMatch(host, "*.lab.example")) return "HTTPS safe.example:8443";
  if (shExpMatch(url, "*/secret*")) return "PROXY leaked.example:1";
  if (dnsDomainLevels(host) > 3) return "NONSENSE; PROXY deep.example:1";
  if (!weekdayRange("SUN", "SAT") || !timeRange(0, 24) || !dateRange("JAN", "DEC") || !dateRange(1, 31)) return "PROXY never.example:1";
  if (host === "spin.example.com") for (;;) {}
  if (host === "wrong.example.com") return undefinedName;
  if (host === "empty.example.com") return "";
  return "PROXY gate.example:3128; DIRECT";
}`

func TestAPACScriptSaysWhichProxyLeadsThere(t *testing.T) {
	var fetched atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fetched.Add(1)
		_, _ = io.WriteString(w, script)
	}))
	defer srv.Close()
	find := &scripted{pac{at: srv.URL}}
	if fetched.Load() != 0 {
		t.Error("it was fetched before it was needed")
	}
	ask := func(at string) (string, error) {
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := find.to((&http.Request{URL: u}).WithContext(t.Context()))
		if err != nil || got[0] == nil {
			return "", err
		}
		return got[0].String(), err
	}
	for at, want := range map[string]string{
		"https://intranet": "", "https://talk.corp.example": "", "https://intra.example": "", "http://127.0.0.1:8080": "", "http://localhost": "",
		"https://10.1.2.3": "socks5://sock.example:1080", "https://10.2.2.3": "http://gate.example:3128", "wss://x.lab.example": "https://safe.example:8443",
		"https://a.b.c.example.com": "http://deep.example:1", "wss://talk.example.com/ws": "http://gate.example:3128",
		"https://talk.example.com/secret?token=1": "http://gate.example:3128", "http://talk.example.com/secret": "http://leaked.example:1",
	} {
		if got, err := ask(at); err != nil || got != want {
			t.Errorf("%s goes through %q (%v), want %q", at, got, err, want)
		}
	}
	for _, at := range []string{"https://spin.example.com", "https://wrong.example.com", "https://empty.example.com"} {
		if got, err := ask(at); err == nil {
			t.Errorf("%s goes through %q", at, got)
		}
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got, err := ask("https://talk.example.com"); err != nil || got != "http://gate.example:3128" {
				t.Errorf("after a script that went wrong: %q, %v", got, err)
			}
		})
	}
	all.Wait()
	if n := fetched.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

func TestAPACScriptThatCannotBeHadIsAnError(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"none": "", "no function": "var x = 1", "broken": "function (", "huge": strings.Repeat("/", pacBytes+1), "endless": "for (;;) {}"} {
		at := filepath.Join(dir, "proxy.pac")
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		u, _ := url.Parse("https://talk.example.com")
		if got, err := (&pac{at: "file://" + at}).of(t.Context(), u); err == nil {
			t.Errorf("%s: goes through %v", name, got)
		}
	}
}

func TestPatternsOfAPACScript(t *testing.T) {
	for _, c := range []struct {
		s, pattern string
		want       bool
	}{
		{"", "", true},
		{"", "*", true},
		{"a", "", false},
		{"abc", "a*c", true},
		{"abc", "a?c", true},
		{"abc", "a?", false},
		{"abcabc", "*abc", true},
		{"abcab", "*abc", false},
		{"a.b", "a.b", true},
		{"axb", "a.b", false},
		{"abc", "**b**", true},
	} {
		if got := shellMatch(c.s, c.pattern); got != c.want {
			t.Errorf("%q fits %q: %v", c.s, c.pattern, got)
		}
	}
}

// pocket is a keyring that holds what a proxy wants to hear.
type pocket map[string]string

func (p pocket) Get(of string) (string, error) { return p[of], nil }
func (p pocket) Set(of, secret string) error   { p[of] = secret; return nil }
func (p pocket) Delete(of string) error        { delete(p, of); return nil }

// A name and a password in a proxy's address, or of that proxy in the keyring, are shown to it, by requests and by
// WebSockets.
func TestAProxyThatWantsAPasswordGetsTheOneThatIsMeantForIt(t *testing.T) {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("kim:p@ss"))
	var good, bad atomic.Int32
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != want {
			bad.Add(1)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		good.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer gate.Close()
	at := strings.TrimPrefix(gate.URL, "http://")
	for _, c := range []struct {
		user string
		keys pocket
		why  protocol.LinkWhy
	}{
		{"kim:p%40ss@", nil, protocol.WhyBlocked},
		{"", pocket{ProxyKey(at): ProxySecret("kim", "p@ss")}, protocol.WhyBlocked},
		{"", pocket{ProxyKey("127.0.0.1:1"): ProxySecret("kim", "p@ss")}, protocol.WhyProxySignIn},
	} {
		l, err := New(Config{Keys: c.keys, Proxy: strings.Replace(gate.URL, "//", "//"+c.user, 1)})
		if err != nil {
			t.Fatal(err)
		}
		for _, scheme := range []string{"http", "https"} {
			// The name leads nowhere: only the proxy could know it.
			k := l.upgrade(t.Context(), scheme+"://talk.example.invalid", "/ws", "token")
			if k.err == nil {
				t.Fatal("a WebSocket out of nowhere")
			}
			if c.why == protocol.WhyProxySignIn && reason(k.err, k.status) != c.why {
				t.Errorf("%s without a password: %q (%v, %d)", scheme, reason(k.err, k.status), k.err, k.status)
			}
		}
		if err := l.post(t.Context(), "http://talk.example.invalid", "/auth/refresh", nil, nil); reason(err, 0) != c.why {
			t.Errorf("asking as %q: %q (%v)", c.user, reason(err, 0), err)
		}
	}
	if good.Load() != 6 || bad.Load() != 3 {
		t.Errorf("%d with the password, %d without", good.Load(), bad.Load())
	}
}

// Where a script names a proxy and then DIRECT, a proxy that is dead is passed over after the try that found it so, by
// requests and by WebSockets alike, until the network is another one.
func TestAPACListFallsToDirectWhereItsProxyIsDead(t *testing.T) {
	gone := httptest.NewServer(nil)
	dead := strings.TrimPrefix(gone.URL, "http://")
	gone.Close()
	var asked, upgrades atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Upgrade") != "" {
			upgrades.Add(1)
		}
	}))
	defer srv.Close()
	// A script is not asked about 127.0.0.1; this is the same machine under a name that it is asked about.
	at := strings.Replace(srv.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)
	file := filepath.Join(t.TempDir(), "proxy.pac")
	says := `function FindProxyForURL() { return "PROXY ` + dead + `; DIRECT"; }`
	if err := os.WriteFile(file, []byte(says), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := New(Config{Proxy: PACPrefix + "file://" + file})
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, good bool) {
		t.Helper()
		before := asked.Load()
		if err := l.Try(t.Context(), at); (err == nil) != good || (asked.Load() > before) != good {
			t.Errorf("%s: %v, the server heard %d", what, err, asked.Load()-before)
		}
	}
	try("the try that finds the proxy dead", false)
	try("the next one", true)
	if k := l.upgrade(t.Context(), at, "/ws", "token"); k.status != http.StatusOK || upgrades.Load() != 1 {
		t.Errorf("a WebSocket: %d, %v", k.status, k.err)
	}
	l.Wake()
	try("the proxy's turn again in another network", false)
	try("and direct again", true)
}

// Where no way of a script answers any more, the script is read anew, whatever its age: it may say another one by now.
func TestAPACScriptIsReadAnewWhenNoneOfItsWaysAnswers(t *testing.T) {
	gone := httptest.NewServer(nil)
	dead := strings.TrimPrefix(gone.URL, "http://")
	gone.Close()
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	at := strings.Replace(srv.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)
	file := filepath.Join(t.TempDir(), "proxy.pac")
	say := func(ways string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(`function FindProxyForURL() { return "`+ways+`"; }`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	say("PROXY " + dead)
	l, err := New(Config{Proxy: PACPrefix + "file://" + file})
	if err != nil {
		t.Fatal(err)
	}
	answered := func() bool { k := l.upgrade(t.Context(), at, "/ws", "token"); return k.status == http.StatusNotFound }
	if answered() {
		t.Fatal("past a proxy that is dead")
	}
	say("DIRECT")
	tries := 0
	for !answered() {
		if tries++; tries > 5 {
			t.Fatal("the script is not read again")
		}
	}
}
