package files

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

// dot is a picture of this size.
func dot(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
