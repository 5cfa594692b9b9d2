package main

import (
	"bufio"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/screen"
)

// TestMain lets the test binary be the window, so that what is tested is what was compiled.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_WINDOW") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// shown is a window process under test.
type shown struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines chan string
	heard []string
}

func start(t *testing.T, s *screen.Screen, args ...string) *shown {
	t.Helper()
	w := &shown{t: t, cmd: exec.Command(os.Args[0], args...), lines: make(chan string, 64)}
	w.cmd.Env = append(os.Environ(), "BE_THE_WINDOW=1", "DISPLAY="+s.Name, "GDK_BACKEND=x11", "HOME="+t.TempDir(),
		// Whoever asks this proxy gets nothing.
		"http_proxy=http://127.0.0.1:1", "no_proxy=")
	var err error
	if w.stdin, err = w.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	go func() {
		defer close(w.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			w.lines <- in.Text()
		}
	}()
	return w
}

func (w *shown) tell(line string) {
	w.t.Helper()
	if _, err := io.WriteString(w.stdin, line+"\n"); err != nil {
		w.t.Fatal(err)
	}
}

// await waits for a line that begins like this.
func (w *shown) await(start string) string {
	w.t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case line, open := <-w.lines:
			if !open {
				w.t.Fatalf("the window ended while %q was awaited; it said %q", start, w.heard)
			}
			w.heard = append(w.heard, line)
			if strings.HasPrefix(line, start) {
				return line
			}
		case <-late:
			w.t.Fatalf("waited in vain for %q; the window said %q", start, w.heard)
		}
	}
}

// serve answers every question with one page, and tells what was asked for.
func serve(t *testing.T, page string) (address string, asked chan string) {
	t.Helper()
	asked = make(chan string, 1024)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, asked
}

// linked is one link to another site, all of it.
const linked = `<!doctype html><title>x</title><body style="margin:0;background:#0a66c2;color:#fff;font:40px sans-serif">
<p>Sendjay 창</p><a href="https://example.org/out" style="position:fixed;left:0;top:0;right:0;height:50%"></a>
<a href="https://example.org/new" target="_blank" style="position:fixed;left:0;bottom:0;right:0;height:50%"></a>
<script>addEventListener("load",()=>requestAnimationFrame(()=>requestAnimationFrame(()=>fetch("/painted"))))</script>`

func page(t *testing.T) (address string, asked chan string) { t.Helper(); return serve(t, linked) }

func painted(t *testing.T, asked chan string) {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case path := <-asked:
			if path == "/painted" {
				return
			}
		case <-late:
			t.Fatal("the page did not appear")
		}
	}
}

func TestAWindowHasManners(t *testing.T) {
	s := screen.Start(t)
	address, asked := page(t)
	w := start(t, s, "-place", "700x500+60+40", "-title", "Sendjay", "-data", t.TempDir())
	w.await("ready")
	if s.Visible("Sendjay") {
		t.Error("a window appeared before it was asked for")
	}
	w.tell("load " + address + "/")
	w.tell("show")
	id := s.Window("Sendjay")
	painted(t, asked)
	if got := w.await("moved "); got != "moved 700x500+60+40" {
		t.Errorf("stands at %q", got)
	}
	// The engine says that it has painted before the display shows it.
	s.Await("the page on the screen", func() bool { return blueIn(t, s.Shot("window")) >= 200_000 })
	s.Await("the title of the page", func() bool { return s.Title(id) == "x" })
	w.tell("title Sendjay · 3")
	s.Await("the new title", func() bool { return s.Title(id) == "Sendjay · 3" })

	s.Click(id, 350, 100)
	if got := w.await("open-external"); got != "open-external https://example.org/out" {
		t.Errorf("a foreign link gave %q", got)
	}
	s.Click(id, 350, 400)
	if got := w.await("open-external"); got != "open-external https://example.org/new" {
		t.Errorf("a link to a new window gave %q", got)
	}

	s.Key("ctrl+plus")
	if got := w.await("zoom "); got != "zoom 110" {
		t.Errorf("zoomed in, and heard %q", got)
	}
	s.Key("ctrl+0")
	w.await("zoom 100")

	w.tell("size 800x600+10+10")
	w.await("moved 800x600+10+10")
	w.tell("size 10x10") // below what the page needs
	w.await("moved 360x480")

	kill(t, w.cmd.Process.Pid, "WebKitWebProces")
	w.await("crashed")
	w.tell("load " + address + "/")
	painted(t, asked)

	s.Key("alt+F4")
	w.await("closed")
	s.Await("the window to go", func() bool { return !s.Visible("Sendjay") })
	w.tell("show")
	s.Window("Sendjay")
	w.tell("hide")
	w.await("closed")

	_ = w.stdin.Close()
	if err := w.cmd.Wait(); err != nil {
		t.Errorf("when its stdin closed the window ended with %v", err)
	}
}

