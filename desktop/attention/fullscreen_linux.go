package attention

import (
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// The properties by which a window manager tells which window is in front and whether it fills the screen (Extended Window
// Manager Hints).
const (
	activeWindow    = "_NET_ACTIVE_WINDOW"
	windowState     = "_NET_WM_STATE"
	fillsTheScreen  = "_NET_WM_STATE_FULLSCREEN"
	mostWindowState = 64 // more states than there are
)

// fullScreen knows whether the window in front fills the screen. It belongs to the goroutine that reads events.
type fullScreen struct {
	conn               *xgb.Conn
	root, front        xproto.Window
	active, state, all xproto.Atom
	is                 bool
}

// newFullScreen listens to the root window's properties.
func newFullScreen(conn *xgb.Conn, root xproto.Window) *fullScreen {
	f := &fullScreen{conn: conn, root: root}
	for name, to := range map[string]*xproto.Atom{activeWindow: &f.active, windowState: &f.state, fillsTheScreen: &f.all} {
		if reply, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply(); err == nil {
			*to = reply.Atom
		}
	}
	f.listen(root, xproto.EventMaskPropertyChange)
	return f
}

func (f *fullScreen) listen(w xproto.Window, mask uint32) {
	// A window that is gone by now has no properties either, and fills nothing.
	_ = xproto.ChangeWindowAttributesChecked(f.conn, w, xproto.CwEventMask, []uint32{mask}).Check()
}

// moved reports whether an event tells of the window in front. Not every window manager says that none is in front when the
// last one goes, so its end is heard from the window itself.
func (f *fullScreen) moved(event xgb.Event) bool {
	switch e := event.(type) {
	case xproto.PropertyNotifyEvent:
		return e.Window == f.root && e.Atom == f.active || e.Window == f.front && e.Atom == f.state
	case xproto.DestroyNotifyEvent:
		return e.Window == f.front
	}
	return false
}

// look reads both properties and reports what has changed.
func (f *fullScreen) look(report func(sign)) {
	front := xproto.Window(0)
	if ids := f.property(f.root, f.active, xproto.AtomWindow, 1); len(ids) > 0 {
		front = xproto.Window(ids[0])
	}
	if front != f.front {
		f.front = front
		if front != 0 && front != f.root {
			f.listen(front, xproto.EventMaskPropertyChange|xproto.EventMaskStructureNotify)
		}
	}
	is := false
	if front != 0 {
		for _, atom := range f.property(front, f.state, xproto.AtomAtom, mostWindowState) {
			is = is || xproto.Atom(atom) == f.all
		}
	}
	if is == f.is {
		return
	}
	f.is = is
	if is {
		report(fullNow)
	} else {
		report(fullNoMore)
	}
}

// property returns the 32 bit words of a property, none where there is no such thing.
func (f *fullScreen) property(w xproto.Window, name, kind xproto.Atom, most uint32) (all []uint32) {
	reply, err := xproto.GetProperty(f.conn, false, w, name, kind, 0, most).Reply()
	if err != nil || reply == nil || reply.Format != 32 {
		return nil
	}
	for i := 0; i+4 <= len(reply.Value); i += 4 {
		all = append(all, xgb.Get32(reply.Value[i:]))
	}
	return all
}
