package attention

import (
	"context"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"sendjay/desktop/sender"
)

// GNOME's compositor counts the time since the last input, and calls whoever has asked for it.
const (
	mutterName  = "org.gnome.Mutter.IdleMonitor"
	mutterPath  = dbus.ObjectPath("/org/gnome/Mutter/IdleMonitor/Core")
	watchFired  = mutterName + ".WatchFired"
	asksMutter  = 2 * time.Second
	mutterQueue = 16
)

// mutter is one connection to it.
type mutter struct {
	conn  *dbus.Conn
	ages  []time.Duration
	heard chan *dbus.Signal
	says  *sender.Names

	mu   sync.Mutex // guards the fields below
	ours map[uint32]bool
	back uint32 // the watch for the next input, 0 for none
	well bool   // it calls
}

// dialMutter returns nil where there is no such compositor. It calls at these ages of the last input.
func dialMutter(ages []time.Duration) *mutter {
	conn := sessionBus()
	if conn == nil {
		return nil
	}
	m := &mutter{conn: conn, ages: ages, heard: make(chan *dbus.Signal, mutterQueue)}
	if _, known := m.since(); !known {
		_ = conn.Close()
		return nil
	}
	conn.Signal(m.heard)
	var err error
	m.says, err = sender.Of(context.Background(), conn, mutterName)
	well := err == nil && conn.AddMatchSignal(dbus.WithMatchSender(mutterName), dbus.WithMatchInterface(mutterName), dbus.WithMatchMember("WatchFired")) == nil
	m.begin(well)
	return m
}

// begin asks to be called at each of the ages that count.
func (m *mutter) begin(well bool) {
	ours := map[uint32]bool{}
	for _, age := range m.ages {
		var id uint32
		well = well && m.call("AddIdleWatch", uint64(age.Milliseconds())).Store(&id) == nil
		ours[id] = true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ours, m.back, m.well = ours, 0, well
}

func (m *mutter) call(method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(context.Background(), asksMutter)
	defer cancel()
	return m.conn.Object(mutterName, mutterPath).CallWithContext(ctx, mutterName+"."+method, dbus.FlagNoAutoStart, args...)
}

func (m *mutter) calls() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.well
}

func (m *mutter) since() (time.Duration, bool) {
	var ms uint64
	err := m.call("GetIdletime").Store(&ms)
	age := time.Duration(ms) * time.Millisecond
	if err == nil && age >= m.ages[0] && m.awaitBack() {
		err = m.call("GetIdletime").Store(&ms) // an input between the question and the watch would be missed
		age = time.Duration(ms) * time.Millisecond
	}
	return age, err == nil
}

// awaitBack asks to be told of the next input, which is told once. The lock is held meanwhile, so that the call is not heard
// before the watch is known as ours.
func (m *mutter) awaitBack() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	var id uint32
	if !m.well || m.back != 0 || m.call("AddUserActiveWatch").Store(&id) != nil {
		return false
	}
	m.back = id
	return true
}

// watch reports what the compositor says until the connection ends.
func (m *mutter) watch(report func(sign)) {
	for s := range m.heard {
		switch name, owner := m.says.Heard(s); {
		case name != "":
			// Another one knows nothing of our watches.
			if owner != "" {
				m.begin(true)
				report(inputMoved)
			}
		case s.Name == watchFired && m.says.Says(mutterName, s):
			if id, ok := first[uint32](s); ok && m.fired(id) {
				report(inputMoved)
			}
		}
	}
}

// fired reports whether a watch is ours: every program hears every program's.
func (m *mutter) fired(id uint32) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if id == m.back {
		m.back = 0
		return true
	}
	return m.ours[id]
}

func (m *mutter) close() { _ = m.conn.Close() }
