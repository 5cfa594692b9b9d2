package sessionbus

import (
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = dbus.ObjectPath("/StatusNotifierWatcher")
	itemName    = "org.kde.StatusNotifierItem"
)

// Host is a panel with a place for tray icons.
type Host struct {
	t     testing.TB
	conn  *dbus.Conn
	props *prop.Properties
	items chan *Item
	shown *Item // the last one, which is listened to
}

// Host puts a panel into the session.
func (b *Bus) Host(t testing.TB) *Host {
	t.Helper()
	h := &Host{t: t, conn: b.Connect(t), items: make(chan *Item, 16)}
	if err := h.conn.Export(watcher{h}, watcherPath, watcherName); err != nil {
		t.Fatal(err)
	}
	var err error
	h.props, err = prop.Export(h.conn, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitFalse},
		"ProtocolVersion":                {Value: int32(0), Emit: prop.EmitFalse},
		"RegisteredStatusNotifierItems":  {Value: []string{}, Emit: prop.EmitFalse},
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.Return()
	return h
}

type watcher struct{ h *Host }

// RegisterStatusNotifierItem is called by a program that wants an icon: with a bus name, or with a
// path on its own connection.
func (w watcher) RegisterStatusNotifierItem(service string, sender dbus.Sender) *dbus.Error {
	at, path := service, dbus.ObjectPath("/StatusNotifierItem")
	if strings.HasPrefix(service, "/") {
		at, path = string(sender), dbus.ObjectPath(service)
	}
	select {
	case w.h.items <- &Item{t: w.h.t, conn: w.h.conn, at: at, object: w.h.conn.Object(at, path)}:
	default:
		w.h.t.Error("more icons than this panel has room for")
	}
	return nil
}

func (w watcher) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

// Shows says whether a panel shows what is in the list of icons, which may be kept without one.
func (h *Host) Shows(is bool) {
	h.props.SetMust(watcherName, "IsStatusNotifierHostRegistered", is)
}

// Leave takes the panel away, as when it crashes.
func (h *Host) Leave() {
	h.t.Helper()
	if _, err := h.conn.ReleaseName(watcherName); err != nil {
		h.t.Fatal(err)
	}
}

// Return brings the panel (back).
func (h *Host) Return() {
	h.t.Helper()
	own(h.t, h.conn, watcherName)
}

// Item waits for the next icon to register.
func (h *Host) Item() *Item {
	h.t.Helper()
	select {
	case i := <-h.items:
		if h.shown != nil {
			h.shown.leave()
		}
		h.shown = i
		i.listen()
		return i
	case <-time.After(patience):
		h.t.Fatal("no icon came into the tray")
		return nil
	}
}
