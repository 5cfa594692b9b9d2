package socket

import (
	"io"
	"sync"
)

// inbox holds what came in and was not yet used. While nothing is under way it holds no buffer: one is
// taken from the pool only when there is something to read, so that an idle connection costs none.
type inbox struct {
	c    *conn
	buf  []byte // what came in; the capacity is the buffer
	used int    // how much of buf is used up
	err  error
	try  func(fd uintptr) bool // i.readNow, made once
}

// inBytes is the size of a pooled buffer: most of what comes in at once fits.
const inBytes = 4 << 10

var inBuffers = sync.Pool{New: func() any { return new([inBytes]byte) }}

func newInbox(c *conn) *inbox {
	i := &inbox{c: c}
	i.try = i.readNow
	return i
}

// rest returns what is not used yet.
func (i *inbox) rest() []byte { return i.buf[i.used:] }

// use marks n bytes as used, and gives the buffer back when that was all.
func (i *inbox) use(n int) {
	if i.used += n; i.used == len(i.buf) {
		i.drop()
	}
}

func (i *inbox) drop() {
	if cap(i.buf) == inBytes {
		inBuffers.Put((*[inBytes]byte)(i.buf[:inBytes]))
	}
	i.buf, i.used = nil, 0
}

// more waits until more has come in. When the buffer is full, it makes room for a frame of want bytes,
// though no more than twice what is there: a length that is only claimed costs nothing.
func (i *inbox) more(want int) error {
	if i.used > 0 {
		i.buf = i.buf[:copy(i.buf, i.buf[i.used:])]
		i.used = 0
	}
	if i.buf != nil && len(i.buf) == cap(i.buf) {
		bigger := make([]byte, len(i.buf), max(inBytes+1, min(2*cap(i.buf), want)))
		copy(bigger, i.buf)
		i.drop()
		i.buf = bigger
	}
	if i.c.raw == nil {
		return i.read()
	}
	before := len(i.buf)
	err := i.c.raw.Read(i.try)
	switch {
	case err != nil:
		return err
	case i.err != nil:
		return i.err
	case len(i.buf) == before:
		return io.EOF
	}
	i.c.alive()
	return nil
}

// take gets a buffer when there is none.
func (i *inbox) take() {
	if i.buf == nil {
		i.buf = inBuffers.Get().(*[inBytes]byte)[:0]
	}
}

// read waits in the way of every net.Conn: with a buffer in hand.
func (i *inbox) read() error {
	i.take()
	n, err := i.c.Read(i.buf[len(i.buf):cap(i.buf)])
	i.buf = i.buf[:len(i.buf)+n]
	if n > 0 {
		i.c.alive()
		return nil
	}
	return err
}
