package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// client is one live session, as cheap as can be: what it costs is in every figure.
type client struct {
	conn net.Conn
	mu   sync.Mutex // one write at a time
	wire *wire
	hear func(c *client, frame []byte)
	user int
	done chan struct{}
	lost atomic.Bool // the connection ended before we closed it
	shut atomic.Bool
}

// wire is how a server is spoken to.
type wire struct {
	path   string                              // of its socket
	health string                              // what answers 200 when it is ready
	greet  func(token string) []byte           // the client's first words, where a header is not enough
	say    func(l *load, r room, n int) []byte // sends message n into r
	hear   func(c *client, frame []byte)       // takes every frame of every client
	echo   int64                               // 1 if a sender hears his own message too
}

// ours is Sendjay's own.
var ours = &wire{path: "/ws", health: "/healthz", say: send, hear: hear}

// dial opens a session and waits for its hello.
func dial(ctx context.Context, addr, token string, user int, hear func(*client, []byte)) (*client, error) {
	return dialTo(ctx, ours, addr, token, user, hear)
}

func dialTo(ctx context.Context, w *wire, addr, token string, user int, hear func(*client, []byte)) (*client, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, wire: w, user: user, hear: hear, done: make(chan struct{})}
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer %s\r\nUser-Agent: sendjay-bench\r\n\r\n", w.path, addr, token)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(conn, 4096)
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // the connection is new
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if first && !bytes.Contains(line, []byte(" 101 ")) {
			return nil, fmt.Errorf("the server answered %q", bytes.TrimSpace(line))
		}
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	if w.greet != nil {
		if err := c.write(0x81, w.greet(token)); err != nil {
			return nil, err
		}
	}
	if _, err := readFrame(r, nil); err != nil {
		return nil, err
	}
	_ = conn.SetReadDeadline(time.Time{}) // as above
	go c.read(r)
	return c, nil
}

var errControl = errors.New("a control frame")

// readFrame returns the next frame's text; the server masks nothing and never fragments.
func readFrame(r *bufio.Reader, buf []byte) ([]byte, error) {
	head, err := r.Peek(2)
	if err != nil {
		return buf, err
	}
	op, n, skip := head[0]&15, int(head[1]), 2
	switch n {
	case 126:
		if head, err = r.Peek(4); err != nil {
			return buf, err
		}
		n, skip = int(binary.BigEndian.Uint16(head[2:])), 4
	case 127:
		if head, err = r.Peek(10); err != nil {
			return buf, err
		}
		n, skip = int(binary.BigEndian.Uint64(head[2:])), 10
	}
	_, _ = r.Discard(skip) // it was peeked at
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		return buf, err
	}
	switch op {
	case 8:
		return buf, io.EOF
	case 9:
		return buf, errControl
	}
	return buf, nil
}

func (c *client) read(r *bufio.Reader) {
	defer close(c.done)
	defer c.conn.Close()
	var buf []byte
	var err error
	for {
		buf, err = readFrame(r, buf)
		switch {
		case errors.Is(err, errControl):
			if c.write(0x8a, buf) != nil {
				return
			}
		case err != nil:
			if !c.shut.Load() {
				c.lost.Store(true)
			}
			return
		default:
			c.hear(c, buf)
		}
	}
}

// write sends one frame, masked with zeros: the mask protects old proxies, not us.
func (c *client) write(first byte, data []byte) error {
	b := make([]byte, 0, len(data)+8)
	b = append(b, first)
	if len(data) < 126 {
		b = append(b, byte(len(data))|0x80)
	} else {
		b = append(b, 126|0x80)
		b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	}
	b = append(b, 0, 0, 0, 0)
	b = append(b, data...)
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.conn.Write(b)
	return err
}

func (c *client) close() {
	c.shut.Store(true)
	_ = c.conn.Close() // nothing depends on it
	<-c.done
}
