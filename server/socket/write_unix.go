//go:build unix

package socket

import (
	"errors"
	"sync"
	"syscall"
)

// inPlace says that we can read and write without waiting.
const inPlace = true

// tryWrite writes as much of batch as the kernel takes without waiting. It returns the unwritten
// part of a frame, or of joined frames, and the frames after it.
func (c *conn) tryWrite(batch [][]byte) (tail []byte, rest [][]byte, err error) {
	if c.raw == nil {
		return nil, batch, nil
	}
	if len(batch) == 1 {
		n, err := c.once(batch[0])
		return batch[0][n:], nil, err
	}
	j := joined.Get().(*[]byte)
	defer joined.Put(j)
	for len(batch) > 0 {
		b := (*j)[:0]
		n := 0
		for n < len(batch) && (n == 0 || len(b)+len(batch[n]) <= cap(b)) {
			b = append(b, batch[n]...)
			n++
		}
		batch = batch[n:]
		w, err := c.once(b)
		if err != nil || w < len(b) {
			return append([]byte(nil), b[w:]...), batch, err
		}
	}
	return nil, nil, nil
}

// writing is one write that does not wait. It is kept for the next one: a function made for each, with what it sets,
// would be the most of the memory that a frame asks for.
type writing struct {
	b   []byte
	n   int
	err error
	try func(fd uintptr) bool // w.now, made once
}

var writings = sync.Pool{New: func() any {
	w := &writing{}
	w.try = w.now
	return w
}}

func (w *writing) now(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), w.b)
		if !errors.Is(err, syscall.EINTR) {
			w.n, w.err = max(n, 0), err
			return true
		}
	}
}

// once makes one write that does not wait.
func (c *conn) once(b []byte) (n int, err error) {
	w := writings.Get().(*writing)
	w.b, w.n, w.err = b, 0, nil
	err = c.raw.Write(w.try)
	n, bad := w.n, w.err
	w.b = nil
	writings.Put(w)
	switch {
	case err != nil:
		return n, err
	case errors.Is(bad, syscall.EAGAIN):
		return n, nil
	}
	return n, bad
}
