package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"sendjay/desktop/tray/icon"
)

// trayFace is the icon in the system's tray.
type trayFace struct{ menu *menu }

func (t trayFace) icon(s icon.Status) {
	if runtime.GOOS == "windows" {
		systray.SetIcon(icon.ICO(s))
		return
	}
	systray.SetIcon(icon.PNG(icon.Draw(s, icon.Size)))
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
	c, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	var shown bool
	if err := c.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.kde.StatusNotifierWatcher").Store(&shown); err == nil && !shown {
		log.Warn("no panel shows tray icons now; the icon appears when one comes, and starting Sendjay again opens the window")
	}
	return nil
}
