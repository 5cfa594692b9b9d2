package api_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// portal signs tickets as a company's portal does.
type portal struct {
	folder string
	hmac   []byte
	rsa    *rsa.PrivateKey
	ec     *ecdsa.PrivateKey
	ed     ed25519.PrivateKey
}

const portalPage = "https://erp.example.com"

func newPortal(t *testing.T) *portal {
	t.Helper()
	p := &portal{folder: t.TempDir(), hmac: []byte("a secret of the portal, 32 bytes or more")}
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	p.rsa, err = rsa.GenerateKey(rand.Reader, 2048)
	fail(err)
	p.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	_, p.ed, err = ed25519.GenerateKey(rand.Reader)
	fail(err)
	fail(os.WriteFile(filepath.Join(p.folder, "shared.key"), append(p.hmac, '\n'), 0o600))
	for name, key := range map[string]crypto.Signer{"rsa": p.rsa, "ec": p.ec, "ed": p.ed} {
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		fail(err)
		fail(os.WriteFile(filepath.Join(p.folder, name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600))
	}
	return p
}

func (p *portal) start(t *testing.T) *servertest.Server {
	t.Helper()
	return servertest.Start(t, "--portal-keys="+p.folder, "--portal-issuer=erp", "--portal-audience=talk", "--portal-skew=30s", "--portal-life=2m", "--portal-origins="+portalPage)
}

// claims are those of a good ticket for somebody, with changes; nil takes one away.
func claims(user string, change jwt.MapClaims) jwt.MapClaims {
	now := time.Now()
	c := jwt.MapClaims{"iss": "erp", "aud": "talk", "sub": user, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": rand.Text()}
	maps.Copy(c, change)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func sign(t *testing.T, m jwt.SigningMethod, kid string, key any, c jwt.MapClaims) string {
	t.Helper()
	tok := jwt.NewWithClaims(m, c)
	if kid != "" {
		tok.Header["kid"] = kid
	}
	s, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (p *portal) ticket(t *testing.T, user string, change jwt.MapClaims) string {
	t.Helper()
	return sign(t, jwt.SigningMethodES256, "ec", p.ec, claims(user, change))
}

func withTicket(ticket, device string) call {
	return call{method: "POST", path: "/api/v1/auth/ticket", body: `{"ticket":"` + ticket + `","device":"` + device + `"}`}
}

func TestTickets(t *testing.T) {
	p := newPortal(t)
	s := p.start(t)
	s.Add("kim", "lee", "gone")
	if err := s.Store.SetActive(t.Context(), "gone", false); err != nil {
		t.Fatal(err)
	}
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	t.Run("each kind of key signs people in, on the device that asks", func(t *testing.T) {
		for _, ticket := range []string{
			sign(t, jwt.SigningMethodHS256, "shared", p.hmac, claims("kim", nil)),
			sign(t, jwt.SigningMethodRS256, "rsa", p.rsa, claims("kim", nil)),
			sign(t, jwt.SigningMethodES256, "ec", p.ec, claims("kim", nil)),
			sign(t, jwt.SigningMethodEdDSA, "ed", p.ed, claims("kim", nil)),
		} {
			var in protocol.SignedIn
			r := withTicket(ticket, "web").to(t, s)
			r.ok(t, &in)
			if in.User.ID != "kim" || in.RefreshToken != "" || len(r.Cookies()) != 2 {
				t.Errorf("%s %v", r.raw, r.Cookies())
			}
			call{path: "/api/v1/me", cookies: r.Cookies()}.to(t, s).ok(t, nil)
		}
		var in protocol.SignedIn
		withTicket(p.ticket(t, "kim", nil), "desktop").to(t, s).ok(t, &in)
		var next protocol.SignedIn
		refresh(in.RefreshToken).to(t, s).ok(t, &next)
		me(next.AccessToken).to(t, s).ok(t, nil)
	})
	t.Run("a ticket serves once, also after a restart", func(t *testing.T) {
		ticket := p.ticket(t, "kim", nil)
		withTicket(ticket, "web").to(t, s).ok(t, nil)
		withTicket(ticket, "web").to(t, s).refused(t, 401, protocol.BadCredentials)
		s.Restart()
		withTicket(ticket, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
	})
	t.Run("of many at once with the same ticket one gets in", func(t *testing.T) {
		ticket := p.ticket(t, "kim", nil)
		var mu sync.Mutex
		statuses := map[int]int{}
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				r := withTicket(ticket, "mobile").to(t, s)
				mu.Lock()
				defer mu.Unlock()
				statuses[r.StatusCode]++
			})
		}
		wg.Wait()
		if statuses[200] != 1 || statuses[401] != 11 {
			t.Errorf("got %v", statuses)
		}
	})
	t.Run("the clocks may differ by as much as is configured", func(t *testing.T) {
		for _, c := range []jwt.MapClaims{
			{"iat": ago(80 * time.Second), "exp": ago(20 * time.Second)},
			{"iat": ago(-20 * time.Second), "exp": ago(-80 * time.Second)},
			{"nbf": ago(-20 * time.Second)},
			{"aud": []string{"other", "talk"}},
		} {
			withTicket(p.ticket(t, "kim", c), "web").to(t, s).ok(t, nil)
		}
	})
	t.Run("what is wrong with one is not said, and signs nobody in", func(t *testing.T) {
		other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		public, err := os.ReadFile(filepath.Join(p.folder, "rsa.pem"))
		if err != nil {
			t.Fatal(err)
		}
		good := p.ticket(t, "kim", nil)
		_, rest, _ := strings.Cut(good, ".")
		first := ""
		for name, ticket := range map[string]string{
			"signed by another key":               sign(t, jwt.SigningMethodES256, "ec", other, claims("kim", nil)),
			"under an unknown key id":             sign(t, jwt.SigningMethodES256, "new", p.ec, claims("kim", nil)),
			"without a key id":                    sign(t, jwt.SigningMethodES256, "", p.ec, claims("kim", nil)),
			"a key id with a path":                sign(t, jwt.SigningMethodES256, "../ec", p.ec, claims("kim", nil)),
			"unsigned":                            sign(t, jwt.SigningMethodNone, "ec", jwt.UnsafeAllowNoneSignatureType, claims("kim", nil)),
			"a public key as the secret":          sign(t, jwt.SigningMethodHS256, "rsa", public, claims("kim", nil)),
			"the secret's key id, another way":    sign(t, jwt.SigningMethodHS384, "shared", p.hmac, claims("kim", nil)),
			"another way of the same key":         sign(t, jwt.SigningMethodPS256, "rsa", p.rsa, claims("kim", nil)),
			"for another audience":                p.ticket(t, "kim", jwt.MapClaims{"aud": "mail"}),
			"for no audience":                     p.ticket(t, "kim", jwt.MapClaims{"aud": nil}),
			"of another issuer":                   p.ticket(t, "kim", jwt.MapClaims{"iss": "intranet"}),
			"of no issuer":                        p.ticket(t, "kim", jwt.MapClaims{"iss": nil}),
			"over":                                p.ticket(t, "kim", jwt.MapClaims{"iat": ago(2 * time.Minute), "exp": ago(40 * time.Second)}),
			"from the future":                     p.ticket(t, "kim", jwt.MapClaims{"iat": ago(-50 * time.Second), "exp": ago(-90 * time.Second)}),
			"not good yet":                        p.ticket(t, "kim", jwt.MapClaims{"nbf": ago(-50 * time.Second)}),
			"too long-lived":                      p.ticket(t, "kim", jwt.MapClaims{"exp": ago(-3 * time.Minute)}),
			"without an end":                      p.ticket(t, "kim", jwt.MapClaims{"exp": nil}),
			"without a beginning":                 p.ticket(t, "kim", jwt.MapClaims{"iat": nil}),
			"without an id":                       p.ticket(t, "kim", jwt.MapClaims{"jti": nil}),
			"with a short id":                     p.ticket(t, "kim", jwt.MapClaims{"jti": "1"}),
			"with an endless id":                  p.ticket(t, "kim", jwt.MapClaims{"jti": strings.Repeat("x", 300)}),
			"for nobody":                          p.ticket(t, "kim", jwt.MapClaims{"sub": nil}),
			"for what is no id":                   p.ticket(t, "kim", jwt.MapClaims{"sub": "kim lee"}),
			"for an unknown person":               p.ticket(t, "nobody", nil),
			"for a deactivated person":            p.ticket(t, "gone", nil),
			"for somebody else, same signature":   strings.Replace(good, rest[:10], "x"+rest[1:10], 1),
			"rubbish":                             "a.b.c",
			"an access token of ours":             s.SignIn("kim", protocol.Desktop).AccessToken,
			"with the claims of a list of people": p.ticket(t, "kim", jwt.MapClaims{"sub": []string{"kim"}}),
		} {
			r := withTicket(ticket, "web").to(t, s)
			r.refused(t, 401, protocol.BadCredentials)
			if first == "" {
				first = r.raw
			}
			if r.raw != first || len(r.Cookies()) > 0 {
				t.Errorf("%s: %s %v, others %s", name, r.raw, r.Cookies(), first)
			}
		}
		if log := s.Log.String(); !strings.Contains(log, "nobody has this id") || !strings.Contains(log, "the account is closed") || strings.Contains(log, good) {
			t.Error("the log says too little or too much")
		}
	})
	t.Run("a missing field is a bad request", func(t *testing.T) {
		withTicket("", "web").to(t, s).refused(t, 400, protocol.BadRequest)
		withTicket("x", "fridge").to(t, s).refused(t, 400, protocol.BadRequest)
	})
	t.Run("another page's script gets nowhere", func(t *testing.T) {
		c := withTicket(p.ticket(t, "kim", nil), "web")
		for _, origin := range []string{portalPage, "https://evil.example"} {
			c.head = map[string]string{"Origin": origin, "Sec-Fetch-Site": "cross-site"}
			c.to(t, s).refused(t, 403, protocol.Forbidden)
		}
	})
	t.Run("who was given a one-time password and never used it comes in all the same", func(t *testing.T) {
		a := store.Account{User: protocol.User{ID: "fresh", Name: "Fresh"}, PasswordHash: servertest.Hashed(), Active: true, MustChange: true}
		if err := s.Store.AddAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		var in, next protocol.SignedIn
		withTicket(p.ticket(t, "fresh", nil), "mobile").to(t, s).ok(t, &in)
		call{path: "/api/v1/rooms", head: bearer(in.AccessToken)}.to(t, s).ok(t, nil)
		refresh(in.RefreshToken).to(t, s).ok(t, &next)
		if in.User.MustChange || next.User.MustChange {
			t.Error("is asked for a password")
		}
		login("fresh", servertest.Password, "mobile").to(t, s).ok(t, &in)
		call{path: "/api/v1/rooms", head: bearer(in.AccessToken)}.to(t, s).refused(t, 403, protocol.Forbidden)
	})
	t.Run("how one may sign in is no secret", func(t *testing.T) {
		var w protocol.Ways
		call{path: "/api/v1/auth/ways"}.to(t, s).ok(t, &w)
		if w.Passwords != "all" || !w.Portal || w.OIDC != nil {
			t.Errorf("got %+v", w)
		}
	})
}

// entering is a form that one of the portal's pages sends.
func entering(ticket, room, origin string, cookies ...*http.Cookie) call {
	head := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site"}
	if origin != "" {
		head["Origin"] = origin
	}
	return call{method: "POST", path: "/api/v1/auth/portal", body: url.Values{"ticket": {ticket}, "room": {room}}.Encode(), head: head, cookies: cookies}
}

func TestEnteringFromThePortal(t *testing.T) {
	p := newPortal(t)
	s := p.start(t)
	s.Add("kim", "lee")
	t.Run("a form of the portal's page signs in and leads to the room", func(t *testing.T) {
		r := entering(p.ticket(t, "kim", nil), "room-1", portalPage).to(t, s)
		if r.StatusCode != 303 || r.Header.Get("Location") != "/?entered=1#/room/room-1" || len(r.Cookies()) != 2 || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
		for _, c := range r.Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
				t.Errorf("%v", c)
			}
		}
		call{path: "/api/v1/me", cookies: r.Cookies()}.to(t, s).ok(t, nil)
	})
	t.Run("a stranger's page signs nobody in, and does not use up the ticket", func(t *testing.T) {
		ticket := p.ticket(t, "kim", nil)
		for _, origin := range []string{"", "null", "https://evil.example", portalPage + ".evil.example", "http://erp.example.com", s.URL} {
			r := entering(ticket, "", origin).to(t, s)
			if r.StatusCode != 303 || r.Header.Get("Location") != "/?refused=forbidden" || len(r.Cookies()) > 0 {
				t.Errorf("%s: %d %v", origin, r.StatusCode, r.Header)
			}
		}
		if r := entering(ticket, "", portalPage).to(t, s); r.Header.Get("Location") != "/?entered=1" {
			t.Errorf("got %v", r.Header)
		}
	})
	t.Run("it leads nowhere but into the app", func(t *testing.T) {
		for _, room := range []string{"//evil.example", "https://evil.example", "x#/room/y", "x?y", `\\evil.example`, "a\r\nSet-Cookie: x=y", strings.Repeat("x", 500), "../x"} {
			r := entering(p.ticket(t, "kim", nil), room, portalPage).to(t, s)
			at, err := url.Parse(r.Header.Get("Location"))
			if err != nil || at.Host != "" || at.Path != "/" || at.RawQuery != "entered=1" || len(r.Header.Values("Set-Cookie")) != 2 {
				t.Errorf("%q: %v", room, r.Header)
			}
		}
	})
	t.Run("a used ticket leads to the sign-in page", func(t *testing.T) {
		ticket := p.ticket(t, "kim", nil)
		entering(ticket, "", portalPage).to(t, s)
		if r := entering(ticket, "", portalPage).to(t, s); r.Header.Get("Location") != "/?refused=bad_credentials" || len(r.Cookies()) > 0 {
			t.Errorf("got %v", r.Header)
		}
	})
	t.Run("whoever was signed in before is signed out; the same person stays", func(t *testing.T) {
		lee := login("lee", servertest.Password, "web").to(t, s).Cookies()
		kim := entering(p.ticket(t, "kim", nil), "", portalPage, lee...).to(t, s).Cookies()
		call{path: "/api/v1/me", cookies: lee}.to(t, s).refused(t, 401, protocol.Unauthenticated)
		again := entering(p.ticket(t, "kim", nil), "", portalPage, kim...).to(t, s)
		if len(again.Cookies()) > 0 || again.Header.Get("Location") != "/" {
			t.Errorf("got %v", again.Header)
		}
		call{path: "/api/v1/me", cookies: kim}.to(t, s).ok(t, nil)
	})
	t.Run("it is a form and nothing else", func(t *testing.T) {
		call{path: "/api/v1/auth/portal"}.to(t, s).refused(t, 405, protocol.MethodNotKnown)
		c := entering("x", "", portalPage)
		c.body = strings.Repeat("x", 100_000)
		if r := c.to(t, s); r.Header.Get("Location") != "/?refused=bad_request" {
			t.Errorf("got %v", r.Header)
		}
	})
}

func TestPasswordsForAdministratorsOnly(t *testing.T) {
	p := newPortal(t)
	s := servertest.Start(t, "--passwords=admins", "--portal-keys="+p.folder)
	s.Add("kim")
	if err := s.Store.AddAccount(t.Context(), store.Account{User: protocol.User{ID: "chief", Name: "Chief", Role: protocol.Administrator}, PasswordHash: servertest.Hashed(), Active: true}); err != nil {
		t.Fatal(err)
	}
	login("chief", servertest.Password, "web").to(t, s).ok(t, nil)
	if f := login("kim", servertest.Password, "web").to(t, s).refused(t, 403, protocol.Forbidden); f.Field != "passwords" {
		t.Errorf("got %+v", f)
	}
	login("kim", "wrong", "web").to(t, s).refused(t, 401, protocol.BadCredentials)
	var w protocol.Ways
	call{path: "/api/v1/auth/ways"}.to(t, s).ok(t, &w)
	if w.Passwords != "admins" {
		t.Errorf("got %+v", w)
	}
}
