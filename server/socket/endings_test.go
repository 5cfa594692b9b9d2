package socket

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

func TestReplaced(t *testing.T) {
	s := newStack(t, "kim")
	old := s.dial(t, "kim@web")
	newer := s.dial(t, "kim@web")
	var by protocol.Replaced
	old.read(old.sees(protocol.EvReplaced).Data, &by)
	if code := old.closed(); code != 4001 || by.Device != protocol.Web || by.Address != "192.0.2.1" {
		t.Errorf("closed with %d, told %+v", code, by)
	}
	newer.must(protocol.OpPing, nil, nil)
}

func TestSignedOut(t *testing.T) {
	s := newStack(t, "kim")
	web, desktop := s.dial(t, "kim@web"), s.dial(t, "kim@desktop")
	s.sessions.EndSignIn("kim", "kimweb")
	if code := web.closed(); code != 4002 {
		t.Errorf("closed with %d", code)
	}
	desktop.must(protocol.OpPing, nil, nil)
}

func TestAttentionTravels(t *testing.T) {
	s := newStack(t, "kim")
	web, desktop := s.dial(t, "kim@web"), s.dial(t, "kim@desktop")
	web.must(protocol.OpAttention, protocol.Attention{Room: "r1", Focused: true}, nil)
	var said protocol.DeviceAttention
	desktop.read(desktop.sees(protocol.EvAttention).Data, &said)
	if said.Session != web.hello.Session || said.Room != "r1" || !said.Focused {
		t.Errorf("said %+v", said)
	}
	if third := s.dial(t, "kim@mobile"); len(third.hello.Attention) != 1 || third.hello.Attention[0] != said {
		t.Errorf("the hello knows %+v", third.hello.Attention)
	}
	_ = web.Close() // that is the test
	desktop.read(desktop.sees(protocol.EvAttention).Data, &said)
	if !said.Gone {
		t.Errorf("said %+v", said)
	}
}

// A reader who reads nothing is closed with 4003 before 4,000 events or 7 MiB wait for him, and reads
// the code when he comes back to it.
func TestASlowReaderIsClosedAndReadsWhy(t *testing.T) {
	for _, c := range []struct {
		name    string
		body    string
		options []func(*websocket.Dialer)
	}{
		{"small messages", "x", nil},
		{"small messages, deflated", "x", []func(*websocket.Dialer){deflating}},
		{"large messages", strings.Repeat("가", 4000), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStack(t, "kim", "lee")
			kim, lee := s.dial(t, "kim"), s.dial(t, "lee", c.options...)
			room := kim.room("lee")
			sent := 0
			for s.Stats().Slow == 0 {
				kim.send(room, fmt.Sprint("m", sent), c.body)
				sent++
				if sent >= 4000 || sent*len(c.body) >= 7<<20 {
					t.Fatalf("not closed after %d events", sent)
				}
			}
			if code := lee.closed(); code != 4003 {
				t.Errorf("closed with %d", code)
			}
			t.Logf("closed after %d events", sent)
		})
	}
}

// A reader whose system takes little at once needs seconds for what was on its way to him. That time
// is not taken from the ten seconds that he has to come back.
func TestASlowReaderBehindANarrowWindowReadsWhy(t *testing.T) {
	s := newStack(t, "kim", "lee")
	kim, lee := s.dial(t, "kim"), s.dial(t, "lee", func(d *websocket.Dialer) {
		d.NetDialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err == nil {
				err = c.(*net.TCPConn).SetReadBuffer(4 << 10)
			}
			return c, err
		}
	})
	room := kim.room("lee")
	for n := 0; s.Stats().Slow == 0; n++ {
		kim.send(room, fmt.Sprint("m", n), "x")
	}
	<-time.After(8 * time.Second) // he comes back late, but in time
	if code := lee.closed(); code != 4003 {
		t.Errorf("closed with %d", code)
	}
}

func TestASlowReaderHoldsUpNobodyElse(t *testing.T) {
	s := newStack(t, "kim", "lee", "park")
	kim, park := s.dial(t, "kim"), s.dial(t, "park")
	s.dial(t, "lee") // reads nothing
	room := kim.room("lee", "park")
	for i := range 300 {
		kim.send(room, fmt.Sprint("m", i), strings.Repeat("가", 2000))
		park.sees(protocol.EvMessage)
	}
}

func TestShutdown(t *testing.T) {
	t.Run("every session gets 1012", func(t *testing.T) {
		s := newStack(t, "kim", "lee")
		peers := []*peer{s.dial(t, "kim"), s.dial(t, "lee"), s.dial(t, "kim@web")}
		var wg sync.WaitGroup
		for _, p := range peers {
			wg.Go(func() {
				if code := p.closed(); code != 1012 {
					t.Errorf("closed with %d", code)
				}
			})
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		s.Shutdown(ctx)
		wg.Wait()
		if ctx.Err() != nil || s.sessions.Count() != 0 {
			t.Errorf("%d sessions left, %v", s.sessions.Count(), ctx.Err())
		}
	})
	t.Run("what was asked is answered before the close", func(t *testing.T) {
		s := newStack(t, "kim", "lee")
		kim := s.dial(t, "kim")
		room := kim.room("lee")
		last := protocol.Seq(0)
		for n := range 2000 {
			kim.last++
			err := kim.WriteJSON(map[string]any{"id": kim.last, "op": "message.send", "data": map[string]any{
				"id": fmt.Sprint("s", n), "room": room, "type": "talk", "body": "x",
			}})
			if err != nil {
				break
			}
			if n == 20 {
				go s.Shutdown(t.Context())
			}
		}
		for {
			e, err := kim.take()
			if err != nil {
				if !websocket.IsCloseError(err, 1012) {
					t.Errorf("ended with %v", err)
				}
				break
			}
			var sent protocol.MessageSent
			kim.read(e.Data, &sent)
			last = sent.Seq
		}
		r, err := s.chat.Room(t.Context(), "kim", room)
		if err != nil || r.Seq != last {
			t.Errorf("%d messages are stored, %d were answered, %v", r.Seq, last, err)
		}
	})
	t.Run("who does not hang up is cut off in time", func(t *testing.T) {
		s := newStack(t, "kim")
		s.dial(t, "kim") // reads nothing, answers nothing
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s.Shutdown(ctx)
		if s.sessions.Count() != 0 {
			t.Error("the session is still there")
		}
	})
	t.Run("nobody new comes in", func(t *testing.T) {
		s := newStack(t, "kim")
		s.Shutdown(t.Context())
		_, resp, err := websocket.DefaultDialer.Dial(s.url, map[string][]string{"Authorization": {"Bearer kim@web"}})
		if resp != nil {
			defer resp.Body.Close()
		}
		if err == nil || resp == nil || resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("got %v, %v", resp, err)
		}
	})
}
