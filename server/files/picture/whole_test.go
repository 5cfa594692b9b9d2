package picture

import (
	"bytes"
	"image"
	"testing"
)

func TestAPictureOfOursIsWholeWithItsLastByte(t *testing.T) {
	for name, pixels := range map[string]image.Image{"jpeg": image.NewGray(image.Rect(0, 0, 40, 30)), "png": image.NewNRGBA(image.Rect(0, 0, 40, 30))} {
		p := Picture{pixels: pixels}
		var out bytes.Buffer
		if err := p.Write(&out, 20); err != nil {
			t.Fatal(err)
		}
		whole := out.Bytes()
		if _, kind, err := image.DecodeConfig(bytes.NewReader(whole)); kind != name || err != nil {
			t.Fatalf("%s became %s, %v", name, kind, err)
		}
		if !Whole(bytes.NewReader(whole), int64(len(whole))) {
			t.Errorf("a whole %s is not", name)
		}
		for n := range whole {
			if Whole(bytes.NewReader(whole[:n]), int64(n)) {
				t.Errorf("%d of %d bytes of a %s are whole", n, len(whole), name)
			}
		}
		for _, raw := range [][]byte{make([]byte, len(whole)), append(bytes.Clone(whole[:len(whole)-9]), make([]byte, 9)...), append(make([]byte, 9), whole[9:]...)} {
			if Whole(bytes.NewReader(raw), int64(len(raw))) {
				t.Errorf("a %s of which a part is zeros is whole", name)
			}
		}
	}
}
