package socket

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// slow is a client without a WebSocket. It calls the handler itself, so that a test's time can be synctest's.
type slow struct {
	t     *testing.T
	s     *Server
	who   string
	id    string
	after int64
	last  int64
	seen  []event
}

func (c *slow) do(ctx context.Context, method, query, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, "/api/v1/line/"+c.id+query, strings.NewReader(body))
	r.SetPathValue("id", c.id)
	r.Header.Set("Authorization", "Bearer "+c.who)
	w := httptest.NewRecorder()
	c.s.Polling().ServeHTTP(w, r)
	return w
}

func (c *slow) frames(w *httptest.ResponseRecorder) protocol.LineFrames {
	c.t.Helper()
	var f protocol.LineFrames
	if w.Code != http.StatusOK || json.Unmarshal(w.Body.Bytes(), &f) != nil {
		c.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return f
}

// take keeps what came.
func (c *slow) take(f protocol.LineFrames) protocol.LineFrames {
	c.t.Helper()
	if f.After != c.after {
		c.t.Fatalf("what follows %d came, not %d", f.After, c.after)
	}
	for _, text := range f.Frames {
		var e event
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			c.t.Fatal(err)
		}
		c.seen = append(c.seen, e)
	}
	c.after += int64(len(f.Frames))
	return f
}

// fetch asks for what follows.
func (c *slow) fetch() protocol.LineFrames {
	c.t.Helper()
	return c.take(c.frames(c.do(c.t.Context(), http.MethodGet, fmt.Sprintf("?after=%d", c.after), "")))
}

// open opens a session and reads its hello.
func (s *Server) open(t *testing.T, who, id string) *slow {
	t.Helper()
	c := &slow{t: t, s: s, who: who, id: id}
	c.take(c.frames(c.do(t.Context(), http.MethodPut, "", "")))
	if len(c.seen) != 1 || c.seen[0].Ev != protocol.EvHello {
		t.Fatalf("the session begins with %+v", c.seen)
	}
	c.seen = nil
	return c
}

func (c *slow) post(op protocol.Op, data any) int64 {
	c.t.Helper()
	c.last++
	c.repeat(c.last, op, data)
	return c.last
}

func (c *slow) repeat(id int64, op protocol.Op, data any) {
	c.t.Helper()
	ask, _ := json.Marshal(map[string]any{"id": id, "op": op, "data": data})
	body, _ := json.Marshal(protocol.LineAsks{Frames: []string{string(ask)}})
	if w := c.do(c.t.Context(), http.MethodPost, "", string(body)); w.Code != http.StatusOK {
		c.t.Fatalf("%d %s", w.Code, w.Body)
	}
}

// sees waits for an event.
func (c *slow) sees(is func(event) bool) event {
	c.t.Helper()
	for {
		for i, e := range c.seen {
			if is(e) {
				c.seen = append(c.seen[:i:i], c.seen[i+1:]...)
				return e
			}
		}
		if f := c.fetch(); f.Close != 0 {
			c.t.Fatalf("closed with %d", f.Close)
		}
	}
}

func (c *slow) ask(op protocol.Op, data, into any) {
	c.t.Helper()
	n := c.post(op, data)
	e := c.sees(func(e event) bool { return e.Re == n })
	if e.Error != nil {
		c.t.Fatalf("%s: %+v", op, *e.Error)
	}
	if into != nil {
		if err := json.Unmarshal(e.Data, into); err != nil {
			c.t.Fatal(err)
		}
	}
}

// closed waits for the end and returns its code.
func (c *slow) closed() protocol.CloseCode {
	c.t.Helper()
	for {
		if f := c.fetch(); f.Close != 0 {
			return f.Close
		}
	}
}

