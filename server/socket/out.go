package socket

import (
	"sync"
	"time"

	"sendjay/shared/protocol"
)

// What may wait for one reader before he is too slow. The wire promises a close before 4,000 events
// or 7 MiB; the kernels on both sides hold some hundred KiB more.
const (
	waitingFrames = 1000
	waitingBytes  = 1 << 20
)

// chunk is the most that is joined into one write.
const chunk = 64 << 10

// out is what still has to go out over one connection. Whoever puts something writes it himself;
// only when the kernel does not take it all does a goroutine stay with it until it is gone.
type out struct {
	mu      sync.Mutex // guards the fields below
	queue   [][]byte
	bytes   int
	busy    bool          // somebody writes, or the hello is still to come
	ending  bool          // the close frame is in the queue, or has left
	working bool          // a command is being carried out
	restart bool          // close for a restart when it is done
	broken  bool          // a write failed; busy stays set
	written chan struct{} // closed when everything is written, or nothing can be; nil when nobody waits
}

// put queues one frame and reports whether the caller has to flush. A connection that is ending
// takes nothing more.
func (o *out) put(c *conn, wire []byte) bool {
	o.mu.Lock()
	if o.ending {
		o.mu.Unlock()
		return false
	}
	if len(o.queue) >= waitingFrames || o.bytes+len(wire) > waitingBytes {
		o.queue, o.bytes = nil, 0
		o.mu.Unlock()
		c.srv.slow.Add(1)
		c.srv.Log.Info("session too slow", "user", c.session.User, "device", c.session.Device, "session", c.session.ID)
		o.end(c, closing(protocol.CloseSlow))
		return false
	}
	o.queue = append(o.queue, wire)
	o.bytes += len(wire)
	first := len(o.queue) == 1 && !o.busy
	o.mu.Unlock()
	return first
}

// add puts one frame and lets it go.
func (o *out) add(c *conn, wire []byte) {
	o.put(c, wire)
	o.flush(c)
}

// start sends the hello, before whatever came to wait behind it.
func (o *out) start(c *conn, hello []byte) {
	o.mu.Lock()
	o.queue = append([][]byte{hello}, o.queue...)
	o.bytes += len(hello)
	o.busy = false
	o.mu.Unlock()
	o.flush(c)
}

// end queues the close frame behind what waits. Later calls do nothing: the first reason counts.
func (o *out) end(c *conn, wire []byte) {
	o.mu.Lock()
	if o.ending {
		o.mu.Unlock()
		return
	}
	o.ending = true
	o.queue = append(o.queue, wire)
	o.mu.Unlock()
	_ = c.SetDeadline(time.Now().Add(endTime)) // fails only when the connection is closed
	c.ended()
	o.flush(c)
}

// begin marks that a command is being carried out; false when the connection is ending.
func (o *out) begin() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.working = !o.ending
	return o.working
}

// finish marks that it is answered and reports whether a restart waits for that.
func (o *out) finish() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.working = false
	return o.restart
}

// endAfterWork reports whether a command is being carried out, whose end then closes the connection.
func (o *out) endAfterWork() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.restart = o.working
	return o.working
}

// flush writes what waits, unless somebody is at it already.
func (o *out) flush(c *conn) {
	o.mu.Lock()
	if o.busy || len(o.queue) == 0 {
		o.mu.Unlock()
		return
	}
	o.busy = true
	for {
		batch := o.queue
		o.queue, o.bytes = nil, 0
		o.mu.Unlock()

		tail, rest, err := c.tryWrite(batch)
		o.mu.Lock()
		switch {
		case err != nil:
			o.fail(c)
			return
		case len(tail) > 0 || len(rest) > 0:
			o.back(rest)
			o.mu.Unlock()
			go o.drain(c, tail)
			return
		case len(o.queue) == 0:
			o.idle(c)
			return
		}
	}
}

// back puts frames that could not be written before those that came since. The caller holds mu.
func (o *out) back(frames [][]byte) {
	if len(frames) == 0 {
		return
	}
	o.queue = append(frames, o.queue...)
	for _, f := range frames {
		o.bytes += len(f)
	}
}

// drain writes tail and what waits, as fast as the other side reads.
func (o *out) drain(c *conn, tail []byte) {
	for {
		if len(tail) > 0 {
			if _, err := c.Conn.Write(tail); err != nil {
				o.mu.Lock()
				o.fail(c)
				return
			}
		}
		o.mu.Lock()
		if len(o.queue) == 0 {
			o.idle(c)
			return
		}
		n, size := 0, 0
		for n < len(o.queue) && (n == 0 || size+len(o.queue[n]) <= chunk) {
			size += len(o.queue[n])
			n++
		}
		tail = make([]byte, 0, size)
		for _, f := range o.queue[:n] {
			tail = append(tail, f...)
		}
		clear(o.queue[:n])
		o.queue = o.queue[n:]
		o.bytes -= size
		o.mu.Unlock()
	}
}

// idle notes that everything is written, and gives mu back. After the close frame the other side has
// a moment to answer it.
func (o *out) idle(c *conn) {
	o.queue, o.bytes = nil, 0
	o.busy = false
	ending := o.ending
	o.tell()
	o.mu.Unlock()
	if ending {
		_ = c.SetReadDeadline(time.Now().Add(byeTime)) // fails only when the connection is closed
	}
}

// fail notes that nothing can be written any more, and gives mu back. Busy stays set, so that nobody tries.
func (o *out) fail(c *conn) {
	o.queue, o.bytes = nil, 0
	o.broken = true
	o.tell()
	o.mu.Unlock()
	c.cutOff()
}

// tell wakes whoever waits for the writing to end. The caller holds mu.
func (o *out) tell() {
	if o.written != nil {
		close(o.written)
		o.written = nil
	}
}

// settle waits until everything is written or cannot be; the deadline of the end bounds it.
func (o *out) settle() {
	o.mu.Lock()
	if !o.busy || o.broken {
		o.mu.Unlock()
		return
	}
	if o.written == nil {
		o.written = make(chan struct{})
	}
	written := o.written
	o.mu.Unlock()
	<-written
}
