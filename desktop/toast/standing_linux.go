package toast

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// TakeOver takes up what a program before this one has shown, and calls found with what of it is still there. Numbers of
// another service are not touched: they are somebody else's. What stands on the screen is shown once more in its place, without
// a sound: there are services that tell of a click only whoever has shown the notification last.
func (b *Board) TakeOver(all []Standing, found func([]Standing)) {
	b.do(func() {
		var ours []Standing
		for _, s := range all {
			if _, taken := b.ids[s.Toast.Room]; taken || b.owner == "" || s.Service != b.who() {
				continue
			}
			b.ids[s.Toast.Room], b.said[s.ID] = s.ID, s.Toast
			if s.Past {
				b.past[s.ID] = true
			}
			ours = append(ours, s)
		}
		found(ours)
		for _, s := range ours {
			t := s.Toast
			t.Silent, t.Standing = true, true
			b.show(t)
		}
		b.other = true
	})
}

// tellStands says what stands there, if that has become other.
func (b *Board) tellStands() {
	if !b.other || b.cfg.Stands == nil {
		return
	}
	b.other = false
	var all []Standing
	for room, id := range b.ids {
		if t := b.said[id]; t.Room == room {
			all = append(all, Standing{Toast: t, Service: b.who(), ID: id, Past: b.past[id]})
		}
	}
	b.cfg.Stands(sorted(all))
}

// who names the service as no other was or will be named: its connection, and the bus.
func (b *Board) who() string {
	if b.bus == "" {
		_ = b.ofBus("GetId").Store(&b.bus)
	}
	return b.bus + " " + b.owner
}

func (b *Board) ofBus(method string, args ...any) *dbus.Call {
	ctx, stop := context.WithTimeout(context.Background(), answerWithin)
	defer stop()
	return b.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus."+method, 0, args...)
}
