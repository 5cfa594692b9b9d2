package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"sendjay/desktop/engine"
)

const (
	// readyWithin is the longest start of a web engine that anybody would wait for.
	readyWithin = 20 * time.Second
	// A window that ends by itself this often within this time is given up for the browser.
	maxCrashes   = 3
	crashesCount = 5 * time.Minute
)

// The window's exit codes that do not get better by starting it again.
const (
	windowMisused  = 2
	windowNoEngine = 3
)

// pane supervises the window's process. All of its methods and fields belong to the app's loop;
// what happens elsewhere comes in through do.
type pane struct {
	path string
	data string
	log  *slog.Logger
	// stay is how long the process stays after the window was closed: opening it again is then a
	// matter of milliseconds; afterwards its memory is given back. Negative means for good.
	stay time.Duration
	// fleeting windows leave nothing on the disk.
	fleeting bool
	// tidy is called before a process is started.
	tidy func()
	// older reports that this program makes room for the one on the disk, which will show the fragment; nil for never.
	older  func(fragment string) bool
	do     func(func())           // runs something in the app's loop
	boot   func() (string, error) // a fresh one-use link to the edge
	look   func() looks
	lonely func() bool             // no tray icon is to be seen
	heard  func(word, rest string) // lines that are not the pane's own business
	broken func(why error)         // the window cannot be had; the browser can
	gone   func()                  // the process has ended as it should
	clean  func()                  // before a process starts; nil for nothing
	seen   func(shown bool)        // the person sees the window, or has closed it
	// engine says which web engine the next process starts with, and another whether there is one to go on with after
	// this one has failed; nil where there is no choice.
	engine  func() engine.Choice
	another func(failed engine.Choice) bool

	proc    *os.Process
	stdin   io.WriteCloser
	visible bool
	asked   bool  // to end
	again   *wish // to be shown once it has ended
	ready   bool
	idle    *time.Timer
	late    *time.Timer
	crashes []time.Time // of the engine it runs in
	runs    engine.Choice
}

// looks is how a window begins; what is "" is left to it.
type looks struct{ place, zoom, theme, accel string }

// wish is what a window is asked to show.
type wish struct{ fragment, token string }

// windowPath finds the window's program: as told, else beside our own, else on the path.
func windowPath(told string) string {
	name := "sendjay-window"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if told != "" {
		return told
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	if found, err := exec.LookPath(name); err == nil {
		return found
	}
	return name // starting it says what is missing
}

// show brings the window to the front, starting it where there is none. The fragment names what to show.
func (p *pane) show(fragment, token string) {
	if p.proc != nil && p.asked {
		p.again = &wish{fragment, token}
		return
	}
	if p.proc == nil {
		if p.older != nil && p.older(fragment) {
			return
		}
		if err := p.start(fragment); err != nil {
			p.broken(err)
			return
		}
	}
	p.keep()
	p.visible = true
	p.seen(true)
	p.write(strings.TrimSpace("show " + token))
}

func (p *pane) start(fragment string) error {
	if p.clean != nil {
		p.clean()
	}
	link, err := p.boot()
	if err != nil {
		return err
	}
	p.tidy()
	l := p.look()
	runs := p.runs
	if p.engine != nil {
		p.runs = p.engine()
	}
	if p.runs.Version != runs.Version {
		p.crashes = nil
	}
	args := []string{"-data", engineData(p.data, p.runs), "-theme", l.theme}
	if p.runs.Folder != "" && p.runs.Kind != engine.Evergreen { // that one the window finds by itself
		args = append(args, "-engine", p.runs.Folder)
	}
	if p.fleeting {
		args = append(args, "-fleeting")
	}
	if p.lonely() {
		args = append(args, "-minimise")
	}
	if l.place != "" {
		args = append(args, "-place", l.place)
	}
	if l.zoom != "" {
		args = append(args, "-zoom", l.zoom)
	}
	if l.accel != "" {
		args = append(args, "-accel", l.accel)
	}
	c := exec.Command(p.path, args...)
	// WebKit would ask the proxy for 127.0.0.1.
	c.Env = append(os.Environ(), "no_proxy=127.0.0.1,localhost", "NO_PROXY=127.0.0.1,localhost")
	stdin, err := c.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	c.Stderr = &tail{}
	if err := c.Start(); err != nil {
		return err
	}
	p.proc, p.stdin, p.asked, p.ready = c.Process, stdin, false, false
	// The link is a secret for a moment: it goes over stdin, where no list of processes shows it.
	p.write("load " + link + fragment)
	p.late = time.AfterFunc(readyWithin, func() {
		p.do(func() {
			if p.proc == c.Process && !p.ready {
				p.log.Warn("the window did not start in time")
				_ = c.Process.Kill()
			}
		})
	})
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			word, rest, _ := strings.Cut(lines.Text(), " ")
			p.do(func() { p.told(c.Process, word, rest) })
		}
		err := c.Wait()
		p.do(func() { p.ended(c, err) })
	}()
	return nil
}

