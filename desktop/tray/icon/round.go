package icon

import (
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// line draws a stroke with round ends.
func (c canvas) line(a, b point, width float32, shade color.NRGBA) {
	dx, dy := b.x-a.x, b.y-a.y
	long := float32(math.Hypot(float64(dx), float64(dy)))
	if long == 0 {
		return
	}
	// The vector from the middle of the stroke to its side.
	nx, ny := -dy/long*width/2, dx/long*width/2
	c.fill([]point{{a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, {b.x - nx, b.y - ny}, {a.x - nx, a.y - ny}}, shade)
	c.disc(a, width/2, shade)
	c.disc(b, width/2, shade)
}

// disc draws a full circle out of four cubic curves.
func (c canvas) disc(m point, radius float32, shade color.NRGBA) {
	const k = 0.5522847 // where the control points of a quarter circle lie
	x, y, r := m.x*c.unit, m.y*c.unit, radius*c.unit
	c.paint(shade, func(v *vector.Rasterizer) {
		v.MoveTo(x+r, y)
		v.CubeTo(x+r, y+k*r, x+k*r, y+r, x, y+r)
		v.CubeTo(x-k*r, y+r, x-r, y+k*r, x-r, y)
		v.CubeTo(x-r, y-k*r, x-k*r, y-r, x, y-r)
		v.CubeTo(x+k*r, y-r, x+r, y-k*r, x+r, y)
		v.ClosePath()
	})
}