// GTK takes XIM for Korean where no other input method is installed.
func TestAWindowGoesOnPaintingWhileXItselfComposes(t *testing.T) {
	t.Setenv("GTK_IM_MODULE", "xim")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><title>still</title><style>body{margin:0;background:#0a66c2}body.typed{background:#fff}</style>
<input style="width:300px;height:60px" oninput="document.body.className='typed';document.title=this.value">`)
	}))
	t.Cleanup(srv.Close)
	s := screen.Start(t)
	w := start(t, s, "-place", "700x500+60+40", "-title", "Sendjay", "-data", t.TempDir())
	w.await("ready")
	w.tell("load " + srv.URL + "/")
	w.tell("show")
	id := s.Window("Sendjay")
	s.Await("the page on the screen", func() bool { return blueIn(t, s.Shot("still")) >= 200_000 })
	s.Click(id, 150, 30)
	s.Type("a")
	s.Await("the page to know what was typed", func() bool { return s.Title(id) == "a" })
	s.Await("the screen to show it", func() bool { return blueIn(t, s.Shot("composed")) == 0 })
}

func TestAReopenedWindowIsWhereItWas(t *testing.T) {
	s := screen.Start(t)
	w := start(t, s, "-place", "700x500+130+90", "-data", t.TempDir())
	again := func(want string) {
		t.Helper()
		w.tell("hide")
		w.await("closed")
		w.tell("show")
		id := s.Window("Sendjay")
		w.tell("title " + want)
		s.Await("the title "+want, func() bool { return s.Title(id) == want })
		w.tell("hide") // tells the place first, if it is another one
		w.await("closed")
		for _, line := range w.heard {
			if strings.HasPrefix(line, "moved ") && line != want {
				t.Errorf("%q, want %q", line, want)
			}
		}
		w.heard = nil
		w.tell("show")
		s.Window("Sendjay")
	}
	w.tell("show")
	w.await("moved 700x500+130+90")
	again("moved 700x500+130+90")
	w.tell("size 600x520+222+33")
	w.await("moved 600x520+222+33")
	w.heard = nil
	again("moved 600x520+222+33")
}

func TestAWindowFitsASmallerScreen(t *testing.T) {
	s := screen.Start(t)
	for _, at := range []string{"700x500+5000+4000", "9000x8000-3000-2000"} {
		w := start(t, s, "-place", at, "-data", t.TempDir())
		w.tell("show")
		got, err := readPlace(strings.TrimPrefix(w.await("moved "), "moved "))
		if err != nil || got.X < 0 || got.Y < 0 || got.X+got.W > 1280 || got.Y+got.H > 900 {
			t.Errorf("%s became %+v, %v", at, got, err)
		}
		_ = w.stdin.Close()
		_ = w.cmd.Wait()
	}
}

func TestAWindowMovesToWhatIsLeftOfTheScreen(t *testing.T) {
	s, outer := screen.StartWithin(t)
	w := start(t, s, "-place", "700x500+540+360", "-data", t.TempDir())
	w.tell("show")
	w.await("moved 700x500+540+360")
	outer.Run("xdotool", "search", "--name", "Xephyr", "windowsize", "900", "700")
	for {
		got, err := readPlace(strings.TrimPrefix(w.await("moved "), "moved "))
		if err != nil {
			t.Fatal(err)
		}
		if got.X >= 0 && got.Y >= 0 && got.X+got.W <= 900 && got.Y+got.H <= 700 {
			break // the window manager may have moved it half the way before
		}
	}
}

func TestTwoCrashesInAMinuteEndTheWindow(t *testing.T) {
	s := screen.Start(t)
	address, asked := page(t)
	w := start(t, s)
	w.tell("load " + address + "/")
	w.tell("show")
	for i := range 2 {
		painted(t, asked)
		kill(t, w.cmd.Process.Pid, "WebKitWebProces")
		w.await("crashed")
		if i == 0 {
			w.tell("load " + address + "/")
		}
	}
	for range w.lines {
	}
	if err := w.cmd.Wait(); err == nil || w.cmd.ProcessState.ExitCode() != exitCrashed {
		t.Errorf("ended with %v", err)
	}
}

func TestWithoutADisplayTheWindowSaysSo(t *testing.T) {
	c := exec.Command(os.Args[0])
	c.Env = []string{"BE_THE_WINDOW=1", "HOME=" + t.TempDir()}
	out, err := c.CombinedOutput()
	if err == nil || c.ProcessState.ExitCode() != exitNoEngine || !strings.Contains(string(out), "no display") {
		t.Errorf("%v: %s", err, out)
	}
}

// kill ends the child of pid whose name is name.
func kill(t *testing.T, pid int, name string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stats {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		f := strings.Fields(string(raw))
		if slices.Contains(f[1:3], "("+name+")") && f[3] == strconv.Itoa(pid) {
			n, _ := strconv.Atoi(f[0])
			p, err := os.FindProcess(n)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Kill(); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("process %d has no child %s", pid, name)
}

func blueIn(t *testing.T, file string) int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, y).RGBA(); r>>8 == 0x0a && g>>8 == 0x66 && b>>8 == 0xc2 {
				n++
			}
		}
	}
	return n
}
