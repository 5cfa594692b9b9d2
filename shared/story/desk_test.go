package story

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

// tray is the device of a person who acts in the window of a tray: `kim signs-in tray`.
const tray protocol.Device = "tray"

// windowName is the name under which the test binary is the window of a tray.
const windowName = "window-of-a-story"

// desk is one person's PC: a session bus, a panel, a notification service, and the real tray.
type desk struct {
	host  *sessionbus.Host
	notes *sessionbus.Daemon
	icon  *sessionbus.Item
	env   []string
	dir   string
	used  string // the link that the page has followed; it is good for once

	proc   *exec.Cmd
	log    *output
	ended  chan struct{}
	result error
}

// pretendWindow is a window without a screen: it writes down what it is told. The page in it is a person.Person.
func pretendWindow() {
	f, err := os.OpenFile(os.Getenv("STORY_WINDOW"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan() && in.Text() != "quit"; {
		if _, err := f.WriteString(in.Text() + "\n"); err != nil {
			panic(err)
		}
	}
}

// desk returns the PC of a person, a new one at first.
func (w *world) desk(o *one, name string) (*desk, error) {
	if o.desk != nil {
		return o.desk, nil
	}
	bus := sessionbus.Start(w.t)
	d := &desk{host: bus.Host(w.t), notes: bus.Notifications(w.t), dir: filepath.Join(w.dir, "desk-"+name), log: &output{}}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(self, filepath.Join(d.dir, windowName)); err != nil {
		return nil, err
	}
	d.env = append(bus.Env(w.t), "LANG=en_US.UTF-8", "STORY_WINDOW="+d.window())
	o.desk = d
	return d, nil
}

// window is the file in which the window writes down what it is told.
func (d *desk) window() string { return filepath.Join(d.dir, "window.log") }

func (d *desk) start(server string) error {
	if d.proc != nil {
		return errors.New("the tray runs already")
	}
	c := exec.Command(filepath.Join(bins, "sendjay"), "--server", server, "--window", filepath.Join(d.dir, windowName))
	c.Env = append(d.env, "SENDJAY_WATCH=off") // what is killed is the tray itself
	c.Stdout, c.Stderr = d.log, d.log
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	d.proc, d.ended = c, ended
	go func() {
		d.result = c.Wait()
		close(ended)
	}()
	d.icon = d.host.Item()
	return nil
}

func (d *desk) stop(sig syscall.Signal) error {
	if d.proc == nil {
		return errors.New("no tray runs")
	}
	if err := d.proc.Process.Signal(sig); err != nil {
		return err
	}
	select {
	case <-d.ended:
	case <-time.After(patience):
		return fmt.Errorf("the tray does not end:\n%s", d.log)
	}
	d.proc = nil
	return nil
}

func (d *desk) end() {
	if d.proc != nil {
		_ = d.proc.Process.Kill() // it may have ended by itself
		<-d.ended
	}
}

// await waits until ready holds. What a panel or a notification service sees has no event of its own here.
func (d *desk) await(ctx context.Context, what string, ready func() bool) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !ready() {
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("the desktop waited in vain: %s\nit was asked to show %+v\nthe tray's last lines:\n%s", what, d.notes.Asked(), d.log.tail(15))
		}
	}
	return nil
}

// told returns the newest line that starts like this among those that the window was told.
func (d *desk) told(start string) (string, bool) {
	raw, err := os.ReadFile(d.window())
	if err != nil {
		return "", false // not opened yet
	}
	for _, line := range slices.Backward(strings.Split(string(raw), "\n")) {
		if rest, ok := strings.CutPrefix(line, start); ok {
			return rest, true
		}
	}
	return "", false
}

// sitDown makes the person act in the window of the own tray, signed in there.
func (w *world) sitDown(ctx context.Context, o *one, name string) error {
	d, err := w.desk(o, name)
	if err != nil {
		return err
	}
	if d.proc == nil {
		if err := d.start("http://" + o.line.addr()); err != nil {
			return err
		}
	}
	d.icon.Click() // a tray that is signed in starts without asking for the window
	var link string
	err = d.await(ctx, "the window is opened", func() bool {
		var ok bool
		link, ok = d.told("load ")
		return ok && link != d.used
	})
	if err != nil {
		return err
	}
	d.used = link
	p, err := person.Page(ctx, link, protocol.UserID(name))
	if err != nil {
		return err
	}
	fresh := protocol.CodeOf(p.Get(ctx, "/api/v1/me", nil)) != ""
	if fresh {
		if err := p.SignInHere(ctx, password); err != nil {
			return err
		}
	}
	o.devices[string(tray)], o.current = p, p
	if err := p.Connect(ctx); err != nil || !fresh {
		return err
	}
	// The page may be greeted before the tray's own line is there.
	return p.Await(ctx, "the line of the tray", func() bool {
		h := p.Hello()
		return h != nil && h.Link != nil && h.Link.State == protocol.Online
	})
}

func inOneLine(n sessionbus.Note) string { return strings.ReplaceAll(n.Body, "\n", " / ") }

