package main

import (
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"aead.dev/minisign"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/desktop/tray/icon"
	"sendjay/desktop/update"
	"sendjay/shared/protocol"
)

// vendor signs versions.
type vendor struct {
	public  minisign.PublicKey
	private minisign.PrivateKey
}

func newVendor() (*vendor, error) {
	public, private, err := minisign.GenerateKey(rand.Reader)
	return &vendor{public, private}, err
}

// works are two real versions of the tray, made once for all tests, and the vendor whose key is in them.
type works struct {
	*vendor
	dir string
}

var (
	oldVersion, newVersion = "v1.0.0", "v1.1.0"

	theWorks = sync.OnceValues(func() (*works, error) {
		v, err := newVendor()
		if err != nil {
			return nil, err
		}
		dir, err := desktoptest.Works()
		if err != nil {
			return nil, err
		}
		var both sync.WaitGroup
		var failed [2]error
		for i, version := range []string{oldVersion, newVersion} {
			both.Go(func() {
				failed[i] = desktoptest.Build(filepath.Join(dir, version), "sendjay/desktop/tray", "-X sendjay/shared/protocol.Version="+version+" -X sendjay/desktop/update.Key="+v.public.String())
			})
		}
		both.Wait()
		return &works{v, dir}, errors.Join(failed[:]...)
	})
)

func worksOf(t *testing.T) *works {
	t.Helper()
	w, err := theWorks()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// lay puts a version into a folder, with a window that names it.
func (w *works) lay(t *testing.T, dir, version string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, version))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "sendjay"), raw, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	windowOf(t, dir, version)
}

func windowOf(t *testing.T, dir, version string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "sendjay-window"), []byte("window of "+version), 0o755); err != nil {
		t.Fatal(err)
	}
}

// runIn runs a tool with these further settings.
func runIn(env []string, name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	return string(out), err
}

