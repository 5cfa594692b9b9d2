package sessionbus

import (
	"image"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// Item is a tray icon as its panel sees it.
type Item struct {
	t      testing.TB
	conn   *dbus.Conn
	at     string
	object dbus.BusObject
	moved  chan struct{} // holds one while there was a signal since the last look
	leave  func()
}

// listen takes in every signal at once: the library starts a goroutine for each that finds its channel full.
func (i *Item) listen() {
	i.moved = make(chan struct{}, 1)
	signals, over := make(chan *dbus.Signal, 256), make(chan struct{})
	i.conn.Signal(signals)
	i.leave = func() {
		i.conn.RemoveSignal(signals)
		close(over)
		_ = i.conn.RemoveMatchSignal(dbus.WithMatchSender(i.at)) // its program may be gone, and the bus with it
	}
	go func() {
		for {
			select {
			case s := <-signals:
				if s == nil { // the connection ended
					return
				}
			case <-over:
				return
			}
			select {
			case i.moved <- struct{}{}:
			default:
			}
		}
	}()
	if err := i.conn.AddMatchSignal(dbus.WithMatchSender(i.at)); err != nil {
		i.t.Fatal(err)
	}
}

func (i *Item) property(name string) dbus.Variant {
	i.t.Helper()
	v, err := i.object.GetProperty(itemName + "." + name)
	if err != nil {
		i.t.Fatalf("property %s: %v", name, err)
	}
	return v
}

// ID returns the name under which a panel remembers the icon.
func (i *Item) ID() string { i.t.Helper(); return i.property("Id").Value().(string) }

// Tooltip returns the text shown while the mouse rests on the icon.
func (i *Item) Tooltip() string {
	i.t.Helper()
	var tip struct {
		Icon  string
		Pix   []pixmap
		Title string
		Text  string
	}
	if err := i.property("ToolTip").Store(&tip); err != nil {
		i.t.Fatal(err)
	}
	return tip.Title
}

type pixmap struct {
	W, H int32
	ARGB []byte
}

// Icons returns the pictures of which a panel takes one.
func (i *Item) Icons() (pictures []*image.NRGBA) {
	i.t.Helper()
	var all []pixmap
	if err := i.property("IconPixmap").Store(&all); err != nil {
		i.t.Fatal(err)
	}
	if len(all) == 0 {
		i.t.Fatal("the icon has no picture")
	}
	for _, p := range all {
		img := image.NewNRGBA(image.Rect(0, 0, int(p.W), int(p.H)))
		for n := range int(p.W * p.H) {
			copy(img.Pix[n*4:], []byte{p.ARGB[n*4+1], p.ARGB[n*4+2], p.ARGB[n*4+3], p.ARGB[n*4]})
		}
		pictures = append(pictures, img)
	}
	return pictures
}

// Click is a click with the left button.
func (i *Item) Click() {
	i.t.Helper()
	if err := i.object.Call(itemName+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		i.t.Fatal(err)
	}
}

// Await waits until ready holds; it looks again at every signal of the icon's program.
func (i *Item) Await(what string, ready func() bool) {
	i.t.Helper()
	late := time.After(patience)
	for !ready() {
		select {
		case <-i.moved:
		case <-late:
			i.t.Fatalf("waited in vain for %s; tooltip %q, menu %v", what, i.Tooltip(), i.Menu().Labels())
		}
	}
}
