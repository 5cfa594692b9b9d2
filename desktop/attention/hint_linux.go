package attention

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"

	"sendjay/desktop/sender"
)

// idleHint is what a desktop tells the login manager when nobody was there for a while.
const idleHint = "IdleHint"

// hint is the login manager's word. It is less than a time: while somebody is there, or no desktop says anything, the
// windows' own word counts.
type hint struct {
	conn *dbus.Conn
	path dbus.ObjectPath
}

// dialHint returns nil where there is no login manager that knows our session.
func dialHint() *hint {
	conn, err := dbus.ConnectSystemBus(inOrder())
	if err != nil {
		return nil
	}
	h := &hint{conn, ourSession(context.Background(), conn)}
	if _, ok := h.away(); !ok {
		_ = conn.Close()
		return nil
	}
	return h
}

func (h *hint) away() (away, ok bool) {
	return sessionFlag(context.Background(), h.conn, h.path, idleHint)
}

func (h *hint) since() (time.Duration, bool) {
	away, ok := h.away()
	if !ok || !away {
		return 0, false
	}
	all := ages()
	return all[len(all)-1], true
}

func (h *hint) calls() bool { return true }

func (h *hint) watch(report func(sign)) {
	heard := make(chan *dbus.Signal, 16)
	h.conn.Signal(heard)
	says, err := sender.Of(context.Background(), h.conn, login)
	if err != nil || h.conn.AddMatchSignal(dbus.WithMatchSender(login), dbus.WithMatchObjectPath(h.path), dbus.WithMatchInterface(properties), dbus.WithMatchMember("PropertiesChanged")) != nil {
		return
	}
	report(inputMoved) // whatever was said until now
	for s := range heard {
		says.Heard(s)
		if len(s.Body) < 2 || s.Path != h.path || !says.Says(login, s) {
			continue
		}
		changed, _ := s.Body[1].(map[string]dbus.Variant)
		if _, is := changed[idleHint]; is {
			report(inputMoved)
		}
	}
}

func (h *hint) close() { _ = h.conn.Close() }
