package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/shared/protocol"
)

const patience = 30 * time.Second

// The names under which the test binary is another program.
const (
	asTray    = "sendjay-under-test"
	asWindow  = "window-under-test"
	asBrowser = "xdg-open"
)

// TestMain lets the test binary be the tray, so that what is tested is what was compiled (also with
// the race detector), and a window and a browser that write down what they are told.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case asTray:
		main()
	case asWindow:
		pretendWindow()
	case asBrowser:
		record("browser " + strings.Join(os.Args[1:], " "))
	default:
		os.Exit(m.Run())
	}
}

// record appends a line to the diary of the test's programs.
func record(line string) {
	f, err := os.OpenFile(os.Getenv("DIARY"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		panic(err)
	}
	defer func() { _ = f.Close() }()
	_, _ = f.WriteString(line + "\n")
}

// pretendWindow behaves like the window's process, without a window.
func pretendWindow() {
	if os.Getenv("NO_ENGINE") != "" {
		fmt.Fprintln(os.Stderr, "no display to show a window on")
		os.Exit(3)
	}
	record("window " + strings.Join(os.Args[1:], " "))
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		record(in.Text())
		switch in.Text() {
		case "quit":
			return
		case "show":
			fmt.Println("moved 900x700+5+6")
			fmt.Println("open-external https://example.org/link")
			fmt.Println("open-external file:///etc/passwd")
			if os.Getenv("IMPATIENT") != "" {
				fmt.Println("closed") // by the person
			}
		}
	}
	record("stdin closed")
}

// diary is what a program says while others read it.
type diary struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (d *diary) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(b)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

// house is a session with a panel, a notification service, a server and one tray in it.
type house struct {
	t      testing.TB
	bus    *sessionbus.Bus
	host   *sessionbus.Host
	notes  *sessionbus.Daemon
	env    []string
	bin    string // folder of the test's programs
	diary  string
	server string // address
	data   string // of the server
	kill   func() // ends the server at once
	pid    int    // of the server
	// settings are the server's, NAME=value.
	settings []string
	stderr   *diary
}

