// Package icon draws Sendjay's mark, a paper bird, in every state the tray can be in.
// It knows shapes and colours; it knows neither where the icon is shown nor why the state is what it is.
//
// Every state differs by shape as well as by colour: offline is hollow and crossed out, do-not-disturb
// wears a bar, unread wears a number, and a dot stands for messages in muted rooms only.
// The colours keep 3:1 on a white and on a nearly black panel.
package icon

import (
	"image"
	"image/color"
	"image/draw"
	"strconv"

	"golang.org/x/image/vector"
)

// Status is what the icon says.
type Status struct {
	// Offline is set while there is no line to the server.
	Offline bool
	// Unread is the badge: unread messages in rooms that are not muted.
	Unread int
	// Dot is set when only muted rooms have something new.
	Dot bool
	// Quiet is set during do-not-disturb.
	Quiet bool
	// Blank leaves the bird out and the number alone: the other half of a blink. What is unread is always to be seen.
	Blank bool
}

// Canonical returns the status with everything dropped that does not show, so that two equal
// statuses draw the same pixels and an icon is drawn only when it changes.
func (s Status) Canonical() Status {
	s.Unread = min(max(s.Unread, 0), 100)
	s.Dot = s.Dot && s.Unread == 0
	s.Blank = s.Blank && s.Unread > 0
	return s
}

// Badge returns the number as the badge shows it: "" to "99", then "99+".
func (s Status) Badge() string {
	switch n := s.Canonical().Unread; {
	case n == 0:
		return ""
	case n > 99:
		return "99+"
	default:
		return strconv.Itoa(n)
	}
}

// Describe puts s into words, for logs and tests.
func Describe(s Status) string {
	word := "online"
	if s.Offline {
		word = "offline"
	}
	if s.Quiet {
		word += ", do not disturb"
	}
	if b := s.Badge(); b != "" {
		return word + ", " + b + " unread"
	}
	if s.Dot {
		word += ", muted rooms"
	}
	return word
}

// The grid on which everything below is drawn.
const grid = 64

type point struct{ x, y float32 }

type face struct {
	shade   color.NRGBA
	outline []point
}

var (
	wing  = color.NRGBA{0x2f, 0x86, 0xe6, 0xff}
	fold  = color.NRGBA{0x5a, 0xa7, 0xf5, 0xff}
	belly = color.NRGBA{0x1b, 0x66, 0xbd, 0xff}
	faint = color.NRGBA{0x7e, 0x88, 0x94, 0xff}
	loud  = color.NRGBA{0xd1, 0x3d, 0x0a, 0xff}
	hush  = color.NRGBA{0x8a, 0x4b, 0xc9, 0xff}
	paper = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

// bird is folded from four pieces of paper: far wing, near wing, body with tail, head.
var bird = []face{
	{fold, []point{{30, 2}, {46, 28}, {33, 34}}},
	{belly, []point{{2, 37}, {28, 39}, {46, 28}, {38, 54}, {24, 50}}},
	{wing, []point{{8, 8}, {46, 28}, {38, 54}}},
	{fold, []point{{46, 28}, {62, 25}, {42, 42}}},
}

// head is where the head is in bird.
const head = 3

// Draw returns the icon of s with size × size pixels.
func Draw(s Status, size int) *image.NRGBA {
	s = s.Canonical()
	c := canvas{image.NewNRGBA(image.Rect(0, 0, size, size)), float32(size) / grid}
	switch {
	case s.Blank:
	case s.Offline:
		for _, f := range bird {
			c.stroke(f.outline, 3, faint)
		}
		c.line(point{8, 58}, point{58, 6}, 9, color.NRGBA{})
		c.line(point{8, 58}, point{58, 6}, 5, faint)
	default:
		faces := bird
		if n := len(s.Badge()); n == 1 || n == 2 {
			faces = bird[:head] // of which the number leaves a speck
		}
		for _, f := range faces {
			c.fill(f.outline, f.shade)
		}
	}
	if s.Quiet {
		c.disc(point{50, 14}, 14, color.NRGBA{})
		c.disc(point{50, 14}, 12, hush)
		c.fill([]point{{43, 11.5}, {57, 11.5}, {57, 16.5}, {43, 16.5}}, paper)
	}
	if s.Dot {
		c.disc(point{51, 51}, 12, color.NRGBA{})
		c.disc(point{51, 51}, 9, loud)
	}
	if text := s.Badge(); text != "" {
		c.badge(text)
	}
	return c.img
}

// Hard returns the icon of s in Size without half-transparent pixels. The tray library (systray v1.12.2)
// takes the lower byte of every colour, which is right only for what is opaque; panels smooth the edges
// again when they scale the picture down. It is what is shown until all sizes can be.
func Hard(s Status) *image.NRGBA {
	img := Draw(s, Size)
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i+3] < 128 {
			copy(img.Pix[i:i+4], []byte{0, 0, 0, 0})
		} else {
			img.Pix[i+3] = 255
		}
	}
	return img
}

