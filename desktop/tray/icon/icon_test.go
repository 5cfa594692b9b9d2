package icon

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var states = []Status{
	{},
	{Offline: true},
	{Unread: 1},
	{Unread: 12},
	{Unread: 100},
	{Dot: true},
	{Quiet: true},
	{Quiet: true, Unread: 7},
	{Offline: true, Unread: 3},
	{Unread: 12, Blank: true},
}

func TestEveryStateDiffersInShape(t *testing.T) {
	shape := map[string]Status{}
	for _, s := range states {
		img := Draw(s, 32)
		var outline bytes.Buffer
		for i := 3; i < len(img.Pix); i += 4 {
			outline.WriteByte(img.Pix[i] / 128)
		}
		// A badge inside the silhouette still shows by its brightness.
		for i := 0; i < len(img.Pix); i += 4 {
			outline.WriteByte(img.Pix[i+1] / 200)
		}
		if other, is := shape[outline.String()]; is {
			t.Errorf("%+v looks like %+v without colour", s, other)
		}
		shape[outline.String()] = s
	}
}

func TestWhatDoesNotShowDoesNotCount(t *testing.T) {
	for _, pair := range [][2]Status{
		{{Unread: 100}, {Unread: 5000}},
		{{Unread: 3, Dot: true}, {Unread: 3}},
		{{Unread: -1}, {}},
		{{Blank: true}, {}},
	} {
		if pair[0].Canonical() != pair[1].Canonical() {
			t.Errorf("%+v and %+v would be drawn twice", pair[0], pair[1])
		}
	}
	for n, want := range map[int]string{0: "", 1: "1", 99: "99", 100: "99+", 12345: "99+"} {
		if got := (Status{Unread: n}).Badge(); got != want {
			t.Errorf("badge of %d is %q, want %q", n, got, want)
		}
	}
}

func TestTheMarkStandsOutOnLightAndDarkPanels(t *testing.T) {
	for _, panel := range []color.NRGBA{{0xff, 0xff, 0xff, 0xff}, {0x14, 0x18, 0x1d, 0xff}} {
		for _, s := range []Status{{}, {Offline: true}} {
			img := Draw(s, 64)
			var loudest float64
			for i := 0; i < len(img.Pix); i += 4 {
				if img.Pix[i+3] == 255 {
					loudest = max(loudest, contrast(color.NRGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 255}, panel))
				}
			}
			if loudest < 3 {
				t.Errorf("%+v reaches only %.1f:1 on %v", s, loudest, panel)
			}
		}
	}
}

func TestAnICOHoldsEverySize(t *testing.T) {
	raw := ICO(Status{Unread: 4}, 16, 256)
	if n := binary.LittleEndian.Uint16(raw[4:]); n != 2 {
		t.Fatalf("%d pictures, want 2", n)
	}
	for i, want := range []int{16, 256} {
		entry := raw[6+16*i:]
		size, at := binary.LittleEndian.Uint32(entry[8:]), binary.LittleEndian.Uint32(entry[12:])
		pic, err := png.Decode(bytes.NewReader(raw[at : at+size]))
		if err != nil || pic.Bounds().Dx() != want {
			t.Errorf("picture %d: %v, %v", i, pic, err)
		}
	}
}

// The sheet is for people: build/screens/icons.png shows every state at panel sizes on both panels.
func TestSheetOfAllStates(t *testing.T) {
	const cell = 72
	sizes := []int{64, 24, 16}
	sheet := image.NewNRGBA(image.Rect(0, 0, cell*len(states), 2*cell*len(sizes)))
	for half, panel := range []color.NRGBA{{0xf4, 0xf4, 0xf4, 0xff}, {0x22, 0x22, 0x26, 0xff}} {
		top := half * cell * len(sizes)
		draw.Draw(sheet, image.Rect(0, top, sheet.Rect.Max.X, top+cell*len(sizes)), image.NewUniform(panel), image.Point{}, draw.Src)
		for col, s := range states {
			for row, size := range sizes {
				at := image.Pt(col*cell+(cell-size)/2, top+row*cell+(cell-size)/2)
				draw.Draw(sheet, image.Rectangle{at, at.Add(image.Pt(size, size))}, Draw(s, size), image.Point{}, draw.Over)
			}
		}
	}
	dir := filepath.Join("..", "..", "..", "build", "screens")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "icons.png"), PNG(sheet), 0o644); err != nil {
		t.Fatal(err)
	}
}

func contrast(a, b color.NRGBA) float64 {
	la, lb := light(a), light(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func light(c color.NRGBA) float64 {
	lin := func(v uint8) float64 { // close enough to sRGB for a bound
		f := float64(v) / 255
		return f * f
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}
