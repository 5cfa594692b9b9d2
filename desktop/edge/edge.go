// Package edge is the loopback server for the windows: the web UI, the server's API and the server's
// socket, for whoever holds the secret of this launch and for nobody else.
// It knows HTTP, WebSocket and what is kept for the windows; it does not know the product's rules.
//
// To the web UI the edge is the server. Many windows share the one connection of the link. A page never
// sees a token, and nothing durable lives in it.
package edge

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"sendjay/desktop/attention"
	"sendjay/desktop/download"
	"sendjay/desktop/link"
	"sendjay/desktop/outbox"
	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

// Config sets up an Edge. Link, State, Attention, UI and Dir are needed.
type Config struct {
	Link      *link.Link
	State     *state.State
	Attention *attention.Monitor
	// UI is the copy of the web UI that came with the program, for the first start and without a server.
	UI http.Handler
	// Dir is the folder of the caches.
	Dir string
	// CacheBytes bounds each of the two caches, of UIs and of the server's answers, for all servers and all people
	// together; 0 for 64 MB.
	CacheBytes int64
	// Native lists what the tray can do for its windows.
	Native []string
	// Calm reports whether the windows are to draw little; nil for never.
	Calm func() bool
	// ServerFixed forbids choosing another server.
	ServerFixed bool
	// Sent is called with every message of ours that the server has acknowledged: no event tells of it.
	Sent func(protocol.MessageSent)
	// Why says what this device decided about a message, and hands it to tell; nil when nobody knows.
	Why func(room protocol.RoomID, seq protocol.Seq, tell func([]protocol.Decided))
	// Try shows a test notification and says what this system does with one.
	Try func() Tried
	// Diagnose is what the device says of itself, without secrets and without a word of any message.
	Diagnose func() string
	// PopOut opens a window of its own for a room; nil where there can be none.
	PopOut func(protocol.RoomID)
	// Chose is called when a setting was changed in the page; nil when nobody wants to know.
	Chose func()
	// Downloads brings files to the downloads folder; nil where there is none.
	Downloads *download.Downloads
	// Browse opens an address in the browser of this machine; nil where there is none.
	Browse func(address string) error
	// Leaves is called when the person signs out in a window.
	Leaves func()
	// Silent is called when a link that Boot made leads to nothing: something keeps the window from us.
	Silent func(why string)
	Log    *slog.Logger
}

// Ports are chosen below the range that systems hand out and Windows reserves blocks in.
const lowPort, highPort = 20000, 49151

const (
	// bootLife is how long a link may wait to be followed.
	bootLife = 60 * time.Second
	// loadWithin is how long a window may take to start its engine, askWithin to ask for the page's files.
	loadWithin = 20 * time.Second
	askWithin  = 5 * time.Second
)

// Edge serves the windows.
type Edge struct {
	Config
	outbox *outbox.Outbox
	ui     *uiCache
	pages  *pages
	lis    net.Listener
	host   string // 127.0.0.1:port
	cookie string
	secret string
	mux    *http.ServeMux
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup // what requests leave behind
	// entering holds one sign-in by the computer's ticket at a time, outside tells that nobody may be in.
	entering, outside chan struct{}

	mu      sync.Mutex // guards the fields below
	boots   map[string]booting
	asked   int // requests with the secret
	windows map[*window]struct{}
	next    int64
	told    protocol.Attention // what the server was told last
	me      *protocol.User     // who is signed in, as far as is known
	hello   *protocol.Hello    // the last one of this server
	// vouching is the sign-in that a browser was asked for last, nil when it came or there was none.
	vouching *vouching
}

// New returns an Edge that listens already; Run serves.
func New(c Config) (*Edge, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "edge")
	e := &Edge{Config: c, boots: map[string]booting{}, windows: map[*window]struct{}{}, secret: rand.Text() + rand.Text(), entering: make(chan struct{}, 1), outside: make(chan struct{}, 1)}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	if err := e.listen(); err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(e.host) // our own address
	e.cookie = "sendjay_edge_" + port
	most := cmp.Or(c.CacheBytes, cacheBytes)
	e.ui = newUICache(e.ctx, e.later, filepath.Join(c.Dir, "ui"), most, c.Link, c.UI, c.Log)
	e.pages = &pages{dir: filepath.Join(c.Dir, "pages"), most: most, seal: c.State.SealBytes, open: c.State.OpenBytes}
	e.outbox = outbox.New(outbox.Config{
		State: c.State, Go: e.send, Retry: e.retry, Recent: e.recent, Arrived: e.arrived, Log: c.Log,
	})
	e.routes()
	e.recall()
	e.outbox.Restore()
	if e.Downloads != nil {
		e.Downloads.Restore()
	}
	c.Link.Watch(link.Watcher{Moved: e.moved, Greeted: e.greeted, Pushed: e.pushed})
	return e, nil
}

