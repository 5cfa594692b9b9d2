package socket

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// masked returns one frame as a client sends it.
func masked(first byte, key [4]byte, data []byte) []byte {
	b := []byte{first}
	switch n := len(data); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	b = append(b, key[:]...)
	for i, d := range data {
		b = append(b, d^key[i&3])
	}
	return b
}

func TestFrameHeads(t *testing.T) {
	ping := []byte(`{"id":1,"op":"ping"}`)
	none := [4]byte{}
	for _, c := range []struct {
		name  string
		bytes []byte
		first byte
		code  uint16 // of a close frame
	}{
		{"a text in three frames is one message", join(masked(0x01, none, ping[:3]), masked(0x00, none, ping[3:9]), masked(0x80, none, ping[9:])), textFrame, 0},
		{"a ping may come between the frames of a message", join(masked(0x01, none, ping[:3]), masked(0x89, none, nil), masked(0x80, none, ping[3:])), pongFrame, 0},
		{"two messages may come at once", join(masked(0x81, none, ping), masked(0x81, none, ping)), textFrame, 0},
		{"an unmasked frame is 1002", []byte{0x81, 0x00}, closeFrame, 1002},
		{"an unknown opcode is 1002", masked(0x83, none, nil), closeFrame, 1002},
		{"a reserved bit is 1002", masked(0xa1, none, ping), closeFrame, 1002},
		{"a deflated frame that was not agreed on is 1002", masked(0xc1, none, ping), closeFrame, 1002},
		{"a continuation of nothing is 1002", masked(0x80, none, ping), closeFrame, 1002},
		{"a new message inside of another is 1002", join(masked(0x01, none, ping), masked(0x81, none, ping)), closeFrame, 1002},
		{"a ping in parts is 1002", masked(0x09, none, nil), closeFrame, 1002},
		{"a large ping is 1002", masked(0x89, none, make([]byte, 126)), closeFrame, 1002},
		{"a length beyond all is 1009 before it comes", []byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, closeFrame, 1009},
		{"parts over the limit are 1009", join(masked(0x01, none, make([]byte, 60_000)), masked(0x80, none, make([]byte, 10_000))), closeFrame, 1009},
		{"a close with half a code is 1002", masked(0x88, none, []byte{3}), closeFrame, 1002},
		{"a close with a code that must not be sent is 1002", masked(0x88, none, []byte{0x03, 0xee}), closeFrame, 1002},
		{"a close without code is answered so", masked(0x88, none, nil), closeFrame, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := alone()
				f := throughPipe(t, s)
				go func() { _, _ = f.Write(c.bytes) }() // the server may stop reading before the end
				first, data := f.frame(t)
				if first != c.first {
					t.Errorf("answered %#x %s", first, data)
				}
				if first == closeFrame && len(data) > 0 && binary.BigEndian.Uint16(data) != c.code || c.code > 0 && len(data) != 2 {
					t.Errorf("closed with %v, want %d", data, c.code)
				}
				f.Close()
				s.Shutdown(t.Context())
			})
		})
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// However a frame is masked and sized, its head and its data come back.
func TestHeadsAndMasksComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "key"))
		size := rapid.OneOf(rapid.IntRange(0, 300), rapid.SampledFrom([]int{125, 126, 65535, 65536, 70000})).Draw(t, "size")
		data := make([]byte, size)
		r := rand.New(rand.NewPCG(1, uint64(size)))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		b := masked(0x81, key, data)
		for cut := range min(14, len(b)) {
			if h, ok := readHead(b[:cut]); ok && cut < h.size {
				t.Fatalf("a head of %d bytes was read from %d", h.size, cut)
			}
		}
		h, ok := readHead(b)
		if !ok || h.length != size || !h.masked || h.first != 0x81 || h.size+h.length != len(b) {
			t.Fatalf("read %+v", h)
		}
		got := bytes.Clone(b[h.size:])
		unmask(h.key, got)
		if !bytes.Equal(got, data) {
			t.Fatal("the data differs")
		}
	})
}

// What we frame and deflate, a client reads.
func TestOurFramesAreReadable(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 1023, 1024, 65535, 65536, 100_000} {
		text := bytes.Repeat([]byte("가나다라 "), n/13+1)[:n]
		h, ok := readHead(append(plainForm(text), 0, 0, 0, 0))
		if !ok || h.length != n {
			t.Errorf("%d bytes: %+v", n, h)
		}
		b := deflatedForm(text)
		h, _ = readHead(b)
		got := b[h.size:]
		if h.first&bitDeflated != 0 {
			back, done, err := inflate(got)
			if err != nil || n <= 65536 && !bytes.Equal(back, text) {
				t.Errorf("%d bytes: %d came back, %v", n, len(back), err)
			}
			done()
		} else if n >= deflateFrom {
			t.Errorf("%d bytes were not deflated", n)
		}
	}
}
