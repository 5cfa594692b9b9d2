package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

// looks waits until the icon shows exactly what it should in this state.
func (h *house) looks(i *sessionbus.Item, s icon.Status) {
	h.t.Helper()
	i.Await("the icon of "+icon.Describe(s), func() bool {
		all := i.Icons()
		if len(all) == 1 { // until the program knows more than that it has started
			return s == (icon.Status{Offline: true}) && bytes.Equal(all[0].Pix, icon.Hard(s).Pix)
		}
		for _, img := range all {
			if !bytes.Equal(img.Pix, icon.Draw(s, img.Rect.Dx()).Pix) {
				return false
			}
		}
		return len(all) == len(sizes)
	})
}

// moveIn starts the tray, signs kim in through its window and waits until it is online.
func (h *house) moveIn() (*running, *sessionbus.Item, *page) {
	h.t.Helper()
	r := h.start("--server", h.server)
	i := h.host.Item()
	h.looks(i, icon.Status{Offline: true})
	link, _ := strings.CutPrefix(h.awaitLine("load ", 1), "load ")
	p := h.open(link)
	var in protocol.SignedIn
	p.call("POST", "/api/v1/auth/login", protocol.Login{UserID: "kim", Password: "password-kim", Device: protocol.Web}, &in)
	if in.User.ID != "kim" || in.AccessToken != "" || in.RefreshToken != "" {
		h.t.Errorf("the page was told %+v", in)
	}
	h.looks(i, icon.Status{})
	return r, i, p
}

// room makes a room of the page's person and kim.
func (p *page) room() protocol.RoomID {
	p.t.Helper()
	var made protocol.RoomCreated
	p.call("POST", "/api/v1/commands/room.create", protocol.CreateRoom{Members: []protocol.UserID{"kim"}}, &made)
	return made.Room.ID
}

func (p *page) send(room protocol.RoomID, body string) protocol.MessageSent {
	p.t.Helper()
	var sent protocol.MessageSent
	p.call("POST", "/api/v1/commands/message.send", protocol.SendMessage{ID: message(), Room: room, Type: protocol.Talk, Body: protocol.Text(body)}, &sent)
	return sent
}

func TestAMessageReachesTrayAndPerson(t *testing.T) {
	h := build(t)
	h.serve("kim", "lee")
	r, i, page := h.moveIn()
	if i.ID() != "Sendjay" {
		t.Errorf("a panel would remember the icon as %q", i.ID())
	}
	lee := h.person("lee")
	room := lee.room()

	lee.send(room, "lunch at <noon>?")
	first := h.notes.Await(1)
	if first.Summary != "Lee" || first.Body != "lunch at &lt;noon&gt;?" {
		t.Errorf("notification %q: %q", first.Summary, first.Body)
	}
	h.looks(i, icon.Status{Unread: 1})
	i.Await("the tooltip", func() bool { return i.Tooltip() == "Sendjay · Kim · 1 unread" })

	lee.send(room, "or later")
	second := h.notes.Await(2)
	if second.ID != first.ID || second.Body != "or later" {
		t.Errorf("the second one %+v does not replace the first", second)
	}
	h.looks(i, icon.Status{Unread: 2})
	i.Await("the room in the menu", func() bool { _, is := i.Menu().Find("Lee (2)"); return is })

	// A click opens the window in that room; before, it had been closed.
	h.notes.Click(second.ID, "token-7")
	h.awaitLine("show token-7", 1)

	// Read elsewhere: another device of kim moves the cursor.
	sent := lee.send(room, "still there?")
	h.notes.Await(3)
	page.call("POST", "/api/v1/commands/message.read", protocol.ReadMessages{Room: room, Seq: sent.Seq}, nil)
	h.notes.AwaitOpen(0)
	h.looks(i, icon.Status{})

	lee.send(room, "hello?")
	h.notes.Await(4)
	i.Choose("Quit")
	if err := h.wait(r); err != nil {
		t.Errorf("quit: %v\n%s", err, h.stderr)
	}
	h.notes.AwaitOpen(0)
	if h.awaitLine("quit", 1); strings.Contains(h.stderr.String(), "level=ERROR") {
		t.Errorf("log:\n%s", h.stderr)
	}
}

func TestTheServerDiesAndNothingIsLost(t *testing.T) {
	h := build(t)
	h.serve("kim", "lee")
	_, i, _ := h.moveIn()
	lee := h.person("lee")
	room := lee.room()
	lee.send(room, "before")
	h.notes.Await(1)
	h.looks(i, icon.Status{Unread: 1})

	h.kill()
	h.looks(i, icon.Status{Offline: true, Unread: 1})
	h.kill = h.startServer()
	lee = h.person("lee")
	lee.send(room, "after")
	h.looks(i, icon.Status{Unread: 2})
	if n := h.notes.Await(2); n.Body != "after" {
		t.Errorf("notification %q", n.Body)
	}
}

