package attention

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"sendjay/desktop/sender"
)

// source is who knows of inputs.
type source interface {
	// since returns the time since the last input.
	since() (time.Duration, bool)
	// calls reports whether watch tells of every age that counts, and of the first input after one.
	calls() bool
	// watch reports what it is told until close.
	watch(report func(sign))
	close()
}

// linuxSigns asks whoever knows: the X server, else GNOME's compositor, else the login manager.
type linuxSigns struct {
	log *slog.Logger

	once sync.Once
	from source
}

func systemSigns(log *slog.Logger) signs { return &linuxSigns{log: log} }

func (l *linuxSigns) locked() (bool, bool) { return false, false }

func (l *linuxSigns) idle() (time.Duration, bool) { return l.source().since() }

func (l *linuxSigns) calls() bool { return l.source().calls() }

// source looks for it once.
func (l *linuxSigns) source() source {
	l.once.Do(func() {
		if os.Getenv("WAYLAND_DISPLAY") == "" && os.Getenv("DISPLAY") != "" {
			if x := dialX(ages()); x != nil {
				l.from = x
				return
			}
		}
		if m := dialMutter(ages()); m != nil {
			l.from = m
			return
		}
		if h := dialHint(); h != nil {
			l.from = h
			return
		}
		l.log.Info("the system does not tell when somebody typed last")
		l.from = nobody{}
	})
	return l.from
}

// nobody knows of inputs.
type nobody struct{}

func (nobody) since() (time.Duration, bool) { return 0, false }
func (nobody) calls() bool                  { return false }
func (nobody) watch(func(sign))             {}
func (nobody) close()                       {}

// inOrder keeps the order of what is heard. By itself a connection does not, once more is said than its channel holds: an
// unlock that overtakes its lock would keep the computer locked.
func inOrder() dbus.ConnOption { return dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()) }

// sessionBus connects to the session bus where there is one. Asking for it without an address would
// start a bus and leave it behind.
func sessionBus() *dbus.Conn {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if run := os.Getenv("XDG_RUNTIME_DIR"); address == "" && run != "" {
		at := filepath.Join(run, "bus")
		if _, err := os.Stat(at); err == nil {
			address = "unix:path=" + at
		}
	}
	if address == "" {
		return nil
	}
	conn, err := dbus.Connect(address, inOrder())
	if err != nil {
		return nil
	}
	return conn
}

const (
	properties = "org.freedesktop.DBus.Properties"

	login    = "org.freedesktop.login1"
	session  = "org.freedesktop.login1.Session"
	network  = "org.freedesktop.NetworkManager"
	onlineNM = 70 // NM_STATE_CONNECTED_GLOBAL
)

// watch listens to the login manager, the network manager and the desktop's screen lock.
func (l *linuxSigns) watch(ctx context.Context, report func(sign)) {
	var all sync.WaitGroup
	defer all.Wait()
	if conn, err := dbus.ConnectSystemBus(inOrder()); err == nil {
		all.Go(func() { l.watchSystem(ctx, conn, report) })
	} else {
		l.log.Info("no system bus; sleep is noticed by the clock only", "error", err)
	}
	if conn := sessionBus(); conn != nil {
		all.Go(func() { l.watchSession(ctx, conn, report) })
	}
	from := l.source()
	all.Go(func() { from.watch(report) })
	<-ctx.Done()
	from.close()
}

func (l *linuxSigns) watchSystem(ctx context.Context, conn *dbus.Conn, report func(sign)) {
	defer func() { _ = conn.Close() }()
	heard := make(chan *dbus.Signal, 16)
	conn.Signal(heard)
	ours := ourSession(ctx, conn)
	says, err := sender.Of(ctx, conn, login, network)
	if err != nil {
		l.log.Info("who speaks for the system cannot be watched", "error", err)
	}
	for _, rule := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(login), dbus.WithMatchInterface(login + ".Manager"), dbus.WithMatchMember("PrepareForSleep")},
		{dbus.WithMatchSender(login), dbus.WithMatchInterface(session)},
		{dbus.WithMatchSender(login), dbus.WithMatchInterface(properties), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, session)},
		{dbus.WithMatchSender(network), dbus.WithMatchInterface(network), dbus.WithMatchMember("StateChanged")},
	} {
		if err := conn.AddMatchSignalContext(ctx, rule...); err != nil {
			l.log.Info("a sign of the system cannot be watched", "error", err)
		}
	}
	if locked, ok := lockedHint(ctx, conn, ours); ok && locked {
		report(lockedNow)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-heard:
			if !ok {
				return
			}
			says.Heard(s)
			if said, ok := systemSign(s, ours); ok && (says.Says(login, s) || said == networkBack && says.Says(network, s)) {
				report(said)
			}
		}
	}
}

