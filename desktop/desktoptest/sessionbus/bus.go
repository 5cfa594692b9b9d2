// Package sessionbus is a desktop session for tests: a private D-Bus, a tray host and a notification service.
// It knows the freedesktop and KDE interfaces that a tray program meets; it knows nothing of Sendjay.
//
// Nothing outside the test is touched: the bus listens in the test's own folder and starts no services.
package sessionbus

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// patience is how long any of the waiting functions waits before the test fails.
const patience = 20 * time.Second

// Bus is a running private bus.
type Bus struct {
	// Addr is what DBUS_SESSION_BUS_ADDRESS has to be.
	Addr string
	stop func()
}

const config = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// Start runs a bus until the test ends.
func Start(t testing.TB) *Bus {
	t.Helper()
	// A socket path may have 108 bytes; t.TempDir with a long test name is soon over that.
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, filepath.Join(dir, "bus")), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("dbus-daemon", "--config-file="+file, "--nofork", "--nopidfile", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	// It complains about limits of the machine and goes on; only a failing start is of interest.
	var said strings.Builder
	daemon.Stderr = &said
	if err := daemon.Start(); err != nil {
		t.Fatalf("a test of the desktop needs dbus-daemon: %v", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = daemon.Wait()
		t.Fatalf("dbus-daemon said no address: %v\n%s", err, &said)
	}
	b := &Bus{Addr: strings.TrimSpace(line)}
	b.stop = func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	}
	t.Cleanup(b.stop)
	return b
}

// Env returns the environment for a program that shall live in this session: no display, this bus,
// home and runtime folders of its own.
func (b *Bus) Env(t testing.TB) []string {
	t.Helper()
	home := t.TempDir()
	env := []string{
		"DBUS_SESSION_BUS_ADDRESS=" + b.Addr,
		// No logind either: an address that nobody listens on.
		"DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + filepath.Join(home, "none"),
		"HOME=" + home,
		"XDG_RUNTIME_DIR=" + home,
		"XDG_CONFIG_HOME=" + filepath.Join(home, "config"),
		"XDG_DATA_HOME=" + filepath.Join(home, "data"),
		"XDG_CACHE_HOME=" + filepath.Join(home, "cache"),
		"XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"LANG=C.UTF-8",
		"PATH=" + os.Getenv("PATH"),
	}
	if cover := os.Getenv("GOCOVERDIR"); cover != "" {
		env = append(env, "GOCOVERDIR="+cover)
	}
	return env
}

// Connect returns a connection to the bus, closed when the test ends.
func (b *Bus) Connect(t testing.TB) *dbus.Conn {
	t.Helper()
	c, err := dbus.Connect(b.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// own takes a name on the bus at once.
func own(t testing.TB, c *dbus.Conn, name string) {
	t.Helper()
	r, err := c.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("name %s: %v %v", name, r, err)
	}
}
