package edge_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/shared/protocol"
)

func TestTheWindowOpensWithoutALine(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	wire := desktoptest.NewWire(t, strings.TrimPrefix(up.URL, "http://"))
	html := `<html><script src="/assets/app-1.js"></script></html>`
	up.Page.Store(&html)
	build := "one"
	up.Build.Store(&build)
	up.Assets.Store("/assets/app-1.js", `import("./assets/lazy-1.js")`)
	up.Assets.Store("/assets/lazy-1.js", "lazy: import(`./beside-1.js`)")
	up.Assets.Store("/assets/beside-1.js", "beside")
	dir := t.TempDir()
	tr := begin(t, dir, "http://"+wire.Addr)
	p := tr.open()
	if text := p.want(200, "GET", "/", ""); text != "embedded page" {
		t.Errorf("first start: %s", text)
	}
	p.signIn("kim")
	up.Say("m1", "hello")
	up.Until("the UI was fetched", func() bool { return up.Requests("GET /assets/beside-1.js") > 0 })
	p.want(200, "GET", "/api/v1/rooms?limit=50", "")
	p.want(200, "GET", "/api/v1/rooms/r1/messages", "")
	for p.want(200, "GET", "/", "") != html {
		if t.Context().Err() != nil {
			t.Fatal("the server's UI is not served")
		}
	}
	tr.stop()
	wire.Cut()
	tr = begin(t, dir, "http://"+wire.Addr)
	tr.until(protocol.Offline)
	p = tr.open()
	if text := p.want(200, "GET", "/", ""); text != html {
		t.Errorf("the page: %s", text)
	}
	for path, want := range map[string]string{
		"/assets/app-1.js": "lazy-1", "/assets/lazy-1.js": "lazy", "/assets/beside-1.js": "beside", "/api/v1/me": "KIM", "/api/v1/rooms?limit=50": "r1", "/api/v1/rooms/r1/messages": "hello",
	} {
		if text := p.want(200, "GET", path, ""); !strings.Contains(text, want) {
			t.Errorf("%s: %s", path, text)
		}
	}
	p.want(503, "GET", "/api/v1/rooms/r1/messages?before=1", "")
	s := p.dial()
	var h protocol.Hello
	if f := s.next(); json.Unmarshal(f.Data, &h) != nil || h.User.ID != "kim" || h.Link.State == protocol.Online {
		t.Errorf("hello without a line: %+v", h)
	}
	wire.Mend()
	p.want(204, "POST", "/edge/v1/retry", "")
	s.link(protocol.Online)
	// Signing out leaves nothing to read.
	p.want(200, "POST", "/api/v1/auth/logout", "{}")
	wire.Cut()
	p.want(401, "GET", "/api/v1/rooms", "")
}

func TestANewUIReplacesTheOldOneWhenItIsComplete(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	one, two := `<html><script src="/assets/a-1.js"></script></html>`, `<html><script src="/assets/a-2.js"></script></html>`
	up.Page.Store(&one)
	up.Assets.Store("/assets/a-1.js", "one")
	b1, b2, b3 := "1", "2", "3"
	up.Build.Store(&b1)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	s := p.dial()
	until := func(want string) {
		t.Helper()
		for p.want(200, "GET", "/", "") != want {
			if t.Context().Err() != nil {
				t.Fatal("in vain")
			}
		}
	}
	until(one)
	up.Page.Store(&two) // its script is missing yet
	up.Build.Store(&b2)
	up.Drop(protocol.CloseRestart)
	s.link(protocol.Online)
	up.Until("the script was asked for", func() bool { return up.Requests("GET /assets/a-2.js") > 0 })
	until(one)
	up.Assets.Store("/assets/a-2.js", "two")
	up.Build.Store(&b3)
	up.Drop(protocol.CloseRestart)
	s.link(protocol.Online)
	until(two)
	if text := p.want(200, "GET", "/assets/a-1.js", ""); text != "one" {
		t.Errorf("an open window lost its script: %s", text)
	}
}
