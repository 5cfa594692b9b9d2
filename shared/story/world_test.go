package story

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

const password = "correct horse battery"

// people are those who can act in a story. Each has an account from the first start on.
var people = []string{"kim", "lee", "park", "choi", "stranger"}

// world is everything that one story runs: a server with its folder, and people with their lines.
type world struct {
	t     testing.TB
	dir   string
	addr  string // of the server, the same over every restart
	rooms map[string]protocol.RoomID
	who   map[string]*one

	settings []string // of the server, beyond those of every story
	server   *exec.Cmd
	log      *output
	ended    chan struct{} // closed when the server has ended
	result   error         // of the server, once ended
}

// one is one person of the story.
type one struct {
	line    *line
	current *person.Person                    // the device that acts
	devices map[string]*person.Person         // by kind
	former  map[string]*person.Person         // the device of that kind before the last sign-in
	last    protocol.SendMessage              // what was sent last, for sending it again
	sent    protocol.MessageSent              // what the server said to it
	acked   map[string][]protocol.MessageSent // by room
	flood   chan struct{}                     // closed when the flood is over
	desk    *desk                             // the person's PC with a tray, nil for none
}

// output is the log of a program; written by it, read by the story.
type output struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// tail returns the last n lines.
func (o *output) tail(n int) string {
	lines := strings.Split(strings.TrimSpace(o.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func newWorld(t testing.TB, dir string) *world {
	return &world{t: t, dir: dir, rooms: map[string]protocol.RoomID{}, who: map[string]*one{}, log: &output{}}
}

func (w *world) close() {
	for _, o := range w.who {
		for _, d := range o.devices {
			d.Hang()
		}
		for _, d := range o.former {
			d.Hang()
		}
		if o.flood != nil {
			<-o.flood
		}
		if o.desk != nil {
			o.desk.end()
		}
		o.line.close()
	}
	if w.server != nil {
		_ = w.server.Process.Kill() // it may have ended by itself
		<-w.ended
	}
}

func (w *world) environ() []string {
	own := []string{"SENDJAY_DATA=" + filepath.Join(w.dir, "data"), "SENDJAY_LISTEN=" + w.addr, "SENDJAY_RATE_LIMITS=off", "SENDJAY_PREVIEWS=off"}
	return slices.Concat(os.Environ(), own, w.settings)
}

// freeAddr returns an address of this machine on which nobody listens.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// serverCommand is `server start [flags…]`, `server stop`, `server kill`.
func serverCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("want: server start [flags], server stop, server kill")
	}
	switch args[0] {
	case "start":
		ts.Check(w.start(args[1:]))
	case "stop":
		ts.Check(w.stop(syscall.SIGTERM))
		if w.result != nil {
			ts.Fatalf("the server ended with %v:\n%s", w.result, w.log)
		}
	case "kill":
		ts.Check(w.stop(syscall.SIGKILL))
	default:
		ts.Fatalf("server %s: no such thing", args[0])
	}
}

func (w *world) start(flags []string) error {
	if w.server != nil {
		return errors.New("the server runs already")
	}
	if w.addr == "" {
		addr, err := freeAddr()
		if err != nil {
			return err
		}
		w.addr = addr
		if err := w.accounts(); err != nil {
			return err
		}
	}
	c := exec.Command(filepath.Join(bins, "sendjay-server"), flags...)
	c.Env = w.environ()
	c.Stdout, c.Stderr = w.log, w.log
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	w.server, w.ended = c, ended
	go func() {
		w.result = c.Wait()
		close(ended)
	}()
	ctx, stop := soon()
	defer stop()
	return w.ready(ctx)
}

// ready waits until the server says so.
func (w *world) ready(ctx context.Context) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.addr+"/readyz", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-w.ended:
			return fmt.Errorf("the server ended instead of starting: %v\n%s", w.result, w.log)
		case <-ctx.Done():
			return fmt.Errorf("the server does not get ready:\n%s", w.log)
		case <-time.After(10 * time.Millisecond): // nothing tells when a port opens
		}
	}
}

func (w *world) stop(sig syscall.Signal) error {
	if w.server == nil {
		return errors.New("no server runs")
	}
	if err := w.server.Process.Signal(sig); err != nil {
		return err
	}
	select {
	case <-w.ended:
	case <-time.After(15 * time.Second):
		return fmt.Errorf("the server did not end within 15 s:\n%s", w.log)
	}
	w.server = nil
	return nil
}

// accounts adds the people by the command of an operator, all at once.
func (w *world) accounts() error {
	for _, id := range people {
		c := exec.Command(filepath.Join(bins, "sendjay-server"), "user", "add", id, "--name", strings.ToUpper(id[:1])+id[1:], "--password-stdin")
		c.Env = w.environ()
		c.Stdin = strings.NewReader(password + "\n")
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("user add %s: %w\n%s", id, err, out)
		}
	}
	return nil
}

// person returns who acts, signed in at the web when not signed in yet.
func (w *world) person(name string) (*one, error) {
	o, err := w.known(name)
	if err != nil || o.current != nil {
		return o, err
	}
	return o, w.signIn(o, name, protocol.Web)
}

// known returns the person without signing in.
func (w *world) known(name string) (*one, error) {
	if o := w.who[name]; o != nil {
		return o, nil
	}
	l, err := newLine(w.addr)
	if err != nil {
		return nil, err
	}
	o := &one{
		line: l, devices: map[string]*person.Person{}, former: map[string]*person.Person{},
		acked: map[string][]protocol.MessageSent{},
	}
	w.who[name] = o
	return o, nil
}

func (w *world) signIn(o *one, name string, device protocol.Device) error {
	ctx, stop := soon()
	defer stop()
	if device == tray {
		return w.sitDown(ctx, o, name)
	}
	p, err := person.SignIn(ctx, "http://"+o.line.addr(), protocol.UserID(name), password, device)
	if err != nil {
		return err
	}
	if err := p.Connect(ctx); err != nil {
		return err
	}
	if old := o.devices[string(device)]; old != nil {
		o.former[string(device)] = old
	}
	o.devices[string(device)], o.current = p, p
	return nil
}

// room returns the id of a room of the story. A name that nobody gave is sent as it is: strangers guess.
func (w *world) room(name string) protocol.RoomID {
	if id, ok := w.rooms[name]; ok {
		return id
	}
	return protocol.RoomID(name)
}