// systemSign reads a signal; those of other people's sessions are none.
func systemSign(s *dbus.Signal, ours dbus.ObjectPath) (sign, bool) {
	mine := ours == "" || s.Path == ours
	switch s.Name {
	case login + ".Manager.PrepareForSleep":
		if going, ok := first[bool](s); ok {
			if going {
				return asleep, true
			}
			return awake, true
		}
	case session + ".Lock":
		return lockedNow, mine
	case session + ".Unlock":
		return unlockedNow, mine
	case network + ".StateChanged":
		state, ok := first[uint32](s)
		return networkBack, ok && state == onlineNM
	case properties + ".PropertiesChanged":
		if len(s.Body) < 2 || !mine {
			return 0, false
		}
		changed, _ := s.Body[1].(map[string]dbus.Variant)
		if locked, ok := changed["LockedHint"].Value().(bool); ok {
			return lock(locked), true
		}
	}
	return 0, false
}

func lock(locked bool) sign {
	if locked {
		return lockedNow
	}
	return unlockedNow
}

func first[T any](s *dbus.Signal) (v T, ok bool) {
	if len(s.Body) > 0 {
		v, ok = s.Body[0].(T)
	}
	return v, ok
}

// ourSession returns the object of our session, "" when it cannot be told.
func ourSession(ctx context.Context, conn *dbus.Conn) dbus.ObjectPath {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	manager := conn.Object(login, "/org/freedesktop/login1")
	var path dbus.ObjectPath
	if id := os.Getenv("XDG_SESSION_ID"); id != "" && manager.CallWithContext(ctx, login+".Manager.GetSession", 0, id).Store(&path) == nil {
		return path
	}
	if manager.CallWithContext(ctx, login+".Manager.GetSessionByPID", 0, uint32(os.Getpid())).Store(&path) == nil {
		return path
	}
	return ""
}

func lockedHint(ctx context.Context, conn *dbus.Conn, path dbus.ObjectPath) (locked, ok bool) {
	return sessionFlag(ctx, conn, path, "LockedHint")
}

// sessionFlag reads a property of a session that is true or false.
func sessionFlag(ctx context.Context, conn *dbus.Conn, path dbus.ObjectPath, name string) (is, ok bool) {
	if path == "" {
		return false, false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var v dbus.Variant
	if conn.Object(login, path).CallWithContext(ctx, properties+".Get", 0, session, name).Store(&v) != nil {
		return false, false
	}
	is, ok = v.Value().(bool)
	return is, ok
}

// screenSavers say when they cover the screen; in all of these desktops that is the lock, or soon becomes it. KDE has the first name.
var screenSavers = []string{
	"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.mate.ScreenSaver", "org.cinnamon.ScreenSaver", "org.xfce.ScreenSaver",
}

// covers asks a screen saver that is there whether it covers the screen now.
func covers(ctx context.Context, conn *dbus.Conn, name string) (is bool) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	at := dbus.ObjectPath("/" + strings.ReplaceAll(name, ".", "/"))
	_ = conn.Object(name, at).CallWithContext(ctx, name+".GetActive", dbus.FlagNoAutoStart).Store(&is) // who does not answer covers nothing
	return is
}

// GNOME's settings tell when they change; those of the proxy lie below one path.
const (
	dconf    = "ca.desrt.dconf"
	settings = dconf + ".Writer"
	proxy    = "/system/proxy/"
)

func (l *linuxSigns) watchSession(ctx context.Context, conn *dbus.Conn, report func(sign)) {
	defer func() { _ = conn.Close() }()
	heard := make(chan *dbus.Signal, 16)
	conn.Signal(heard)
	says, err := sender.Of(ctx, conn, append([]string{dconf}, screenSavers...)...)
	if err != nil {
		l.log.Info("who speaks for the desktop cannot be watched", "error", err)
	}
	for _, name := range screenSavers {
		if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(name), dbus.WithMatchInterface(name), dbus.WithMatchMember("ActiveChanged")); err != nil {
			l.log.Info("the screen lock cannot be watched", "error", err)
		}
	}
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(dconf), dbus.WithMatchInterface(settings), dbus.WithMatchMember("Notify"), dbus.WithMatchArgPath(0, proxy)); err != nil {
		l.log.Info("the settings of the proxy cannot be watched", "error", err)
	}
	covering := map[string]bool{}
	for _, name := range screenSavers {
		if covers(ctx, conn, name) { // this program may have been started behind a lock
			covering[name] = true
			report(lockedNow)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-heard:
			if !ok {
				return
			}
			if name, _ := says.Heard(s); covering[name] {
				delete(covering, name)
				report(unlockedNow) // who covered the screen has gone, and will never say so
			}
			said, name, ok := sessionSign(s, says)
			if !ok {
				continue
			}
			if name != "" {
				covering[name] = said == lockedNow
			}
			report(said)
		}
	}
}

// sessionSign reads a signal of the desktop. The name is that of the screen saver whose it is, if it is one's.
func sessionSign(s *dbus.Signal, says *sender.Names) (said sign, saver string, ok bool) {
	if s.Name == settings+".Notify" {
		return proxyMoved, "", says.Says(dconf, s)
	}
	for _, name := range screenSavers {
		if on, is := first[bool](s); is && s.Name == name+".ActiveChanged" {
			return lock(on), name, says.Says(name, s)
		}
	}
	return 0, "", false
}
