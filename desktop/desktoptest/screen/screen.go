// Package screen is a virtual display with a window manager, for tests that need to see and to click.
// It knows Xvfb, Xephyr, openbox and xdotool; it knows nothing of what is shown.
package screen

import (
	"bufio"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long any of the waiting functions waits before the test fails.
const patience = 30 * time.Second

// Screen is a running display of 1280 by 900 pixels.
type Screen struct {
	t testing.TB
	// Name is what DISPLAY has to be.
	Name string
}

// Start runs a display with a window manager until the test ends.
func Start(t testing.TB) *Screen {
	t.Helper()
	return display(t, exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset")).managed()
}

// StartWithin does the same in a window of another display, of which the size is the size of the first.
func StartWithin(t testing.TB) (inner, outer *Screen) {
	t.Helper()
	outer = display(t, exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"))
	inner = display(t, outer.tool("Xephyr", "-displayfd", "3", "-resizeable", "-screen", "1280x900", "-nolisten", "tcp", "-noreset"))
	return inner.managed(), outer
}

// display runs a server that picks a free number and says it on descriptor 3. It must not start anew when the last one
// leaves: who asks whether the window manager is there may be the first and the last, and the manager is then thrown out.
func display(t testing.TB, server *exec.Cmd) *Screen {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server.ExtraFiles = []*os.File{w}
	launch(t, server)
	_ = w.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("%s named no display: %v", server.Path, err)
	}
	return &Screen{t, ":" + strings.TrimSpace(number)}
}

func (s *Screen) managed() *Screen {
	s.t.Helper()
	manager := exec.Command("openbox", "--sm-disable")
	manager.Env = append(os.Environ(), "DISPLAY="+s.Name)
	launch(s.t, manager)
	s.await("the window manager", func() bool {
		return s.tool("xdotool", "get_desktop").Run() == nil // nobody else sets that property
	})
	return s
}

func launch(t testing.TB, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatalf("a test of the window needs %s: %v", c.Path, err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

func (s *Screen) tool(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "DISPLAY="+s.Name)
	return c
}

// Run runs a program on the screen and returns what it says.
func (s *Screen) Run(name string, args ...string) string {
	s.t.Helper()
	out, err := s.tool(name, args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Window waits until a window of this class is on the screen and returns its number.
func (s *Screen) Window(class string) string {
	s.t.Helper()
	var found string
	s.await("a window of class "+class, func() bool {
		out, err := s.tool("xdotool", "search", "--onlyvisible", "--class", "^"+class+"$").Output()
		lines := strings.Fields(string(out))
		if err != nil || len(lines) == 0 {
			return false
		}
		found = lines[len(lines)-1]
		return true
	})
	return found
}

// Visible reports whether a window of this class is on the screen.
func (s *Screen) Visible(class string) bool {
	return s.tool("xdotool", "search", "--onlyvisible", "--class", "^"+class+"$").Run() == nil
}

// Title returns the title of a window.
func (s *Screen) Title(window string) string {
	s.t.Helper()
	return s.Run("xdotool", "getwindowname", window)
}

// Click clicks with the left button at a place inside the window.
func (s *Screen) Click(window string, x, y int) {
	s.t.Helper()
	s.Run("xdotool", "mousemove", "--window", window, fmt.Sprint(x), fmt.Sprint(y), "click", "1")
}

// Type types text into the window that has the keyboard.
func (s *Screen) Type(text string) { s.t.Helper(); s.Run("xdotool", "type", "--delay", "20", text) }

// Key presses a key, such as Return or alt+F4, in the window that has the keyboard.
func (s *Screen) Key(name string) { s.t.Helper(); s.Run("xdotool", "key", name) }

// Shot keeps a picture of the whole screen as build/screens/NAME.png in the repository.
func (s *Screen) Shot(name string) string {
	s.t.Helper()
	dir := filepath.Join(root(s.t), "build", "screens")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(dir, name+".png")
	s.Run("import", "-window", "root", file)
	return file
}

// Pixels counts the pixels of one colour on the whole screen: a way to wait for what a person waits for.
func (s *Screen) Pixels(want color.RGBA) int {
	s.t.Helper()
	raw, err := s.tool("import", "-window", "root", "-depth", "8", "rgba:-").Output()
	if err != nil {
		s.t.Fatalf("import: %v", err)
	}
	n := 0
	for i := 0; i+3 < len(raw); i += 4 {
		if raw[i] == want.R && raw[i+1] == want.G && raw[i+2] == want.B {
			n++
		}
	}
	return n
}

// root is the folder of go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// Await waits until ready holds, looking again ten times a second: X tells a bystander little.
func (s *Screen) Await(what string, ready func() bool) { s.t.Helper(); s.await(what, ready) }

// Watch does the same for who wants to know when, and looks every 4 ms: ready has to be cheap.
func (s *Screen) Watch(what string, ready func() bool) {
	s.t.Helper()
	s.look(4*time.Millisecond, what, ready)
}

func (s *Screen) await(what string, ready func() bool) {
	s.t.Helper()
	s.look(100*time.Millisecond, what, ready)
}

func (s *Screen) look(every time.Duration, what string, ready func() bool) {
	s.t.Helper()
	late := time.After(patience)
	again := time.NewTicker(every)
	defer again.Stop()
	for !ready() {
		select {
		case <-again.C:
		case <-late:
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}
