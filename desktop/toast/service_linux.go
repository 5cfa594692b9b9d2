package toast

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"sendjay/desktop/sender"
	"sendjay/shared/protocol"
)

// inhibited is the property by which a service tells that it shows nothing just now (Desktop Notifications
// Specification 1.3); those that have no such word never say it.
const (
	properties = "org.freedesktop.DBus.Properties"
	inhibited  = "Inhibited"
)

// expired is why a notification went away by itself.
const expired = uint32(1)

func (b *Board) heard(s *dbus.Signal) {
	if name, owner := b.says.Heard(s); name != "" {
		if owner != "" && owner == b.owner {
			return // it was started by what is shown there by now
		}
		// Another service knows nothing of the old one's ids.
		clear(b.ids)
		clear(b.said)
		clear(b.tokens)
		clear(b.past)
		b.able, b.owner, b.other = nil, "", true
		b.ask()
		return
	}
	if len(s.Body) < 2 || !b.says.Says(service, s) {
		return
	}
	if s.Name == properties+".PropertiesChanged" {
		if changed, _ := s.Body[1].(map[string]dbus.Variant); s.Body[0] == service {
			if held, ok := changed[inhibited].Value().(bool); ok {
				now := b.Abilities()
				now.Held = held
				b.tell(now)
			}
		}
		return
	}
	id, _ := s.Body[0].(uint32)
	room, ours := b.room(id)
	if !ours {
		return // every program hears every program's signals
	}
	switch s.Name {
	case service + ".ActivationToken":
		b.tokens[id], _ = s.Body[1].(string)
	case service + ".ActionInvoked":
		token, seq, own := b.tokens[id], b.said[id].Seq, len(b.said[id].Actions) > 0
		if s.Body[1] == actReply {
			return // the text comes by itself
		}
		// A click ends a notification by the book, and shall where a service keeps it.
		b.withdraw(room)
		if action, _ := s.Body[1].(string); own {
			if b.cfg.Acted != nil {
				b.cfg.Acted(room, action, token)
			}
			return
		}
		if s.Body[1] == actRead {
			b.cfg.Read(room, seq)
			return
		}
		b.cfg.Opened(room, seq, token)
	case service + ".NotificationReplied":
		text, _ := s.Body[1].(string)
		seq := b.said[id].Seq
		b.withdraw(room)
		if b.cfg.Replied != nil && strings.TrimSpace(text) != "" {
			b.cfg.Replied(room, seq, text)
		}
	case service + ".NotificationClosed":
		if s.Body[1] == expired {
			// Off the screen, yet in the list of those who keep one: it can still be clicked there, and is to be taken
			// out when it was read.
			b.past[id], b.other = true, true
			return
		}
		b.forget(room, id)
	}
}

func (b *Board) room(id uint32) (protocol.RoomID, bool) {
	for room, n := range b.ids {
		if n == id {
			return room, true
		}
	}
	return "", false
}

// ask finds out whether somebody shows notifications, without starting who would.
func (b *Board) ask() {
	var names []string
	for _, method := range []string{"ListNames", "ListActivatableNames"} {
		if err := b.ofBus(method).Store(&names); err != nil || !slices.Contains(names, service) {
			continue
		}
		if method == "ListNames" {
			b.learn()
		} else {
			b.tell(Abilities{Service: service, Withdraw: true, Click: true, Stay: true}) // it starts with the first notification
		}
		return
	}
	b.warn(errors.New("nobody is there who shows them"))
	b.tell(Abilities{})
}

// learn asks the service what it can do, and reports whether there is one.
func (b *Board) learn() bool {
	if err := b.call("GetCapabilities").Store(&b.able); err != nil {
		b.able = nil
		b.warn(err)
		b.tell(Abilities{})
		return false
	}
	var name, vendor, version, spec string
	if err := b.call("GetServerInformation").Store(&name, &vendor, &version, &spec); err != nil {
		name = "unknown"
	}
	b.shelf = name == "dunst"
	b.owner = sender.Owner(context.Background(), b.conn, service)
	click := slices.Contains(b.able, "actions")
	b.tell(Abilities{
		Service: strings.TrimSpace(name + " " + version), Withdraw: true, Click: click,
		Reply: click && slices.Contains(b.able, actReply), Sound: slices.Contains(b.able, "sound"),
		Stay: name != "gnome-shell", Held: b.held(),
	})
	return true
}

// held asks whether the service shows nothing just now.
func (b *Board) held() bool {
	ctx, stop := context.WithTimeout(context.Background(), answerWithin)
	defer stop()
	var v dbus.Variant
	err := b.conn.Object(service, object).CallWithContext(ctx, properties+".Get", dbus.FlagNoAutoStart, service, inhibited).Store(&v)
	held, _ := v.Value().(bool)
	return err == nil && held
}

func (b *Board) tell(now Abilities) {
	b.mu.Lock()
	changed := !b.told || b.about != now
	b.about, b.told = now, true
	b.mu.Unlock()
	if changed && b.cfg.Able != nil {
		b.cfg.Able(now)
	}
}

// warn says once that nothing can be shown, until something could be again.
func (b *Board) warn(err error) {
	if !b.warned {
		b.warned = true
		b.cfg.Log.Warn("no notifications can be shown; badge and icon still change", "error", err)
	}
}
