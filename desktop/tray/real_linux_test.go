package main

import (
	"bytes"
	"image/color"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/screen"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

// windowBinary builds the real window.
func windowBinary(t testing.TB) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sendjay-window")
	c := exec.Command("go", "build", "-trimpath", "-o", file, "sendjay/desktop/window")
	c.Env = append(os.Environ(), "CGO_ENABLED=1", "PKG_CONFIG_PATH="+filepath.Join(root, "packaging", "linux", "pkgconfig")+":"+os.Getenv("PKG_CONFIG_PATH"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build the window: %v\n%s", err, out)
	}
	return file
}

// enginesOf returns the processes that draw pages on a display.
func enginesOf(t testing.TB, display string) (pids []int) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		name, _ := os.ReadFile(file) // one that has just ended has none
		env, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "environ"))
		if !strings.HasPrefix(string(name), "WebKitWebProc") || !slices.Contains(strings.Split(string(env), "\x00"), "DISPLAY="+display) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// The whole way with real programs: a person signs in at the real window, a message comes from a
// browser, a click on its notification opens the window in that room, and while the room is in front
// and focused no notification comes; also not when the web engine has died meanwhile.
func TestTheRealWindowOpensTheRoomAndKeepsTheTraySilent(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.serve("kim", "lee")
	s := screen.Start(t)
	h.env = append(h.env, "DISPLAY="+s.Name, "GDK_BACKEND=x11", "SENDJAY_LOG_LEVEL=debug")
	window := windowBinary(t)
	c := exec.Command(filepath.Join(h.bin, asTray), "--server", h.server, "--window", window)
	c.Env, c.Stderr = h.env, h.stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	t.Cleanup(func() { _ = c.Process.Kill() })
	i := h.host.Item()
	s.Window("Sendjay")

	// The button of the sign-in is there: the accent colour of the page.
	accent := color.RGBA{0x0a, 0x66, 0xc2, 0xff}
	s.Await("the sign-in", func() bool { return s.Pixels(accent) > 5000 })
	s.Shot("window-sign-in")
	s.Type("kim")
	s.Key("Tab")
	s.Type("password-kim")
	s.Key("Return")
	h.looks(i, icon.Status{})

	lee := h.person("lee")
	room := lee.room()
	lee.send(room, "Is anybody there?")
	note := h.notes.Await(1)
	h.looks(i, icon.Status{Unread: 1})
	s.Shot("window-unread")

	// The person closes the window; the tray stays.
	s.Key("alt+F4")
	s.Await("the window to close", func() bool { return !s.Visible("Sendjay") })

	before := time.Now()
	h.notes.Click(note.ID, "")
	s.Window("Sendjay")
	t.Logf("window on the screen %v after the click", time.Since(before).Round(time.Millisecond))
	h.looks(i, icon.Status{}) // read, because the room is in front

	isRead := func(body string) {
		t.Helper()
		sent := lee.send(room, body)
		h.await("the message to be read", func() bool {
			var page protocol.MessagesPage
			lee.call("GET", "/api/v1/rooms/"+string(room)+"/messages", nil, &page)
			last := page.Messages[len(page.Messages)-1]
			return last.Seq == sent.Seq && last.Unread == 0
		})
	}
	isRead("Good, you see me.")
	s.Shot("window-room")
	if asked := h.notes.Asked(); len(asked) != 1 || len(h.notes.Open()) != 0 {
		t.Errorf("notifications although the room is in front: %+v", asked)
	}

	// The engine dies under the page: it comes back in that room, and so does the rest of the window.
	engine := enginesOf(t, s.Name)
	if len(engine) != 1 {
		t.Fatalf("engines: %v", engine)
	}
	_ = syscall.Kill(engine[0], syscall.SIGKILL)
	h.await("another engine", func() bool { now := enginesOf(t, s.Name); return len(now) == 1 && now[0] != engine[0] })
	isRead("Are you still there?")
	h.notes.AwaitOpen(0)

	// The engine keeps a copy of the room for the next time, and none of its words can be read where they lie.
	h.await("a copy on the disk", func() bool { return copied(t, h.profile()) })
	i.Choose("Quit")
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("quit: %v\n%s", err, h.stderr)
		}
	case <-time.After(patience):
		t.Fatal("the tray did not end")
	}
	s.Await("the window to go with the tray", func() bool { return !s.Visible("Sendjay") })
	if at := lying(t, h.profile(), "Is anybody there?", "Good, you see me.", "Are you still there?"); len(at) != 0 {
		t.Errorf("words of the person can be read in %v", at)
	}
}

// copied reports whether the web engine has written something of substance into its database for pages.
func copied(t testing.TB, profile string) bool {
	t.Helper()
	var size int64
	all, err := filepath.Glob(filepath.Join(profile, "window", "databases", "indexeddb", "*", "*", "*", "IndexedDB.sqlite3-wal"))
	for _, file := range all {
		if info, err := os.Stat(file); err == nil {
			size += info.Size()
		}
	}
	return err == nil && size > 50_000
}

// lying returns the files under dir in which a text stands, in either of the ways in which programs write texts.
func lying(t *testing.T, dir string, texts ...string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(file)
		for _, text := range texts {
			wide := strings.Join(strings.Split(text, ""), "\x00")
			if bytes.Contains(raw, []byte(text)) || bytes.Contains(raw, []byte(wide)) {
				files = append(files, file)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
