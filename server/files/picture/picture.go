// Package picture reads pictures and makes smaller ones of them, upright and without what cameras write into them.
// It knows pixels; it does not know files, people or who may see what.
// Pictures that would take too much memory are refused by their first bytes, before they are unfolded.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/disintegration/imaging"
	_ "golang.org/x/image/webp" // knows how to read it
)

// The longer sides of the two small sizes.
const (
	ThumbSide  = 320
	ScreenSide = 1600
)

// memory is the most that the pixels of one picture may take: a 50-megapixel photograph fits.
const memory = 192 << 20

// side is the longest side of a picture that is read.
const side = 30_000

// The reasons why a picture is not read.
var (
	ErrLarge = errors.New("the picture is too large to be looked at")
	ErrKind  = errors.New("not a picture")
)

// Picture is a picture that was read. Width and Height are those of the upright original.
type Picture struct {
	Width, Height int
	Animated      bool
	pixels        image.Image
	turn          int
}

// head is how much is read to find out size and orientation.
const head = 256 << 10

// Read reads a picture. Also with an error it returns what is known by then.
func Read(r io.ReadSeeker) (Picture, error) {
	first, err := io.ReadAll(io.LimitReader(r, head))
	if err != nil {
		return Picture{}, err
	}
	c, kind, err := image.DecodeConfig(bytes.NewReader(first))
	if err != nil {
		return Picture{}, fmt.Errorf("%w: %w", ErrKind, err)
	}
	var p Picture
	p.Animated = kind == "gif" || kind == "webp" && bytes.Contains(first[:min(len(first), 64)], []byte("ANIM"))
	perPixel := int64(4)
	switch {
	case kind == "jpeg":
		perPixel = 3
	case kind == "png" && len(first) > 24 && first[24] == 16: // two bytes a colour
		perPixel = 8
	}
	if c.Width < 1 || c.Height < 1 || c.Width > side || c.Height > side || int64(c.Width)*int64(c.Height)*perPixel > memory {
		return Picture{}, ErrLarge
	}
	p.Width, p.Height = c.Width, c.Height
	switch kind {
	case "jpeg":
		p.turn = orientation(first)
	case "png":
		p.turn = orientationPNG(first)
	}
	if p.turn >= 5 {
		p.Width, p.Height = p.Height, p.Width
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return p, err
	}
	if kind == "jpeg" {
		if p.pixels, err = reduced(r, c.Width, c.Height, ScreenSide); err == nil {
			return p, nil
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return p, err
		}
	}
	if kind == "gif" {
		p.pixels, err = gif.Decode(r) // the first frame
	} else {
		p.pixels, _, err = image.Decode(r)
	}
	if err != nil {
		return p, fmt.Errorf("%w: %w", ErrKind, err)
	}
	return p, nil
}

// Write writes the picture with no side longer than longest: as PNG where something shines through, else as JPEG.
func (p *Picture) Write(w io.Writer, longest int) error {
	b := p.pixels.Bounds()
	width, height := b.Dx(), b.Dy()
	if width >= height && width > longest {
		width, height = longest, max(1, height*longest/width)
	} else if height > longest {
		width, height = max(1, width*longest/height), longest
	}
	// Large steps by means, the last one well; and from the size just made the next smaller one is made fast. What JPEG
	// keeps in planes stays so.
	if planes, ok := planesOf(shrink(p.pixels, b.Dx()/width)); ok {
		planes = planes.sized(width, height)
		p.pixels = planes.image()
		return jpeg.Encode(w, planes.turned(p.turn).image(), &jpeg.Options{Quality: 82})
	}
	out := imaging.Resize(shrink(p.pixels, b.Dx()/width), width, height, imaging.Linear)
	p.pixels = out
	upright := turned(out, p.turn)
	if upright.Opaque() {
		// Where nothing shines through both kinds of pixels are the same bytes, and the encoder is fast with one of them.
		return jpeg.Encode(w, &image.RGBA{Pix: upright.Pix, Stride: upright.Stride, Rect: upright.Rect}, &jpeg.Options{Quality: 82})
	}
	return png.Encode(w, upright)
}

// turned stands a picture upright as its camera says.
func turned(p *image.NRGBA, turn int) *image.NRGBA {
	switch turn {
	case 2:
		return imaging.FlipH(p)
	case 3:
		return imaging.Rotate180(p)
	case 4:
		return imaging.FlipV(p)
	case 5:
		return imaging.Transpose(p)
	case 6:
		return imaging.Rotate270(p)
	case 7:
		return imaging.Transverse(p)
	case 8:
		return imaging.Rotate90(p)
	}
	return p
}

// Square keeps the middle of the picture.
func (p *Picture) Square() {
	b := p.pixels.Bounds()
	side := min(b.Dx(), b.Dy())
	p.pixels = imaging.CropCenter(p.pixels, side, side)
	p.Width, p.Height = side, side
}
