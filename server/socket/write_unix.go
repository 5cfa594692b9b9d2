//go:build unix

package socket

import "syscall"

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

// once makes one write that does not wait.
func (c *conn) once(b []byte) (n int, err error) {
	var bad error
	err = c.raw.Write(func(fd uintptr) bool {
		for {
			n, bad = syscall.Write(int(fd), b)
			if bad != syscall.EINTR {
				return true
			}
		}
	})
	n = max(n, 0)
	switch {
	case err != nil:
		return n, err
	case bad == syscall.EAGAIN:
		return n, nil
	}
	return n, bad
}
