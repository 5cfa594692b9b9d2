package edge_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"sendjay/desktop/desktoptest"
)

func TestOnlyOurOwnPageGetsAnything(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	for _, path := range []string{"/", "/api/v1/me", "/api/v1/rooms", "/ws", "/edge/v1/keep/drafts", "/edge/v1/server", "/assets/x.js"} {
		for name, c := range map[string]struct {
			status int
			bend   func(*http.Request)
		}{
			"without the cookie":       {403, func(r *http.Request) { r.Header.Del("Cookie") }},
			"with a wrong cookie":      {403, func(r *http.Request) { r.Header.Set("Cookie", p.cookie.Name+"=guess") }},
			"by another name":          {403, func(r *http.Request) { r.Host = "evil.example:80" }},
			"by the name localhost":    {403, func(r *http.Request) { r.Host = strings.Replace(tr.Address(), "127.0.0.1", "localhost", 1) }},
			"from another page":        {403, func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }},
			"from another port":        {403, func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:1") }},
			"from nowhere":             {403, func(r *http.Request) { r.Header.Set("Origin", "null") }},
			"from a page next door":    {403, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }},
			"from a page far away":     {403, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }},
			"with our name and theirs": {403, func(r *http.Request) { r.Header["Origin"] = []string{"http://" + tr.Address(), "http://evil"} }},
		} {
			r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+tr.Address()+path, http.NoBody)
			r.AddCookie(p.cookie)
			c.bend(r)
			resp, err := p.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != c.status {
				t.Errorf("%s %s: %d %s", path, name, resp.StatusCode, raw)
			}
			if len(resp.Cookies()) > 0 {
				t.Errorf("%s %s: a cookie", path, name)
			}
		}
	}
}

func TestAPageIsKeptFromWhoeverOpenedIt(t *testing.T) {
	tr := begin(t, t.TempDir(), desktoptest.NewUpstream(t).URL)
	p := tr.open()
	for site, kept := range map[string]string{"": "same-origin", "same-origin": "same-origin", "cross-site": "same-origin", "none": ""} {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+tr.Address()+"/", http.NoBody)
		r.AddCookie(p.cookie)
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		resp, err := p.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Cross-Origin-Opener-Policy"); got != kept {
			t.Errorf("opened by %q: %q", site, got)
		}
	}
}

func TestAnotherPageCannotOpenTheSocket(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	for _, origin := range []string{"http://evil.example", "null", "http://127.0.0.1:1", "https://" + tr.Address()} {
		_, resp, err := websocket.DefaultDialer.Dial("ws://"+tr.Address()+"/ws", http.Header{"Cookie": {p.cookie.String()}, "Origin": {origin}})
		if err == nil || resp == nil || resp.StatusCode != 403 {
			t.Errorf("origin %s: %v", origin, err)
		}
	}
	_, resp, err := websocket.DefaultDialer.Dial("ws://"+tr.Address()+"/ws", nil)
	if err == nil || resp.StatusCode != 403 {
		t.Errorf("without a cookie: %v", err)
	}
}

func TestABootLinkWorksOnce(t *testing.T) {
	tr := begin(t, t.TempDir(), "")
	p := tr.open()
	at, _ := tr.Boot("")
	for i, want := range []int{303, 403, 403} {
		resp, err := p.client.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("time %d: %d", i+1, resp.StatusCode)
		}
	}
	for _, path := range []string{"/_boot", "/_boot?t=", "/_boot?t=guess"} {
		if got, _, _ := p.do("GET", path, ""); got != 403 {
			t.Errorf("%s: %d", path, got)
		}
	}
	if !p.cookie.HttpOnly || p.cookie.SameSite != http.SameSiteStrictMode {
		t.Errorf("cookie %+v", p.cookie)
	}
}

func TestRequestsAreForwardedWithoutTheirSecrets(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	large := strings.Repeat("0123456789abcdef", 20_000)
	status, text, h := p.do("POST", "/api/v1/echo?x=1", large) // the fake server fails the test where a cookie or origin arrives
	if status != 200 || text != large {
		t.Errorf("%d, %d bytes", status, len(text))
	}
	if h.Get("Set-Cookie") != "" {
		t.Error("the server set a cookie in the page")
	}
	up.RefuseTokens.Store(true)
	if _, text, _ := p.do("POST", "/api/v1/echo", "short"); text != "short" {
		t.Errorf("a refused token was not renewed: %s", text)
	}
	p.want(404, "GET", "/api/v1/nothing", "")
	p.want(404, "GET", "/edge/v1/nothing", "")
}

func TestAWindowOpensNoSessionOfItsOwn(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	p := begin(t, t.TempDir(), up.URL).open()
	p.signIn("kim")
	for _, method := range []string{"PUT", "GET", "POST", "DELETE"} {
		p.want(http.StatusNotFound, method, "/api/v1/line/x", "")
	}
	if n := up.Requests("PUT /api/v1/line"); n != 0 {
		t.Errorf("%d reached the server", n)
	}
}
