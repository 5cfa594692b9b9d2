package api_test

import (
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func me(token string) call { return call{path: "/api/v1/me", head: bearer(token)} }

func TestSignIn(t *testing.T) {
	s := servertest.Start(t, "--access-life=90s")
	s.Add("kim", "lee")
	t.Run("desktop and mobile get a refresh token in the body, the web gets cookies", func(t *testing.T) {
		for _, device := range []string{"desktop", "mobile", "web"} {
			var in protocol.SignedIn
			r := login("kim", servertest.Password, device).to(t, s)
			r.ok(t, &in)
			if in.User.ID != "kim" || in.User.Name != "Kim" || in.ExpiresIn != 90 || (in.RefreshToken == "") != (device == "web") {
				t.Errorf("%s: %s", device, r.raw)
			}
			if (len(r.Cookies()) == 2) != (device == "web") {
				t.Errorf("%s: %v", device, r.Cookies())
			}
			for _, c := range r.Cookies() {
				if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure || c.MaxAge <= 0 {
					t.Errorf("%s: %v", device, c)
				}
			}
			me(in.AccessToken).to(t, s).ok(t, nil)
		}
	})
	t.Run("a missing field, an unknown device or a body that is not JSON is a bad request", func(t *testing.T) {
		for _, body := range []string{
			"", "null", "[]", "7", `"x"`, "{", "{}", `{"userId":"kim"}`, `{"userId":"kim","password":"x"}`, `{"password":"x","device":"web"}`,
			`{"userId":"","password":"x","device":"web"}`, `{"userId":"kim","password":"","device":"web"}`, `{"userId":"kim","password":"x","device":"fridge"}`,
			`{"userId":5,"password":"x","device":"web"}`, `{"userId":"kim","password":["x"],"device":"web"}`, "userId=kim", strings.Repeat("[", 100_000), "\xff\xfe", "{}{}",
			`{"userId":"kim","password":"x","device":"web"} trailing`,
		} {
			r := call{method: "POST", path: "/api/v1/auth/login", body: body}.to(t, s)
			if r.StatusCode != 413 {
				r.refused(t, 400, protocol.BadRequest)
			}
		}
	})
	t.Run("wrong password, unknown id and rubbish are bad credentials", func(t *testing.T) {
		for _, c := range []call{
			login("lee", "wrong", "web"), login("nobody", servertest.Password, "web"), login("Lee", servertest.Password, "web"), login("lee ", servertest.Password, "web"),
			login(strings.Repeat("n", 300), "x", "desktop"), login("' OR 1=1 --", "x", "desktop"), login("lee", strings.Repeat("x", 5000), "desktop"), login("a\x00b", "x", "web"),
		} {
			c.to(t, s).refused(t, 401, protocol.BadCredentials)
		}
	})
	t.Run("a refusal is said in the reader's language", func(t *testing.T) {
		c := login("lee", "wrong", "web")
		for lang, want := range map[string]string{"en-US,en;q=0.9": "password", "ko-KR": "비밀번호", "": "비밀번호"} {
			c.head = map[string]string{"Accept-Language": lang}
			if f := c.to(t, s).refused(t, 401, protocol.BadCredentials); !strings.Contains(f.Message, want) {
				t.Errorf("%s: %q", lang, f.Message)
			}
		}
	})
	t.Run("a deactivated person is out: no sign-in, no refresh, no request", func(t *testing.T) {
		p := s.Person("gone")
		if err := s.Store.SetActive(t.Context(), "gone", false); err != nil {
			t.Fatal(err)
		}
		me(p.AccessToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
		login("gone", servertest.Password, "web").to(t, s).refused(t, 401, protocol.BadCredentials)
		refresh(p.RefreshToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
	})
	t.Run("a restart keeps access and refresh tokens valid", func(t *testing.T) {
		s := servertest.Start(t)
		p := s.Person("kim")
		s.Restart()
		me(p.AccessToken).to(t, s).ok(t, nil)
		refresh(p.RefreshToken).to(t, s).ok(t, nil)
	})
}

func TestTokens(t *testing.T) {
	s := servertest.Start(t)
	p := s.Person("kim")
	t.Run("none, a bad one, one in the address, one of another scheme: 401", func(t *testing.T) {
		for _, c := range []call{
			{path: "/api/v1/me"},
			{path: "/api/v1/me?access_token=" + p.AccessToken},
			{path: "/api/v1/me?token=" + p.AccessToken},
			me("x"), me(""), me(p.RefreshToken), me(p.AccessToken + "x"),
			{path: "/api/v1/me", head: map[string]string{"Authorization": "Basic " + p.AccessToken}},
			{path: "/api/v1/me", head: map[string]string{"Authorization": p.AccessToken}},
			{path: "/ws"},
			{path: "/ws?token=" + p.AccessToken},
			{path: "/ws", head: bearer("x")},
		} {
			if r := c.to(t, s); r.refused(t, 401, protocol.Unauthenticated).Code == "" || r.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%+v: %v", c, r.Header)
			}
		}
	})
	t.Run("a cookie is as good as a token, but a bad token is not mended by a cookie", func(t *testing.T) {
		k := login("kim", servertest.Password, "web").to(t, s).Cookies()
		call{path: "/api/v1/me", cookies: k}.to(t, s).ok(t, nil)
		call{path: "/api/v1/me", cookies: k, head: bearer("x")}.to(t, s).refused(t, 401, protocol.Unauthenticated)
		call{path: "/api/v1/me", cookies: k, head: map[string]string{"Authorization": "Basic eDp5"}}.to(t, s).ok(t, nil)
	})
	t.Run("a refresh gives a new one; the old one ends the family", func(t *testing.T) {
		p := s.SignIn("kim", protocol.Mobile)
		var next protocol.SignedIn
		refresh(p.RefreshToken).to(t, s).ok(t, &next)
		if next.RefreshToken == "" || next.RefreshToken == p.RefreshToken || next.User.ID != "kim" || next.ExpiresIn != 900 {
			t.Errorf("got %+v", next)
		}
		refresh(p.RefreshToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
		refresh(next.RefreshToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
		me(next.AccessToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
	})
	t.Run("a browser refreshes by its cookie", func(t *testing.T) {
		k := login("kim", servertest.Password, "web").to(t, s).Cookies()
		var next protocol.SignedIn
		r := call{method: "POST", path: "/api/v1/auth/refresh", cookies: k}.to(t, s)
		r.ok(t, &next)
		if next.RefreshToken != "" || len(r.Cookies()) != 2 {
			t.Errorf("got %s %v", r.raw, r.Cookies())
		}
		again := call{method: "POST", path: "/api/v1/auth/refresh", cookies: k}.to(t, s)
		again.refused(t, 401, protocol.Unauthenticated)
		for _, c := range again.Cookies() {
			if c.MaxAge >= 0 {
				t.Errorf("keeps %v", c)
			}
		}
	})
	t.Run("a refresh without any token is 401, with rubbish 400", func(t *testing.T) {
		call{method: "POST", path: "/api/v1/auth/refresh"}.to(t, s).refused(t, 401, protocol.Unauthenticated)
		refresh("").to(t, s).refused(t, 401, protocol.Unauthenticated)
		refresh("x.y").to(t, s).refused(t, 401, protocol.Unauthenticated)
		call{method: "POST", path: "/api/v1/auth/refresh", body: "{"}.to(t, s).refused(t, 400, protocol.BadRequest)
		call{method: "POST", path: "/api/v1/auth/refresh", body: `{"refreshToken":7}`}.to(t, s).refused(t, 400, protocol.BadRequest)
	})
}

func dial(t *testing.T, s *servertest.Server, head http.Header) *websocket.Conn {
	t.Helper()
	ws, r, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/ws", head)
	if err != nil {
		t.Fatalf("%v %v", r, err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	var hello struct{ Ev string }
	if err := ws.ReadJSON(&hello); err != nil || hello.Ev != "hello" {
		t.Fatalf("%+v %v", hello, err)
	}
	return ws
}

// closed reads until the end and returns its code.
func closed(t *testing.T, ws *websocket.Conn) int {
	t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(15 * time.Second))
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			end, ok := err.(*websocket.CloseError)
			if !ok {
				t.Fatal(err)
			}
			return end.Code
		}
	}
}

func alive(t *testing.T, ws *websocket.Conn) {
	t.Helper()
	if err := ws.WriteJSON(protocol.Ask{ID: 9, Op: protocol.OpPing}); err != nil {
		t.Fatal(err)
	}
	_ = ws.SetReadDeadline(time.Now().Add(15 * time.Second))
	var answer protocol.Answer
	for answer.Re != 9 {
		if err := ws.ReadJSON(&answer); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSignOut(t *testing.T) {
	s := servertest.Start(t)
	s.Add("kim")
	t.Run("this device's socket closes with 4002, both tokens die, other devices go on", func(t *testing.T) {
		one, other := s.SignIn("kim", protocol.Desktop), s.SignIn("kim", protocol.Mobile)
		a := dial(t, s, http.Header{"Authorization": {"Bearer " + one.AccessToken}})
		b := dial(t, s, http.Header{"Authorization": {"Bearer " + other.AccessToken}})
		call{method: "POST", path: "/api/v1/auth/logout", head: bearer(one.AccessToken)}.to(t, s).ok(t, nil)
		if code := closed(t, a); code != int(protocol.CloseSignedOut) {
			t.Errorf("closed with %d", code)
		}
		me(one.AccessToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
		refresh(one.RefreshToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
		me(other.AccessToken).to(t, s).ok(t, nil)
		alive(t, b)
	})
	t.Run("a browser loses its cookies", func(t *testing.T) {
		k := login("kim", servertest.Password, "web").to(t, s).Cookies()
		r := call{method: "POST", path: "/api/v1/auth/logout", cookies: k}.to(t, s)
		r.ok(t, nil)
		if len(r.Cookies()) != 2 {
			t.Fatal(r.Cookies())
		}
		for _, c := range r.Cookies() {
			if c.MaxAge >= 0 || c.Value != "" {
				t.Errorf("keeps %v", c)
			}
		}
		call{path: "/api/v1/me", cookies: k}.to(t, s).refused(t, 401, protocol.Unauthenticated)
	})
	t.Run("it works with the refresh token alone, once the other has run out", func(t *testing.T) {
		p := s.SignIn("kim", protocol.Desktop)
		out := call{method: "POST", path: "/api/v1/auth/logout", body: `{"refreshToken":"` + p.RefreshToken + `"}`}
		out.to(t, s).ok(t, nil)
		me(p.AccessToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
		out.to(t, s).ok(t, nil) // the answer may have been lost
		call{method: "POST", path: "/api/v1/auth/logout"}.to(t, s).refused(t, 401, protocol.Unauthenticated)
	})
	t.Run("reusing an old refresh token closes the live socket too", func(t *testing.T) {
		p := s.SignIn("kim", protocol.Desktop)
		ws := dial(t, s, http.Header{"Authorization": {"Bearer " + p.AccessToken}})
		refresh(p.RefreshToken).to(t, s).ok(t, nil)
		alive(t, ws)
		refresh(p.RefreshToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
		if code := closed(t, ws); code != int(protocol.CloseSignedOut) {
			t.Errorf("closed with %d", code)
		}
	})
}

func TestLimitOnSignIn(t *testing.T) {
	s := servertest.Start(t, "--proxies=127.0.0.1", "--rate-limits=off")
	s.Add("kim", "lee")
	from := func(c call, address string) call {
		c.head = map[string]string{"X-Forwarded-For": address}
		return c
	}
	for _, id := range []string{"kim", "nobody"} {
		t.Run("wrong tries end in 429 with Retry-After, then for the right password too: "+id, func(t *testing.T) {
			n := 0
			for ; n <= 40; n++ {
				r := from(login(id, "wrong", "web"), "10.1.1.1").to(t, s)
				if r.StatusCode == 429 {
					r.refused(t, 429, protocol.RateLimited)
					if wait, err := strconv.Atoi(r.Header.Get("Retry-After")); err != nil || wait < 1 {
						t.Errorf("Retry-After %q", r.Header.Get("Retry-After"))
					}
					break
				}
				r.refused(t, 401, protocol.BadCredentials)
			}
			if n > 40 {
				t.Fatal("no end of guessing")
			}
			from(login(id, servertest.Password, "web"), "10.1.1.1").to(t, s).refused(t, 429, protocol.RateLimited)
		})
	}
	t.Run("others there and the person elsewhere are untouched", func(t *testing.T) {
		from(login("lee", servertest.Password, "web"), "10.1.1.1").to(t, s).ok(t, nil)
		from(login("kim", servertest.Password, "web"), "10.1.1.2").to(t, s).ok(t, nil)
	})
	t.Run("what stands left of the proxy's own word does not count", func(t *testing.T) {
		from(login("kim", servertest.Password, "web"), "10.9.9.9, 10.1.1.1").to(t, s).refused(t, 429, protocol.RateLimited)
	})
	t.Run("32 good sign-ins from one address at once pass", func(t *testing.T) {
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				if r := from(login("lee", servertest.Password, "desktop"), "10.1.1.3").to(t, s); r.StatusCode != 200 {
					t.Error(r.raw)
				}
			})
		}
		all.Wait()
	})
}

func TestForwardingHeadersOfStrangers(t *testing.T) {
	s := servertest.Start(t)
	s.Add("kim")
	t.Run("do not count", func(t *testing.T) {
		for i := range 41 {
			c := login("kim", "wrong", "web")
			c.head = map[string]string{"X-Forwarded-For": "10.0.0." + strconv.Itoa(i), "X-Real-Ip": "10.0.1." + strconv.Itoa(i), "Forwarded": "for=10.0.2." + strconv.Itoa(i)}
			if r := c.to(t, s); r.StatusCode == 429 {
				return
			}
		}
		t.Error("the limit was dodged")
	})
}

func TestOneTimePassword(t *testing.T) {
	s := servertest.Start(t)
	s.Add("admin")
	account, err := s.Store.Account(t.Context(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.SetPassword(t.Context(), "admin", account.PasswordHash, true); err != nil {
		t.Fatal(err)
	}
	var in protocol.SignedIn
	login("admin", servertest.Password, "desktop").to(t, s).ok(t, &in)
	t.Run("lets one choose another, and nothing else", func(t *testing.T) {
		if !in.User.MustChange {
			t.Error("the client is not told")
		}
		me(in.AccessToken).to(t, s).ok(t, nil)
		for _, c := range []call{{path: "/api/v1/rooms"}, {path: "/api/v1/users"}, {path: "/ws"}, {method: "POST", path: "/api/v1/commands/room.create", body: `{"members":[]}`}} {
			c.head = bearer(in.AccessToken)
			if f := c.to(t, s).refused(t, 403, protocol.Forbidden); c.path != "/ws" && f.Field != "password" {
				t.Errorf("got %+v", f)
			}
		}
	})
	t.Run("after that everything is open, with the same token", func(t *testing.T) {
		change := call{method: "POST", path: "/api/v1/auth/password", head: bearer(in.AccessToken), body: `{"old":"` + servertest.Password + `","new":"short"}`}
		if f := change.to(t, s).refused(t, 400, protocol.BadRequest); f.Field != "new" {
			t.Errorf("got %+v", f)
		}
		change.body = `{"old":"wrong","new":"battery staple"}`
		change.to(t, s).refused(t, 401, protocol.BadCredentials)
		change.body = `{"old":"` + servertest.Password + `","new":"battery staple"}`
		change.to(t, s).ok(t, nil)
		call{path: "/api/v1/rooms", head: bearer(in.AccessToken)}.to(t, s).ok(t, nil)
		login("admin", servertest.Password, "web").to(t, s).refused(t, 401, protocol.BadCredentials)
		login("admin", "battery staple", "web").to(t, s).ok(t, nil)
	})
}

func TestSecretsInTheLog(t *testing.T) {
	t.Run("there are none: no password, no token, no text", func(t *testing.T) {
		s := servertest.Start(t)
		p := s.Person("kim")
		login("kim", "wrong-secret-1", "web").to(t, s)
		login("kim", servertest.Password, "web").to(t, s)
		refresh(p.RefreshToken).to(t, s).ok(t, nil)
		refresh(p.RefreshToken).to(t, s)
		me("bad-token-2").to(t, s)
		k := s.SignIn("kim", protocol.Desktop)
		var room protocol.RoomCreated
		k.Do(protocol.OpRoomCreate, protocol.CreateRoom{}, &room)
		k.Do(protocol.OpMessageSend, protocol.SendMessage{ID: "m1", Room: room.Room.ID, Body: "confidential-3"}, nil)
		k.Get("/search?q=confidential-3", nil)
		log := s.Log.String()
		for _, secret := range []string{"wrong-secret-1", servertest.Password, "bad-token-2", "confidential-3", p.RefreshToken, p.AccessToken, k.AccessToken} {
			if strings.Contains(log, secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
		if log == "" {
			t.Error("and nothing else either")
		}
	})
}

func TestCookiesInABrowser(t *testing.T) {
	t.Run("the refresh cookie goes to the sign-in paths only", func(t *testing.T) {
		s := servertest.Start(t)
		s.Add("kim")
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		r := login("kim", servertest.Password, "web").to(t, s)
		jar.SetCookies(r.Request.URL, r.Cookies())
		api := *r.Request.URL
		api.Path = "/api/v1/rooms"
		if sent := jar.Cookies(&api); len(sent) != 1 || sent[0].Name != "sendjay_access" {
			t.Errorf("sent %v", sent)
		}
		if sent := jar.Cookies(r.Request.URL); len(sent) != 2 {
			t.Errorf("sent %v", sent)
		}
	})
	t.Run("over TLS, by a proxy's word or our public name, they are Secure", func(t *testing.T) {
		s := servertest.Start(t, "--proxies=127.0.0.1", "--public-url=https://talk.example.com")
		s.Add("kim")
		for _, head := range []map[string]string{{"X-Forwarded-Proto": "https"}, {"Host": "talk.example.com"}} {
			c := login("kim", servertest.Password, "web")
			c.head = head
			for _, k := range c.to(t, s).Cookies() {
				if !k.Secure {
					t.Errorf("%v: %v", head, k)
				}
			}
		}
	})
}
