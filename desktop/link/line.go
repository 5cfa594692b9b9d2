package link

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

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
	wire  wire
	plain bool          // over plain HTTP
	down  chan struct{} // closed when the connection is over
	out   chan []byte
	try   chan struct{} // a doubt: ask for a sign of life now
	once  sync.Once
	// elsewhere hears that the network may be another one, where the better way is open.
	elsewhere chan struct{}

	sending sync.Mutex // keeps numbers and places in out in step

	mu    sync.Mutex // guards the fields below
	next  int64
	asked map[int64]*Call
	heard time.Time // wall time, so that sleep counts
	beat  time.Duration
	// How it goes, for over.
	dead, answered, left bool
}

type reply struct {
	Re    int64           `json:"re"`
	Data  json.RawMessage `json:"data"`
	Error *protocol.Fault `json:"error"`
}

// close ends the line because it is of no use any more.
func (c *line) close() {
	c.once.Do(func() {
		close(c.down)
		c.wire.close()
	})
}

// leave ends a line that we want no longer.
func (c *line) leave() {
	c.mu.Lock()
	c.left = true
	c.mu.Unlock()
	c.close()
}

// talk dials and reads until the connection ends.
func (l *Link) talk(ctx context.Context, server, token string) (o over) {
	c := &line{
		plain: l.goes(), down: make(chan struct{}), out: make(chan []byte, queued), try: make(chan struct{}, 1),
		elsewhere: make(chan struct{}, 1), asked: map[int64]*Call{},
	}
	if c.plain {
		c.wire, o = l.plainly(ctx, c.hear)
	} else {
		c.wire, o = l.dial(ctx, server, token, c.hear)
	}
	if c.wire == nil {
		return o
	}
	began := time.Now()
	c.hear()
	stop := context.AfterFunc(ctx, c.leave)
	defer stop()
	o = l.listen(ctx, c, server)
	lost := c.lost()
	c.close()
	l.mu.Lock()
	if l.line == c {
		l.line = nil
	}
	l.lost = lost
	l.mu.Unlock()
	c.abandon()
	c.mu.Lock()
	o.lived, o.reached, o.dead, o.answered, o.left = time.Since(began), true, c.dead, c.answered, c.left
	c.mu.Unlock()
	if p, ok := c.wire.(*plainWire); ok && o.left {
		p.bye(ctx)
	}
	return o
}

// listen reads until the connection ends. The writer starts with the hello.
func (l *Link) listen(ctx context.Context, c *line, server string) (o over) {
	var others sync.WaitGroup
	defer others.Wait()
	defer c.close()
	for {
		frame, err := c.wire.read()
		if err != nil {
			o.err = err
			if closed, ok := errors.AsType[*ending](err); ok {
				o.code = closed.code
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
			if o.greeted {
				continue // there is one at the beginning and no other
			}
			o.greeted = true
			c.wire.greeted()
			beat := time.Duration(min(max(h.Heartbeat, 1), 300)) * time.Second
			c.mu.Lock()
			c.beat = beat
			c.mu.Unlock()
			others.Go(func() { c.write(beat, newAlarm()) })
			if c.plain {
				others.Go(func() { l.tryAgain(ctx, c, server) })
			}
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
	l.move(protocol.Link{State: protocol.Online, Plain: c.plain})
}

// write sends what is asked, and asks for a sign of life when nothing was heard for a beat.
func (c *line) write(beat time.Duration, timer alarm) {
	defer c.close()
	defer timer.stop()
	timer.set(beat)
	doubt := time.Duration(0) // how long the sign that was asked for may take; 0 when none was
	var asked time.Time
	ping := func(within time.Duration) bool {
		doubt, asked = within, time.Now().Round(0)
		timer.set(min(within, beat))
		frame, _ := c.frame(nil, protocol.OpPing, nil) // always encodes
		return c.put(frame)
	}
	lost := func() {
		c.mu.Lock()
		c.dead = true
		c.mu.Unlock()
	}
	for {
		select {
		case <-c.down:
			return
		case frame := <-c.out:
			if !c.put(c.gather(frame)...) {
				return
			}
		case <-c.try:
			if (doubt == 0 || doubt > probeWithin) && !ping(probeWithin) {
				return
			}
		case <-timer.rings():
			heard := c.lastHeard()
			switch quiet := time.Since(heard); {
			case doubt > 0 && heard.Before(asked):
				left := doubt - time.Since(asked)
				if left <= 0 || left > doubt { // the clock may be set back
					lost()
					return
				}
				timer.set(left)
			case quiet < beat && quiet >= 0:
				doubt = 0
				timer.set(beat - quiet)
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

// What is sent at once, beside the first frame.
const (
	togetherFrames = 32
	togetherBytes  = 32 << 10
)

// gather adds what waits behind frame, so that a slow way is gone once.
func (c *line) gather(frame []byte) [][]byte {
	all, size := [][]byte{frame}, 0
	for len(all) < togetherFrames && size < togetherBytes {
		select {
		case f := <-c.out:
			all = append(all, f)
			size += len(f)
		default:
			return all
		}
	}
	return all
}

func (c *line) put(frames ...[]byte) bool { return c.wire.write(frames) == nil }

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

// lost returns since when nothing can have come over a line that ends now. One that was silent for longer than a living one is
// was of no use by then: it is found out late, and not at all while the computer sleeps.
func (c *line) lost() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now().Round(0)
	if c.dead || c.beat > 0 && now.Sub(c.heard) > c.beat+answerWithin {
		return c.heard
	}
	return now
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
	c.answered = true
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