// badge writes text into a rounded plate at the lower right.
func (c canvas) badge(text string) {
	dot := float32(5) // size of one dot of a digit
	if len(text) == 3 {
		dot = 3.5
	}
	w := dot * float32(len(text)*4-1)
	high := dot * 5
	plate := image.Pt(int(max(w+10, high+10)), int(high+9))
	right, bottom := float32(grid), float32(grid)
	left, top := right-float32(plate.X), bottom-float32(plate.Y)
	c.plate(left-3, top-3, right, bottom, 10, color.NRGBA{})
	c.plate(left, top, right, bottom, 8, loud)
	x := left + (float32(plate.X)-w)/2
	y := top + (float32(plate.Y)-high)/2
	for _, r := range text {
		for row, bits := range digits[r] {
			for col := range 3 {
				if bits&(4>>col) == 0 {
					continue
				}
				// Whole pixels, so that no seam shows between two dots.
				a := c.pixel(x+float32(col)*dot, y+float32(row)*dot)
				b := c.pixel(x+float32(col+1)*dot, y+float32(row+1)*dot)
				draw.Draw(c.img, image.Rectangle{a, b}, image.NewUniform(paper), image.Point{}, draw.Src)
			}
		}
		x += 4 * dot
	}
}

// digits are three dots wide and five high, the smallest that stay readable on a 16 px panel.
var digits = map[rune][5]uint8{
	'0': {7, 5, 5, 5, 7}, '1': {2, 6, 2, 2, 7}, '2': {7, 1, 7, 4, 7}, '3': {7, 1, 7, 1, 7}, '4': {5, 5, 7, 1, 1},
	'5': {7, 4, 7, 1, 7}, '6': {7, 4, 7, 5, 7}, '7': {7, 1, 2, 2, 2}, '8': {7, 5, 7, 5, 7}, '9': {7, 5, 7, 1, 7},
	'+': {0, 2, 7, 2, 0},
}

// canvas draws on the grid, whatever the size of the image. A colour without alpha erases.
type canvas struct {
	img  *image.NRGBA
	unit float32
}

// pixel returns the pixel nearest to a place on the grid.
func (c canvas) pixel(x, y float32) image.Point {
	return image.Pt(int(x*c.unit+0.5), int(y*c.unit+0.5))
}

func (c canvas) paint(shade color.NRGBA, trace func(*vector.Rasterizer)) {
	b := c.img.Bounds()
	r := vector.NewRasterizer(b.Dx(), b.Dy())
	trace(r)
	if shade.A != 0 {
		r.Draw(c.img, b, image.NewUniform(shade), image.Point{})
		return
	}
	cut := image.NewAlpha(b)
	r.DrawOp = draw.Src
	r.Draw(cut, b, image.Opaque, image.Point{})
	for i, a := range cut.Pix {
		c.img.Pix[i*4+3] = uint8(int(c.img.Pix[i*4+3]) * (255 - int(a)) / 255)
	}
}

func (c canvas) fill(outline []point, shade color.NRGBA) {
	c.paint(shade, func(r *vector.Rasterizer) {
		r.MoveTo(outline[0].x*c.unit, outline[0].y*c.unit)
		for _, p := range outline[1:] {
			r.LineTo(p.x*c.unit, p.y*c.unit)
		}
		r.ClosePath()
	})
}

func (c canvas) stroke(outline []point, width float32, shade color.NRGBA) {
	for i, p := range outline {
		c.line(p, outline[(i+1)%len(outline)], width, shade)
	}
}

func (c canvas) plate(left, top, right, bottom, radius float32, shade color.NRGBA) {
	u := c.unit
	c.paint(shade, func(r *vector.Rasterizer) {
		r.MoveTo((left+radius)*u, top*u)
		r.LineTo((right-radius)*u, top*u)
		r.QuadTo(right*u, top*u, right*u, (top+radius)*u)
		r.LineTo(right*u, (bottom-radius)*u)
		r.QuadTo(right*u, bottom*u, (right-radius)*u, bottom*u)
		r.LineTo((left+radius)*u, bottom*u)
		r.QuadTo(left*u, bottom*u, left*u, (bottom-radius)*u)
		r.LineTo(left*u, (top+radius)*u)
		r.QuadTo(left*u, top*u, (left+radius)*u, top*u)
		r.ClosePath()
	})
}