func TestASessionWithoutAWebSocket(t *testing.T) {
	s := newStack(t, "kim", "lee")
	kim := s.open(t, "kim@web", "line")
	lee := s.dial(t, "lee")
	var made protocol.RoomCreated
	kim.ask(protocol.OpRoomCreate, protocol.CreateRoom{Members: []protocol.UserID{"lee"}}, &made)
	lee.send(made.Room.ID, "m1", "안녕 \"kim\" <&>")
	came := kim.sees(func(e event) bool { return e.Ev == protocol.EvMessage })
	var m protocol.Message
	_ = json.Unmarshal(came.Data, &m)
	if m.Body != "안녕 \"kim\" <&>" || came.Rev == 0 {
		t.Errorf("%+v", came)
	}
	if n := s.Stats(); n.Open != 2 || n.Polled != 1 {
		t.Errorf("%+v", n)
	}
	t.Run("what was lost on the way comes again, and once", func(t *testing.T) {
		lee.send(made.Room.ID, "m2", "lost")
		lost := kim.frames(kim.do(t.Context(), http.MethodGet, fmt.Sprintf("?after=%d", kim.after), ""))
		again := kim.fetch()
		if len(lost.Frames) == 0 || again.Frames[0] != lost.Frames[0] {
			t.Fatalf("%q, then %q", lost.Frames, again.Frames)
		}
		lee.send(made.Room.ID, "m3", "next")
		kim.sees(func(e event) bool { return strings.Contains(string(e.Data), "m3") })
		if w := kim.do(t.Context(), http.MethodGet, fmt.Sprintf("?after=%d", kim.after+5), ""); w.Code != http.StatusBadRequest {
			t.Errorf("what never was has come across: %d", w.Code)
		}
	})
	t.Run("a command that is sent again is carried out once", func(t *testing.T) {
		send := protocol.SendMessage{ID: "k1", Room: made.Room.ID, Type: protocol.Talk, Body: "once"}
		n := kim.post(protocol.OpMessageSend, send)
		kim.repeat(n, protocol.OpMessageSend, send)
		kim.sees(func(e event) bool { return e.Re == n })
		kim.ask(protocol.OpPing, struct{}{}, nil)
		for _, e := range kim.seen {
			if e.Re == n {
				t.Error("it was answered twice")
			}
		}
	})
	t.Run("it is found by its own sign-in alone", func(t *testing.T) {
		for _, who := range []string{"lee@web", "kim@desktop"} {
			other := &slow{t: t, s: s.Server, who: who, id: "line"}
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
				if w := other.do(t.Context(), method, "?after=0", `{"frames":["{}"]}`); w.Code != http.StatusNotFound {
					t.Errorf("%s as %s: %d", method, who, w.Code)
				}
			}
		}
	})
	t.Run("frames that nobody can read are refused, and end it in the end", func(t *testing.T) {
		for _, body := range []string{"", "{}", `{"frames":[]}`, `{"frames":[1]}`} {
			if w := kim.do(t.Context(), http.MethodPost, "", body); w.Code != http.StatusBadRequest {
				t.Errorf("%q: %d", body, w.Code)
			}
		}
		long, _ := json.Marshal(protocol.LineAsks{Frames: []string{strings.Repeat("x", int(protocol.Limits.FrameBytes)+1)}})
		if w := kim.do(t.Context(), http.MethodPost, "", string(long)); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("a frame over the limit: %d", w.Code)
		}
		junk, _ := json.Marshal(protocol.LineAsks{Frames: []string{"not json"}})
		for range badFrames {
			kim.do(t.Context(), http.MethodPost, "", string(junk))
		}
		if code := kim.closed(); code != 1008 {
			t.Errorf("closed with %d", code)
		}
	})
}

func TestASessionWithoutAWebSocketIsTheOnlyOneOfItsKind(t *testing.T) {
	s := newStack(t, "kim")
	slow := s.open(t, "kim@web", "a")
	fast := s.dial(t, "kim@web")
	if code := slow.closed(); code != protocol.CloseReplaced || slow.seen[len(slow.seen)-1].Ev != protocol.EvReplaced {
		t.Errorf("closed with %d, told %+v", code, slow.seen)
	}
	if again := slow.fetch(); again.Close != protocol.CloseReplaced {
		t.Errorf("asked again, it was closed with %d", again.Close)
	}
	next := s.open(t, "kim@web", "b")
	if code := fast.closed(); code != 4001 {
		t.Errorf("the WebSocket was closed with %d", code)
	}
	s.sessions.EndSignIn("kim", "kimweb")
	if code := next.closed(); code != protocol.CloseSignedOut {
		t.Errorf("signed out with %d", code)
	}
	if w := next.do(t.Context(), http.MethodDelete, "", ""); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
	if w := next.do(t.Context(), http.MethodGet, "?after=0", ""); w.Code != http.StatusNotFound {
		t.Errorf("after its end: %d", w.Code)
	}
}

func TestAPageElsewhereGetsNoSessionByOurCookie(t *testing.T) {
	s := newStack(t, "kim")
	for origin, want := range map[string]int{"": 200, "http://example.com": 200, "http://elsewhere.example": 403} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "http://example.com/api/v1/line/x", http.NoBody)
		r.SetPathValue("id", "x")
		r.AddCookie(&http.Cookie{Name: "who", Value: "kim@web"})
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		s.Polling().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("from %q: %d", origin, w.Code)
		}
	}
}