// packed is a version in its folder, signed.
func (v *vendor) packed(t *testing.T, version string, lay func(dir string)) string {
	t.Helper()
	dir := t.TempDir()
	platform := filepath.Join(dir, "linux-"+runtime.GOARCH)
	if err := os.Mkdir(platform, 0o700); err != nil {
		t.Fatal(err)
	}
	lay(platform)
	bin, err := desktoptest.ServerProgram()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := runIn(nil, bin, "update", "pack", version, dir); err != nil {
		t.Fatalf("pack: %v\n%s", err, out)
	}
	manifest := filepath.Join(dir, "manifest.json")
	raw, err := os.ReadFile(manifest)
	if err == nil {
		err = os.WriteFile(manifest+".minisig", minisign.Sign(v.private, raw), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// publish hands a packed version to the server, which offers it to all.
func (v *vendor) publish(h *house, version, dir string) {
	h.t.Helper()
	bin, err := desktoptest.ServerProgram()
	if err != nil {
		h.t.Fatal(err)
	}
	for _, args := range [][]string{{"publish", dir}, {"offer", version}} {
		if out, err := runIn([]string{"SENDJAY_DATA=" + h.data, "SENDJAY_UPDATE_KEY=" + v.public.String()}, bin, append([]string{"update"}, args...)...); err != nil {
			h.t.Fatalf("%q: %v\n%s", args, err, out)
		}
	}
}

// install starts the version that lies in dir, signed in as kim, and returns its icon once it is online.
func (h *house) install(dir string, args ...string) (*running, *sessionbus.Item) {
	h.t.Helper()
	args = append(args, "--server", h.server, "--hidden", "--sign-in-stdin", "--window", filepath.Join(h.bin, asWindow))
	c := exec.Command(filepath.Join(dir, "sendjay"), args...)
	c.Env, c.Stderr, c.Stdin = h.env, h.stderr, strings.NewReader("kim\npassword-kim\n")
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	r := &running{c, make(chan error, 1)}
	go func() { r.ended <- c.Wait() }()
	h.t.Cleanup(func() { _ = c.Process.Kill() })
	i := h.host.Item()
	h.looks(i, icon.Status{})
	return r, i
}

// shows waits until the menu has this entry.
func (h *house) shows(i *sessionbus.Item, label string) {
	h.t.Helper()
	i.Await("the entry "+label, func() bool { _, is := i.Menu().Find(label); return is })
}

// The whole way with two real builds and one that falls: offered, fetched, put in place, taken back.
func TestTheTrayBecomesANewerVersionAndComesBackFromABadOne(t *testing.T) {
	t.Parallel()
	v := worksOf(t)
	h := build(t)
	h.settings = []string{"SENDJAY_UPDATE_KEY=" + v.public.String()}
	h.serve("kim", "lee")
	dir := t.TempDir()
	v.lay(t, dir, oldVersion)
	// All is made before the tray starts: in the minutes after that it looks for versions by itself.
	good := v.packed(t, newVersion, func(dir string) { v.lay(t, dir, newVersion) })
	bad := v.packed(t, "v1.2.0", func(dir string) {
		if err := desktoptest.Build(filepath.Join(dir, "sendjay"), "sendjay/desktop/tray/testdata/broken", "-X main.version=v1.2.0"); err != nil {
			t.Fatal(err)
		}
		windowOf(t, dir, "v1.2.0")
	})
	r, i := h.install(dir)
	child := h.childOf(r, 0)
	i.Choose("Check for updates")
	h.shows(i, "Up to date. Check again")

	v.publish(h, newVersion, good)
	i.Choose("Up to date. Check again")
	h.shows(i, "Restart to update to v1.1.0")
	i.Choose("Restart to update to v1.1.0")
	child = h.childOf(r, child)
	i = h.host.Item()
	h.shows(i, "Sendjay v1.1.0 · connected")
	if window, err := os.ReadFile(filepath.Join(dir, "sendjay-window")); err != nil || string(window) != "window of v1.1.0" {
		t.Errorf("the window is %q, %v", window, err)
	}
	journal := filepath.Join(updateDir(h.profile()), "journal.json")
	h.await("the new version to say that it is well", func() bool { _, err := os.Stat(journal); return os.IsNotExist(err) })
	lee := h.person("lee")
	room := lee.room()
	lee.send(room, "how is the new one?")
	if n := h.notes.Await(1); n.Body != "how is the new one?" {
		t.Errorf("notification %q", n.Body)
	}

	v.publish(h, "v1.2.0", bad)
	i.Choose("Check for updates")
	h.shows(i, "Restart to update to v1.2.0")
	i.Choose("Restart to update to v1.2.0")
	h.childOf(r, child)
	i = h.host.Item()
	h.shows(i, "Sendjay v1.1.0 · connected")
	if failed := update.New(update.Config{Dir: updateDir(h.profile())}).Failed(); len(failed) != 1 || failed[0] != "v1.2.0" {
		t.Errorf("failed here: %q", failed)
	}
	if window, err := os.ReadFile(filepath.Join(dir, "sendjay-window")); err != nil || string(window) != "window of v1.1.0" {
		t.Errorf("the window is %q, %v", window, err)
	}
	lee.send(room, "and the old one?")
	h.await("the message", func() bool {
		asked := h.notes.Asked()
		return asked[len(asked)-1].Body == "and the old one?"
	})
	i.Choose("Quit")
	if err := h.wait(r); err != nil {
		t.Errorf("quit: %v\n%s", err, h.stderr)
	}
}

func TestAVersionSignedBySomebodyElseIsNotTaken(t *testing.T) {
	t.Parallel()
	v := worksOf(t)
	stranger, err := newVendor()
	if err != nil {
		t.Fatal(err)
	}
	h := build(t)
	h.settings = []string{"SENDJAY_UPDATE_KEY=" + stranger.public.String()} // the server was taken over
	h.serve("kim")
	dir := t.TempDir()
	v.lay(t, dir, oldVersion)
	theirs := stranger.packed(t, newVersion, func(dir string) { v.lay(t, dir, newVersion) })
	_, i := h.install(dir)
	stranger.publish(h, newVersion, theirs)
	i.Choose("Check for updates")
	h.shows(i, "Updates could not be checked. Try again")
	if !strings.Contains(h.stderr.String(), "the signature is not one of the known key") {
		t.Errorf("log:\n%s", h.stderr)
	}
	h.shows(i, "Sendjay v1.0.0 · connected")
}

func TestANewerVersionThatWaitsIsThereAfterTheNextStart(t *testing.T) {
	t.Parallel()
	v := worksOf(t)
	h := build(t)
	h.settings = []string{"SENDJAY_UPDATE_KEY=" + v.public.String()}
	h.serve("kim")
	dir := t.TempDir()
	v.lay(t, dir, oldVersion)
	good := v.packed(t, newVersion, func(dir string) { v.lay(t, dir, newVersion) })
	r, i := h.install(dir)
	v.publish(h, newVersion, good)
	i.Choose("Check for updates")
	h.shows(i, "Restart to update to v1.1.0")
	// The power goes.
	child := h.childOf(r, 0)
	_ = r.Process.Kill()
	if p, err := os.FindProcess(child); err == nil {
		_ = p.Kill()
	}
	_ = h.wait(r)
	_, i = h.install(dir)
	h.shows(i, "Sendjay v1.1.0 · connected")
}

func TestWhatWaitsIsPutInPlaceWhenNobodyWouldNotice(t *testing.T) {
	for name, c := range map[string]struct {
		near  protocol.Attention
		alert bool
		wait  time.Duration
		want  bool
	}{
		"somebody works, without a window":      {protocol.Attention{}, false, 0, false},
		"for a while without a window":          {protocol.Attention{}, false, calmFor + lookAgain, true},
		"the computer is locked":                {protocol.Attention{Locked: true}, true, 0, true},
		"the person is away":                    {protocol.Attention{Idle: 120}, false, 0, true},
		"away, with a notification to click on": {protocol.Attention{Idle: 120}, true, 2 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				ended := false
				d.quit = func() { ended = true }
				d.step(func() {
					d.renewal.closed = time.Now()
					if c.alert {
						d.alerts["room"] = &alert{}
					}
					d.near = c.near
					d.found("v1.1.0", true, nil)
				})
				d.pass(c.wait)
				d.step(func() {
					if ended != c.want || d.renewal.now != c.want {
						t.Errorf("ended %v, want %v", ended, c.want)
					}
				})
			})
		})
	}
}

