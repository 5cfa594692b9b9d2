package picture

import (
	"bytes"
	"io"
)

// How our two kinds of picture begin and end.
var ends = []struct{ first, last []byte }{
	{[]byte("\xff\xd8\xff"), []byte("\xff\xd9")},
	{[]byte("\x89PNG\r\n\x1a\n"), []byte("\x00\x00\x00\x00IEND\xae\x42\x60\x82")},
}

// Whole reports whether a picture that Write wrote has its beginning and its end: one that was cut off, or of which
// nothing but its length reached the disk, has not. It reads a few bytes.
func Whole(r io.ReaderAt, size int64) bool {
	for _, e := range ends {
		first, last := make([]byte, len(e.first)), make([]byte, len(e.last))
		if size < int64(len(first)+len(last)) {
			continue
		}
		if _, err := r.ReadAt(first, 0); err != nil || !bytes.Equal(first, e.first) {
			continue
		}
		if _, err := r.ReadAt(last, size-int64(len(last))); (err == nil || err == io.EOF) && bytes.Equal(last, e.last) {
			return true
		}
	}
	return false
}
