package picture

import (
	"bytes"
	"image/jpeg"
	"io"
	"testing"
)

// BenchmarkPhotograph makes both sizes of a 12-megapixel photograph.
func BenchmarkPhotograph(b *testing.B) {
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, half(4000, 3000), nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := Read(bytes.NewReader(raw.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		for _, side := range []int{ScreenSide, ThumbSide} {
			if err := p.Write(io.Discard, side); err != nil {
				b.Fatal(err)
			}
		}
	}
}
