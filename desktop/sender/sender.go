// Package sender knows whose word a signal of a bus is: every program on it can say everything, to all or to one alone.
// It knows the names of a bus and who owns them; it does not know what is said.
package sender

import (
	"context"
	"errors"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	bus     = "org.freedesktop.DBus"
	changed = "NameOwnerChanged"
)

// askWithin bounds a question to a bus that hangs.
const askWithin = 5 * time.Second

// Names are some names of a bus and who owns them. They belong to the goroutine that hears the signals, and must hear all of
// them in their order: then an owner is known before what it says.
type Names struct {
	owners map[string]string
}

// Of asks who owns these names, and the bus to tell when that changes. Signals have to be taken in by then.
func Of(ctx context.Context, conn *dbus.Conn, names ...string) (*Names, error) {
	n := &Names{owners: map[string]string{}}
	var failed error
	for _, name := range names {
		n.owners[name] = ""
		failed = errors.Join(failed, conn.AddMatchSignalContext(ctx,
			dbus.WithMatchSender(bus), dbus.WithMatchInterface(bus), dbus.WithMatchMember(changed), dbus.WithMatchArg(0, name)))
		n.owners[name] = Owner(ctx, conn, name)
	}
	return n, failed
}

// Owner asks who owns a name, "" for nobody.
func Owner(ctx context.Context, conn *dbus.Conn, name string) (owner string) {
	ctx, stop := context.WithTimeout(ctx, askWithin)
	defer stop()
	if conn.BusObject().CallWithContext(ctx, bus+".GetNameOwner", 0, name).Store(&owner) != nil {
		return ""
	}
	return owner
}

// Heard takes a signal in. It returns the name that has another owner since, and who that is; "" when the signal says nothing of
// the kind.
func (n *Names) Heard(s *dbus.Signal) (name, owner string) {
	if s.Sender != bus || s.Name != bus+"."+changed || len(s.Body) != 3 {
		return "", ""
	}
	name, _ = s.Body[0].(string)
	if _, watched := n.owners[name]; !watched {
		return "", ""
	}
	owner, _ = s.Body[2].(string)
	n.owners[name] = owner
	return name, owner
}

// Says reports whether a signal is the word of who owns the name.
func (n *Names) Says(name string, s *dbus.Signal) bool {
	return s.Sender != "" && n.owners[name] == s.Sender
}
