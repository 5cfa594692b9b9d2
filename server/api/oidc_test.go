package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"sendjay/server/oidctest"
	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// office is a messenger beside an OpenID provider, under the address that the provider knows.
type office struct {
	*servertest.Server
	home, issuer string
}

func newOffice(t *testing.T, settings ...string) *office {
	t.Helper()
	var behind atomic.Pointer[httputil.ReverseProxy]
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { behind.Load().ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	var h atomic.Value
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.Load().(http.Handler).ServeHTTP(w, r) }))
	t.Cleanup(provider.Close)
	h.Store(oidctest.Handler(provider.URL, []string{front.URL},
		oidctest.Person{ID: "sub-kim", Username: "kim", Name: "Seoyeon", Mail: "Kim@example.com", Verified: true},
		oidctest.Person{ID: "sub-lee", Username: "lee", Name: "Junho", Mail: "lee@example.com"},
		oidctest.Person{ID: "sub-gone", Username: "gone", Name: "Gone", Mail: "gone@example.com", Verified: true},
		oidctest.Person{ID: "sub-new", Username: "new", Name: "Minji", Mail: "new@example.com", Verified: true},
		oidctest.Person{ID: "sub-odd", Username: "no id at all", Name: "Odd", Mail: "odd@example.com", Verified: true},
	))
	s := servertest.Start(t, append([]string{
		"--public-url=" + front.URL, "--oidc-issuer=" + provider.URL, "--oidc-client=" + oidctest.ClientOf(front.URL), "--oidc-secret=" + oidctest.Secret, "--oidc-label-en=Office account",
	}, settings...)...)
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	behind.Store(httputil.NewSingleHostReverseProxy(at))
	s.Add("kim", "lee", "gone")
	if err := s.Store.SetActive(t.Context(), "gone", false); err != nil {
		t.Fatal(err)
	}
	return &office{s, front.URL, provider.URL}
}

// surfer is a browser that follows where it is sent, up to the messenger's callback when it is asked to stop there.
type surfer struct {
	t       *testing.T
	office  *office
	client  *http.Client
	stopped string // the address of the callback, not asked for
	stop    bool
}

func (o *office) surfer(t *testing.T) *surfer {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &surfer{t: t, office: o}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if b.stop && r.URL.Path == "/api/v1/auth/oidc/callback" {
			b.stopped = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return b
}

// answer is a page with the address it was found at in the end.
type answer struct {
	at   *url.URL
	body string
	code int
}

func (b *surfer) ask(method, to string, form url.Values) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, to, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	got, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{got.Request.URL, string(raw), got.StatusCode}
}

// signIn goes through the provider's page and returns where that leads.
func (b *surfer) signIn(who, query string) answer {
	b.t.Helper()
	page := b.ask("GET", b.office.home+"/api/v1/auth/oidc"+query, nil)
	if !strings.HasPrefix(page.at.String(), b.office.issuer+"/login/") {
		b.t.Fatalf("not at the provider's page: %s", page.at)
	}
	return b.ask("POST", b.office.issuer+"/login/username", url.Values{
		"username": {who}, "password": {oidctest.Password}, "id": {page.at.Query().Get("authRequestID")},
	})
}

// me is who the messenger takes this browser for, "" for nobody.
func (b *surfer) me() protocol.User {
	b.t.Helper()
	var u protocol.User
	if a := b.ask("GET", b.office.home+"/api/v1/me", nil); a.code == http.StatusOK {
		if err := json.Unmarshal([]byte(a.body), &u); err != nil {
			b.t.Fatal(err)
		}
	}
	return u
}

