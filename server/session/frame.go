package session

import (
	"sync"

	"sendjay/shared/protocol"
)

// Frame is one event, encoded once for all who get it.
type Frame struct {
	// Text is the JSON object. Nobody changes it.
	Text  []byte
	forms [2]form
}

type form struct {
	once sync.Once
	data []byte
}

// NewFrame encodes p.
func NewFrame(p protocol.Push) *Frame { return &Frame{Text: p.Encode()} }

// FrameOf returns a frame that was encoded elsewhere.
func FrameOf(text []byte) *Frame { return &Frame{Text: text} }

// Form returns the n-th form of the frame (0 or 1), made by shape at the first call and kept for
// all others: a line that sends something other than the bare text pays for it once.
func (f *Frame) Form(n int, shape func(text []byte) []byte) []byte {
	v := &f.forms[n]
	v.once.Do(func() { v.data = shape(f.Text) })
	return v.data
}
