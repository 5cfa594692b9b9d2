package socket

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"sync"

	"sendjay/shared/protocol"
)

// inflater turns a deflated message back. It is reused, because its window is large.
type inflater struct {
	r   io.ReadCloser
	in  bytes.Reader
	out bytes.Buffer
}

// deflateTail ends a message whose end its sender cut off (RFC 7692), and then the whole stream.
const deflateTail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

var inflaters = sync.Pool{New: func() any {
	return &inflater{r: flate.NewReader(strings.NewReader(""))}
}}

// inflate returns the text of a deflated message, at most one byte more than may be. The text is good
// until done is called.
func inflate(b []byte) (text []byte, done func(), err error) {
	i := inflaters.Get().(*inflater)
	i.in.Reset(b)
	i.out.Reset()
	if err := i.r.(flate.Resetter).Reset(io.MultiReader(&i.in, strings.NewReader(deflateTail)), nil); err != nil {
		return nil, func() {}, err
	}
	_, err = i.out.ReadFrom(io.LimitReader(i.r, protocol.Limits.FrameBytes+1))
	return i.out.Bytes(), func() { inflaters.Put(i) }, err
}
