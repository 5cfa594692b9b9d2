package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// half is a picture whose left half is red and whose right half is blue.
func half(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{200, 0, 0, 255}
			if x >= width/2 {
				c = color.NRGBA{0, 0, 200, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// held is a JPEG with the note of a camera about how it was held, and where.
func held(t *testing.T, m image.Image, turn uint16, order binary.AppendByteOrder) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		tiff = []byte("II*\x00")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	tiff = append(order.AppendUint16(order.AppendUint16(tiff, 0x010f), 2), 0, 0, 0, 0, 0, 0, 0, 0)
	tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0112), 3), 1)
	tiff = append(order.AppendUint16(tiff, turn), 0, 0)
	note := append([]byte("Exif\x00\x00"), tiff...)
	note = append(note, "GPS 37.5665 126.9780"...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(note)+2))...)
	return append(append(out, note...), b.Bytes()[2:]...)
}

func TestPicturesStandUpright(t *testing.T) {
	for turn, want := range map[uint16]struct {
		width, height int
		redAt         image.Point // in the upright picture, of 100 by 60 or turned
	}{
		1: {100, 60, image.Pt(10, 30)},
		2: {100, 60, image.Pt(90, 30)},
		3: {100, 60, image.Pt(90, 30)},
		4: {100, 60, image.Pt(10, 30)},
		5: {60, 100, image.Pt(30, 10)},
		6: {60, 100, image.Pt(30, 10)},
		7: {60, 100, image.Pt(30, 90)},
		8: {60, 100, image.Pt(30, 90)},
		9: {100, 60, image.Pt(10, 30)},
	} {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			raw := held(t, half(100, 60), turn, order)
			p, err := Read(bytes.NewReader(raw))
			if err != nil || p.Width != want.width || p.Height != want.height {
				t.Fatalf("%d: %+v, %v", turn, p, err)
			}
			var out bytes.Buffer
			if err := p.Write(&out, 1000); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(out.String(), "GPS") || strings.Contains(out.String(), "Exif") {
				t.Errorf("%d: what the camera wrote is still there", turn)
			}
			small, err := jpeg.Decode(&out)
			if err != nil || small.Bounds().Dx() != want.width || small.Bounds().Dy() != want.height {
				t.Fatalf("%d: %v, %v", turn, small.Bounds(), err)
			}
			if r, _, b, _ := small.At(want.redAt.X, want.redAt.Y).RGBA(); r < 3*b {
				t.Errorf("%d: the wrong side is up", turn)
			}
		}
	}
}

func TestAPNGStandsUprightAsBrowsersShowIt(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, half(100, 60)); err != nil {
		t.Fatal(err)
	}
	plain := b.Bytes()
	note := []byte("eXIfMM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(note)-4))
	chunk = binary.BigEndian.AppendUint32(append(chunk, note...), crc32.ChecksumIEEE(note))
	const headEnds = 8 + 25
	held := append(append(bytes.Clone(plain[:headEnds]), chunk...), plain[headEnds:]...)
	p, err := Read(bytes.NewReader(held))
	if err != nil || p.Width != 60 || p.Height != 100 {
		t.Fatalf("%+v, %v", p, err)
	}
	var out bytes.Buffer
	if err := p.Write(&out, 1000); err != nil {
		t.Fatal(err)
	}
	m, _, err := image.Decode(&out)
	if err != nil || m.Bounds().Dx() != 60 {
		t.Fatal(m, err)
	}
	if r, _, b, _ := m.At(30, 10).RGBA(); r < 3*b {
		t.Error("the wrong side is up")
	}
	for _, end := range []int{10, 40, 50} {
		if turn := orientationPNG(held[:end]); turn != 1 {
			t.Errorf("of %d bytes: %d", end, turn)
		}
	}
}

func TestSizesKeepTheShapeAndNeverGrow(t *testing.T) {
	for _, c := range []struct{ width, height, longest, w, h int }{{1000, 500, 320, 320, 160}, {500, 1000, 320, 160, 320}, {50, 40, 320, 50, 40}, {4000, 2, 320, 320, 1}} {
		var b, out bytes.Buffer
		if err := png.Encode(&b, half(c.width, c.height)); err != nil {
			t.Fatal(err)
		}
		p, err := Read(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Write(&out, c.longest); err != nil {
			t.Fatal(err)
		}
		if got, _, err := image.DecodeConfig(&out); err != nil || got.Width != c.w || got.Height != c.h {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
}

func TestWhatShinesThroughStaysSo(t *testing.T) {
	m := half(400, 400)
	m.SetNRGBA(0, 0, color.NRGBA{})
	var b, out bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	p, err := Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Write(&out, 320); err != nil {
		t.Fatal(err)
	}
	if _, kind, err := image.DecodeConfig(&out); err != nil || kind != "png" {
		t.Errorf("%s, %v", kind, err)
	}
}

func TestTheFirstFrameStandsForAMovingPicture(t *testing.T) {
	frame := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{color.White, color.Black})
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	if p, err := Read(bytes.NewReader(b.Bytes())); err != nil || !p.Animated || p.Width != 30 || p.Height != 20 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestPoisonIsRefusedBeforeItUnfolds(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	bomb := bytes.Clone(b.Bytes())
	binary.BigEndian.PutUint32(bomb[16:], 29_000)
	binary.BigEndian.PutUint32(bomb[20:], 29_000)
	binary.BigEndian.PutUint32(bomb[29:], 0xdeadbeef) // nobody gets as far as the sum of it
	whole := held(t, half(200, 200), 1, binary.BigEndian)
	for name, raw := range map[string][]byte{
		"a bomb": bomb, "half a picture": whole[:len(whole)/2], "nothing": nil, "words": []byte("hello"), "a page": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"an archive": []byte("PK\x03\x04"), "only a start": whole[:4],
	} {
		if p, err := Read(bytes.NewReader(raw)); err == nil {
			t.Errorf("%s was read: %+v", name, p)
		} else if !errors.Is(err, ErrKind) && !errors.Is(err, ErrLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, half(8, 8), nil)
	f.Add(b.Bytes())
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x20Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff"))
	f.Add([]byte("GIF89a\x10\x00\x10\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Read(bytes.NewReader(raw))
		if err == nil && (p.Width < 1 || p.Height < 1 || int64(p.Width)*int64(p.Height) > memory) {
			t.Errorf("%+v", p)
		}
	})
}