func build(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, bus: sessionbus.Start(t), bin: t.TempDir(), stderr: new(diary)}
	h.host, h.notes = h.bus.Host(t), h.bus.Notifications(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{asTray, asWindow, asBrowser} {
		if err := os.Symlink(self, filepath.Join(h.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	h.diary = filepath.Join(t.TempDir(), "diary")
	t.Cleanup(h.races)
	h.env = append(h.bus.Env(t), "GORACE=exitcode=0", "LANG=en_US.UTF-8", "DIARY="+h.diary, "PATH="+h.bin+":"+os.Getenv("PATH"))
	return h
}

// races fails the test for what the race detector found in the tray, but for what happens inside the
// tray library: systray v1.12.2 counts its menu's version in two goroutines, and godbus v5.2.4
// (prop.Properties) answers a panel's question for the icon without its lock while a new one is put in.
// A panel that reads at such a moment is told to read again.
func (h *house) races() {
	for block := range strings.SplitSeq(h.stderr.String(), "==================") {
		library := strings.Contains(block, "fyne.io/systray.") || strings.Contains(block, "godbus/dbus/v5/prop.(*Properties).")
		if strings.Contains(block, "DATA RACE") && !library {
			h.t.Errorf("%s", block)
		}
	}
}

// serve starts a server with these people, each with the password "password-ID".
func (h *house) serve(people ...string) {
	h.t.Helper()
	bin, err := desktoptest.ServerProgram()
	if err != nil {
		h.t.Fatal(err)
	}
	h.data = h.t.TempDir()
	for _, id := range people {
		add := exec.Command(bin, "user", "add", id, "--name", strings.ToUpper(id[:1])+id[1:], "--data", h.data, "--password-stdin")
		add.Stdin = strings.NewReader("password-" + id + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			h.t.Fatalf("add %s: %v\n%s", id, err, out)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	h.server = "http://" + l.Addr().String()
	_ = l.Close()
	h.kill = h.startServer()
}

// startServer starts it (again) on the same address and waits until it answers.
func (h *house) startServer() (kill func()) {
	h.t.Helper()
	bin, _ := desktoptest.ServerProgram()
	c := exec.Command(bin, "--listen", strings.TrimPrefix(h.server, "http://"), "--data", h.data)
	c.Env = append(os.Environ(), h.settings...)
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.pid = c.Process.Pid
	kill = sync.OnceFunc(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	h.t.Cleanup(kill)
	h.await("the server", func() bool {
		r, err := http.Get(h.server + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return kill
}

func (h *house) await(what string, ready func() bool) {
	h.t.Helper()
	late := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !ready() {
		select {
		case <-again.C:
		case <-late:
			h.t.Fatalf("waited in vain for %s\ntray: %s\ndiary: %q", what, h.stderr, h.lines())
		}
	}
}

// lines returns the diary.
func (h *house) lines() []string {
	raw, _ := os.ReadFile(h.diary)
	return strings.Split(strings.TrimSpace(string(raw)), "\n")
}

// awaitLine waits for the n-th line of the diary (from 1) that begins like this.
func (h *house) awaitLine(start string, n int) string {
	h.t.Helper()
	found := ""
	h.await(fmt.Sprintf("%q for the %d. time", start, n), func() bool {
		seen := 0
		for _, line := range h.lines() {
			if strings.HasPrefix(line, start) {
				if seen++; seen == n {
					found = line
					return true
				}
			}
		}
		return false
	})
	return found
}

// running is a started tray.
type running struct {
	*exec.Cmd
	ended chan error
}

func (h *house) command(args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(h.bin, asTray), append([]string{"--window", filepath.Join(h.bin, asWindow)}, args...)...)
	c.Env = h.env
	return c
}

func (h *house) start(args ...string) *running {
	h.t.Helper()
	c := h.command(args...)
	c.Stderr = h.stderr
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	r := &running{c, make(chan error, 1)}
	silent := make(chan struct{})
	go func() {
		r.ended <- c.Wait() // until nobody has the diary open any more: the tray ends a moment after its watcher
		close(silent)
	}()
	h.t.Cleanup(func() {
		_ = c.Process.Kill()
		select {
		case <-silent: // nothing is written into the folders of the test any more
		case <-time.After(patience):
			h.t.Error("the tray outlives its watcher")
		}
	})
	return r
}

// wait waits for the tray's own end.
func (h *house) wait(r *running) error {
	h.t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(patience):
		h.t.Fatalf("the tray did not end\n%s", h.stderr)
		return nil
	}
}

// page is a client of HTTP: the page in the window, or another person's browser.
type page struct {
	t    testing.TB
	base string
	http *http.Client
	auth string
	// first is the path to which a window's link led.
	first string
}

// none is a call that has no answer.
func (p *page) none(method, path string, in any) {
	p.t.Helper()
	p.ask(http.StatusNoContent, method, path, in, nil)
}

func (p *page) call(method, path string, in, out any) {
	p.t.Helper()
	p.ask(http.StatusOK, method, path, in, out)
}

func (p *page) ask(status int, method, path string, in, out any) {
	p.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			p.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequest(method, p.base+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", p.base)
	if p.auth != "" {
		r.Header.Set("Authorization", "Bearer "+p.auth)
	}
	resp, err := p.http.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != status {
		p.t.Fatalf("%s %s: %s %s", method, path, resp.Status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
}

// person signs somebody in at the server, as a browser does.
func (h *house) person(id protocol.UserID) *page {
	h.t.Helper()
	p := &page{t: h.t, base: h.server, http: new(http.Client)}
	var in protocol.SignedIn
	p.call("POST", "/api/v1/auth/login", protocol.Login{UserID: id, Password: "password-" + string(id), Device: protocol.Web}, &in)
	p.auth = in.AccessToken
	return p
}

// open follows the link that the window was given, as the page does, and returns the page.
func (h *house) open(link string) *page {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	p := &page{t: h.t, http: &http.Client{Jar: jar}}
	resp, err := p.http.Get(link)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %s", link, resp.Status)
	}
	at := resp.Request.URL
	p.base, p.first = at.Scheme+"://"+at.Host, at.RequestURI()
	return p
}

var messages atomic.Int64

// message makes a message id.
func message() protocol.MessageID {
	return protocol.MessageID(fmt.Sprintf("0190b0b0-0000-7000-8000-%012d", messages.Add(1)))
}
