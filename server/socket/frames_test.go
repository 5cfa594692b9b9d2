package socket

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

func TestFrames(t *testing.T) {
	s := newStack(t, "kim", "lee")

	t.Run("a message reaches the others and is answered to the sender", func(t *testing.T) {
		kim, lee, kimWeb := s.dial(t, "kim"), s.dial(t, "lee"), s.dial(t, "kim@web")
		room := kim.room("lee")
		sent := kim.send(room, "m1", "안녕 <b>&")
		for _, p := range []*peer{lee, kimWeb} {
			e := p.sees(protocol.EvMessage)
			var m protocol.Message
			p.read(e.Data, &m)
			if m.Body != "안녕 <b>&" || m.Seq != sent.Seq || e.Rev != sent.Rev || m.SenderName != "KIM" || m.Unread != 1 {
				t.Errorf("got %+v, rev %d, want %+v", m, e.Rev, sent)
			}
		}
		if again := kim.send(room, "m1", "another text"); again != sent {
			t.Errorf("the same id gave %+v, before %+v", again, sent)
		}
		kim.must(protocol.OpPing, nil, nil)
		for _, e := range kim.seen {
			if e.Ev == protocol.EvMessage {
				t.Error("the sending session got its own message")
			}
		}
	})

	t.Run("a first frame that is not JSON is refused without re, and the session goes on", func(t *testing.T) {
		p := s.dial(t, "kim")
		for _, bad := range []string{"hello", "", "[]", "{", `"x"`, `{"id":"seven"}`, "{\"op\":\"\xff\"}"} {
			p.raw(bad)
			if e := p.next(); e.Re != 0 || e.Error == nil || e.Error.Code != protocol.BadRequest {
				t.Errorf("%q gave %+v", bad, e)
			}
		}
		p.must(protocol.OpPing, nil, nil)
	})

	t.Run("a few hundred bad frames close the session", func(t *testing.T) {
		p := s.dial(t, "kim")
		for range 300 {
			if p.WriteMessage(websocket.TextMessage, []byte("?")) != nil {
				break
			}
		}
		if code := p.closed(); code != 1008 {
			t.Errorf("closed with %d", code)
		}
	})

	t.Run("an unknown op is refused", func(t *testing.T) {
		p := s.dial(t, "kim")
		if code := p.refused("no.such", nil); code != protocol.UnknownOp {
			t.Errorf("got %s", code)
		}
	})

	for _, mode := range []struct {
		name    string
		options []func(*websocket.Dialer)
	}{{"plain", nil}, {"deflated", []func(*websocket.Dialer){deflating}}} {
		t.Run("exactly 65,536 bytes pass, one more does not, "+mode.name, func(t *testing.T) {
			p := s.dial(t, "kim", mode.options...)
			fits := `{"id":1,"op":"ping","data":{}}`
			fits += strings.Repeat(" ", 65536-len(fits))
			p.raw(fits)
			if e := p.next(); e.Re != 1 || e.Error != nil {
				t.Errorf("got %+v", e)
			}
			p.raw(fits + " ")
			if code := p.closed(); code != 1009 {
				t.Errorf("closed with %d", code)
			}
		})
		t.Run("a large text comes back verbatim, "+mode.name, func(t *testing.T) {
			kim, lee := s.dial(t, "kim", mode.options...), s.dial(t, "lee", mode.options...)
			room := kim.room("lee")
			text := strings.Repeat("긴 글 ", 1000)
			kim.send(room, "long-"+mode.name, text)
			var m protocol.Message
			lee.read(lee.sees(protocol.EvMessage).Data, &m)
			if m.Body != text {
				t.Errorf("got %d bytes of %d", len(m.Body), len(text))
			}
		})
	}

	t.Run("a frame far over the limit is 1009", func(t *testing.T) {
		p := s.dial(t, "kim")
		p.raw(strings.Repeat("x", 300_000))
		if code := p.closed(); code != 1009 {
			t.Errorf("closed with %d", code)
		}
	})

	t.Run("a binary frame is 1003", func(t *testing.T) {
		p := s.dial(t, "kim")
		_ = p.WriteMessage(websocket.BinaryMessage, []byte("{}"))
		if code := p.closed(); code != 1003 {
			t.Errorf("closed with %d", code)
		}
	})

	t.Run("a ping is answered with its data, between frames", func(t *testing.T) {
		p := s.dial(t, "kim")
		got := ""
		p.SetPongHandler(func(data string) error { got = data; return nil })
		_ = p.WriteMessage(websocket.PingMessage, []byte("abc"))
		p.must(protocol.OpPing, nil, nil)
		if got != "abc" {
			t.Errorf("got %q", got)
		}
	})

	t.Run("a close is answered with its code", func(t *testing.T) {
		p := s.dial(t, "kim")
		_ = p.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1001, "bye"))
		if code := p.closed(); code != 1001 {
			t.Errorf("closed with %d", code)
		}
	})

	t.Run("one socket's commands take effect in order", func(t *testing.T) {
		kim := s.dial(t, "kim")
		room := kim.room("lee")
		first := kim.send(room, "order-0", "x").Seq
		for range 50 {
			kim.last++
			if err := kim.WriteJSON(map[string]any{"id": kim.last, "op": "message.send", "data": map[string]any{
				"id": "order-" + strconv.FormatInt(kim.last, 10), "room": room, "type": "talk", "body": "x",
			}}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 50 {
			var sent protocol.MessageSent
			e := kim.next()
			kim.read(e.Data, &sent)
			if sent.Seq != first+protocol.Seq(i)+1 {
				t.Fatalf("answer %d has seq %d, error %+v", i, sent.Seq, e.Error)
			}
		}
	})
}

func TestWhoMayOpen(t *testing.T) {
	s := newStack(t, "kim")
	try := func(h http.Header) int {
		c, resp, err := websocket.DefaultDialer.Dial(s.url, h)
		if err == nil {
			_ = c.Close() // it was only opened
		}
		if resp == nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	own := "http" + strings.TrimPrefix(s.url, "ws")
	for _, c := range []struct {
		name string
		head http.Header
		want int
	}{
		{"nobody is turned away before the upgrade", http.Header{}, 401},
		{"a bearer token opens from anywhere", http.Header{"Authorization": {"Bearer kim@web"}, "Origin": {"https://evil.example"}}, 101},
		{"a cookie opens from our own page", http.Header{"Cookie": {"who=kim@web"}, "Origin": {own}}, 101},
		{"a cookie opens for a program", http.Header{"Cookie": {"who=kim@web"}}, 101},
		{"a cookie does not open from a foreign page", http.Header{"Cookie": {"who=kim@web"}, "Origin": {"https://evil.example"}}, 403},
		{"a cookie does not open from a page without origin", http.Header{"Cookie": {"who=kim@web"}, "Origin": {"null"}}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := try(c.head); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// Whoever sends while others talk and read in the same room sees its revs without a gap, his own
// answers among them.
func TestTheSendingSessionSeesNoGap(t *testing.T) {
	s := newStack(t, "kim", "lee")
	kim, lee := s.dial(t, "kim"), s.dial(t, "lee")
	room := kim.room("lee")
	const each = 150
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range each {
			seq := lee.send(room, "lee-"+strconv.Itoa(n), "x").Seq
			lee.must(protocol.OpMessageRead, protocol.ReadMessages{Room: room, Seq: seq}, nil)
		}
	}()
	rev := protocol.Rev(1) // that of the new room
	check := func(e event) {
		base := e.Rev - 1
		if e.Since != nil {
			base = *e.Since
		}
		if base > rev {
			t.Fatalf("a gap: at %d came %d, which follows %d", rev, e.Rev, base)
		}
		rev = max(rev, e.Rev)
	}
	for n := range each {
		sent := kim.send(room, "kim-"+strconv.Itoa(n), "x")
		for _, e := range kim.seen {
			check(e)
		}
		kim.seen = nil
		check(event{Rev: sent.Rev})
	}
	<-done
}
