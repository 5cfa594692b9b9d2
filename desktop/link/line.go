package link

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

const (
	dialWithin  = 15 * time.Second
	helloWithin = 15 * time.Second
	writeWithin = 10 * time.Second
	// answerWithin is how long a sign of life may take: with a heartbeat of 25 s a dead line is known in 35 s.
	answerWithin = 10 * time.Second
	// probeWithin is the same when there is reason for doubt, such as after sleep.
	probeWithin = 5 * time.Second
	// AskWithin is the send timeout of the design.
	AskWithin = 5 * time.Second
	// frameBytes bounds a frame of the server: the hello and a list of cursors of a large room are the longest.
	frameBytes = 4 << 20
	// queued bounds the commands that wait for the socket.
	queued = 256
)

// line is one connection: the reader is Run's goroutine, the writer its own.
type line struct {
	ws   *websocket.Conn
	down chan struct{} // closed when the connection is over
	out  chan []byte
	try  chan struct{} // a doubt: ask for a sign of life now
	once sync.Once

	sending sync.Mutex // keeps numbers and places in out in step

	mu    sync.Mutex // guards the fields below
	next  int64
	asked map[int64]*Call
	heard time.Time // wall time, so that sleep counts
}

// over is how a connection ended.
type over struct {
	code   protocol.CloseCode
	by     *protocol.Replaced
	status int // of a refused upgrade
	err    error
}

type reply struct {
	Re    int64           `json:"re"`
	Data  json.RawMessage `json:"data"`
	Error *protocol.Fault `json:"error"`
}

func (c *line) close() {
	c.once.Do(func() {
		close(c.down)
		_ = c.ws.Close()
	})
}

// talk dials and reads until the connection ends.
func (l *Link) talk(ctx context.Context, server, token string) over {
	t := l.http.Transport.(*http.Transport)
	d := websocket.Dialer{Proxy: t.Proxy, HandshakeTimeout: dialWithin, EnableCompression: true, ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10}
	d.TLSClientConfig = t.TLSClientConfig.Clone()
	d.TLSClientConfig.NextProtos = []string{"http/1.1"}
	ws, resp, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(server, "http")+"/ws", http.Header{"Authorization": {"Bearer " + token}, "User-Agent": {l.Agent}})
	if err != nil {
		o := over{err: err}
		if resp != nil {
			o.status = resp.StatusCode
		}
		return o
	}
	// What we send is short: compressing it would cost a compressor's memory for nothing.
	ws.EnableWriteCompression(false)
	ws.SetReadLimit(frameBytes)
	c := &line{ws: ws, down: make(chan struct{}), out: make(chan []byte, queued), try: make(chan struct{}, 1), asked: map[int64]*Call{}}
	c.hear()
	defer context.AfterFunc(ctx, c.close)()
	o := l.listen(ctx, c)
	c.close()
	l.mu.Lock()
	if l.line == c {
		l.line = nil
	}
	l.mu.Unlock()
	c.abandon()
	return o
}

// listen reads until the connection ends. The writer starts with the hello.
func (l *Link) listen(_ context.Context, c *line) (o over) {
	var writer sync.WaitGroup
	defer writer.Wait()
	defer c.close()
	pinged := c.ws.PingHandler()
	c.ws.SetPingHandler(func(s string) error {
		c.hear()
		return pinged(s)
	})
	_ = c.ws.SetReadDeadline(time.Now().Add(helloWithin))
	for {
		_, frame, err := c.ws.ReadMessage()
		if err != nil {
			o.err = err
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
				o.code = protocol.CloseCode(closed.Code)
			}
			return o
		}
		c.hear()
		var p Push
		if json.Unmarshal(frame, &p) != nil {
			continue
		}
		p.Frame = frame
		switch p.Ev {
		case "":
			var r reply
			if json.Unmarshal(frame, &r) == nil {
				c.settle(r)
			}
			continue
		case protocol.EvHello:
			h := new(protocol.Hello)
			if json.Unmarshal(p.Data, h) != nil || h.User.ID == "" {
				o.err = errors.New("not a hello")
				return o
			}
			_ = c.ws.SetReadDeadline(time.Time{})
			beat := time.Duration(min(max(h.Heartbeat, 1), 300)) * time.Second
			writer.Go(func() { c.write(beat) })
			l.greet(c, h)
			continue
		case protocol.EvReplaced:
			o.by = new(protocol.Replaced)
			_ = json.Unmarshal(p.Data, o.by) // who it was is only for display
		}
		for _, w := range l.watching() {
			if w.Pushed != nil {
				w.Pushed(p)
			}
		}
	}
}