// A package, or the tray of somebody else, has replaced the programs while this tray runs.
func TestATrayWhoseProgramWasReplacedIsTheNewOneBeforeItOpensAWindow(t *testing.T) {
	t.Parallel()
	v := worksOf(t)
	h := build(t)
	h.serve("kim")
	dir, other := t.TempDir(), t.TempDir()
	v.lay(t, dir, oldVersion)
	v.lay(t, other, newVersion)
	r, _ := h.install(dir)
	child := h.childOf(r, 0)
	replace := func() {
		t.Helper()
		for _, name := range []string{"sendjay-window", "sendjay"} {
			if err := os.Rename(filepath.Join(other, name), filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	replace()
	if out, err := runIn(h.env, filepath.Join(dir, "sendjay"), "sendjay://message/r-1/7"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	child = h.childOf(r, child)
	i := h.host.Item()
	h.shows(i, "Sendjay v1.1.0 · connected")
	if line := h.awaitLine("load ", 1); !strings.HasSuffix(line, "#/room/r-1/7") {
		t.Errorf("the window shows %q", line)
	}
	h.awaitLine("show", 1)

	// And back, as after a trial that was lost.
	v.lay(t, other, oldVersion)
	i.Choose("Check for updates")
	h.shows(i, "Up to date. Check again")
	replace()
	i.Choose("Up to date. Check again")
	h.shows(i, "Restart to update to v1.0.0")
	i.Choose("Restart to update to v1.0.0")
	h.childOf(r, child)
	h.shows(h.host.Item(), "Sendjay v1.0.0 · connected")
}
