package main

import (
	"encoding/binary"
	"testing"

	"github.com/godbus/dbus/v5"

	"sendjay/desktop/desktoptest/sessionbus"
)

type portal map[string]map[string]dbus.Variant

func (p portal) ReadAll(wanted []string) (map[string]map[string]dbus.Variant, *dbus.Error) {
	out := map[string]map[string]dbus.Variant{}
	for _, name := range wanted {
		if p[name] != nil {
			out[name] = p[name]
		}
	}
	return out, nil
}

func TestThePortalSaysWhetherThingsMayMove(t *testing.T) {
	bus := sessionbus.Start(t)
	conn := bus.Connect(t)
	ask := bus.Connect(t)
	if may, known := portalMoves(ask); !may || known {
		t.Errorf("without a portal: %v, %v", may, known)
	}
	if _, err := conn.RequestName("org.freedesktop.portal.Desktop", 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, space, key string
		value            any
		may, known       bool
	}{
		{"nothing", "org.freedesktop.appearance", "color-scheme", uint32(1), true, false},
		{"less of it", "org.freedesktop.appearance", "reduced-motion", uint32(1), false, true},
		{"GNOME, on", "org.gnome.desktop.interface", "enable-animations", true, true, true},
		{"GNOME, off", "org.gnome.desktop.interface", "enable-animations", false, false, true},
		{"KDE, off", "org.kde.kdeglobals.KDE", "AnimationDurationFactor", "0", false, true},
		{"KDE, on", "org.kde.kdeglobals.KDE", "AnimationDurationFactor", "0.5", true, true},
	} {
		p := portal{c.space: {c.key: dbus.MakeVariant(c.value)}}
		if err := conn.Export(p, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings"); err != nil {
			t.Fatal(err)
		}
		if may, known := portalMoves(ask); may != c.may || known != c.known {
			t.Errorf("%s: %v, %v", c.name, may, known)
		}
	}
}

// settings lays two settings out as a settings daemon does: a text, and whether things may move.
func settings(order binary.AppendByteOrder, first byte, on uint32) []byte {
	raw := []byte{first, 0, 0, 0}
	raw = order.AppendUint32(raw, 7)
	raw = order.AppendUint32(raw, 2)
	raw = append(raw, 1, 0)
	raw = order.AppendUint16(raw, uint16(len("Net/ThemeName")))
	raw = append(raw, "Net/ThemeName\x00\x00\x00"...)
	raw = order.AppendUint32(raw, 1)
	raw = order.AppendUint32(raw, 7)
	raw = append(raw, "Adwaita\x00"...)
	raw = append(raw, 0, 0)
	raw = order.AppendUint16(raw, uint16(len("Gtk/EnableAnimations")))
	raw = append(raw, "Gtk/EnableAnimations"...)
	raw = order.AppendUint32(raw, 1)
	return order.AppendUint32(raw, on)
}

func TestTheSettingsOfAnXSessionAreRead(t *testing.T) {
	const name = "Gtk/EnableAnimations"
	for on := range uint32(2) {
		for _, raw := range [][]byte{settings(binary.LittleEndian, 0, on), settings(binary.BigEndian, 1, on)} {
			if got := xSetting(raw, name); got != int32(on) {
				t.Errorf("read %d, want %d", got, on)
			}
			if got := xSetting(raw, "Gtk/Else"); got != -1 {
				t.Errorf("what is not there is %d", got)
			}
			for cut := range len(raw) { // whatever another program wrote there
				xSetting(raw[:cut], name)
			}
		}
	}
}
