package story

import (
	"io"
	"net"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// line is one person's way to the server: a TCP proxy that can be cut.
type line struct {
	listener net.Listener
	target   string
	wg       sync.WaitGroup

	mu    sync.Mutex // guards the fields below
	cut   bool
	conns map[net.Conn]bool
}

func newLine(target string) (*line, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n := &line{listener: l, target: target, conns: map[net.Conn]bool{}}
	n.wg.Go(n.accept)
	return n, nil
}

func (l *line) addr() string { return l.listener.Addr().String() }

func (l *line) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", l.target)
		if err != nil || !l.keep(near, far) {
			near.Close()
			if far != nil {
				far.Close()
			}
			continue
		}
		l.wg.Go(func() { l.pipe(near, far) })
		l.wg.Go(func() { l.pipe(far, near) })
	}
}

// keep remembers a pair of connections, unless the line is cut.
func (l *line) keep(pair ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return false
	}
	for _, c := range pair {
		l.conns[c] = true
	}
	return true
}

func (l *line) pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from) // either end may go at any time: that is what the line is for
	to.Close()
	from.Close()
	l.mu.Lock()
	delete(l.conns, to)
	delete(l.conns, from)
	l.mu.Unlock()
}

// set cuts the line, or lets new connections through again.
func (l *line) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		for c := range l.conns {
			c.Close()
		}
	}
}

func (l *line) close() {
	l.listener.Close()
	l.set(true)
	l.wg.Wait()
}

// netCommand is `net cut kim` and `net restore kim`. Restored, the person comes back; the tray does so by itself.
func netCommand(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, "cut|restore person")
	o, err := worldOf(ts).known(args[1])
	ts.Check(err)
	ctx, stop := soon()
	defer stop()
	switch {
	case neg:
		ts.Fatalf("the network always obeys")
	case args[0] == "cut":
		o.line.set(true)
		for kind, d := range o.devices {
			if kind == string(tray) {
				continue // its window stays connected to it
			}
			ts.Check(d.Await(ctx, "the line goes down", func() bool { return d.Closed() != 0 }))
		}
	case args[0] == "restore":
		o.line.set(false)
		ts.Check(comesBack(ctx, nil, o, nil))
	default:
		ts.Fatalf("net %s: no such thing", args[0])
	}
}