func TestDoNotDisturbFromTheMenu(t *testing.T) {
	h := build(t)
	h.serve("kim", "lee")
	_, i, _ := h.moveIn()
	lee := h.person("lee")
	room := lee.room()
	soon := time.Now()
	i.Choose("Do not disturb", "For 1 hour")
	h.looks(i, icon.Status{Quiet: true})
	late := time.Now()
	lee.send(room, "psst")
	h.looks(i, icon.Status{Quiet: true, Unread: 1})
	until := func(t time.Time) string { return "Do not disturb (until " + t.Add(time.Hour).Format("15:04") + ")" }
	if _, is := i.Menu().Find(until(soon), "Off"); is {
		late = soon // the minute may turn in between
	}
	i.Choose(until(late), "Off")
	h.looks(i, icon.Status{Unread: 1})
	lee.send(room, "now")
	h.looks(i, icon.Status{Unread: 2})
	for _, n := range h.notes.Asked() {
		if n.Body == "psst" {
			t.Error("it disturbed")
		}
	}
}

func TestASecondStartOpensTheWindowOfTheFirst(t *testing.T) {
	h := build(t)
	r := h.start("--server", "http://127.0.0.1:1")
	h.host.Item()
	h.awaitLine("show", 1)
	for n, args := range [][]string{{}, {"sendjay://room/r-1"}} {
		if out, err := h.command(args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v %s", args, err, out)
		}
		h.awaitLine("show", n+2)
	}
	if out, err := h.command("--hidden").CombinedOutput(); err != nil {
		t.Errorf("started once more at sign-in: %v %s", err, out)
	}
	bad := h.command("sendjay://quit/now")
	if out, err := bad.CombinedOutput(); err == nil || bad.ProcessState.ExitCode() != 2 {
		t.Errorf("a link that does something: %v %s", err, out)
	}
	out, err := h.command("--diagnose").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "link:") || !strings.Contains(string(out), "signed_out") {
		t.Errorf("diagnosis: %v\n%s", err, out)
	}
	if out, err := h.command("--quit").CombinedOutput(); err != nil {
		t.Errorf("quit: %v %s", err, out)
	}
	if err := h.wait(r); err != nil {
		t.Errorf("the first ended with %v", err)
	}
	// Somebody's links go to the browser, somebody's files do not.
	h.awaitLine("browser https://example.org/link", 1)
	if slices.ContainsFunc(h.lines(), func(l string) bool { return strings.Contains(l, "passwd") }) {
		t.Errorf("diary %q", h.lines())
	}
}

func TestTheWindowComesBackWhereItWas(t *testing.T) {
	h := build(t)
	r := h.start("--server", "http://127.0.0.1:1")
	h.awaitLine("show", 1)
	h.awaitLine("browser", 1) // the place was told just before
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := h.wait(r); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, h.stderr)
	}
	h.start("--server", "http://127.0.0.1:1")
	if line := h.awaitLine("window ", 2); !strings.Contains(line, "-place 900x700+5+6") {
		t.Errorf("started as %q", line)
	}
}

func TestAClosedWindowGivesItsMemoryBackAndComesAgain(t *testing.T) {
	h := build(t)
	h.env = append(h.env, "IMPATIENT=1")
	h.start("--server", "http://127.0.0.1:1", "--window-idle-exit", "0")
	h.awaitLine("quit", 1)
	h.host.Item().Click()
	h.awaitLine("window ", 2)
	h.awaitLine("quit", 2)
}

func TestWithoutAWebEngineTheBrowserServes(t *testing.T) {
	h := build(t)
	h.env = append(h.env, "NO_ENGINE=1")
	h.start("--server", "http://127.0.0.1:1", "--hidden")
	i := h.host.Item()
	i.Click()
	line := h.awaitLine("browser http://127.0.0.1:", 1)
	if n := h.notes.Await(1); n.Summary != "The window cannot be shown here" {
		t.Errorf("told %q", n.Summary)
	}
	h.open(strings.TrimPrefix(line, "browser "))
	i.Choose("Open in the browser")
	h.awaitLine("browser http://127.0.0.1:", 2)
}

