package socket

import (
	"encoding/binary"
	"math"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

// The opcodes of RFC 6455.
const (
	opMore   = 0
	opText   = 1
	opBinary = 2
	opClose  = 8
	opPing   = 9
	opPong   = 10
)

// The bits of the first byte of a frame, beside the opcode.
const (
	bitFinal    = 0x80
	bitDeflated = 0x40
	bitsUnused  = 0x30
)

// longestControl is the most a control frame may carry.
const longestControl = 125

// head is the head of a frame.
type head struct {
	first  byte
	masked bool
	key    [4]byte
	length int // of the data
	size   int // of the head itself
}

// readHead reads the head at the start of b; ok is false while it is not complete.
func readHead(b []byte) (h head, ok bool) {
	if len(b) < 2 {
		return h, false
	}
	h.first, h.masked, h.length, h.size = b[0], b[1]&0x80 != 0, int(b[1]&0x7f), 2
	switch h.length {
	case 126:
		if len(b) < 4 {
			return h, false
		}
		h.length, h.size = int(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		if len(b) < 10 {
			return h, false
		}
		h.length, h.size = int(min(binary.BigEndian.Uint64(b[2:]), math.MaxInt32)), 10
	}
	if h.masked {
		if len(b) < h.size+4 {
			return h, false
		}
		h.key = [4]byte(b[h.size:])
		h.size += 4
	}
	return h, true
}

func (h head) op() byte    { return h.first & 15 }
func (h head) final() bool { return h.first&bitFinal != 0 }

// wrong returns the close code for a head that must not be, 0 for one that may. Had is the size of the
// message's earlier frames, -1 when there are none.
func (h head) wrong(deflate bool, had int) protocol.CloseCode {
	deflated := h.first&bitDeflated != 0
	bad := !h.masked || h.first&bitsUnused != 0
	switch op := h.op(); op {
	case opText, opBinary:
		bad = bad || had >= 0 || deflated && !deflate
	case opMore:
		bad = bad || had < 0 || deflated
	case opClose, opPing, opPong:
		bad = bad || !h.final() || h.length > longestControl || deflated
	default:
		bad = true
	}
	switch {
	case bad:
		return websocket.CloseProtocolError
	case h.op() < opClose && max(had, 0)+h.length > int(protocol.Limits.FrameBytes)+wireGrowth:
		return websocket.CloseMessageTooBig
	}
	return 0
}

// unmask takes the mask off b.
func unmask(key [4]byte, b []byte) {
	k := uint64(binary.LittleEndian.Uint32(key[:]))
	k |= k << 32
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^k)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= key[i&3]
	}
}
