package files

import (
	"hash"
	"sync"
)

// behind sums up on another processor what passes, so that carrying it and summing it up take the longer of both times
// and not both. Wait comes before the hash is used, and always.
type behind struct {
	hash.Hash
	full, free chan []byte
	once       sync.Once
	done       chan struct{}
}

const (
	behindBuffers = 4
	behindBytes   = 128 << 10
)

func sumBehind(h hash.Hash) *behind {
	b := &behind{Hash: h, full: make(chan []byte, behindBuffers), free: make(chan []byte, behindBuffers), done: make(chan struct{})}
	for range behindBuffers {
		b.free <- nil
	}
	go func() {
		defer close(b.done)
		for p := range b.full {
			_, _ = h.Write(p) // a hash takes all
			b.free <- p
		}
	}()
	return b
}

func (b *behind) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		buf := <-b.free
		if buf == nil {
			buf = make([]byte, 0, behindBytes)
		}
		n := min(len(rest), behindBytes)
		b.full <- append(buf[:0], rest[:n]...)
		rest = rest[n:]
	}
	return len(p), nil
}

// wait returns when all that was written is in the hash.
func (b *behind) wait() {
	b.once.Do(func() { close(b.full) })
	<-b.done
}
