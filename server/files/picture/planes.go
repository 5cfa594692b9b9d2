package picture

import (
	"image"
	"math"
)

// planes is a picture as JPEG keeps it: brightness, and two planes of colour at half the size, or none.
type planes struct {
	width, height int
	y, cb, cr     plane
}

type plane struct {
	pix                   []byte
	stride, width, height int
}

// planesOf takes a picture apart that consists of planes already.
func planesOf(m image.Image) (planes, bool) {
	b := m.Bounds()
	p := planes{width: b.Dx(), height: b.Dy()}
	switch m := m.(type) {
	case *image.Gray:
		p.y = plane{m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, p.width, p.height}
	case *image.YCbCr:
		p.y = plane{m.Y[m.YOffset(b.Min.X, b.Min.Y):], m.YStride, p.width, p.height}
		at := m.COffset(b.Min.X, b.Min.Y)
		w, h := chroma(m.SubsampleRatio, p.width, p.height)
		p.cb, p.cr = plane{m.Cb[at:], m.CStride, w, h}, plane{m.Cr[at:], m.CStride, w, h}
	default:
		return p, false
	}
	return p, true
}

// image is the picture again.
func (p planes) image() image.Image {
	r := image.Rect(0, 0, p.width, p.height)
	if p.cb.pix == nil {
		return &image.Gray{Pix: p.y.pix, Stride: p.y.stride, Rect: r}
	}
	return &image.YCbCr{Y: p.y.pix, Cb: p.cb.pix, Cr: p.cr.pix, YStride: p.y.stride, CStride: p.cb.stride, SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: r}
}

// sized makes the picture smaller, or brings its colours to half the size.
func (p planes) sized(width, height int) planes {
	out := planes{width: width, height: height, y: p.y.sized(width, height)}
	if p.cb.pix != nil {
		w, h := (width+1)/2, (height+1)/2
		out.cb, out.cr = p.cb.sized(w, h), p.cr.sized(w, h)
	}
	return out
}

// turned stands the picture upright as its camera says.
func (p planes) turned(turn int) planes {
	if turn < 2 || turn > 8 {
		return p
	}
	out := planes{width: p.width, height: p.height, y: p.y.turned(turn)}
	if turn >= 5 {
		out.width, out.height = p.height, p.width
	}
	if p.cb.pix != nil {
		out.cb, out.cr = p.cb.turned(turn), p.cr.turned(turn)
	}
	return out
}

func (p plane) turned(turn int) plane {
	out := plane{width: p.width, height: p.height}
	if turn >= 5 {
		out.width, out.height = p.height, p.width
	}
	out.stride, out.pix = out.width, make([]byte, out.width*out.height)
	// Where the first pixel comes from, and how far the next one to the right and below are from it.
	right, down := p.width-1, (p.height-1)*p.stride
	from, across, along := 0, 1, p.stride
	switch turn {
	case 2:
		from, across = right, -1
	case 3:
		from, across, along = right+down, -1, -p.stride
	case 4:
		from, along = down, -p.stride
	case 5:
		across, along = p.stride, 1
	case 6:
		from, across, along = down, -p.stride, 1
	case 7:
		from, across, along = right+down, -p.stride, -1
	case 8:
		from, across, along = right, p.stride, -1
	}
	for y := range out.height {
		at := from + y*along
		for x := range out.width {
			out.pix[y*out.stride+x] = p.pix[at]
			at += across
		}
	}
	return out
}

// sized brings a plane to another size, each sample from all those that it stands for and their neighbours.
func (p plane) sized(width, height int) plane {
	if p.width == width && p.height == height {
		return p
	}
	across, down := weightsOf(p.width, width), weightsOf(p.height, height)
	out := plane{pix: make([]byte, width*height), stride: width, width: width, height: height}
	// The rows that the next one is made of, brought to the width before.
	rows := make([][]byte, min(down.taps+1, p.height))
	have := make([]int, len(rows))
	for i := range rows {
		rows[i], have[i] = make([]byte, width), -1
	}
	sums := make([]int32, width)
	for y := range height {
		for x := range sums {
			sums[x] = 1 << 13
		}
		for i, w := range down.of(y) {
			if w == 0 {
				continue
			}
			from := min(down.from[y]+i, p.height-1)
			slot := from % len(rows)
			if have[slot] != from {
				across.row(rows[slot], p.pix[from*p.stride:][:p.width])
				have[slot] = from
			}
			for x, v := range rows[slot] {
				sums[x] += w * int32(v)
			}
		}
		line := out.pix[y*width:][:width]
		for x, s := range sums {
			line[x] = byte(s >> 14) //nolint:gosec // weights make one in all
		}
	}
	return out
}

// weights says of each sample of a line of which ones it is made, and by how much: a triangle as wide as what it stands
// for, and as two samples at least. The weights of a sample make 1<<14.
type weights struct {
	taps int
	from []int
	w    []int32
}

func (t *weights) of(i int) []int32 { return t.w[i*t.taps:][:t.taps] }

func weightsOf(from, to int) *weights {
	scale := float64(from) / float64(to)
	reach := max(scale, 1)
	t := &weights{taps: int(2*reach) + 2, from: make([]int, to)}
	t.w = make([]int32, to*t.taps)
	exact := make([]float64, t.taps)
	for i := range to {
		middle := (float64(i)+0.5)*scale - 0.5
		first := max(0, int(math.Floor(middle-reach))+1)
		all := 0.0
		for j := range exact {
			exact[j] = 0
			if at := first + j; at < from {
				exact[j] = max(0, 1-math.Abs(float64(at)-middle)/reach)
			}
			all += exact[j]
		}
		t.from[i] = first
		w, rest, most := t.of(i), int32(1<<14), 0
		for j, e := range exact {
			w[j] = int32(e/all*(1<<14) + 0.5)
			rest -= w[j]
			if w[j] > w[most] {
				most = j
			}
		}
		w[most] += rest
	}
	return t
}

// row makes a line of another width.
func (t *weights) row(to, from []byte) {
	for x := range to {
		sum, at := int32(1<<13), t.from[x]
		for i, w := range t.of(x)[:min(t.taps, len(from)-at)] {
			sum += w * int32(from[at+i])
		}
		to[x] = byte(sum >> 14) //nolint:gosec // as above
	}
}
