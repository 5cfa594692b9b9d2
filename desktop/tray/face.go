package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/godbus/dbus/v5"

	"sendjay/desktop/tray/icon"
)

// trayFace is the icon in the system's tray.
type trayFace struct {
	menu *menu
	log  *slog.Logger
}

func (t trayFace) icon(s icon.Status) {
	defer func() {
		// The library panics when the session bus has gone away. The session is ending then, and a
		// notification or an unsent message shall not end with the icon.
		if why := recover(); why != nil {
			t.log.Warn("the icon cannot be changed", "why", why)
		}
	}()
	setIcon(s)
}

func (t trayFace) show(v view) { t.menu.show(v) }

// trayPossible says why there can be no tray icon here. Without a session bus the library would panic
// at the end, and without an address godbus would start a bus of its own and leave it behind.
func trayPossible(log *slog.Logger) error {
	switch runtime.GOOS {
	case "windows", "darwin":
		return nil
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		if _, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil {
			return errors.New("no session bus")
		}
	}
	c, err := dbus.SessionBus()
	if err != nil {
		return err
	}
	if !panelOn(c) {
		log.Warn("no panel shows tray icons now; the icon appears when one comes, and starting Sendjay again opens the window")
	}
	return nil
}

// panelThere reports whether somebody shows tray icons at this moment.
func panelThere() bool {
	if runtime.GOOS != "linux" {
		return true
	}
	c, err := dbus.SessionBus() // the library's own connection, which is there already
	return err == nil && panelOn(c)
}

// panelOn asks who keeps the list of the icons, and whether anybody shows what is in it: KDE's keeper of the list runs
// without a panel too. One that says nothing of that shows them itself.
func panelOn(c *dbus.Conn) bool {
	const watcher = "org.kde.StatusNotifierWatcher"
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	var there bool
	if c.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&there) != nil || !there {
		return false
	}
	var host dbus.Variant
	err := c.Object(watcher, "/StatusNotifierWatcher").
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, watcher, "IsStatusNotifierHostRegistered").Store(&host)
	shown, told := host.Value().(bool)
	return err != nil || !told || shown
}
