package link

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestAnAlarmRingsOnceAndAtTheLastTimeThatWasSet(t *testing.T) {
	for name, a := range map[string]alarm{"this system's": newAlarm(), "the runtime's": newClockAlarm()} {
		began := time.Now()
		a.set(time.Hour)
		a.set(30 * time.Millisecond)
		<-a.rings()
		if took := time.Since(began); took < 30*time.Millisecond {
			t.Errorf("%s rang after %v", name, took)
		}
		a.set(-time.Second) // what is over rings at once
		<-a.rings()
		a.set(0)
		<-a.rings()
		began = time.Now()
		a.set(time.Millisecond)
		a.set(60 * time.Millisecond)
		for time.Since(began) < 60*time.Millisecond { // one stray ring is allowed
			<-a.rings()
		}
		a.stop()
	}
}

// limited is a connection that remembers its last time limit for writing.
type limited struct {
	net.Conn
	mu    sync.Mutex
	limit time.Time
	set   int
}

func (c *limited) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	c.limit = t
	c.set++
	c.mu.Unlock()
	return c.Conn.SetWriteDeadline(t)
}

func (c *limited) left() (time.Time, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limit, c.set
}

func TestWhatWasWrittenLeavesNoTimeLimitThatWakesTheProgram(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = ws.Close() }()
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return
		}
		_ = ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Minute))
		_ = ws.WriteMessage(websocket.TextMessage, frame)
		_, _, _ = ws.ReadMessage()
	}))
	defer srv.Close()
	var conn *limited
	dialer := websocket.Dialer{NetDial: func(network, at string) (net.Conn, error) {
		c, err := net.Dial(network, at)
		conn = &limited{Conn: c}
		return conn, err
	}}
	ws, resp, err := dialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	pings := 0
	w := newSocketWire(ws, func() { pings++ })
	defer w.close()
	if err := w.write([][]byte{[]byte("{}"), []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	limit, before := conn.left()
	if !limit.IsZero() {
		t.Errorf("a limit at %v is left of a frame", limit)
	}
	if _, err := w.read(); err != nil { // the ping came before it
		t.Fatal(err)
	}
	limit, after := conn.left()
	if pings != 1 || after == before {
		t.Errorf("%d pings, %d limits for the answer", pings, after-before)
	}
	if !limit.IsZero() {
		t.Errorf("a limit at %v is left of an answer to a ping", limit)
	}
}
