package edge_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/shared/protocol"
)

func TestTheEdgeSpeaksAsTheServer(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.want(401, "GET", "/api/v1/me", "")
	p.want(401, "GET", "/ws", "")
	p.want(401, "POST", "/api/v1/auth/login", `{"userId":"kim","password":"wrong","device":"web"}`)
	p.want(400, "POST", "/api/v1/auth/login", `not json`)
	p.signIn("kim")
	if text := p.want(200, "GET", "/api/v1/me", ""); !strings.Contains(text, `"KIM"`) {
		t.Error(text)
	}
	s, other := p.dial(), p.dial()
	var h protocol.Hello
	if f := s.next(); f.Ev != protocol.EvHello || json.Unmarshal(f.Data, &h) != nil {
		t.Fatalf("first frame %+v", f)
	}
	if h.User.ID != "kim" || len(h.Native) != 2 || h.Link == nil || h.Link.State != protocol.Online || h.Heartbeat != 25 {
		t.Errorf("hello %+v", h)
	}
	other.event(protocol.EvHello) // what is said before that, it finds by itself
	up.Say("m1", "hello")
	for _, one := range []*sock{s, other} {
		if f := one.event(protocol.EvMessage); f.Rev != 2 || !strings.Contains(string(f.Data), "m1") {
			t.Errorf("event %+v", f)
		}
	}
	// What one window sends, the other one sees, although the server tells the sending session nothing.
	var sent protocol.MessageSent
	if f := s.ask(protocol.OpMessageSend, talk("m2")); f.Error != nil || json.Unmarshal(f.Data, &sent) != nil || sent.Seq != 2 {
		t.Fatalf("reply %+v", f)
	}
	if f := other.event(protocol.EvMessage); !strings.Contains(string(f.Data), "m2") {
		t.Errorf("event %+v", f)
	}
	if f := s.ask("no.such", `{}`); f.Error == nil || f.Error.Code != protocol.UnknownOp {
		t.Errorf("unknown op: %+v", f)
	}
	if f := s.ask(protocol.OpPing, `{}`); f.Error != nil {
		t.Errorf("ping: %+v", f)
	}
	tr.Open("r1", 3)
	if f := s.event(protocol.EvOpen); !strings.Contains(string(f.Data), `"seq":3`) {
		t.Errorf("open: %+v", f)
	}
	if up.Sessions() != 1 {
		t.Errorf("%d sessions at the server", up.Sessions())
	}
	p.want(200, "POST", "/api/v1/auth/logout", "{}")
	p.want(401, "GET", "/api/v1/me", "")
}

func TestAttentionGoesUpOnceForAllWindows(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	a, b := p.dial(), p.dial()
	said := func(n int, part string) {
		t.Helper()
		up.Until("attention arrived", func() bool {
			all := up.AskedFor(protocol.OpAttention)
			return len(all) >= n && strings.Contains(all[len(all)-1], part)
		})
	}
	a.ask(protocol.OpAttention, `{"room":"r1","focused":true,"idle":0}`)
	said(2, `"r1"`)
	b.ask(protocol.OpAttention, `{"room":"r2","focused":true,"idle":0}`)
	said(3, `"r2"`)
	b.ask(protocol.OpAttention, `{"room":"r2","focused":true,"idle":0}`)
	_ = b.ws.Close()
	said(4, `"r1"`)
	if n := len(up.AskedFor(protocol.OpAttention)); n != 4 {
		t.Errorf("%d records: %v", n, up.AskedFor(protocol.OpAttention))
	}
	if f := a.ask(protocol.OpAttention, `{"idle":7}`); f.Error == nil {
		t.Error("a wrong record was taken")
	}
}

func TestAllWindowsWatchThroughTheOneSession(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	a, b := p.dial(), p.dial()
	a.ask(protocol.OpWatch, `{"users":["lee"]}`)
	b.ask(protocol.OpWatch, `{"users":["park","lee"]}`)
	a.ask(protocol.OpWatch, `{"users":[]}`)
	want := []string{`{"users":["lee"]}`, `{"users":["park","lee"]}`, `{"users":["park","lee"]}`}
	if got := up.AskedFor(protocol.OpWatch); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	if f := a.ask(protocol.OpWatch, `{"users":["a b"]}`); f.Error == nil {
		t.Error("nonsense was taken")
	}
}

