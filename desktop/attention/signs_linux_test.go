package attention

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
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
func system(t *testing.T, locked bool) (*sessionbus.Bus, *dbus.Conn, <-chan sign) {
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
	for _, name := range append([]string{login, network, dconf}, screenSavers...) {
		if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
			t.Fatal(err)
		}
	}
	return bus, conn, watching(t)
}

// watching returns what is reported of the buses of a test.
func watching(t *testing.T) <-chan sign {
	t.Helper()
	heard := make(chan sign, 16)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		(&linuxSigns{log: slog.New(slog.DiscardHandler)}).watch(ctx, func(s sign) {
			select {
			case heard <- s:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() { stop(); <-ended })
	return heard
}

func next(t *testing.T, heard <-chan sign) (s sign) {
	t.Helper()
	select {
	case s = <-heard:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing more is heard")
	}
	return s
}

// await wants the next sign to be this one. That somebody may have come or gone is said at the beginning of every watch,
// which need not be the first to begin.
func await(t *testing.T, heard <-chan sign, want sign) {
	t.Helper()
	for {
		select {
		case got := <-heard:
			if got == inputMoved && want != inputMoved {
				continue
			}
			if got != want {
				t.Fatalf("heard %v, want %v", got, want)
			}
			return
		case <-time.After(20 * time.Second):
			t.Fatalf("waited in vain for %v", want)
		}
	}
}

// begun waits until the session is listened to, which begins by itself.
func begun(t *testing.T, conn *dbus.Conn, heard <-chan sign) {
	t.Helper()
	emit := func(path dbus.ObjectPath, name string, args ...any) {
		if err := conn.Emit(path, name, args...); err != nil {
			t.Fatal(err)
		}
	}
	for hears := false; !hears; {
		emit("/ca/desrt/dconf/Writer/user", settings+".Notify", "/system/proxy/mode", []string{""}, "t")
		select {
		case s := <-heard:
			hears = s == proxyMoved
		case <-time.After(10 * time.Millisecond):
		}
	}
	// What was said too often is over with the next thing that is said.
	emit("/ScreenSaver", screenSavers[0]+".ActiveChanged", true)
	for next(t, heard) != lockedNow {
	}
}

func TestLockSleepAndNetworkAreHeardFromTheSystem(t *testing.T) {
	_, conn, heard := system(t, true)
	await(t, heard, lockedNow) // the state at the start, after which the system is watched
	begun(t, conn, heard)
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

func TestOnlyWhoHasTheNameIsBelieved(t *testing.T) {
	bus, conn, heard := system(t, true)
	await(t, heard, lockedNow)
	emit := func(path dbus.ObjectPath, name string, args ...any) {
		t.Helper()
		if err := conn.Emit(path, name, args...); err != nil {
			t.Fatal(err)
		}
	}
	begun(t, conn, heard)
	liar := bus.Liar(t)
	const at = dbus.ObjectPath("/org/freedesktop/login1")
	changed := map[string]dbus.Variant{"LockedHint": dbus.MakeVariant(false)}
	liar.Say(ourPath, session+".Unlock")
	liar.Say(at, login+".Manager.PrepareForSleep", true)
	liar.Say(ourPath, properties+".PropertiesChanged", session, changed, []string{})
	liar.Say("/org/freedesktop/NetworkManager", network+".StateChanged", uint32(onlineNM))
	for _, name := range screenSavers {
		liar.Say("/ScreenSaver", name+".ActiveChanged", false)
	}
	liar.Say("/ca/desrt/dconf/Writer/user", settings+".Notify", "/system/proxy/mode", []string{""}, "t")
	emit("/ca/desrt/dconf/Writer/user", settings+".Notify", "/system/proxy/mode", []string{""}, "t")
	emit("/ScreenSaver", screenSavers[0]+".ActiveChanged", false)
	emit(at, login+".Manager.PrepareForSleep", false)
	count := map[sign]int{}
	for count[awake] == 0 || count[unlockedNow] == 0 {
		s := next(t, heard)
		if count[s]++; s == unlockedNow && count[proxyMoved] != 1 || s == asleep || s == networkBack {
			t.Fatalf("believed %v, after %v", s, count)
		}
	}
	// The name changes hands, and what the former owner says counts no more.
	if _, err := conn.ReleaseName(login); err != nil {
		t.Fatal(err)
	}
	another := bus.Connect(t)
	if _, err := another.RequestName(login, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	emit(at, login+".Manager.PrepareForSleep", true)
	if err := another.Emit(ourPath, session+".Unlock"); err != nil {
		t.Fatal(err)
	}
	await(t, heard, unlockedNow)
}

// saver stands in for a screen saver that covers the screen or does not.
type saver bool

func (s saver) GetActive() (bool, *dbus.Error) { return bool(s), nil }

func TestTheLocksOfTheDesktopsAreHeard(t *testing.T) {
	for _, name := range []string{"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.mate.ScreenSaver", "org.cinnamon.ScreenSaver", "org.xfce.ScreenSaver"} {
		t.Run(name, func(t *testing.T) {
			bus := sessionbus.Start(t)
			t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.Addr)
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
			conn, at := bus.Connect(t), dbus.ObjectPath("/"+strings.ReplaceAll(name, ".", "/"))
			if err := conn.Export(saver(true), at, name); err != nil {
				t.Fatal(err)
			}
			own := func(conn *dbus.Conn) {
				t.Helper()
				if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
					t.Fatal(err)
				}
			}
			say := func(conn *dbus.Conn, covers bool) {
				t.Helper()
				if err := conn.Emit(at, name+".ActiveChanged", covers); err != nil {
					t.Fatal(err)
				}
			}
			own(conn)
			heard := watching(t)
			await(t, heard, lockedNow) // it covered the screen before anybody listened
			say(conn, false)
			await(t, heard, unlockedNow)
			bus.Liar(t).Say(at, name+".ActiveChanged", true)
			say(conn, true)
			await(t, heard, lockedNow)
			if _, err := conn.ReleaseName(name); err != nil {
				t.Fatal(err)
			}
			await(t, heard, unlockedNow) // one that crashed covers nothing
			another := bus.Connect(t)
			own(another)
			say(conn, true)
			say(another, true)
			await(t, heard, lockedNow)
			say(another, false)
			await(t, heard, unlockedNow) // and what it said is heard once
		})
	}
}

func TestManySignsAtOnceAreHeardInTheirOrder(t *testing.T) {
	_, conn, heard := system(t, true)
	await(t, heard, lockedNow)
	const times = 200 // far more than is taken before somebody looks
	for range times {
		for _, name := range []string{".Unlock", ".Lock"} {
			if err := conn.Emit(ourPath, session+name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range times {
		await(t, heard, unlockedNow)
		await(t, heard, lockedNow)
	}
}

// compositor stands in for GNOME's: whoever asks is told of the ages that a test lets pass.
type compositor struct {
	mu    sync.Mutex // guards the fields below
	age   uint64
	next  uint32
	ages  map[uint64]uint32
	backs chan uint32
}

func (c *compositor) id() uint32 { c.next++; return c.next }

func (c *compositor) GetIdletime() (uint64, *dbus.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.age, nil
}

func (c *compositor) AddIdleWatch(age uint64) (uint32, *dbus.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ages[age] = c.id()
	return c.ages[age], nil
}

func (c *compositor) AddUserActiveWatch() (uint32, *dbus.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := c.id()
	c.backs <- id
	return id, nil
}

func (c *compositor) pass(age uint64) uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age = age
	return c.ages[age]
}

func TestGNOMECallsWhenSomebodyGoesAndComesBack(t *testing.T) {
	bus := sessionbus.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
	enter := func() (*dbus.Conn, *compositor) {
		t.Helper()
		conn, c := bus.Connect(t), &compositor{ages: map[uint64]uint32{}, backs: make(chan uint32, 8)}
		if err := conn.Export(c, mutterPath, mutterName); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.RequestName(mutterName, dbus.NameFlagDoNotQueue); err != nil {
			t.Fatal(err)
		}
		return conn, c
	}
	conn, c := enter()
	m := dialMutter([]time.Duration{time.Minute, 3 * time.Minute})
	if m == nil {
		t.Fatal("no compositor that tells")
	}
	if !m.calls() {
		t.Fatal("the compositor has to be asked")
	}
	heard := calling(t, m)
	fire := func(conn *dbus.Conn, id uint32) {
		t.Helper()
		if err := conn.Emit(mutterPath, watchFired, id); err != nil {
			t.Fatal(err)
		}
		await(t, heard, inputMoved)
	}
	for range 2 {
		for _, ms := range []uint64{60_000, 180_000} {
			id := c.pass(ms)
			if err := conn.Emit(mutterPath, watchFired, id+1000); err != nil { // another program's
				t.Fatal(err)
			}
			fire(conn, id)
			if age, known := m.since(); !known || age != time.Duration(ms)*time.Millisecond {
				t.Fatalf("away since %v, %v", age, known)
			}
		}
		back := <-c.backs
		c.pass(0)
		fire(conn, back)
		if age, known := m.since(); !known || age != 0 {
			t.Fatalf("away since %v, %v", age, known)
		}
		if len(c.backs) > 0 || len(heard) > 0 {
			t.Fatalf("%d watches too many, %d calls", len(c.backs), len(heard))
		}
	}
	if _, err := conn.ReleaseName(mutterName); err != nil {
		t.Fatal(err)
	}
	another, c := enter()
	await(t, heard, inputMoved) // it is looked at anew
	fire(another, c.pass(60_000))
}

func TestTheLoginManagersHintSaysThatNobodyIsThere(t *testing.T) {
	bus := sessionbus.Start(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.Addr)
	t.Setenv("XDG_SESSION_ID", "c1")
	conn := bus.Connect(t)
	w := &hinted{}
	if err := conn.Export(manager{}, "/org/freedesktop/login1", login+".Manager"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Export(w, ourPath, "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(login, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	h := dialHint()
	if h == nil {
		t.Fatal("the login manager does not tell")
	}
	heard := calling(t, h)
	await(t, heard, inputMoved) // what was before
	for _, away := range []bool{true, false} {
		w.away.Store(away)
		if err := conn.Emit(ourPath, "org.freedesktop.DBus.Properties.PropertiesChanged", session, map[string]dbus.Variant{idleHint: dbus.MakeVariant(away)}, []string{}); err != nil {
			t.Fatal(err)
		}
		await(t, heard, inputMoved)
		if age, known := h.since(); known != away || away && age < 3*time.Minute {
			t.Errorf("hint %v: away since %v, %v", away, age, known)
		}
	}
}

// hinted is a session with a hint.
type hinted struct{ away atomic.Bool }

func (w *hinted) Get(_, name string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(name == idleHint && w.away.Load()), nil
}