func TestSigningInByStandardInput(t *testing.T) {
	h := build(t)
	h.serve("kim")
	start := func(typed string) *running {
		c := h.command("--server", h.server, "--profile", t.TempDir(), "--sign-in-stdin")
		c.Stdin, c.Stderr = strings.NewReader(typed), h.stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Process.Kill() })
		r := &running{c, make(chan error, 1)}
		go func() { r.ended <- c.Wait() }()
		return r
	}
	for _, typed := range []string{"", "kim\n", "kim\nwrong\n"} {
		if err := h.wait(start(typed)); err == nil {
			t.Errorf("%q was taken", typed)
		}
	}
	if got := h.stderr.String(); !strings.Contains(got, "sendjay: sign-in: ") {
		t.Errorf("said %q", got)
	}
	start("kim\npassword-kim\n")
	var me protocol.User
	h.open(strings.TrimPrefix(h.awaitLine("load ", 1), "load ")).call("GET", "/api/v1/me", nil, &me)
	if me.ID != "kim" {
		t.Errorf("signed in as %q", me.ID)
	}
}

func TestThePanelMayGoAndComeBack(t *testing.T) {
	h := build(t)
	h.start("--server", "http://127.0.0.1:1", "--hidden")
	h.host.Item().Click()
	h.awaitLine("show", 1)
	h.host.Leave()
	h.host.Return()
	i := h.host.Item()
	h.looks(i, icon.Status{Offline: true})
	i.Click()
	h.awaitLine("show", 2)
}

func TestTheDiagnosisSaysWhetherSomebodyShowsTheIcon(t *testing.T) {
	h := build(t)
	h.start("--server", "http://127.0.0.1:1", "--hidden")
	h.host.Item()
	says := func(want string) {
		t.Helper()
		h.await("the tray to say "+want, func() bool {
			out, err := h.command("--diagnose").CombinedOutput()
			return err == nil && regexp.MustCompile(`(?m)^tray icon: +`+want).Match(out)
		})
	}
	says("yes$")
	h.host.Shows(false) // who keeps the list is there, and no panel
	says("no, ")
	h.host.Shows(true)
	says("yes$")
	h.host.Leave()
	says("no, ")
}

func TestTheDiagnosisTestsTheWayToTheServer(t *testing.T) {
	h := build(t)
	h.serve("kim")
	tested := func(lang string, want ...string) {
		t.Helper()
		c := h.command("--diagnose", "--server", h.server)
		c.Env = append(slices.Clone(h.env), "LANG="+lang)
		out, err := c.CombinedOutput()
		for _, w := range want {
			if err != nil || !strings.Contains(string(out), w) {
				t.Errorf("%q is missing: %v\n%s", w, err, out)
			}
		}
		if strings.Contains(string(out), "view.") || strings.Contains(string(out), "nobody is signed in") {
			t.Errorf("what was said is not right:\n%s", out)
		}
	}
	tested("en_US.UTF-8", "running:         no", "Connection test\n[OK] Way: directly", "[OK] Server: ")
	tested("ko_KR.UTF-8", "연결 검사")
	c := h.command("--server", h.server, "--hidden", "--sign-in-stdin")
	c.Stdin, c.Stderr = strings.NewReader("kim\npassword-kim\n"), h.stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Signal(syscall.SIGTERM); _ = c.Wait() })
	h.await("the sign-in", func() bool { return strings.Contains(h.stderr.String(), "state=online") })
	tested("en_US.UTF-8", "running:         since", "[OK] Live connection: a WebSocket gets through")
	h.kill()
	tested("en_US.UTF-8", "[Problem] Server: nobody answers")
}

func TestWithoutASessionBusEverythingElseRuns(t *testing.T) {
	h := build(t)
	h.env = slices.DeleteFunc(h.env, func(e string) bool { return strings.HasPrefix(e, "DBUS_SESSION_BUS_ADDRESS") })
	r := h.start("--server", "http://127.0.0.1:1")
	h.awaitLine("show", 1)
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := h.wait(r); err != nil || !strings.Contains(h.stderr.String(), "no session bus") {
		t.Errorf("%v\n%s", err, h.stderr)
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	h := build(t)
	for _, args := range [][]string{{"--nothing"}, {"--server", "ftp://x"}, {"word"}} {
		c := h.command(args...)
		out, err := c.CombinedOutput()
		if err == nil || c.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), strings.TrimLeft(args[0], "-")) {
			t.Errorf("%v: %v %s", args, err, out)
		}
	}
	if err := os.WriteFile(h.diary+".file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := h.command("--profile", h.diary+".file/profile")
	if out, err := c.CombinedOutput(); err == nil || c.ProcessState.ExitCode() != 1 {
		t.Errorf("a profile inside a file: %v %s", err, out)
	}
}