func TestTheTimeOfASessionWithoutAWebSocket(t *testing.T) {
	run := func(name string, test func(t *testing.T, s *Server, c *slow)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := alone()
				c := s.open(t, "kim", "line")
				test(t, s, c)
				s.Shutdown(t.Context())
			})
		})
	}
	run("a question waits 20 s for something to say", func(t *testing.T, _ *Server, c *slow) {
		began := time.Now()
		if f := c.fetch(); len(f.Frames) != 0 || f.Close != 0 || time.Since(began) < holdFor || time.Since(began) > holdFor+gather {
			t.Errorf("%+v after %v", f, time.Since(began))
		}
	})
	run("questions without an end keep it for an hour", func(t *testing.T, s *Server, c *slow) {
		for began := time.Now(); time.Since(began) < time.Hour; {
			if f := c.fetch(); f.Close != 0 {
				t.Fatalf("closed with %d after %v", f.Close, time.Since(began))
			}
		}
		if s.Sessions.Count() != 1 {
			t.Error("it is gone")
		}
	})
	run("without a question it ends after 35 s, and the code waits a minute", func(t *testing.T, s *Server, c *slow) {
		time.Sleep(silentAfter + time.Second)
		synctest.Wait()
		if s.Sessions.Count() != 0 || s.Stats().Silent != 1 {
			t.Error("it still counts")
		}
		if code := c.closed(); code != protocol.CloseSilent {
			t.Errorf("closed with %d", code)
		}
		time.Sleep(endTime)
		synctest.Wait()
		if w := c.do(t.Context(), http.MethodGet, "?after=1", ""); w.Code != http.StatusNotFound {
			t.Errorf("%d", w.Code)
		}
	})
	run("a question that was given up ends it in 10 s unless another comes", func(t *testing.T, s *Server, c *slow) {
		give := func() {
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			defer stop()
			c.do(ctx, http.MethodGet, "?after=1", "")
		}
		give()
		time.Sleep(leftFor / 2)
		c.fetch()
		if s.Sessions.Count() != 1 {
			t.Fatal("it ended though another question came")
		}
		give()
		time.Sleep(leftFor + time.Second)
		synctest.Wait()
		if s.Sessions.Count() != 0 {
			t.Error("it did not end")
		}
	})
	run("a newer question takes the place of an older one", func(t *testing.T, _ *Server, c *slow) {
		old, done := make(chan int), make(chan struct{})
		go func() { old <- len(c.frames(c.do(t.Context(), http.MethodGet, "?after=1", "")).Frames) }()
		synctest.Wait()
		go func() { c.fetch(); close(done) }()
		if n := <-old; n != 0 {
			t.Errorf("%d frames", n)
		}
		<-done
	})
	run("many events make few answers", func(t *testing.T, s *Server, c *slow) {
		all := s.Sessions.Of(nil, []protocol.UserID{"kim"})
		began := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 1000 {
				if all[0].Put(session.NewFrame(protocol.Push{Ev: protocol.EvPresence, Data: protocol.Presences{}})) {
					all[0].Flush()
				}
				time.Sleep(time.Millisecond)
			}
		}()
		answers := 0
		for len(c.seen) < 1000 {
			c.fetch()
			answers++
		}
		<-done
		if most := int(time.Since(began)/gather) + 2; answers > most {
			t.Errorf("%d answers", answers)
		}
	})
	run("who does not fetch is closed with 4003", func(t *testing.T, s *Server, c *slow) {
		all := s.Sessions.Of(nil, []protocol.UserID{"kim"})
		f := session.NewFrame(protocol.Push{Ev: protocol.EvPresence, Data: protocol.Presences{}})
		for range waitingFrames + 1 {
			all[0].Put(f)
		}
		w := c.do(t.Context(), http.MethodGet, "?after=1", "")
		if got := c.frames(w); got.Close != protocol.CloseSlow || s.Stats().Slow != 1 {
			t.Errorf("%+v", got)
		}
	})
	run("a restart tells who waits, and is not held up by who does not", func(t *testing.T, s *Server, c *slow) {
		other := &slow{t: t, s: s, who: "kim", id: "mute"}
		other.do(t.Context(), http.MethodPut, "", "") // and replaces c
		if code := c.closed(); code != protocol.CloseReplaced {
			t.Fatalf("closed with %d", code)
		}
		began := time.Now()
		s.Shutdown(t.Context())
		if took := time.Since(began); took > byeTime {
			t.Errorf("stopping took %v", took)
		}
		if w := other.do(t.Context(), http.MethodPut, "", ""); w.Code != http.StatusServiceUnavailable {
			t.Errorf("a stopping server opens: %d", w.Code)
		}
	})
}

func TestATrialShowsWhetherFramesGetThrough(t *testing.T) {
	s := newStack(t, "kim")
	s.open(t, "kim@desktop", "line")
	s.url += "?trial=1"
	d, resp, err := websocket.DefaultDialer.Dial(s.url, http.Header{"Authorization": {"Bearer kim@desktop"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close() // there is none
	p := &peer{Conn: d, t: t}
	p.raw("through?")
	if _, b, err := p.ReadMessage(); err != nil || string(b) != "through?" {
		t.Errorf("%q, %v", b, err)
	}
	if code := p.closed(); code != 1000 {
		t.Errorf("closed with %d", code)
	}
	if s.sessions.Count() != 1 {
		t.Error("the trial was a session")
	}
}
