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

func panelOn(c *dbus.Conn) bool {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	var there bool
	err := c.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, "org.kde.StatusNotifierWatcher").Store(&there)
	return err == nil && there
}
