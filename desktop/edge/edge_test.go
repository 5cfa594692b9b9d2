package edge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/desktop/attention"
	"sendjay/desktop/desktoptest"
	"sendjay/desktop/edge"
	"sendjay/desktop/keyring"
	"sendjay/desktop/link"
	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

// tray is everything behind the windows, on one profile.
type tray struct {
	*edge.Edge
	t     *testing.T
	link  *link.Link
	state *state.State
	moved chan protocol.LinkState
	stop  func()
}

func begin(t *testing.T, dir, server string) *tray {
	t.Helper()
	s, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	l, err := link.New(link.Config{Keys: keyring.New(keyring.Config{Dir: dir}), Server: server, Device: "device"})
	if err != nil {
		t.Fatal(err)
	}
	tr := &tray{t: t, link: l, state: s, moved: make(chan protocol.LinkState, 1000)}
	watch := attention.New(attention.Config{Changed: func(a protocol.Attention) { tr.Attend(a) }})
	embedded := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "embedded page") })
	tr.Edge, err = edge.New(edge.Config{Link: l, State: s, Attention: watch, UI: embedded, Dir: dir, Native: []string{"notify", "keep"}})
	if err != nil {
		t.Fatal(err)
	}
	l.Watch(link.Watcher{Moved: func(s protocol.Link) { tr.moved <- s.State }})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { watch.Run(ctx) })
	running.Go(func() { l.Run(ctx) })
	running.Go(func() {
		if err := tr.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	tr.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(tr.stop)
	return tr
}

// until waits for a state of the link.
func (tr *tray) until(want protocol.LinkState) {
	tr.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case got := <-tr.moved:
			if got == want {
				return
			}
		case <-limit:
			tr.t.Fatalf("the link never was %s", want)
		}
	}
}

// page is a window's page: a client with the cookie.
type page struct {
	t      *testing.T
	tr     *tray
	cookie *http.Cookie
	client *http.Client
}

func (tr *tray) open() *page {
	tr.t.Helper()
	p := &page{t: tr.t, tr: tr, client: &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	at, err := tr.Boot("")
	if err != nil {
		tr.t.Fatal(err)
	}
	resp, err := p.client.Get(at)
	if err != nil {
		tr.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther || len(resp.Cookies()) != 1 {
		tr.t.Fatalf("boot: %d", resp.StatusCode)
	}
	p.cookie = resp.Cookies()[0]
	return p
}

func (p *page) do(method, path, body string, head ...string) (int, string, http.Header) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+p.tr.Address()+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.AddCookie(p.cookie)
	r.Header.Set("Origin", "http://"+p.tr.Address())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	resp, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

func (p *page) want(status int, method, path, body string) string {
	p.t.Helper()
	got, text, _ := p.do(method, path, body)
	if got != status {
		p.t.Fatalf("%s %s: %d %s, want %d", method, path, got, text, status)
	}
	return text
}

func (p *page) signIn(user string) {
	p.t.Helper()
	text := p.want(200, "POST", "/api/v1/auth/login", `{"userId":"`+user+`","password":"`+desktoptest.Password+`","device":"web"}`)
	if strings.Contains(text, "access-") || strings.Contains(text, "refresh-") {
		p.t.Fatalf("the page got a token: %s", text)
	}
	p.tr.until(protocol.Online)
}

// sock is a page's socket.
type sock struct {
	t  *testing.T
	ws *websocket.Conn
	id int64
}

func (p *page) dial() *sock {
	p.t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial("ws://"+p.tr.Address()+"/ws", http.Header{
		"Cookie": {p.cookie.String()}, "Origin": {"http://" + p.tr.Address()},
	})
	if err != nil {
		p.t.Fatalf("%v %+v", err, resp)
	}
	p.t.Cleanup(func() { _ = ws.Close() })
	return &sock{t: p.t, ws: ws}
}

type frame struct {
	Re    int64
	Error *protocol.Fault
	Ev    protocol.EventName
	Room  protocol.RoomID
	Rev   protocol.Rev
	Data  json.RawMessage
}

func (s *sock) next() frame {
	s.t.Helper()
	_ = s.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, raw, err := s.ws.ReadMessage()
	if err != nil {
		s.t.Fatal(err)
	}
	var f frame
	if err := json.Unmarshal(raw, &f); err != nil {
		s.t.Fatal(err)
	}
	return f
}

// event passes over what comes before an event of this name.
func (s *sock) event(name protocol.EventName) frame {
	s.t.Helper()
	for {
		if f := s.next(); f.Ev == name {
			return f
		}
	}
}

// link waits until the window is told of a state, by an event or by the hello.
func (s *sock) link(want protocol.LinkState) {
	s.t.Helper()
	for {
		f := s.next()
		var l protocol.Link
		var h protocol.Hello
		switch f.Ev {
		case protocol.EvLink:
			_ = json.Unmarshal(f.Data, &l)
		case protocol.EvHello:
			if _ = json.Unmarshal(f.Data, &h); h.Link != nil {
				l = *h.Link
			}
		}
		if l.State == want {
			return
		}
	}
}

func (s *sock) ask(op protocol.Op, data string) frame {
	s.t.Helper()
	s.id++
	raw, _ := json.Marshal(protocol.Ask{ID: s.id, Op: op, Data: json.RawMessage(data)})
	if err := s.ws.WriteMessage(websocket.TextMessage, raw); err != nil {
		s.t.Fatal(err)
	}
	for {
		if f := s.next(); f.Re == s.id {
			return f
		}
	}
}

func talk(id string) string {
	return `{"id":"` + id + `","room":"r1","type":"talk","body":"text of ` + id + `"}`
}

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
			"by another name":          {421, func(r *http.Request) { r.Host = "evil.example:80" }},
			"by the name localhost":    {421, func(r *http.Request) { r.Host = strings.Replace(tr.Address(), "127.0.0.1", "localhost", 1) }},
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

func TestAWindowThatDoesNotReadIsClosedAndHoldsUpNobody(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	p.dial() // never reads
	s := p.dial()
	text := strings.Repeat("가", 3900)
	const n = 1500
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := range n {
			up.Say("m"+string(rune('0'+i%10))+strings.Repeat("y", i/10%30)+strings.Repeat("z", i/300), text)
		}
	})
	for range n {
		s.event(protocol.EvMessage)
	}
	writer.Wait()
	up.Until("the slow one is gone", func() bool {
		if tr.Windows() > 1 {
			up.Say("poke"+time.Now().Format("150405.000000000"), "x")
		}
		return tr.Windows() == 1
	})
}

func TestBadFramesAreAnsweredAndOversizeOnesEndTheWindow(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	s := p.dial()
	s.event(protocol.EvHello)
	for _, bad := range []string{"x", "[]", `{"id":"one"}`, strings.Repeat("[", 100)} {
		_ = s.ws.WriteMessage(websocket.TextMessage, []byte(bad))
		if f := s.next(); f.Error == nil || f.Error.Code != protocol.BadRequest || f.Re != 0 {
			t.Errorf("%s: %+v", bad, f)
		}
	}
	if f := s.ask(protocol.OpPing, `{}`); f.Error != nil {
		t.Error("the session did not go on")
	}
	_ = s.ws.WriteMessage(websocket.TextMessage, bytes.Repeat([]byte("x"), 65<<10))
	_, _, err := s.ws.ReadMessage()
	if !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("an oversize frame: %v", err)
	}
}
