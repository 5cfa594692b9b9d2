package story

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestContractCommandLine(t *testing.T) {
	h := newHouse(t)
	for what, args := range map[string][]string{
		"an id that is there":   {"user", "add", "kim", "--name", "Kim", "--password-stdin"},
		"an empty id":           {"user", "add", "", "--name", "Nobody", "--password-stdin"},
		"an id with a space":    {"user", "add", "k im", "--name", "Kim", "--password-stdin"},
		"a flag that is not":    {"user", "add", "new", "--nonsense"},
		"a command that is not": {"user", "vanish"},
	} {
		if out, err := h.run("a good password\n", args...); err == nil || len(strings.TrimSpace(out)) < 10 {
			t.Errorf("%s: %v %q", what, err, out)
		}
	}
	if out, err := h.run("\n", "user", "add", "empty", "--name", "Empty", "--password-stdin"); err == nil {
		t.Errorf("an empty password was taken: %s", out)
	}
	out, err := h.run("a good password\nand more\n", "user", "add", "new", "--name", "새 사람", "--password-stdin", "--json")
	if err != nil || !json.Valid([]byte(out)) {
		t.Errorf("user add --json: %v %q", err, out)
	}
	s := h.call("POST", "/api/v1/auth/login", "", obj{"userId": "new", "password": "a good password", "device": "web"})
	if user, _ := s.body["user"].(obj); s.status != 200 || user["id"] != "new" || user["name"] != "새 사람" {
		t.Errorf("the new person, at once: %d %s", s.status, s.raw)
	}
}

func TestContractSignIn(t *testing.T) {
	h := newHouse(t)
	for what, body := range map[string]any{
		"no password": obj{"userId": "kim", "device": "web"}, "no user": obj{"password": password, "device": "web"}, "no device": obj{"userId": "kim", "password": password},
		"an unknown device": obj{"userId": "kim", "password": password, "device": "fridge"}, "no JSON": "kim", "a list": "[]", "nothing": "", "numbers": obj{"userId": 1, "password": 2, "device": 3},
	} {
		h.refuses(what, h.call("POST", "/api/v1/auth/login", "", body), 400, "bad_request")
	}
	h.refuses("a wrong password", h.call("POST", "/api/v1/auth/login", "", obj{"userId": "kim", "password": "wrong", "device": "web"}), 401, "bad_credentials")
	h.refuses("an unknown id", h.call("POST", "/api/v1/auth/login", "", obj{"userId": "nobody", "password": "wrong", "device": "web"}), 401, "bad_credentials")

	for _, device := range []string{"desktop", "mobile"} {
		s := h.call("POST", "/api/v1/auth/login", "", obj{"userId": "kim", "password": password, "device": device})
		if in, _ := s.body["expiresIn"].(float64); s.body["refreshToken"] == nil || in != 900 {
			t.Errorf("%s: %s", device, s.raw)
		}
	}
	s := h.call("POST", "/api/v1/auth/login", "", obj{"userId": "kim", "password": password, "device": "web"})
	if len(s.sets) == 0 {
		t.Error("web gets no cookies")
	}
	var jar []string
	for _, c := range s.sets {
		jar = append(jar, c.Name+"="+c.Value)
		if !c.HttpOnly || c.SameSite == http.SameSiteDefaultMode || c.SameSite == http.SameSiteNoneMode {
			t.Errorf("cookie %s: HttpOnly %v, SameSite %v", c.Name, c.HttpOnly, c.SameSite)
		}
	}
	cookies := strings.Join(jar, "; ")
	if got := h.call("GET", "/api/v1/rooms", "", nil, "Cookie", cookies); got.status != 200 {
		t.Errorf("by cookie: %d %s", got.status, got.raw)
	}
	h.refuses("a cookie from elsewhere", h.call("POST", "/api/v1/commands/room.create", "", obj{"members": []string{"lee"}}, "Cookie", cookies, "Origin", "http://evil.example"), 403, "forbidden")
	if _, a, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.url, "http")+"/ws", http.Header{"Cookie": {cookies}, "Origin": {"http://evil.example"}}); err == nil || a == nil || a.StatusCode != 403 {
		t.Errorf("a cookie from elsewhere opens a socket: %v", err)
	} else {
		a.Body.Close()
	}

	tok := h.login("kim", "desktop")
	var head, claims obj
	parts := strings.Split(tok.access, ".")
	for i, into := range []*obj{&head, &claims} {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(b, into) != nil {
			t.Fatalf("the access token is no JWT: %v", err)
		}
	}
	if head["kid"] == nil || claims["exp"] == nil {
		t.Errorf("JWT without kid or exp: %v %v", head, claims)
	}
	h.refuses("a token in the URL", h.call("GET", "/api/v1/rooms?access_token="+tok.access+"&token="+tok.access, "", nil), 401, "unauthenticated")
	h.refuses("no token", h.call("GET", "/api/v1/rooms", "", nil), 401, "unauthenticated")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT","kid":"`+fmt.Sprint(head["kid"])+`"}`)) + "." + parts[1] + "."
	for what, bad := range map[string]string{"garbage": "x", "unsigned": none, "cut": tok.access[:len(tok.access)-4]} {
		h.refuses(what, h.call("GET", "/api/v1/rooms", bad, nil), 401, "unauthenticated")
		if c, a, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.url, "http")+"/ws", http.Header{"Authorization": {"Bearer " + bad}}); err == nil {
			c.Close()
			t.Errorf("%s opens a socket", what)
		} else if a == nil || a.StatusCode != 401 {
			t.Errorf("%s at the socket: %v", what, err)
		}
	}
}

