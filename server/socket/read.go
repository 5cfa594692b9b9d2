package socket

import (
	"encoding/binary"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

// badFrames is how many frames that nobody can read a session may send; a readable one makes up for
// a bad one.
const badFrames = 100

// wireGrowth is how much larger than its text a deflated message may be: what does not compress grows
// a little.
const wireGrowth = 1024

// read carries out what the other side asks, one after the other, until the connection ends.
func (c *conn) read(in *inbox) {
	defer c.gone()
	var part message
	for {
		h, complete := readHead(in.rest())
		if complete {
			if code := h.wrong(c.deflate, part.had()); code != 0 {
				c.End(code, nil)
				c.linger(in)
				return
			}
			complete = len(in.rest()) >= h.size+h.length
		}
		if !complete {
			if in.more(h.size+h.length) != nil {
				return
			}
			continue
		}
		data := in.rest()[h.size : h.size+h.length]
		unmask(h.key, data)
		if !c.frame(h, data, &part) {
			return
		}
		in.use(h.size + h.length)
	}
}

// message is what came of a message in several frames.
type message struct {
	under bool // there was a first frame and no last one
	first byte
	data  []byte
	bad   int // messages that nobody could read
}

// had returns the size of the frames so far, -1 when there was none.
func (m *message) had() int {
	if !m.under {
		return -1
	}
	return len(m.data)
}

// frame carries out one frame. It reports false when it was the last one.
func (c *conn) frame(h head, data []byte, part *message) bool {
	switch h.op() {
	case opClose:
		c.onClose(data)
		c.out.settle()
		return false
	case opPing:
		c.out.add(c, frame(pongFrame, data))
		return true
	case opPong:
		return true
	}
	first := h.first
	if part.under || !h.final() {
		if !part.under {
			part.under, part.first = true, h.first
		}
		part.data = append(part.data, data...)
		if !h.final() {
			return true
		}
		first, data = part.first, part.data
		part.under, part.data = false, nil
	}
	if !c.out.begin() {
		return true // the session is over; we only wait for the other side's close frame
	}
	c.message(first, data, part)
	if c.out.finish() {
		c.End(protocol.CloseRestart, nil)
	}
	return true
}

// message carries out one message.
func (c *conn) message(first byte, data []byte, part *message) {
	if first&15 == opBinary {
		c.End(websocket.CloseUnsupportedData, nil)
		return
	}
	if first&bitDeflated != 0 {
		text, done, err := inflate(data)
		defer done()
		if err != nil {
			c.End(websocket.CloseInvalidFramePayloadData, nil)
			return
		}
		data = text
	}
	// The limit counts what was inflated.
	if int64(len(data)) > protocol.Limits.FrameBytes {
		c.End(websocket.CloseMessageTooBig, nil)
		return
	}
	if c.srv.take(c, data) {
		part.bad = max(0, part.bad-1)
		return
	}
	c.srv.badFrames.Add(1)
	if part.bad++; part.bad >= badFrames {
		c.End(websocket.ClosePolicyViolation, nil)
	}
}

// onClose answers the other side's close with its own code.
func (c *conn) onClose(data []byte) {
	switch {
	case len(data) == 0:
		c.out.end(c, []byte{closeFrame, 0})
	case len(data) == 1 || !closable(binary.BigEndian.Uint16(data)):
		c.End(websocket.CloseProtocolError, nil)
	default:
		c.End(protocol.CloseCode(binary.BigEndian.Uint16(data)), nil)
	}
}

// closable reports whether code may stand in a close frame.
func closable(code uint16) bool {
	return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999
}

// linger waits for the other side to hang up after it was told to, so that it can read why: a
// connection that is closed with unread bytes is reset, and takes the close frame with it.
func (c *conn) linger(in *inbox) {
	for {
		in.drop()
		if in.more(0) != nil {
			return
		}
	}
}

// gone ends everything about the connection.
func (c *conn) gone() {
	c.beat.Stop()
	c.srv.Sessions.Close(c.session)
	_ = c.Close() // whatever is still queued has nobody to read it
	c.srv.leave(c)
}
