package attention

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"sendjay/desktop/desktoptest/sessionbus"
)

const (
	ourPath   = dbus.ObjectPath("/org/freedesktop/login1/session/_31")
	otherPath = dbus.ObjectPath("/org/freedesktop/login1/session/_32")
)

// manager stands in for the login manager: it knows one session of ours.
type manager struct{ locked bool }

func (manager) GetSession(id string) (dbus.ObjectPath, *dbus.Error) {
	if id != "c1" {
		return "", &dbus.Error{Name: login + ".NoSuchSession"}
	}
	return ourPath, nil
}

func (m manager) Get(_, name string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(name == "LockedHint" && m.locked), nil
}

// system is a test bus in place of the system bus, with a login manager on it, and what was reported.
func system(t *testing.T, locked bool) (*dbus.Conn, <-chan sign) {
	t.Helper()
	bus := sessionbus.Start(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.Addr)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
	t.Setenv("XDG_SESSION_ID", "c1")
	conn := bus.Connect(t)
	m := manager{locked}
	if err := conn.Export(m, "/org/freedesktop/login1", login+".Manager"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Export(m, ourPath, "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(login, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	heard := make(chan sign, 16)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		(&linuxSigns{log: slog.New(slog.DiscardHandler)}).watch(ctx, func(s sign) { heard <- s })
	}()
	t.Cleanup(func() { stop(); <-ended })
	return conn, heard
}

func await(t *testing.T, heard <-chan sign, want sign) {
	t.Helper()
	select {
	case got := <-heard:
		if got != want {
			t.Fatalf("heard %v, want %v", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("waited in vain for %v", want)
	}
}

func TestLockSleepAndNetworkAreHeardFromTheSystem(t *testing.T) {
	conn, heard := system(t, true)
	await(t, heard, lockedNow) // the state at the start, after which everything is watched
	emit := func(path dbus.ObjectPath, name string, args ...any) {
		t.Helper()
		if err := conn.Emit(path, name, args...); err != nil {
			t.Fatal(err)
		}
	}
	changed := func(path dbus.ObjectPath, locked bool) {
		emit(path, "org.freedesktop.DBus.Properties.PropertiesChanged", session, map[string]dbus.Variant{"LockedHint": dbus.MakeVariant(locked)}, []string{})
	}
	for _, c := range []struct {
		what string
		do   func()
		want sign
	}{
		{"unlock", func() { emit(ourPath, session+".Unlock") }, unlockedNow},
		{"lock", func() { emit(ourPath, session+".Lock") }, lockedNow},
		{"the hint goes", func() { changed(ourPath, false) }, unlockedNow},
		{"the hint comes", func() { changed(ourPath, true) }, lockedNow},
		{"another person's lock is not ours", func() {
			emit(otherPath, session+".Unlock")
			changed(otherPath, false)
			emit("/org/freedesktop/login1", login+".Manager.PrepareForSleep", true)
		}, asleep},
		{"awake", func() { emit("/org/freedesktop/login1", login+".Manager.PrepareForSleep", false) }, awake},
		{"a network that is not up yet says nothing", func() {
			emit("/org/freedesktop/NetworkManager", network+".StateChanged", uint32(40))
			emit("/org/freedesktop/NetworkManager", network+".StateChanged", uint32(onlineNM))
		}, networkBack},
		{"the screen saver covers the screen", func() { emit("/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", true) }, lockedNow},
		{"and uncovers it", func() { emit("/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", false) }, unlockedNow},
		{"the proxy is another one, and other settings are none of ours", func() {
			emit("/ca/desrt/dconf/Writer/user", settings+".Notify", "/org/gnome/desktop/", []string{"x"}, "t")
			emit("/ca/desrt/dconf/Writer/user", settings+".Notify", "/system/proxy/mode", []string{""}, "t")
			emit("/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", true)
		}, proxyMoved},
		{"once", func() {}, lockedNow},
	} {
		t.Run(c.what, func(t *testing.T) {
			c.do()
			await(t, heard, c.want)
		})
	}
}