func TestThePageGetsAKeyForWhatItsEngineKeeps(t *testing.T) {
	tr := begin(t, t.TempDir(), desktoptest.NewUpstream(t).URL)
	p := tr.open()
	p.signIn("kim")
	if text := p.want(200, "GET", "/edge/v1/keep/settings", ""); strings.Contains(text, "/copy") {
		t.Errorf("a key where nothing is sealed: %s", text)
	}
	if err := tr.state.Seal("secret"); err != nil {
		t.Fatal(err)
	}
	if text := p.want(200, "GET", "/edge/v1/keep/settings", ""); !strings.Contains(text, `"/copy":"`+tr.state.Key("window copy")) {
		t.Errorf("no key for the page: %s", text)
	}
	if text := p.want(200, "GET", "/edge/v1/keep/drafts", ""); strings.Contains(text, "/copy") {
		t.Errorf("a key among the drafts: %s", text)
	}
}

func TestWhatIsKeptSurvivesARestart(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	dir := t.TempDir()
	tr := begin(t, dir, up.URL)
	p := tr.open()
	p.want(401, "PUT", "/edge/v1/keep/drafts/r1", `"nobody"`)
	p.signIn("kim")
	p.want(204, "PUT", "/edge/v1/keep/drafts/r1", `"half a thou"`)
	p.want(204, "PUT", "/edge/v1/keep/drafts/r1", `"half a thought"`)
	p.want(204, "PUT", "/edge/v1/keep/settings/theme", `"dark"`)
	p.want(403, "PUT", "/edge/v1/keep/outbox/m1", `{}`)
	p.want(404, "PUT", "/edge/v1/keep/device/id", `"x"`)
	p.want(400, "PUT", "/edge/v1/keep/drafts/r1", `not json`)
	p.want(413, "PUT", "/edge/v1/keep/drafts/r1", `"`+strings.Repeat("x", 65<<10)+`"`)
	address := tr.Address()
	tr.stop()
	tr = begin(t, dir, up.URL)
	if tr.Address() != address {
		t.Errorf("the port was not remembered: %s, %s", tr.Address(), address)
	}
	p = tr.open()
	if text := p.want(200, "GET", "/edge/v1/keep/drafts", ""); !strings.Contains(text, "half a thought") {
		t.Error(text)
	}
	if text := p.want(200, "GET", "/edge/v1/keep/settings", ""); !strings.Contains(text, "dark") {
		t.Error(text)
	}
	tr.until(protocol.Online)
	p.want(200, "POST", "/api/v1/auth/logout", "{}")
	p.signIn("lee")
	if text := p.want(200, "GET", "/edge/v1/keep/drafts", ""); strings.Contains(text, "half") {
		t.Error("lee reads kim's draft")
	}
}

func TestAnotherPortIsTakenWhenTheRememberedOneIsGone(t *testing.T) {
	dir := t.TempDir()
	tr := begin(t, dir, "")
	first := tr.Address()
	tr.stop()
	l := desktoptest.Occupy(t, first)
	tr = begin(t, dir, "")
	if tr.Address() == l {
		t.Error("two on one port")
	}
	tr.open().want(200, "GET", "/", "")
}

func TestAWindowHearsWhetherToDrawLittle(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	remote := true
	tr.Calm = func() bool { return remote }
	p := tr.open()
	p.signIn("kim")
	able := func() []string {
		var h protocol.Hello
		if f := p.dial().next(); f.Ev != protocol.EvHello || json.Unmarshal(f.Data, &h) != nil {
			t.Fatalf("first frame %+v", f)
		}
		return h.Native
	}
	if got := able(); !slices.Equal(got, []string{"notify", "keep", "calm"}) {
		t.Errorf("on a remote screen: %q", got)
	}
	remote = false // taken back to the desk
	if got := able(); !slices.Equal(got, []string{"notify", "keep"}) {
		t.Errorf("at the desk: %q", got)
	}
}
