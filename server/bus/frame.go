package bus

import (
	"encoding/binary"
	"errors"
)

// frame is what goes over the wire at once: everything that waited to be said, under one number. One
// without entries is a sign of life and repeats the last number.
type frame struct {
	node    string
	number  uint64
	bye     bool
	entries []entry
}

type entry struct {
	topic string
	data  []byte
}

// version leads every frame, so that nodes of different versions can tell what they do not understand.
const version = 1

var errFrame = errors.New("not a frame of ours")

func (f frame) encode() []byte {
	size := 32 + len(f.node)
	for _, e := range f.entries {
		size += len(e.topic) + len(e.data) + 2*binary.MaxVarintLen32
	}
	b := make([]byte, 0, size)
	b = append(b, version, 0)
	if f.bye {
		b[1] = 1
	}
	b = appendBytes(b, f.node)
	b = binary.AppendUvarint(b, f.number)
	for _, e := range f.entries {
		b = appendBytes(b, e.topic)
		b = appendBytes(b, e.data)
	}
	return b
}

func appendBytes[T string | []byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeFrame reads b; the entries' data lie in it.
func decodeFrame(b []byte) (frame, error) {
	if len(b) < 2 || b[0] != version {
		return frame{}, errFrame
	}
	f := frame{bye: b[1]&1 != 0}
	b = b[2:]
	take := func() ([]byte, bool) {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			return nil, false
		}
		part := b[w : w+int(n)]
		b = b[w+int(n):]
		return part, true
	}
	node, ok := take()
	number, w := binary.Uvarint(b)
	if !ok || w <= 0 {
		return frame{}, errFrame
	}
	f.node, f.number = string(node), number
	for b = b[w:]; len(b) > 0; {
		topic, ok1 := take()
		data, ok2 := take()
		if !ok1 || !ok2 {
			return frame{}, errFrame
		}
		f.entries = append(f.entries, entry{string(topic), data})
	}
	return f, nil
}
