package edge_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/desktop/desktoptest"
	"sendjay/shared/protocol"
)

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
