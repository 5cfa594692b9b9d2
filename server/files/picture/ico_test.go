package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
)

// icon is an icon file of these pictures.
func icon(pictures ...[]byte) []byte {
	out := []byte{0, 0, 1, 0, byte(len(pictures)), 0}
	at := 6 + 16*len(pictures)
	for _, p := range pictures {
		out = append(out, 0, 0, 0, 0, 1, 0, 32, 0)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(p)))
		out = binary.LittleEndian.AppendUint32(out, uint32(at))
		at += len(p)
	}
	return append(out, bytes.Join(pictures, nil)...)
}

func TestTheLargestPictureOfAnIconIsShown(t *testing.T) {
	var small, large, plain bytes.Buffer
	for _, err := range []error{png.Encode(&small, half(16, 16)), png.Encode(&large, hills(64, 48)), bmp.Encode(&plain, half(32, 32))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	dib := bytes.Clone(plain.Bytes()[14:])
	binary.LittleEndian.PutUint32(dib[8:], 64) // the mask counts, too
	for name, c := range map[string]struct {
		raw  []byte
		size image.Point
	}{
		"of PNG": {icon(small.Bytes(), large.Bytes()), image.Pt(64, 48)}, "as long ago": {icon(dib), image.Pt(32, 32)}, "a BMP": {plain.Bytes(), image.Pt(32, 32)},
	} {
		s, err := Make(bytes.NewReader(c.raw))
		if err != nil || s.Width != c.size.X || s.Height != c.size.Y {
			t.Errorf("%s: %d by %d, %v", name, s.Width, s.Height, err)
			continue
		}
		if m, _, err := image.Decode(bytes.NewReader(s.Thumb)); err != nil || m.Bounds().Size() != c.size {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range map[string][]byte{"nothing": icon(), "cut off": icon(large.Bytes())[:200], "far away": {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255}} {
		if _, err := Make(bytes.NewReader(raw)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
