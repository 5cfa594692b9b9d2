package screen

import (
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Look returns a way to count the different colours in a part of the screen, over a connection of its own: a look takes
// milliseconds, where a picture of the whole screen takes what it would measure.
func (s *Screen) Look(x, y, w, h int) (colours func() int) {
	s.t.Helper()
	c, err := xgb.NewConnDisplay(s.Name)
	if err != nil {
		s.t.Fatalf("the display: %v", err)
	}
	s.t.Cleanup(c.Close)
	root := xproto.Drawable(xproto.Setup(c).DefaultScreen(c).Root)
	return func() int {
		s.t.Helper()
		got, err := xproto.GetImage(c, xproto.ImageFormatZPixmap, root, int16(x), int16(y), uint16(w), uint16(h), ^uint32(0)).Reply()
		if err != nil {
			s.t.Fatalf("the display: %v", err)
		}
		seen := map[[3]byte]bool{}
		for i := 0; i+3 < len(got.Data); i += 4 {
			seen[[3]byte(got.Data[i:i+3])] = true
		}
		return len(seen)
	}
}
