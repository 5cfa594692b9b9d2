package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func TestManners(t *testing.T) {
	s := servertest.Start(t)
	p := s.Person("kim")
	t.Run("unknown paths have the error shape", func(t *testing.T) {
		for _, path := range []string{"/api", "/api/", "/api/v1", "/api/v2/rooms", "/api/v1/nope", "/api/v1/rooms/x/y/z", "/api/v1/commands", "/api/v1/auth", "/api/v1/auth/", "/api/v1/me/"} {
			for _, method := range []string{"GET", "POST", "DELETE"} {
				call{method: method, path: path, head: bearer(p.AccessToken)}.to(t, s).refused(t, 404, protocol.NotFound)
			}
		}
	})
	t.Run("so have files that are not there", func(t *testing.T) {
		for _, path := range []string{"/assets/nope.js", "/nope.php", "/favicon.nope"} {
			call{path: path}.to(t, s).refused(t, 404, protocol.NotFound)
		}
	})
	t.Run("a wrong method is 405 and names the right ones", func(t *testing.T) {
		for path, allow := range map[string]string{
			"/api/v1/auth/login": "POST", "/api/v1/auth/refresh": "POST", "/api/v1/auth/logout": "POST", "/api/v1/commands/ping": "POST",
			"/api/v1/me": "GET, HEAD", "/api/v1/rooms": "GET, HEAD", "/api/v1/rooms/x/messages": "GET, HEAD", "/api/v1/search": "GET, HEAD",
			"/healthz": "GET, HEAD", "/readyz": "GET, HEAD", "/metrics": "GET, HEAD", "/": "GET, HEAD", "/ws": "GET",
		} {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
				if strings.HasPrefix(allow, method) {
					continue
				}
				r := call{method: method, path: path, head: bearer(p.AccessToken)}.to(t, s)
				r.refused(t, 405, protocol.MethodNotKnown)
				if r.Header.Get("Allow") != allow {
					t.Errorf("%s %s allows %q", method, path, r.Header.Get("Allow"))
				}
			}
		}
	})
	t.Run("a body over the limit is too large", func(t *testing.T) {
		big := `{"userId":"kim","password":"` + strings.Repeat("x", 64<<10) + `","device":"web"}`
		call{method: "POST", path: "/api/v1/auth/login", body: big}.to(t, s).refused(t, 413, protocol.TooLarge)
		call{method: "POST", path: "/api/v1/commands/message.send", body: big, head: bearer(p.AccessToken)}.to(t, s).refused(t, 413, protocol.TooLarge)
	})
	t.Run("a body that does not come whole is the sender's fault, not ours", func(t *testing.T) {
		for _, sent := range []string{"Transfer-Encoding: chunked\r\n\r\nnot a number\r\n", "Content-Length: 50\r\n\r\n{"} {
			c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(c, "POST /api/v1/commands/ping HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s", p.AccessToken, sent)
			if err := c.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			r, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil || r.StatusCode != 400 {
				t.Errorf("%q: %v %v", sent, r, err)
			}
			c.Close()
		}
		if strings.Contains(s.Log.String(), "level=ERROR") {
			t.Error(s.Log)
		}
	})
	t.Run("nothing of what is inside shows in a refusal", func(t *testing.T) {
		for _, c := range []call{
			{path: "/api/v1/rooms/%27%22%3B--/messages"},
			{path: "/api/v1/rooms?cursor=%00%ff"},
			{path: "/api/v1/search?q=%ff"},
			{path: "/api/v1/users?q=%00"},
			{path: "/api/v1/rooms/" + strings.Repeat("x", 5000)},
			{path: "/api/v1/rooms/x/changes?since=99999999999999999999"},
			{method: "POST", path: "/api/v1/commands/room.create", body: `{"members":{"a":1}}`},
		} {
			c.head = bearer(p.AccessToken)
			r := c.to(t, s)
			if r.StatusCode < 400 || r.StatusCode >= 500 {
				t.Errorf("%s: %d", c.path, r.StatusCode)
			}
			for _, inside := range []string{"sql", "SQL", "goroutine", ".go", "json:", "_TBL", "server/"} {
				if strings.Contains(r.raw, inside) {
					t.Errorf("%s: %s", c.path, r.raw)
				}
			}
		}
	})
	t.Run("HEAD answers as GET, without the body", func(t *testing.T) {
		r := call{method: "HEAD", path: "/api/v1/me", head: bearer(p.AccessToken)}.to(t, s)
		if r.StatusCode != 200 || r.raw != "" {
			t.Errorf("%d %q", r.StatusCode, r.raw)
		}
	})
}

