package socket

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

// badFrames is how many frames that nobody can read a session may send; a readable one makes up for
// a bad one.
const badFrames = 100

// frameBytes is the size up to which the buffer of a frame is kept for the next.
const frameBytes = 16 << 10

var frames = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// read carries out what the other side asks, one after the other, until the connection ends.
func (c *conn) read() {
	defer c.gone()
	bad := 0
	for {
		kind, r, err := c.ws.NextReader()
		if err != nil {
			if _, polite := errors.AsType[*websocket.CloseError](err); !polite {
				c.linger()
			}
			return
		}
		if !c.out.begin() {
			continue // the session is over; we only wait for the other side's close frame
		}
		switch {
		case kind != websocket.TextMessage:
			c.End(websocket.CloseUnsupportedData, nil)
		case c.take(r):
			bad = max(0, bad-1)
		default:
			c.srv.badFrames.Add(1)
			if bad++; bad >= badFrames {
				c.End(websocket.ClosePolicyViolation, nil)
			}
		}
		if c.out.finish() {
			c.End(protocol.CloseRestart, nil)
		}
	}
}

// take reads one frame and answers it. It reports false for a frame that nobody can read.
func (c *conn) take(r io.Reader) bool {
	b := frames.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() <= frameBytes {
			b.Reset()
			frames.Put(b)
		}
	}()
	// The limit counts what was inflated, so it stands behind the inflating reader.
	n, err := b.ReadFrom(io.LimitReader(r, protocol.Limits.FrameBytes+1))
	switch {
	case n > protocol.Limits.FrameBytes:
		c.End(websocket.CloseMessageTooBig, nil)
		return true
	case err != nil:
		c.End(websocket.CloseInvalidFramePayloadData, nil)
		return true
	}
	var ask protocol.Ask
	if utf8.Valid(b.Bytes()) {
		ask, err = protocol.ReadAsk(b.Bytes())
	} else {
		err = protocol.Refuse(protocol.BadRequest)
	}
	if err != nil {
		c.answer(protocol.Answer{Error: c.srv.Commands.Fault(c.lang, "read frame", c.session.User, err)})
		return false
	}
	data, err := c.srv.Commands.Do(c.srv.ctx, c.caller, ask.Op, ask.Data)
	if err != nil {
		c.answer(protocol.Answer{Re: ask.ID, Error: c.srv.Commands.Fault(c.lang, string(ask.Op), c.session.User, err)})
		return true
	}
	c.answer(protocol.Answer{Re: ask.ID, Data: data})
	return true
}

// linger waits for the other side to hang up after it was told to, so that it can read why: a
// connection that is closed with unread bytes is reset, and takes the close frame with it.
func (c *conn) linger() {
	c.out.mu.Lock()
	ending := c.out.ending
	c.out.mu.Unlock()
	if !ending {
		return
	}
	var sink [512]byte
	for {
		if _, err := c.Conn.Read(sink[:]); err != nil {
			return
		}
	}
}

// gone ends everything about the connection.
func (c *conn) gone() {
	c.beat.Stop()
	c.srv.Sessions.Close(c.session)
	_ = c.Conn.Close() // whatever is still queued has nobody to read it
	c.srv.leave(c)
}
