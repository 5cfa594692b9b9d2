package socket

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"sync"

	"sendjay/shared/protocol"
)

// The first byte of a frame: final, with the opcode; compressed frames set one bit more.
const (
	textFrame     = 0x81
	deflatedFrame = 0xc1
	closeFrame    = 0x88
	pingFrame     = 0x89
	pongFrame     = 0x8a
)

// deflateFrom is the size from which a frame is compressed where that was negotiated. Below it, the
// time costs more than the bytes.
const deflateFrom = 1024

// The forms of a session.Frame.
const (
	plain    = 0
	deflated = 1
)

// frame returns data as one unmasked frame, as a server sends it.
func frame(first byte, data []byte) []byte {
	b := make([]byte, 0, len(data)+4)
	b = append(b, first)
	switch n := len(data); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = append(b, 126)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b = append(b, 127)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return append(b, data...)
}

// plainForm shapes a text as a text frame.
func plainForm(text []byte) []byte { return frame(textFrame, text) }

// deflatedForm shapes a text as a compressed text frame without context (RFC 7692).
func deflatedForm(text []byte) []byte {
	if len(text) < deflateFrom {
		return plainForm(text)
	}
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out.Reset()
	d.w.Reset(&d.out)
	_, _ = d.w.Write(text) // a bytes.Buffer takes everything
	_ = d.w.Flush()
	// A flushed stream ends in 00 00 ff ff, which the receiver adds again.
	return frame(deflatedFrame, bytes.TrimSuffix(d.out.Bytes(), []byte{0, 0, 0xff, 0xff}))
}

type deflater struct {
	w   *flate.Writer
	out bytes.Buffer
}

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic("socket: " + err.Error()) // the level is a constant
	}
	return &deflater{w: w}
}}

// closing returns the frame that closes with code.
func closing(code protocol.CloseCode) []byte {
	return frame(closeFrame, binary.BigEndian.AppendUint16(nil, uint16(code)))
}
