package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// moves reports whether the person lets things move on this desktop: the settings portal knows it, or else what the
// settings daemon of an X session tells every program. Where nobody says so, things may move.
func moves() bool {
	if c, err := dbus.SessionBus(); err == nil {
		if may, known := portalMoves(c); known {
			return may
		}
	}
	if os.Getenv("DISPLAY") == "" {
		return true
	}
	raw, err := xSettings()
	return err != nil || xSetting(raw, "Gtk/EnableAnimations") != 0
}

// portalMoves asks the portal (org.freedesktop.portal.Settings) for the words of freedesktop, GNOME and KDE.
func portalMoves(c *dbus.Conn) (may, known bool) {
	const freedesktop, gnome, kde = "org.freedesktop.appearance", "org.gnome.desktop.interface", "org.kde.kdeglobals.KDE"
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	var all map[string]map[string]dbus.Variant
	portal := c.Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
	if portal.CallWithContext(ctx, "org.freedesktop.portal.Settings.ReadAll", dbus.FlagNoAutoStart, []string{freedesktop, gnome, kde}).Store(&all) != nil {
		return true, false
	}
	if n, is := all[freedesktop]["reduced-motion"].Value().(uint32); is && n == 1 {
		return false, true
	}
	if on, is := all[gnome]["enable-animations"].Value().(bool); is {
		return on, true
	}
	if v, is := all[kde]["AnimationDurationFactor"]; is {
		word := fmt.Sprint(v.Value())
		return word != "0" && word != "0.0", true
	}
	return true, false
}

// xSettings returns what the settings daemon of the X session says, nil when there is none.
func xSettings() ([]byte, error) {
	xgb.Logger.SetOutput(io.Discard) // what counts comes back as an error
	c, err := xgb.NewConn()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var atoms [2]xproto.Atom
	for i, name := range []string{fmt.Sprintf("_XSETTINGS_S%d", c.DefaultScreen), "_XSETTINGS_SETTINGS"} {
		a, err := xproto.InternAtom(c, true, uint16(len(name)), name).Reply()
		if err != nil {
			return nil, err
		}
		atoms[i] = a.Atom
	}
	if atoms[0] == 0 || atoms[1] == 0 {
		return nil, errors.New("no settings daemon was ever here")
	}
	owner, err := xproto.GetSelectionOwner(c, atoms[0]).Reply()
	if err != nil {
		return nil, err
	}
	got, err := xproto.GetProperty(c, false, owner.Owner, atoms[1], xproto.GetPropertyTypeAny, 0, 1<<16).Reply()
	if err != nil {
		return nil, err
	}
	return got.Value, nil
}

// xSetting finds a whole number among the settings, as the XSETTINGS specification of freedesktop.org lays them out;
// -1 when it is not there.
func xSetting(raw []byte, name string) int32 {
	if len(raw) < 12 {
		return -1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if raw[0] == 1 {
		order = binary.BigEndian
	}
	n, at := order.Uint32(raw[8:]), 12
	take := func(count int) []byte {
		if count < 0 || count > len(raw)-at {
			at = len(raw)
			return make([]byte, 4) // what is cut off is zero, and ends the loop
		}
		part := raw[at : at+count]
		at += count
		return part
	}
	padded := func(count int) int { return (count + 3) &^ 3 }
	for ; n > 0 && at < len(raw); n-- {
		head := take(4)
		long := int(order.Uint16(head[2:]))
		key := take(padded(long))
		take(4) // when it was changed last
		switch head[0] {
		case 0:
			value := int32(order.Uint32(take(4)))
			if long <= len(key) && string(key[:long]) == name {
				return value
			}
		case 1:
			take(padded(int(order.Uint32(take(4)))))
		case 2:
			take(8)
		default:
			return -1
		}
	}
	return -1
}
