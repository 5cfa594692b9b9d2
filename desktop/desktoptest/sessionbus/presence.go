package sessionbus

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	idleName = "org.gnome.Mutter.IdleMonitor"
	idlePath = dbus.ObjectPath("/org/gnome/Mutter/IdleMonitor/Core")
	lockName = "org.gnome.ScreenSaver"
	lockPath = dbus.ObjectPath("/org/gnome/ScreenSaver")
)

// Presence is what a desktop tells of the person in front of it: the lock of the screen and the time since the last
// input.
type Presence struct {
	t    testing.TB
	conn *dbus.Conn
	idle atomic.Int64
}

// Presence runs a desktop at which somebody types all the time, until the test says otherwise. Programs that are
// started afterwards find it.
func (b *Bus) Presence(t testing.TB) *Presence {
	t.Helper()
	p := &Presence{t: t, conn: b.Connect(t)}
	if err := p.conn.Export(monitor{p}, idlePath, idleName); err != nil {
		t.Fatal(err)
	}
	own(t, p.conn, idleName)
	own(t, p.conn, lockName)
	return p
}

type monitor struct{ p *Presence }

func (m monitor) GetIdletime() (uint64, *dbus.Error) {
	return uint64(time.Duration(m.p.idle.Load()).Milliseconds()), nil
}

// Idle says how long ago the last input was.
func (p *Presence) Idle(d time.Duration) { p.idle.Store(int64(d)) }

// Lock locks the screen, or unlocks it.
func (p *Presence) Lock(on bool) {
	p.t.Helper()
	if err := p.conn.Emit(lockPath, lockName+".ActiveChanged", on); err != nil {
		p.t.Fatal(err)
	}
}