const keyPort = "edge.port"

// listen takes the remembered port, else the next one that lets itself be taken.
func (e *Edge) listen() error {
	var port int
	if _, err := e.State.Load(keyPort, &port); err != nil || port < lowPort || port > highPort {
		port = lowPort + mathrand.IntN(highPort-lowPort)
	}
	var err error
	for try := range 200 {
		at := lowPort + (port-lowPort+try)%(highPort-lowPort+1)
		var lis net.Listener
		if lis, err = net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(at))); err != nil {
			continue
		}
		e.lis, e.host = lis, lis.Addr().String()
		if err := e.State.Save(keyPort, at); err != nil {
			e.Log.Warn("the port is not remembered", "error", err)
		}
		return nil
	}
	return fmt.Errorf("no port for the windows: %w", err)
}

// Run serves until ctx ends, and returns when all is quiet.
func (e *Edge) Run(ctx context.Context) error {
	srv := &http.Server{
		Handler: e, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog:    slog.NewLogLogger(e.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return e.ctx },
	}
	e.later(func() { e.outbox.Run(e.ctx) })
	e.later(func() { e.ticketing(e.ctx) })
	stop := context.AfterFunc(ctx, func() {
		e.end()
		for _, w := range e.all() {
			w.end(protocol.CloseRestart)
		}
		// Windows end with the tray: nobody's request is worth waiting for.
		_ = srv.Close()
	})
	defer stop()
	err := srv.Serve(e.lis)
	e.end()
	e.work.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// end ends everything that later started or could start.
func (e *Edge) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel()
}

// later runs job beside the caller, unless the edge is ending. Run waits for it.
func (e *Edge) later(job func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() == nil {
		e.work.Go(job)
	}
}

// Address returns where the edge listens, as host:port.
func (e *Edge) Address() string { return e.host }

// booting is a link that waits to be followed.
type booting struct {
	end  time.Time
	room protocol.RoomID // "" for the main window
}

// Boot returns a link that works once and opens the UI with the secret of this launch: of one room alone if one is
// named.
func (e *Edge) Boot(room protocol.RoomID) (string, error) {
	token := rand.Text() + rand.Text()
	now := time.Now()
	e.mu.Lock()
	for t, b := range e.boots {
		if now.After(b.end) {
			delete(e.boots, t)
		}
	}
	e.boots[token] = booting{now.Add(bootLife), room}
	e.mu.Unlock()
	if e.Silent != nil {
		time.AfterFunc(loadWithin, func() {
			e.mu.Lock()
			_, unused := e.boots[token]
			e.mu.Unlock()
			if unused && e.ctx.Err() == nil {
				e.Silent("the window did not follow its link")
			}
		})
	}
	return "http://" + e.host + "/_boot?t=" + token, nil
}

// Open asks the room's own window to show it, at a message if seq is not 0, and the main windows where it has none.
func (e *Edge) Open(room protocol.RoomID, seq protocol.Seq) {
	frame := protocol.Push{Ev: protocol.EvOpen, Data: protocol.OpenRoom{Room: room, Seq: seq}}.Encode()
	e.mu.Lock()
	defer e.mu.Unlock()
	own := false
	for w := range e.windows {
		if w.room == room {
			own = true
			w.put(frame)
		}
	}
	for w := range e.windows {
		if !own && w.room == "" {
			w.put(frame)
		}
	}
}

// Windows returns how many windows are connected.
func (e *Edge) Windows() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.windows)
}

// Me returns who is signed in as far as is known, also while the line is down; nil for nobody.
func (e *Edge) Me() *protocol.User {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.me
}

// Attend tells the server what this device's attention is. The monitor calls it with every change.
func (e *Edge) Attend(a protocol.Attention) {
	e.mu.Lock()
	same := e.told == a
	e.told = a
	e.mu.Unlock()
	if !same {
		e.attend(a)
	}
}

func (e *Edge) attend(a protocol.Attention) {
	raw, err := json.Marshal(a)
	if err == nil {
		e.Link.Go(protocol.OpAttention, raw) // volatile: nobody waits for the answer
	}
}

// send is the link as the outbox sees it.
func (e *Edge) send(op protocol.Op, data json.RawMessage) outbox.Call { return e.Link.Go(op, data) }

// retry dials at once, unless somebody has to sign in or take the session back first.
func (e *Edge) retry() bool {
	if s := e.Link.State().State; s == protocol.SignedOut || s == protocol.TakenOver {
		return false
	}
	e.Link.Wake()
	return true
}
