package attention

import (
	"context"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"sendjay/desktop/desktoptest/screen"
	"sendjay/shared/protocol"
)

// soon is the age of an input that counts in these tests.
const soon = 100 * time.Millisecond

// calling is a source that hands on what it is told.
func calling(t *testing.T, from source) <-chan sign {
	t.Helper()
	heard, ended := make(chan sign, 64), make(chan struct{})
	go func() {
		defer close(ended)
		from.watch(func(s sign) { heard <- s })
	}()
	t.Cleanup(func() { from.close(); <-ended })
	return heard
}

func TestTheXServerCallsWhenSomebodyGoesAndComesBackAndFillsTheScreen(t *testing.T) {
	s := screen.Start(t)
	t.Setenv("DISPLAY", s.Name)
	x := dialX([]time.Duration{soon})
	if x == nil {
		t.Fatal("no X server that tells")
	}
	if !x.calls() {
		t.Fatal("the X server has to be asked")
	}
	heard := calling(t, x)
	until := func(right func(age time.Duration) bool) {
		t.Helper()
		for {
			age, known := x.since()
			if !known {
				t.Fatal("it does not tell any more")
			}
			if right(age) {
				return
			}
			await(t, heard, inputMoved)
		}
	}
	for range 3 {
		until(func(age time.Duration) bool { return age >= soon })
		for len(heard) > 0 {
			<-heard // of going away
		}
		s.Run("xdotool", "mousemove_relative", "3", "3")
		await(t, heard, inputMoved) // is back
	}
	until(func(age time.Duration) bool { return age >= soon })
	for len(heard) > 0 {
		<-heard
	}

	whoFillsTheScreenHoldsNotifications(t, s)

	// From here on nobody is there, so that all that comes is of the window.
	next := func(want sign) { t.Helper(); await(t, heard, want) }
	w := open(t, s)
	s.Run("xdotool", "windowactivate", "--sync", w.name)
	w.fill(true)
	next(fullNow)
	w.fill(false)
	next(fullNoMore)
	w.fill(true)
	next(fullNow)
	w.close() // who goes while he fills the screen fills it no longer
	next(fullNoMore)
}

// whoFillsTheScreenHoldsNotifications looks at the record that goes out, with nobody's help but the system's.
func whoFillsTheScreenHoldsNotifications(t *testing.T, s *screen.Screen) {
	t.Helper()
	records := make(chan protocol.Attention, 64)
	m := New(Config{Changed: func(a protocol.Attention) { records <- a }})
	m.Hold(false, true)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); m.Run(ctx) }()
	defer func() { stop(); <-ended }()
	held := func(want bool) {
		t.Helper()
		for a := range records {
			if a.Held == want {
				return
			}
		}
	}
	w := open(t, s)
	s.Run("xdotool", "windowactivate", "--sync", w.name)
	w.fill(true)
	held(true)
	m.Hold(false, false) // the person wants to be told all the same
	held(false)
	m.Hold(false, true)
	held(true)
	w.close()
	held(false)
}

// slides is a window of another program.
type slides struct {
	t    *testing.T
	conn *xgb.Conn
	root xproto.Window
	id   xproto.Window
	name string // its number, for tools
}

func open(t *testing.T, s *screen.Screen) *slides {
	t.Helper()
	conn, err := xgb.NewConn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	id, err := xproto.NewWindowId(conn)
	if err != nil {
		t.Fatal(err)
	}
	at := xproto.Setup(conn).DefaultScreen(conn)
	const class = "slides"
	w := &slides{t: t, conn: conn, root: at.Root, id: id}
	w.did(xproto.CreateWindowChecked(conn, at.RootDepth, id, at.Root, 10, 10, 300, 200, 0, xproto.WindowClassInputOutput, at.RootVisual, 0, nil).Check())
	w.did(xproto.ChangePropertyChecked(conn, xproto.PropModeReplace, id, xproto.AtomWmClass, xproto.AtomString, 8, uint32(2*len(class)+2), []byte(class+"\x00"+class+"\x00")).Check())
	w.did(xproto.MapWindowChecked(conn, id).Check())
	w.name = s.Window(class)
	return w
}

func (w *slides) did(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *slides) atom(name string) uint32 {
	w.t.Helper()
	reply, err := xproto.InternAtom(w.conn, false, uint16(len(name)), name).Reply()
	w.did(err)
	return uint32(reply.Atom)
}

// fill asks the window manager to let the window fill the screen, or no longer.
func (w *slides) fill(on bool) {
	w.t.Helper()
	want := uint32(0)
	if on {
		want = 1
	}
	ask := xproto.ClientMessageEvent{
		Format: 32, Window: w.id, Type: xproto.Atom(w.atom(windowState)),
		Data: xproto.ClientMessageDataUnionData32New([]uint32{want, w.atom(fillsTheScreen), 0, 1, 0}),
	}
	w.did(xproto.SendEventChecked(w.conn, false, w.root, xproto.EventMaskSubstructureRedirect|xproto.EventMaskSubstructureNotify, string(ask.Bytes())).Check())
}

func (w *slides) close() { w.t.Helper(); w.did(xproto.DestroyWindowChecked(w.conn, w.id).Check()) }

func TestWithoutAnXServerNothingIsKnownOfIt(t *testing.T) {
	t.Setenv("DISPLAY", ":none")
	if x := dialX([]time.Duration{soon}); x != nil {
		t.Error("it knows")
	}
}