// greet takes the hello; from here on commands go out.
func (l *Link) greet(c *line, h *protocol.Hello) {
	l.mu.Lock()
	l.hello, l.line = h, c
	l.mu.Unlock()
	for _, w := range l.watching() {
		if w.Greeted != nil {
			w.Greeted(*h)
		}
	}
	l.move(protocol.Link{State: protocol.Online})
}

// write sends what is asked, and asks for a sign of life when nothing was heard for a beat.
func (c *line) write(beat time.Duration) {
	defer c.close()
	timer := time.NewTimer(beat)
	defer timer.Stop()
	doubt := time.Duration(0) // how long the sign that was asked for may take; 0 when none was
	var asked time.Time
	ping := func(within time.Duration) bool {
		doubt, asked = within, time.Now().Round(0)
		timer.Reset(min(within, beat))
		frame, _ := c.frame(nil, protocol.OpPing, nil) // always encodes
		return c.put(frame)
	}
	for {
		select {
		case <-c.down:
			return
		case frame := <-c.out:
			if !c.put(frame) {
				return
			}
		case <-c.try:
			if (doubt == 0 || doubt > probeWithin) && !ping(probeWithin) {
				return
			}
		case <-timer.C:
			heard := c.lastHeard()
			switch quiet := time.Since(heard); {
			case doubt > 0 && heard.Before(asked):
				left := doubt - time.Since(asked)
				if left <= 0 || left > doubt { // the clock may be set back
					return // dead
				}
				timer.Reset(left)
			case quiet < beat && quiet >= 0:
				doubt = 0
				timer.Reset(beat - quiet)
			case doubt == 0 && quiet > beat+answerWithin:
				if !ping(probeWithin) { // we slept
					return
				}
			default:
				if !ping(answerWithin) {
					return
				}
			}
		}
	}
}

func (c *line) put(frame []byte) bool {
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWithin))
	return c.ws.WriteMessage(websocket.TextMessage, frame) == nil
}

func (c *line) probe() {
	select {
	case c.try <- struct{}{}:
	default:
	}
}

func (c *line) hear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = time.Now().Round(0)
}

func (c *line) lastHeard() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard
}

// frame gives a command its number. Without a call nobody waits for the answer.
func (c *line) frame(call *Call, op protocol.Op, data json.RawMessage) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	if len(data) == 0 {
		data = json.RawMessage(`{}`)
	}
	frame, err := json.Marshal(protocol.Ask{ID: c.next, Op: op, Data: data})
	if err == nil && call != nil {
		c.asked[c.next] = call
	}
	return frame, err
}

func (c *line) settle(r reply) {
	c.mu.Lock()
	call := c.asked[r.Re]
	delete(c.asked, r.Re)
	c.mu.Unlock()
	if call == nil {
		return
	}
	if r.Error != nil {
		call.end(nil, &protocol.Refusal{Code: r.Error.Code, Field: r.Error.Field, RetryAfter: r.Error.RetryAfter})
		return
	}
	call.end(r.Data, nil)
}

// abandon ends the calls that get no answer any more.
func (c *line) abandon() {
	c.mu.Lock()
	left := c.asked
	c.asked = map[int64]*Call{}
	c.mu.Unlock()
	for _, call := range left {
		call.end(nil, ErrDown)
	}
}
