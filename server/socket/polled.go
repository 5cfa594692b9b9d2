package socket

import (
	"sync"
	"time"

	"sendjay/server/command"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// The times of a session without a WebSocket.
const (
	// holdFor is how long a question waits for something to answer with: shorter than the patience of the
	// proxies on the way, and a sign of life in the time that the heartbeat gives.
	holdFor = 20 * time.Second
	// gather is the least time between two answers, so that many events make one answer.
	gather = 20 * time.Millisecond
	// leftFor is how long a session may be without a question after one was given up.
	leftFor = 10 * time.Second
)

// name is what finds a session without a WebSocket again. Nobody else's sign-in can.
type name struct {
	user   protocol.UserID
	signIn string
	id     string
}

// polled is a live session without a WebSocket: what it has to hear waits here until it is fetched, and stays until it
// has come across.
type polled struct {
	srv     *Server
	name    name
	session *session.Session
	caller  command.Caller
	budget  command.Budget
	lang    string

	asking sync.Mutex // one request with commands at a time
	asked  int64      // the highest id of a command; guarded by asking
	bad    int        // frames that nobody could read; guarded by asking

	mu       sync.Mutex // guards the fields below
	queue    []string   // what has not come across yet
	before   int64      // the number of the frame before the first of queue
	bytes    int
	wake     chan struct{} // wakes the question that waits; nil when none does
	answered time.Time     // when the last question was answered
	until    time.Time     // when the next sign of life is due
	greeted  bool          // the hello stands in its place, which is kept for it
	ending   bool
	over     protocol.CloseCode
	told     bool        // the close code was fetched
	beat     *time.Timer // while live: the heartbeat; after the end: how long the code is kept
}

// openPolled makes a live session.
func (s *Server) openPolled(by Caller, n name) *polled {
	p := &polled{srv: s, name: n, lang: by.Lang, until: time.Now().Add(silentAfter), queue: []string{""}}
	p.session = session.New(by.Who, p)
	p.caller = command.Caller{ID: p.session.User, Name: by.User.Name, Session: p.session, Budget: &p.budget}
	p.mu.Lock()
	p.beat = time.AfterFunc(silentAfter, p.onBeat)
	p.mu.Unlock()
	return p
}

// greet makes the session known and puts the hello in its place, before everything that came meanwhile.
func (p *polled) greet(by Caller) {
	others := p.srv.Sessions.Open(p.session, protocol.At(time.Now()))
	hello := string(p.srv.hello(by, p.session.ID, others))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.greeted = len(p.queue) > 0; p.greeted {
		p.queue[0] = hello
		p.bytes += len(hello)
	}
	p.rouse()
}

// onBeat ends a session that nobody asks for any more.
func (p *polled) onBeat() {
	p.mu.Lock()
	if p.ending {
		p.mu.Unlock()
		p.srv.dropPolled(p)
		return
	}
	if left := time.Until(p.until); left > 0 {
		p.beat.Reset(left)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	p.srv.silent.Add(1)
	p.End(protocol.CloseSilent, nil)
}

// Put implements session.Line.
func (p *polled) Put(f *session.Frame) bool { return p.add(f.Text) }

// add queues a frame and reports whether somebody waits for it.
func (p *polled) add(text []byte) bool {
	p.mu.Lock()
	if p.ending {
		p.mu.Unlock()
		return false
	}
	if len(p.queue) >= waitingFrames || p.bytes+len(text) > waitingBytes {
		p.before += int64(len(p.queue))
		p.queue, p.bytes = nil, 0
		p.mu.Unlock()
		p.srv.slow.Add(1)
		p.srv.Log.Info("session too slow", "user", p.session.User, "device", p.session.Device, "session", p.session.ID)
		p.End(protocol.CloseSlow, nil)
		return false
	}
	p.queue = append(p.queue, string(text))
	p.bytes += len(text)
	waits := p.wake != nil
	p.mu.Unlock()
	return waits
}

// Flush implements session.Line.
func (p *polled) Flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rouse()
}

// rouse wakes the question that waits. The caller holds mu.
func (p *polled) rouse() {
	if p.wake != nil {
		close(p.wake)
		p.wake = nil
	}
}

// End implements session.Line. The code stays for a while, so that it can be fetched.
func (p *polled) End(code protocol.CloseCode, last *session.Frame) {
	keep := endTime
	if p.srv.stopping() {
		keep = byeTime
	}
	p.mu.Lock()
	if p.ending {
		p.mu.Unlock()
		return
	}
	p.ending, p.over = true, code
	if last != nil {
		p.queue = append(p.queue, string(last.Text))
	}
	p.rouse()
	p.beat.Reset(keep)
	p.mu.Unlock()
	// Not in the way of whoever ends us: other sessions hear of it.
	go p.srv.Sessions.Close(p.session)
}

// restart ends the session for a restart of the server, after the answers to what it just asked.
func (p *polled) restart() {
	p.asking.Lock()
	defer p.asking.Unlock()
	p.End(protocol.CloseRestart, nil)
	p.mu.Lock()
	if p.told {
		p.beat.Reset(0)
	} else {
		p.beat.Reset(byeTime) // one that was over before waits no longer
	}
	p.mu.Unlock()
}

func (p *polled) who() command.Caller      { return p.caller }
func (p *polled) language() string         { return p.lang }
func (p *polled) put(a protocol.Answer)    { p.add(a.Encode()) }
func (p *polled) answer(a protocol.Answer) { p.put(a); p.Flush() }

// alive notes that the other side spoke.
func (p *polled) alive() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = time.Now().Add(silentAfter)
}

// left notes that a question was given up: it may come again, but not as late as usual.
func (p *polled) left() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ending {
		p.until = time.Now().Add(leftFor)
		p.beat.Reset(leftFor)
	}
}

// fetch returns what follows after, and forgets what has come across. Wait is closed when there is more; it is nil
// when there is something. Another question that waits is answered.
func (p *polled) fetch(after int64, wait bool) (protocol.LineFrames, <-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if after > p.before+int64(len(p.queue)) || after < 0 {
		return protocol.LineFrames{}, nil, protocol.RefuseField(protocol.BadRequest, "after")
	}
	if !p.greeted && !p.ending {
		if !wait {
			return protocol.LineFrames{Frames: []string{}}, nil, nil
		}
		p.wake = make(chan struct{})
		return protocol.LineFrames{}, p.wake, nil
	}
	if n := int(after - p.before); n > 0 {
		for _, f := range p.queue[:n] {
			p.bytes -= len(f)
		}
		clear(p.queue[:n])
		p.queue, p.before = p.queue[n:], after
		if len(p.queue) == 0 {
			p.queue = nil
		}
	}
	p.rouse()
	if len(p.queue) == 0 && !p.ending && wait {
		p.wake = make(chan struct{})
		return protocol.LineFrames{}, p.wake, nil
	}
	out := protocol.LineFrames{After: p.before, Frames: append([]string{}, p.queue...)}
	if p.ending {
		out.Close, p.told = p.over, true
	}
	p.answered = time.Now()
	return out, nil, nil
}

// pause is how long an answer should still wait for more.
func (p *polled) pause() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ending {
		return 0
	}
	return gather - time.Since(p.answered)
}