// trayActs are the words after `tray`; each gets the desk, and the words after the person.
var trayActs = map[string]struct {
	words int
	do    func(ctx context.Context, w *world, d *desk, args []string) error
}{
	"stop": {0, func(_ context.Context, _ *world, d *desk, _ []string) error {
		return errors.Join(d.stop(syscall.SIGTERM), d.result)
	}},
	"kill": {0, func(_ context.Context, _ *world, d *desk, _ []string) error { return d.stop(syscall.SIGKILL) }},
	// shows waits for a notification with this title and text; " / " stands for a new line.
	"shows": {2, func(ctx context.Context, _ *world, d *desk, args []string) error {
		return d.await(ctx, "a notification "+args[0]+": "+args[1], func() bool {
			return slices.ContainsFunc(d.notes.Open(), func(n sessionbus.Note) bool { return n.Summary == args[0] && inOneLine(n) == args[1] })
		})
	}},
	// shows-none waits until no notification is left on the screen.
	"shows-none": {0, func(ctx context.Context, _ *world, d *desk, _ []string) error {
		return d.await(ctx, "no notification", func() bool { return len(d.notes.Open()) == 0 })
	}},
	// never-showed looks back at everything that was ever shown.
	"never-showed": {1, func(_ context.Context, _ *world, d *desk, args []string) error {
		if slices.ContainsFunc(d.notes.Asked(), func(n sessionbus.Note) bool { return strings.Contains(n.Body, args[0]) }) {
			return fmt.Errorf("it showed %q", args[0])
		}
		return nil
	}},
	// showed-once looks back too. What a tray takes over from one that was killed stands in its place already: it is
	// shown there once more without a sound, so that the service tells of a click.
	"showed-once": {1, func(_ context.Context, _ *world, d *desk, args []string) error {
		n := 0
		for _, note := range d.notes.Asked() {
			takenOver := note.Replaces != 0 && note.Hints["suppress-sound"].Value() == true
			if inOneLine(note) == args[0] && !takenOver {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("it showed %q %d times", args[0], n)
		}
		return nil
	}},
	"tooltip": {1, func(ctx context.Context, _ *world, d *desk, args []string) error {
		err := d.await(ctx, "the tooltip "+args[0], func() bool { return d.icon.Tooltip() == args[0] })
		if err != nil {
			return fmt.Errorf("%w\nit is %q", err, d.icon.Tooltip())
		}
		return nil
	}},
	// click clicks the notification with this title; the window is told to come to the front.
	"click": {1, func(ctx context.Context, _ *world, d *desk, args []string) error {
		for _, n := range d.notes.Open() {
			if n.Summary == args[0] {
				d.notes.Click(n.ID, "focus-token")
				return d.await(ctx, "the window comes to the front", func() bool {
					_, ok := d.told("show focus-token")
					return ok
				})
			}
		}
		return fmt.Errorf("no notification %q", args[0])
	}},
	// stranger asks the tray's loopback server without its cookie, for everything that matters.
	"gives-a-stranger-nothing": {0, giveNothing},
}

// trayCommand is `tray <verb> <person> <words…>`.
func trayCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("want: tray verb person words…")
	}
	w := worldOf(ts)
	o, err := w.known(args[1])
	ts.Check(err)
	ctx, stop := soon()
	defer stop()
	if args[0] == "start" {
		d, err := w.desk(o, args[1])
		ts.Check(err)
		refused(ts, neg, d.start("http://"+o.line.addr()))
		return
	}
	act, ok := trayActs[args[0]]
	if !ok || len(args) != act.words+2 || o.desk == nil {
		ts.Fatalf("the tray of %s cannot %q", args[1], args[0])
	}
	refused(ts, neg, act.do(ctx, w, o.desk, args[2:]))
}

// giveNothing tries the edge of a person's tray as somebody who only knows the port, as one with a wrong
// secret, under another name for this machine, and as a page from elsewhere with the right cookie.
func giveNothing(ctx context.Context, w *world, d *desk, _ []string) error {
	var page *person.Person
	for _, o := range w.who {
		if o.desk == d {
			page = o.devices[string(tray)]
		}
	}
	if page == nil {
		return errors.New("nobody has been at this tray")
	}
	for _, path := range []string{"/", "/api/v1/me", "/api/v1/rooms", "/edge/v1/keep/drafts", "/edge/v1/server", "/ws"} {
		for _, cookie := range []string{"", "sendjay_edge=wrong"} {
			status, err := status(ctx, page.Base()+path, "", cookie)
			if err != nil {
				return err
			}
			if status != http.StatusForbidden {
				return fmt.Errorf("%s with cookie %q: %d", path, cookie, status)
			}
		}
		if got, err := status(ctx, page.Base()+path, "evil.example", ""); err != nil || got != http.StatusForbidden {
			return fmt.Errorf("%s as evil.example: %d, %v", path, got, err)
		}
	}
	for _, origin := range []string{"http://evil.example", "null", "http://127.0.0.1:1"} {
		got, err := page.Open(ctx, http.Header{"Origin": {origin}})
		if err != nil || got != http.StatusForbidden {
			return fmt.Errorf("a page of %s opens the socket: %d, %v", origin, got, err)
		}
	}
	got, err := page.Open(ctx, http.Header{"Origin": {page.Base()}})
	if err != nil || got != http.StatusSwitchingProtocols {
		return fmt.Errorf("its own page does not: %d, %v", got, err)
	}
	return nil
}

func status(ctx context.Context, at, host, cookie string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return 0, err
	}
	if r.Host = host; host == "" {
		r.Host = r.URL.Host
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