func TestHealth(t *testing.T) {
	s := servertest.Start(t)
	t.Run("healthz says that the process lives", func(t *testing.T) { call{path: "/healthz"}.to(t, s).ok(t, nil) })
	t.Run("readyz is an object that names what is missing", func(t *testing.T) {
		var ready struct {
			Ready   bool
			Missing map[string]string
		}
		call{path: "/readyz"}.to(t, s).ok(t, &ready)
		if !ready.Ready || ready.Missing == nil {
			t.Errorf("got %+v", ready)
		}
		if err := s.Store.Close(); err != nil {
			t.Fatal(err)
		}
		r := call{path: "/readyz"}.to(t, s)
		if err := json.Unmarshal([]byte(r.raw), &ready); err != nil || r.StatusCode != 503 || ready.Ready || ready.Missing["database"] == "" {
			t.Errorf("got %d %s", r.StatusCode, r.raw)
		}
	})
	t.Run("metrics are for this machine, not for whom a proxy asks", func(t *testing.T) {
		r := call{path: "/metrics"}.to(t, s)
		if r.StatusCode != 200 || !strings.Contains(r.raw, "sendjay_sessions 0") || !strings.Contains(r.raw, "process_resident_memory_bytes") {
			t.Errorf("got %d %.200s", r.StatusCode, r.raw)
		}
		call{path: "/metrics", head: map[string]string{"X-Forwarded-For": "10.0.0.1"}}.to(t, s).refused(t, 404, protocol.NotFound)
	})
	t.Run("unless they are for everybody", func(t *testing.T) {
		s := servertest.Start(t, "--metrics")
		if r := (call{path: "/metrics", head: map[string]string{"X-Forwarded-For": "10.0.0.1"}}).to(t, s); r.StatusCode != 200 {
			t.Errorf("got %d", r.StatusCode)
		}
	})
}

func TestPagesElsewhere(t *testing.T) {
	s := servertest.Start(t, "--origins=https://portal.example.com")
	s.Add("kim")
	k := login("kim", servertest.Password, "web").to(t, s).Cookies()
	p := s.SignIn("kim", protocol.Desktop)
	host := strings.TrimPrefix(s.URL, "http://")
	post := func(head map[string]string) call {
		return call{method: "POST", path: "/api/v1/commands/ping", body: "{}", head: head, cookies: k}
	}
	foreign := []map[string]string{
		{"Origin": "https://evil.example.com"},
		{"Origin": "null"},
		{"Origin": "http://" + host + ".evil.example.com"},
		{"Origin": "http://localhost:1"},
		{"Origin": "https://evil.example.com", "Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site"},
	}
	t.Run("may not use our cookie for a POST", func(t *testing.T) {
		for _, head := range foreign {
			post(head).to(t, s).refused(t, 403, protocol.Forbidden)
		}
		for _, path := range []string{"/api/v1/auth/refresh", "/api/v1/auth/logout", "/api/v1/auth/password", "/api/v1/auth/login"} {
			call{method: "POST", path: path, body: "{}", cookies: k, head: foreign[0]}.to(t, s).refused(t, 403, protocol.Forbidden)
		}
		call{path: "/api/v1/me", cookies: k}.to(t, s).ok(t, nil) // and nothing was ended by it
	})
	t.Run("nor for the socket", func(t *testing.T) {
		for _, head := range foreign[:4] {
			h := http.Header{"Cookie": {k[0].Name + "=" + k[0].Value}}
			for key, v := range head {
				h.Set(key, v)
			}
			_, r, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+host+"/ws", h)
			if err == nil || r == nil || r.StatusCode != 403 {
				t.Errorf("%v: %v %v", head, r, err)
			}
		}
	})
	t.Run("our own page, the portal and programs without a page may", func(t *testing.T) {
		for _, head := range []map[string]string{
			nil, {"Origin": s.URL}, {"Origin": s.URL, "Sec-Fetch-Site": "same-origin"}, {"Origin": "https://portal.example.com", "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"},
		} {
			post(head).to(t, s).ok(t, nil)
		}
		for _, origin := range []string{s.URL, "https://portal.example.com"} {
			dial(t, s, http.Header{"Cookie": {k[0].Name + "=" + k[0].Value}, "Origin": {origin}})
		}
	})
	t.Run("a token of one's own is no cookie", func(t *testing.T) {
		for _, head := range foreign {
			h := bearer(p.AccessToken)
			for key, v := range head {
				h[key] = v
			}
			post(h).to(t, s).ok(t, nil)
		}
		dial(t, s, http.Header{"Authorization": {"Bearer " + p.AccessToken}, "Origin": {"https://evil.example.com"}})
	})
	t.Run("what an HTML form can send is not JSON when a cookie comes with it", func(t *testing.T) {
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain;charset=utf-8"} {
			post(map[string]string{"Content-Type": kind}).to(t, s).refused(t, 400, protocol.BadRequest)
			call{method: "POST", path: "/api/v1/commands/ping", body: "{}", head: map[string]string{"Content-Type": kind, "Authorization": "Bearer " + p.AccessToken}}.to(t, s).ok(t, nil)
		}
	})
}
