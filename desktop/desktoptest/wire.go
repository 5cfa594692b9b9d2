package desktoptest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Wire is a line between a client and a server that can be cut, and can go dead without a word.
type Wire struct {
	// Addr is what the client dials.
	Addr string

	to  string
	lis net.Listener

	mu    sync.Mutex // guards the fields below
	conns map[net.Conn]bool
	cut   bool
	dead  bool
	moved *sync.Cond
}

// NewWire lays a line to the address of a server; it ends with the test.
func NewWire(t testing.TB, to string) *Wire {
	lis, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{Addr: lis.Addr().String(), to: to, lis: lis, conns: map[net.Conn]bool{}}
	w.moved = sync.NewCond(&w.mu)
	go w.serve()
	t.Cleanup(func() {
		_ = lis.Close()
		w.Cut()
	})
	return w
}

func (w *Wire) serve() {
	for {
		c, err := w.lis.Accept()
		if err != nil {
			return
		}
		go w.carry(c)
	}
}

func (w *Wire) carry(c net.Conn) {
	w.mu.Lock()
	if w.cut {
		w.mu.Unlock()
		_ = c.Close()
		return
	}
	w.conns[c] = true
	w.mu.Unlock()
	s, err := net.Dial("tcp4", w.to)
	if err != nil {
		_ = c.Close()
		return
	}
	w.mu.Lock()
	w.conns[s] = true
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { w.copy(c, s) })
	both.Go(func() { w.copy(s, c) })
	both.Wait()
	w.mu.Lock()
	delete(w.conns, c)
	delete(w.conns, s)
	w.mu.Unlock()
}

func (w *Wire) copy(to, from net.Conn) {
	_, _ = io.Copy(writer{w, to}, from)
	_ = to.Close()
	_ = from.Close()
}

// writer holds back what it is given while the line is dead.
type writer struct {
	w  *Wire
	to net.Conn
}

func (o writer) Write(b []byte) (int, error) {
	o.w.mu.Lock()
	for o.w.dead && !o.w.cut {
		o.w.moved.Wait()
	}
	o.w.mu.Unlock()
	return o.to.Write(b)
}

// Cut ends every connection and lets none through.
func (w *Wire) Cut() { w.set(true, false, true) }

// Mend lets everything through again.
func (w *Wire) Mend() { w.set(false, false, false) }

// Kill keeps the connections and carries nothing more, as a laptop behind a closed door does.
func (w *Wire) Kill() { w.set(false, true, false) }

func (w *Wire) set(cut, dead, end bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.dead = cut, dead
	w.moved.Broadcast()
	if end {
		for c := range w.conns {
			_ = c.Close()
		}
	}
}

// Serve serves h until the test ends and returns its address.
func Serve(t testing.TB, h http.Handler) string {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// Occupy listens on an address until the test ends.
func Occupy(t testing.TB, addr string) string {
	lis, err := net.Listen("tcp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lis.Close() })
	return addr
}
