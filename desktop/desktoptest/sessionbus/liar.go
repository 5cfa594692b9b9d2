package sessionbus

import (
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// Liar is a program that says what only others have to say.
type Liar struct {
	t    testing.TB
	conn *dbus.Conn
}

// Liar lets one onto the bus.
func (b *Bus) Liar(t testing.TB) *Liar { return &Liar{t, b.Connect(t)} }

// Say says something to everybody, and to each one alone.
func (l *Liar) Say(path dbus.ObjectPath, name string, args ...any) {
	l.t.Helper()
	var all []string
	if err := l.conn.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&all); err != nil {
		l.t.Fatal(err)
	}
	for _, to := range append(all, "") {
		if to == "" || strings.HasPrefix(to, ":") {
			if err := signal(l.conn, to, path, name, args...); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

// signal sends a signal to one connection, or to everybody if none is named.
func signal(c *dbus.Conn, to string, path dbus.ObjectPath, name string, args ...any) error {
	dot := strings.LastIndexByte(name, '.')
	m := &dbus.Message{Type: dbus.TypeSignal, Body: args, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldInterface: dbus.MakeVariant(name[:dot]), dbus.FieldMember: dbus.MakeVariant(name[dot+1:]),
		dbus.FieldPath: dbus.MakeVariant(path), dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(args...)),
	}}
	if to != "" {
		m.Headers[dbus.FieldDestination] = dbus.MakeVariant(to)
	}
	return c.Send(m, nil).Err
}