// told is what the window said.
func (p *pane) told(from *os.Process, word, rest string) {
	if from != p.proc {
		return
	}
	switch word {
	case "ready":
		p.ready = true
		p.late.Stop()
	case "closed":
		p.visible = false
		p.seen(false)
		p.keep()
		if p.stay < 0 {
			return
		}
		p.idle = time.AfterFunc(p.stay, func() {
			p.do(func() {
				if p.proc == from && !p.visible {
					p.quit()
				}
			})
		})
	case "crashed":
		p.log.Warn("the window's web process died and is reloaded")
		// A new process has no cookie to show us, so it needs a link of its own.
		if link, err := p.boot(); err == nil {
			p.write("load " + link)
		}
	default:
		p.heard(word, rest)
	}
}

// ended is called once for every process that was started.
func (p *pane) ended(c *exec.Cmd, err error) {
	if p.proc != c.Process {
		return
	}
	p.late.Stop()
	p.keep()
	_ = p.stdin.Close()
	was := p.visible
	p.proc, p.stdin, p.visible = nil, nil, false
	if w := p.again; w != nil {
		p.again = nil
		p.show(w.fragment, w.token)
		return
	}
	if p.asked || err == nil {
		p.gone()
		return
	}
	said := strings.TrimSpace(c.Stderr.(*tail).String())
	p.log.Warn("the window ended by itself", "error", err, "said", said)
	now := time.Now()
	p.crashes = append(p.crashes, now)
	for len(p.crashes) > 0 && now.Sub(p.crashes[0]) > crashesCount {
		p.crashes = p.crashes[1:]
	}
	code := 0
	if exit, is := errors.AsType[*exec.ExitError](err); is {
		code = exit.ExitCode()
	}
	switch {
	case !was:
		p.gone() // nobody saw it
	// Where an engine is there, that it cannot be had may be a matter of the moment.
	case code == windowMisused || code == windowNoEngine && p.runs.Version == (engine.Version{}) || len(p.crashes) >= maxCrashes:
		p.crashes = nil // a later wish is a new try
		if code != windowMisused && p.another != nil && p.another(p.runs) {
			p.show("", "")
			return
		}
		p.broken(errors.New(cmp.Or(said, err.Error())))
	default:
		p.show("", "")
	}
}

// quit ends the process; whoever does not obey within the time of a slow disk is ended.
func (p *pane) quit() {
	if p.proc == nil || p.asked {
		return
	}
	p.asked = true
	p.write("quit")
	_ = p.stdin.Close()
	proc := p.proc
	time.AfterFunc(3*time.Second, func() { _ = proc.Kill() })
}

func (p *pane) keep() {
	if p.idle != nil {
		p.idle.Stop()
	}
}

func (p *pane) write(line string) {
	line = strings.NewReplacer("\n", " ", "\r", " ").Replace(line)
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		// Its end is on the way and is dealt with there.
		p.log.Debug("the window does not read", "error", err)
	}
}

func (p *pane) String() string {
	switch {
	case p.proc == nil:
		return "not running"
	case p.visible:
		return fmt.Sprintf("visible, process %d", p.proc.Pid)
	default:
		return fmt.Sprintf("hidden, process %d", p.proc.Pid)
	}
}

// tail keeps the last line or so of what a process complains about. Web engines talk a lot there.
type tail struct{ last []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.last = append(t.last, b...)
	if over := len(t.last) - 400; over > 0 {
		t.last = t.last[over:]
	}
	return len(b), nil
}

func (t *tail) String() string { return string(t.last) }
