package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"
)

// hills is a picture with something everywhere, as cameras see it.
func hills(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			wave := func(a, b float64) uint8 { return uint8(128 + 100*math.Sin(float64(x)/a)*math.Cos(float64(y)/b)) }
			m.SetRGBA(x, y, color.RGBA{wave(31, 47), wave(67, 23), uint8(x * 255 / width), 255})
		}
	}
	return m
}

func encoded(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// apart is how much two pictures of one size differ in the mean of all samples, and at most.
func apart(a, b image.Image) (mean, most float64) {
	r, n := a.Bounds(), 0
	for y := range r.Dy() {
		for x := range r.Dx() {
			ar, ag, ab, _ := a.At(x, y).RGBA()
			br, bg, bb, _ := b.At(x, y).RGBA()
			for _, d := range []float64{float64(ar) - float64(br), float64(ag) - float64(bg), float64(ab) - float64(bb)} {
				d = math.Abs(d) / 257
				mean, most, n = mean+d, max(most, d), n+1
			}
		}
	}
	return mean / float64(n), most
}

func TestAPhotographIsReadAtTheSizeAtWhichItIsShown(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 803, 601))
	for i := range gray.Pix {
		gray.Pix[i] = uint8(128 + 90*math.Sin(float64(i%803)/40)*math.Cos(float64(i/803)/30))
	}
	for name, m := range map[string]image.Image{"colours": hills(803, 601), "grey": gray, "one unit": hills(16, 16), "odd": hills(17, 31)} {
		raw := encoded(t, m)
		for _, side := range []int{4, 2, 1} {
			b := m.Bounds()
			small, err := reduced(bytes.NewReader(raw), b.Dx(), b.Dy(), max(b.Dx(), b.Dy())*side/8)
			if err != nil {
				t.Fatalf("%s at %d: %v", name, side, err)
			}
			if got, want := small.Bounds().Size(), image.Pt((b.Dx()*side+7)/8, (b.Dy()*side+7)/8); got != want {
				t.Fatalf("%s at %d: %v, want %v", name, side, got, want)
			}
			whole, err := jpeg.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			// As the mean of what each pixel stands for, but for the margin.
			inside := image.Rect(0, 0, b.Dx()*side/8, b.Dy()*side/8)
			if mean, most := apart(cropped{small, inside}, shrink(whole, 8/side)); mean > 3 || most > 40 {
				t.Errorf("%s at %d: %.2f apart, %.0f at most", name, side, mean, most)
			}
		}
	}
}

// cropped is a picture without its margin.
type cropped struct {
	image.Image
	r image.Rectangle
}

func (c cropped) Bounds() image.Rectangle { return c.r }

func TestWhatIsNotQuiteUsualIsLeftToTheLibrary(t *testing.T) {
	raw := encoded(t, hills(400, 300))
	at := func(marker byte) int { return bytes.Index(raw, []byte{0xff, marker}) }
	change := func(where int, to byte) []byte {
		b := bytes.Clone(raw)
		b[where] = to
		return b
	}
	for name, b := range map[string][]byte{
		"progressive":          change(at(0xc0)+1, 0xc2),
		"twelve bits":          change(at(0xc0)+4, 12),
		"strange planes":       change(at(0xc0)+11, 0x31),
		"halves of a scan":     change(at(0xda)+4, 1),
		"an end in the middle": raw[:len(raw)/2],
		"only a head":          raw[:at(0xda)],
		"nothing":              nil,
		"a code that is none":  append(bytes.Clone(raw[:at(0xda)+14]), bytes.Repeat([]byte{0xff, 0}, 4000)...),
	} {
		if m, err := reduced(bytes.NewReader(b), 400, 300, 100); err == nil {
			t.Errorf("%s was read: %v", name, m.Bounds())
		}
	}
	if _, err := reduced(bytes.NewReader(raw), 400, 300, 399); err == nil {
		t.Error("there is nothing to spare")
	}
}

func TestPlanesTurnAsPicturesDo(t *testing.T) {
	m := image.NewYCbCr(image.Rect(0, 0, 40, 24), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = uint8(i * 7)
	}
	p, _ := planesOf(m)
	for turn := range 10 {
		got := p.turned(turn).y
		want := turned(grey(m), turn)
		if got.width != want.Bounds().Dx() || got.height != want.Bounds().Dy() {
			t.Fatalf("%d: %d by %d", turn, got.width, got.height)
		}
		for y := range got.height {
			for x := range got.width {
				if got.pix[y*got.stride+x] != want.NRGBAAt(x, y).R {
					t.Fatalf("%d at %d, %d", turn, x, y)
				}
			}
		}
	}
}

func grey(m *image.YCbCr) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			v := m.Y[m.YOffset(x, y)]
			out.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	return out
}

func TestAPlaneOfOneToneKeepsItAtAnySize(t *testing.T) {
	for _, from := range []int{1, 2, 3, 7, 100, 1999} {
		p := plane{pix: bytes.Repeat([]byte{201}, from*from), stride: from, width: from, height: from}
		for _, to := range []int{1, 2, 3, 50, 100, 150} {
			for _, v := range p.sized(to, to).pix {
				if v != 201 {
					t.Fatalf("%d to %d: %d", from, to, v)
				}
			}
		}
	}
}

func FuzzReduced(f *testing.F) {
	f.Add(encoded(f, hills(40, 33)), 5)
	f.Add(encoded(f, image.NewGray(image.Rect(0, 0, 20, 9))), 10)
	f.Fuzz(func(t *testing.T, raw []byte, least int) {
		c, err := jpeg.DecodeConfig(bytes.NewReader(raw))
		if err != nil || c.Width*c.Height > 1<<20 {
			return
		}
		m, err := reduced(bytes.NewReader(raw), c.Width, c.Height, least)
		if err != nil {
			return
		}
		if _, ok := planesOf(m); !ok || m.Bounds().Empty() {
			t.Errorf("%v", m.Bounds())
		}
		p := Picture{pixels: m}
		if err := p.Write(&bytes.Buffer{}, 16); err != nil {
			t.Error(err)
		}
	})
}