// flow is what the browser keeps of a sign-in on its way.
func (b *surfer) flow(change func(map[string]any)) {
	b.t.Helper()
	home, err := url.Parse(b.office.home)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(home) {
		if c.Name != "sendjay_oidc" {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(c.Value)
		f := map[string]any{}
		if err == nil {
			err = json.Unmarshal(raw, &f)
		}
		if err != nil {
			b.t.Fatal(err)
		}
		change(f)
		if raw, err = json.Marshal(f); err != nil {
			b.t.Fatal(err)
		}
		b.client.Jar.SetCookies(home, []*http.Cookie{{Name: c.Name, Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/"}})
		return
	}
	b.t.Fatal("nothing is kept")
}

func refusedBy(t *testing.T, a answer, code protocol.Code) {
	t.Helper()
	if a.at.Query().Get("refused") != string(code) || a.at.Path != "/" {
		t.Errorf("led to %s, not to a refusal", a.at)
	}
}

func TestOpenID(t *testing.T) {
	o := newOffice(t)
	t.Run("the provider's page leads into the app, and to the room", func(t *testing.T) {
		b := o.surfer(t)
		a := b.signIn("kim", "?room=room-1")
		if a.at.String() != o.home+"/?entered=1#/room/room-1" || b.me().ID != "kim" {
			t.Errorf("at %s as %q", a.at, b.me().ID)
		}
	})
	t.Run("the way there names state, nonce and the hash of a verifier, and nothing secret", func(t *testing.T) {
		b := o.surfer(t)
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r, err := b.client.Get(o.home + "/api/v1/auth/oidc")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		at, err := url.Parse(r.Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		q := at.Query()
		if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 ||
			q.Get("response_type") != "code" || q.Get("redirect_uri") != o.home+"/api/v1/auth/oidc/callback" || strings.Contains(r.Header.Get("Location"), "secret") {
			t.Errorf("got %s", at)
		}
		for _, c := range r.Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge <= 0 {
				t.Errorf("got %v", c)
			}
		}
	})
	t.Run("somebody else's code signs nobody in: it did not begin in this browser", func(t *testing.T) {
		attacker, victim := o.surfer(t), o.surfer(t)
		attacker.stop = true
		attacker.signIn("kim", "")
		refusedBy(t, victim.ask("GET", attacker.stopped, nil), protocol.BadCredentials)
		// Nor where the victim is on the way himself.
		victim.stop = true
		victim.signIn("lee", "")
		victim.stop = false
		refusedBy(t, victim.ask("GET", attacker.stopped, nil), protocol.BadCredentials)
		if victim.me().ID != "" {
			t.Error("signed in as somebody else")
		}
	})
	t.Run("a stolen code is of no use without what the browser keeps, and of none afterwards", func(t *testing.T) {
		b := o.surfer(t)
		b.stop = true
		b.signIn("kim", "")
		var kept map[string]any
		b.flow(func(f map[string]any) { kept = f })
		thief := o.surfer(t)
		thief.ask("GET", o.home+"/api/v1/auth/oidc", nil)
		stolen, err := url.Parse(b.stopped)
		if err != nil {
			t.Fatal(err)
		}
		thief.flow(func(f map[string]any) {
			q := stolen.Query()
			q.Set("state", f["s"].(string))
			stolen.RawQuery = q.Encode()
		})
		refusedBy(t, thief.ask("GET", stolen.String(), nil), protocol.BadCredentials) // the provider wants the verifier
		b.ask("GET", b.stopped, nil)
		b.ask("GET", o.home+"/api/v1/auth/oidc", nil)
		b.flow(func(f map[string]any) { f["s"], f["n"], f["v"] = kept["s"], kept["n"], kept["v"] })
		refusedBy(t, b.ask("GET", b.stopped, nil), protocol.BadCredentials) // a second time
	})
	t.Run("a token for another sign-in, another issuer's answer and a refusal sign nobody in", func(t *testing.T) {
		for name, change := range map[string]func(b *surfer){
			"another nonce":    func(b *surfer) { b.flow(func(f map[string]any) { f["n"] = "another nonce of the same length" }) },
			"another verifier": func(b *surfer) { b.flow(func(f map[string]any) { f["v"] = strings.Repeat("v", 43) }) },
			"another issuer":   func(b *surfer) { b.stopped += "&iss=https%3A%2F%2Fevil.example" },
			"no code":          func(b *surfer) { b.stopped = strings.Replace(b.stopped, "code=", "cod=", 1) },
			"a refusal":        func(b *surfer) { b.stopped += "&error=access_denied" },
			"no state":         func(b *surfer) { b.stopped = strings.Replace(b.stopped, "state=", "stat=", 1) },
		} {
			t.Run(name, func(t *testing.T) {
				b := o.surfer(t)
				b.stop = true
				b.signIn("kim", "")
				b.stop = false
				change(b)
				refusedBy(t, b.ask("GET", b.stopped, nil), protocol.BadCredentials)
				if b.me().ID != "" {
					t.Error("signed in all the same")
				}
			})
		}
	})
	t.Run("it leads nowhere but into the app", func(t *testing.T) {
		for _, query := range []string{"?room=//evil.example", "?room=https://evil.example", "?next=https://evil.example&to=//evil.example&return=x", "?room=x%23y", "?vouch=x&port=80&state=y"} {
			b := o.surfer(t)
			if a := b.signIn("kim", query); a.at.String() != o.home+"/?entered=1" {
				t.Errorf("%s: %s", query, a.at)
			}
		}
	})
	t.Run("what the desktop application asked for comes back with the browser", func(t *testing.T) {
		b := o.surfer(t)
		asked := "?port=23456&state=" + strings.Repeat("s", 26) + "&vouch=" + strings.Repeat("c", 43)
		if a := b.signIn("kim", asked); a.at.String() != o.home+"/?entered=1&"+asked[1:] {
			t.Errorf("at %s", a.at)
		}
	})
	t.Run("strangers, people whose account is closed and names that are no ids sound the same", func(t *testing.T) {
		for _, who := range []string{"new", "gone", "no id at all"} {
			b := o.surfer(t)
			refusedBy(t, b.signIn(who, ""), protocol.BadCredentials)
			if b.me().ID != "" {
				t.Errorf("%s is in", who)
			}
		}
	})
	t.Run("signing out ends the provider's session too, and leads home", func(t *testing.T) {
		b := o.surfer(t)
		b.signIn("kim", "")
		var out protocol.LoggedOut
		a := b.ask("POST", o.home+"/api/v1/auth/logout", nil)
		if err := json.Unmarshal([]byte(a.body), &out); err != nil || !strings.HasPrefix(out.Next, o.issuer+"/") {
			t.Fatalf("%d %s", a.code, a.body)
		}
		if end := b.ask("GET", out.Next, nil); end.at.String() != o.home+"/" || b.me().ID != "" {
			t.Errorf("at %s as %q", end.at, b.me().ID)
		}
	})
	t.Run("the button has the words of the configuration", func(t *testing.T) {
		var w protocol.Ways
		call{path: "/api/v1/auth/ways"}.to(t, o.Server).ok(t, &w)
		if w.OIDC == nil || w.OIDC.En != "Office account" || w.OIDC.Ko != "" {
			t.Errorf("got %+v", w)
		}
	})
	t.Run("no token, code or secret is logged", func(t *testing.T) {
		for _, secret := range []string{"eyJ", oidctest.Secret, oidctest.Password} {
			if strings.Contains(o.Log.String(), secret) {
				t.Errorf("%q stands in the log", secret)
			}
		}
	})
}

func TestWhoOpenIDMeans(t *testing.T) {
	t.Run("by a verified mail address that one account has", func(t *testing.T) {
		o := newOffice(t, "--oidc-claim=email")
		for _, a := range []store.Account{
			{User: protocol.User{ID: "seoyeon", Name: "Seoyeon", Mail: "kim@Example.com"}, Active: true},
			{User: protocol.User{ID: "junho", Name: "Junho", Mail: "lee@example.com"}, Active: true},
			{User: protocol.User{ID: "left", Name: "Left", Mail: "gone@example.com"}},
			{User: protocol.User{ID: "twin1", Name: "Twin", Mail: "new@example.com"}, Active: true},
			{User: protocol.User{ID: "twin2", Name: "Twin", Mail: "new@example.com"}, Active: true},
		} {
			if err := o.Store.AddAccount(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		b := o.surfer(t)
		b.signIn("kim", "")
		if b.me().ID != "seoyeon" {
			t.Errorf("got %q", b.me().ID)
		}
		for _, who := range []string{"lee", "gone", "new", "no id at all"} { // not verified, closed, two, none
			refusedBy(t, o.surfer(t).signIn(who, ""), protocol.BadCredentials)
		}
	})
	t.Run("by the provider's own id", func(t *testing.T) {
		o := newOffice(t, "--oidc-claim=sub")
		o.Add("sub-kim")
		b := o.surfer(t)
		b.signIn("kim", "")
		if b.me().ID != "sub-kim" {
			t.Errorf("got %q", b.me().ID)
		}
	})
	t.Run("an account is made where that is configured, once, without a password, and written down", func(t *testing.T) {
		o := newOffice(t, "--oidc-create=on")
		for range 2 {
			b := o.surfer(t)
			b.signIn("new", "")
			if me := b.me(); me.ID != "new" || me.Name != "Minji Lee" || me.Admin {
				t.Errorf("got %+v", me)
			}
		}
		lines, err := o.Store.Audit(t.Context(), store.AuditQuery{Who: "oidc", Limit: 10})
		if err != nil || len(lines) != 1 || lines[0].Act != "account.open" || lines[0].Target != "new" {
			t.Errorf("%+v %v", lines, err)
		}
		refusedBy(t, o.surfer(t).signIn("gone", ""), protocol.BadCredentials) // closed stays closed
		login("new", "x", "web").to(t, o.Server).refused(t, 401, protocol.BadCredentials)
	})
	t.Run("a provider that does not answer is said to be away, and the password still works", func(t *testing.T) {
		s := servertest.Start(t, "--public-url=http://127.0.0.1:1", "--oidc-issuer=http://127.0.0.1:1", "--oidc-client=x")
		s.Add("kim")
		r := call{path: "/api/v1/auth/oidc"}.to(t, s)
		if r.StatusCode != 303 || r.Header.Get("Location") != "/?refused=unavailable" {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
		login("kim", servertest.Password, "web").to(t, s).ok(t, nil)
	})
}

func TestABrowserVouchesForTheDesktop(t *testing.T) {
	s := servertest.Start(t)
	s.Add("kim")
	verifier := strings.Repeat("verifier-of-the-tray", 3)
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	code := func(t *testing.T, by *servertest.Person) string {
		t.Helper()
		var out protocol.Vouched
		call{method: "POST", path: "/api/v1/auth/vouch", body: `{"challenge":"` + challenge + `"}`, head: bearer(by.AccessToken)}.to(t, s).ok(t, &out)
		return out.Code
	}
	take := func(code, verifier string) call {
		return call{method: "POST", path: "/api/v1/auth/vouched", body: `{"code":"` + code + `","verifier":"` + verifier + `"}`}
	}
	t.Run("the program that asked signs in as a desktop, once", func(t *testing.T) {
		c := code(t, s.SignIn("kim", protocol.Web))
		var in, next protocol.SignedIn
		r := take(c, verifier).to(t, s)
		r.ok(t, &in)
		if in.User.ID != "kim" || in.RefreshToken == "" || len(r.Cookies()) > 0 {
			t.Errorf("%s %v", r.raw, r.Cookies())
		}
		refresh(in.RefreshToken).to(t, s).ok(t, &next)
		take(c, verifier).to(t, s).refused(t, 401, protocol.BadCredentials)
	})
	t.Run("a code is of no use without the verifier, and is no other kind of token", func(t *testing.T) {
		by := s.SignIn("kim", protocol.Web)
		c := code(t, by)
		take(c, strings.Repeat("another", 8)).to(t, s).refused(t, 401, protocol.BadCredentials)
		take(c, "").to(t, s).refused(t, 401, protocol.BadCredentials)
		take(c+"x", verifier).to(t, s).refused(t, 401, protocol.BadCredentials)
		take("x"+c, verifier).to(t, s).refused(t, 401, protocol.BadCredentials)
		take(by.RefreshToken, verifier).to(t, s).refused(t, 401, protocol.BadCredentials)
		me(c).to(t, s).refused(t, 401, protocol.Unauthenticated)
		refresh(c).to(t, s).refused(t, 401, protocol.Unauthenticated)
		take(c, verifier).to(t, s).ok(t, nil)
	})
	t.Run("it dies with the sign-in that gave it, and with the account", func(t *testing.T) {
		by := s.SignIn("kim", protocol.Web)
		c := code(t, by)
		call{method: "POST", path: "/api/v1/auth/logout", head: bearer(by.AccessToken)}.to(t, s).ok(t, nil)
		take(c, verifier).to(t, s).refused(t, 401, protocol.BadCredentials)
		s.Add("gone")
		c = code(t, s.SignIn("gone", protocol.Web))
		if err := s.Store.SetActive(t.Context(), "gone", false); err != nil {
			t.Fatal(err)
		}
		take(c, verifier).to(t, s).refused(t, 401, protocol.BadCredentials)
	})
	t.Run("what is no challenge is a bad request", func(t *testing.T) {
		by := s.SignIn("kim", protocol.Web)
		for _, bad := range []string{"", "short", strings.Repeat("=", 43), strings.Repeat("c", 44)} {
			call{method: "POST", path: "/api/v1/auth/vouch", body: `{"challenge":"` + bad + `"}`, head: bearer(by.AccessToken)}.to(t, s).refused(t, 400, protocol.BadRequest)
		}
	})
}
