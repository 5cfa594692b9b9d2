package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func TestShrinkingKeepsColoursWhereTheyAre(t *testing.T) {
	nrgba := half(203, 101)
	rgba := image.NewRGBA(nrgba.Bounds())
	copy(rgba.Pix, nrgba.Pix)
	kinds := map[string]image.Image{"nrgba": nrgba, "rgba": rgba}
	for name, ratio := range map[string]image.YCbCrSubsampleRatio{
		"444": image.YCbCrSubsampleRatio444, "422": image.YCbCrSubsampleRatio422, "420": image.YCbCrSubsampleRatio420,
		"440": image.YCbCrSubsampleRatio440, "411": image.YCbCrSubsampleRatio411, "410": image.YCbCrSubsampleRatio410,
	} {
		m := image.NewYCbCr(nrgba.Bounds(), ratio)
		for y := range 101 {
			for x := range 203 {
				c := nrgba.NRGBAAt(x, y)
				m.Y[m.YOffset(x, y)], m.Cb[m.COffset(x, y)], m.Cr[m.COffset(x, y)] = color.RGBToYCbCr(c.R, c.G, c.B)
			}
		}
		kinds[name] = m
	}
	for name, m := range kinds {
		for n := 2; n <= 7; n++ {
			small := shrink(m, n)
			b := small.Bounds()
			if b.Dx() != 203/n || b.Dy() != 101/n {
				t.Fatalf("%s by %d: %v", name, n, b)
			}
			for _, at := range []image.Point{{1, 1}, {b.Dx()/2 - 4, b.Dy() - 1}, {b.Dx()/2 + 4, 0}, {b.Dx() - 1, b.Dy() - 1}} {
				wr, _, wb, _ := m.At(at.X*n+n/2, at.Y*n+n/2).RGBA()
				r, _, bl, _ := small.At(at.X, at.Y).RGBA()
				if near(r, wr) && near(bl, wb) {
					continue
				}
				t.Errorf("%s by %d at %v: %d %d, want %d %d", name, n, at, r>>8, bl>>8, wr>>8, wb>>8)
			}
		}
	}
}

func near(a, b uint32) bool { return max(a, b)-min(a, b) < 0x800 }

func TestWhatShinesThroughIsNotMixedWithWhatDoesNotShow(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 2000, 2000)) // nothing shows, but for the green middle
	for y := 500; y < 1500; y++ {
		for x := 500; x < 1500; x++ {
			m.SetNRGBA(x, y, color.NRGBA{0, 200, 0, 255})
		}
	}
	var raw bytes.Buffer
	if err := png.Encode(&raw, m); err != nil {
		t.Fatal(err)
	}
	s, err := Make(bytes.NewReader(raw.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	small, kind, err := image.Decode(bytes.NewReader(s.Thumb))
	if err != nil || kind != "png" {
		t.Fatal(kind, err)
	}
	if _, _, _, a := small.At(5, 5).RGBA(); a != 0 {
		t.Error("the edge shows")
	}
	if _, g, _, a := small.At(160, 160).RGBA(); a != 0xffff || !near(g, 200<<8) {
		t.Errorf("the middle is %d", g>>8)
	}
}

func TestAnotherProcessTellsTheSame(t *testing.T) {
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, half(1000, 700), nil); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"a picture": raw.Bytes(), "half of one": raw.Bytes()[:raw.Len()/2], "words": []byte("no picture"), "too large": huge(t)} {
		file := filepath.Join(t.TempDir(), "in")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		in, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Work(in, &out); err != nil {
			t.Fatal(err)
		}
		_ = in.Close()
		want, wantErr := Make(bytes.NewReader(content))
		got, err := Told(out.Bytes())
		if got.Width != want.Width || got.Height != want.Height || !bytes.Equal(got.Screen, want.Screen) || !bytes.Equal(got.Thumb, want.Thumb) || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %dx%d %v, want %dx%d %v", name, got.Width, got.Height, err, want.Width, want.Height, wantErr)
		}
	}
}

// huge is the head of a picture that would take gigabytes.
func huge(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	copy(raw[16:], []byte{0, 0, 0x60, 0, 0, 0, 0x60, 0})
	return raw
}
