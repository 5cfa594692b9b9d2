package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

// call is one request as a foreign program would send it.
type call struct {
	method, path, body string
	head               map[string]string
	cookies            []*http.Cookie
}

// reply is what came back.
type reply struct {
	*http.Response
	raw string
}

func (c call) to(t *testing.T, s *servertest.Server) reply {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.head {
		if k == "Host" {
			r.Host = v
		}
		r.Header.Set(k, v)
	}
	for _, k := range c.cookies {
		r.AddCookie(k)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{answer, string(raw)}
}

// refused wants the error shape, this status and this code.
func (r reply) refused(t *testing.T, status int, code protocol.Code) protocol.Fault {
	t.Helper()
	var f protocol.Refused
	if err := json.Unmarshal([]byte(r.raw), &f); err != nil || r.StatusCode != status || f.Error.Code != code || f.Error.Message == "" {
		t.Fatalf("got %d %q, want %d %s", r.StatusCode, r.raw, status, code)
	}
	if r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", r.Header)
	}
	return f.Error
}

// ok wants 200 and decodes the answer.
func (r reply) ok(t *testing.T, out any) {
	t.Helper()
	if r.StatusCode != http.StatusOK || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("got %d %q %v", r.StatusCode, r.raw, r.Header)
	}
	if out != nil {
		if err := json.Unmarshal([]byte(r.raw), out); err != nil {
			t.Fatalf("%q: %v", r.raw, err)
		}
	}
}

func login(id, password, device string) call {
	body, _ := json.Marshal(map[string]string{"userId": id, "password": password, "device": device})
	return call{method: "POST", path: "/api/v1/auth/login", body: string(body)}
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

func refresh(token string) call {
	return call{method: "POST", path: "/api/v1/auth/refresh", body: `{"refreshToken":"` + token + `"}`}
}
