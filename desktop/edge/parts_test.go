package edge_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
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
	return beginBehind(t, dir, server, "")
}

// beginBehind does so where all ways lead through a proxy.
func beginBehind(t *testing.T, dir, server, proxy string) *tray {
	t.Helper()
	return beginLinked(t, dir, link.Config{Server: server, Proxy: proxy}, 0)
}

// beginLinked does so over a line of its own kind.
func beginLinked(t *testing.T, dir string, c link.Config, cacheBytes int64) *tray {
	t.Helper()
	s, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	c.Keys, c.Device = keyring.New(keyring.Config{Dir: dir}), "device"
	l, err := link.New(c)
	if err != nil {
		t.Fatal(err)
	}
	tr := &tray{t: t, link: l, state: s, moved: make(chan protocol.LinkState, 1000)}
	watch := attention.New(attention.Config{Changed: func(a protocol.Attention) { tr.Attend(a) }})
	embedded := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "embedded page") })
	tr.Edge, err = edge.New(edge.Config{Link: l, State: s, Attention: watch, UI: embedded, Dir: dir, CacheBytes: cacheBytes, Native: []string{"notify", "keep"}})
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
