package socket

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
	"unique"

	"sendjay/server/command"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// sendBuffer is what the kernel keeps for one connection. Small, so that a slow reader is seen.
const sendBuffer = 32 << 10

// conn is one WebSocket. It is the net.Conn that the upgrader sees, until its answer is written.
type conn struct {
	net.Conn // the TCP connection; nil until hijacked
	srv      *Server
	raw      syscall.RawConn // nil when the transport has none, or the system no way to use it
	session  *session.Session
	caller   command.Caller
	budget   command.Budget
	lang     string
	deflate  bool

	heard atomic.Int64 // when the other side last sent anything, in Unix nanoseconds
	beat  *time.Timer

	out out
}

// Hijack implements http.Hijacker for the upgrader.
func (h hijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.c.Conn = nc
	if t, ok := nc.(*net.TCPConn); ok {
		_ = t.SetWriteBuffer(sendBuffer) // a wish, not a need
	}
	if r, ok := nc.(syscall.Conn); ok && inPlace {
		if raw, err := r.SyscallConn(); err == nil {
			h.c.raw = raw
		}
	}
	return h.c, rw, nil
}

// Write passes the upgrader's answer on, and learns from it what was agreed.
func (c *conn) Write(p []byte) (int, error) {
	c.deflate = bytes.Contains(p, []byte("permessage-deflate"))
	return c.Conn.Write(p)
}

// alive notes that the other side spoke.
func (c *conn) alive() { c.heard.Store(time.Now().UnixNano()) }

// open makes a session of the upgraded connection and leaves the reading to a fresh goroutine: the
// one of the HTTP server has a deep stack.
func (c *conn) open(by Caller) {
	c.lang = unique.Make(by.Lang).Value() // most are the same
	c.out.busy = true                     // nobody writes before the hello
	c.session = session.New(by.Who, c)
	c.caller = command.Caller{ID: c.session.User, Name: by.User.Name, Session: c.session, Budget: &c.budget}
	if !c.srv.enter(c) {
		c.out.busy = false
		c.End(protocol.CloseRestart, nil)
		c.linger(newInbox(c))
		_ = c.Close() // it is over either way
		return
	}
	now := time.Now()
	c.alive()
	others := c.srv.Sessions.Open(c.session, protocol.At(now))
	c.out.start(c, plainForm(c.srv.hello(by, c.session.ID, others)))
	c.beat = time.AfterFunc(silentAfter, c.onBeat)
	c.beat.Reset(pingAfter) // only now may onBeat run: it needs c.beat
	go c.read(newInbox(c))
}

// hello returns the first frame of a session.
func (s *Server) hello(by Caller, id protocol.SessionID, others []protocol.DeviceAttention) []byte {
	return protocol.Push{Ev: protocol.EvHello, Data: protocol.Hello{
		User:      by.User,
		Device:    by.Device,
		Session:   id,
		Server:    s.Server(),
		Heartbeat: int(pingAfter / time.Second),
		Attention: others,
		Native:    []string{},
	}}.Encode()
}

// onBeat asks for a sign of life, or gives up waiting for one.
func (c *conn) onBeat() {
	silent := time.Duration(time.Now().UnixNano() - c.heard.Load())
	switch {
	case silent >= silentAfter:
		c.srv.silent.Add(1)
		c.End(protocol.CloseSilent, nil)
	case silent >= pingAfter:
		c.out.add(c, []byte{pingFrame, 0})
		c.beat.Reset(silentAfter - silent)
	default:
		c.beat.Reset(pingAfter - silent)
	}
}

// Put implements session.Line.
func (c *conn) Put(f *session.Frame) bool {
	return c.out.put(c, c.wire(f))
}

// wire returns the bytes of f as this connection wants them.
func (c *conn) wire(f *session.Frame) []byte {
	if c.deflate && len(f.Text) >= deflateFrom {
		return f.Form(deflated, deflatedForm)
	}
	return f.Form(plain, plainForm)
}

// Flush implements session.Line.
func (c *conn) Flush() { c.out.flush(c) }

// End implements session.Line.
func (c *conn) End(code protocol.CloseCode, last *session.Frame) {
	if last != nil {
		c.out.put(c, c.wire(last))
	}
	c.out.end(c, closing(code))
}

// restart ends the session for a restart of the server, after the answer to what it just asked.
func (c *conn) restart() {
	if !c.out.endAfterWork() {
		c.End(protocol.CloseRestart, nil)
	}
}

// cutOff closes without a word.
func (c *conn) cutOff() { _ = c.Close() }

func (c *conn) who() command.Caller { return c.caller }
func (c *conn) language() string    { return c.lang }

// put queues the reply to a command.
func (c *conn) put(a protocol.Answer) { c.out.put(c, c.reply(a)) }

// answer sends the reply to a command.
func (c *conn) answer(a protocol.Answer) { c.out.add(c, c.reply(a)) }

// reply returns a as this connection wants it.
func (c *conn) reply(a protocol.Answer) []byte {
	text := a.Encode()
	if c.deflate && len(text) >= deflateFrom {
		return deflatedForm(text)
	}
	return plainForm(text)
}

// ended is called once, when the close frame is queued: the session is over, whatever the other side
// still reads.
func (c *conn) ended() {
	// Not under the queue's lock, and not in the way of whoever closes us: other sessions hear of it.
	go c.srv.Sessions.Close(c.session)
}