func TestContractRefreshAndSignOut(t *testing.T) {
	h := newHouse(t)
	first := h.login("kim", "desktop")
	refresh := func(token string) said { return h.call("POST", "/api/v1/auth/refresh", "", obj{"refreshToken": token}) }
	s := refresh(first.refresh)
	second, _ := s.body["refreshToken"].(string)
	access, _ := s.body["accessToken"].(string)
	if s.status != 200 || second == "" || second == first.refresh || access == "" || s.body["expiresIn"] == nil || s.body["user"] == nil {
		t.Fatalf("refresh: %d %s", s.status, s.raw)
	}
	h.kill() // keys and families survive
	if got := h.call("GET", "/api/v1/rooms", access, nil); got.status != 200 {
		t.Errorf("the access token after a restart: %d %s", got.status, got.raw)
	}
	h.refuses("the token before the last", refresh(first.refresh), 401, "unauthenticated")
	if got := refresh(second); got.status != 401 {
		t.Errorf("the family lives on: %d %s", got.status, got.raw)
	}

	kim, other := h.login("kim", "desktop"), h.login("kim", "mobile")
	desk, phone := h.dial(kim.access), h.dial(other.access)
	if got := h.call("POST", "/api/v1/auth/logout", kim.access, nil); got.status >= 300 {
		t.Errorf("sign out: %d %s", got.status, got.raw)
	}
	if code := desk.ended(); code != 4002 {
		t.Errorf("the socket of the one who signed out: %d", code)
	}
	h.refuses("access after signing out", h.call("GET", "/api/v1/rooms", kim.access, nil), 401, "unauthenticated")
	if got := refresh(kim.refresh); got.status != 401 {
		t.Errorf("refresh after signing out: %d", got.status)
	}
	phone.room("lee") // goes on
}

func TestContractSignInLimit(t *testing.T) {
	h := newHouse(t)
	try := func(user, pass string, header ...string) said {
		return h.call("POST", "/api/v1/auth/login", "", obj{"userId": user, "password": pass, "device": "web"}, header...)
	}
	for _, user := range []string{"kim", "nobody"} {
		var s said
		for i := range 41 {
			// A header of a proxy that was not configured changes nothing.
			if s = try(user, "wrong", "X-Forwarded-For", fmt.Sprintf("10.0.0.%d", i)); s.status == 429 {
				break
			}
		}
		h.refuses(user+" after many wrong tries", s, 429, "rate_limited")
		if n, err := strconv.Atoi(s.header.Get("Retry-After")); err != nil || n < 1 {
			t.Errorf("Retry-After: %q", s.header.Get("Retry-After"))
		}
	}
	h.refuses("the right password then", try("kim", password), 429, "rate_limited")
	for range 32 {
		if s := try("lee", password); s.status != 200 {
			t.Fatalf("another at this address: %d %s", s.status, s.raw)
		}
	}
}

func TestContractHTTPManners(t *testing.T) {
	h := newHouse(t)
	kim := h.login("kim", "desktop").access
	h.refuses("an unknown path", h.call("GET", "/api/v1/nonsense", kim, nil), 404, "not_found")
	for _, at := range [][2]string{{"DELETE", "/api/v1/rooms"}, {"GET", "/api/v1/auth/login"}, {"PATCH", "/api/v1/search"}} {
		if s := h.call(at[0], at[1], kim, nil); s.status != 405 || s.code() == "" || s.body["error"] == nil {
			t.Errorf("%v: %d %s", at, s.status, s.raw)
		}
	}
	h.refuses("a room one is not in", h.call("GET", "/api/v1/rooms/none/messages", kim, nil), 404, "not_found")
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if s := h.call("GET", path, "", nil); s.status != 200 || path == "/readyz" && s.body == nil {
			t.Errorf("%s: %d %s", path, s.status, s.raw)
		}
	}
	room := h.dial(kim).room("lee")
	for _, q := range []string{"limit=x", "limit=-1", "before=x", "after=x", "before=1.5", "after=-2", "limit=99999999999999999999"} {
		h.refuses("messages?"+q, h.call("GET", "/api/v1/rooms/"+room+"/messages?"+q, kim, nil), 400, "bad_request")
	}
	for _, q := range []string{"limit=x", "cursor=nonsense"} {
		h.refuses("rooms?"+q, h.call("GET", "/api/v1/rooms?"+q, kim, nil), 400, "bad_request")
	}
	h.refuses("changes since nonsense", h.call("GET", "/api/v1/rooms/"+room+"/changes?since=x", kim, nil), 400, "bad_request")
	if s := h.call("GET", "/api/v1/rooms/"+room+"/messages?limit=100000", kim, nil); s.status != 200 {
		t.Errorf("a large limit is clamped: %d %s", s.status, s.raw)
	}
	s := h.call("POST", "/api/v1/commands/message.send", kim, obj{"id": newID(), "room": room, "type": "talk", "body": "by script"})
	if s.status != 200 || s.body["seq"] != 1.0 {
		t.Errorf("a script sends: %d %s", s.status, s.raw)
	}
	h.refuses("an unknown op", h.call("POST", "/api/v1/commands/no.such", kim, obj{}), 404, "unknown_op")
	h.refuses("a command without a token", h.call("POST", "/api/v1/commands/message.send", "", obj{}), 401, "unauthenticated")
}
