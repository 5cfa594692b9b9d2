package toast

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"sendjay/shared/protocol"
)

const (
	service = "org.freedesktop.Notifications"
	object  = dbus.ObjectPath("/org/freedesktop/Notifications")
	// answerWithin bounds a call to a service that hangs.
	answerWithin = 5 * time.Second
)

// Board is the screen corner where notifications appear.
type Board struct {
	cfg  Config
	conn *dbus.Conn
	jobs chan func()
	quit chan struct{}
	end  sync.Once
	done sync.WaitGroup

	// The fields below belong to the goroutine of run.
	ids    map[protocol.RoomID]uint32
	tokens map[uint32]string
	able   []string // capabilities, nil until asked
	warned bool

	mu    sync.Mutex // guards the field below
	about Abilities
}

// New returns a board. Without a notification service everything else goes on: showing is a no-op
// after one warning in the log.
func New(c Config) *Board {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	b := &Board{
		cfg: c, jobs: make(chan func(), 64), quit: make(chan struct{}),
		ids: map[protocol.RoomID]uint32{}, tokens: map[uint32]string{},
	}
	conn, err := connect()
	if err != nil {
		b.warn(err)
		return b
	}
	b.conn = conn
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(service)},
		{
			dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"),
			dbus.WithMatchArg(0, service),
		},
	} {
		if err := conn.AddMatchSignal(match...); err != nil {
			b.warn(err)
		}
	}
	b.done.Go(func() { b.run(signals) })
	return b
}

// connect refuses where godbus would start a bus of its own and leave it behind.
func connect() (*dbus.Conn, error) {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		at := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
		if _, err := os.Stat(at); err != nil {
			return nil, errors.New("no session bus")
		}
	}
	return dbus.ConnectSessionBus()
}

// Show shows t, in place of what the room showed before.
func (b *Board) Show(t Toast) {
	b.do(func() { b.show(t.plain()) })
}

// Withdraw takes the notification of room away, out of the notification centre too.
func (b *Board) Withdraw(room protocol.RoomID) {
	b.do(func() { b.withdraw(room) })
}

// WithdrawAll takes all notifications away.
func (b *Board) WithdrawAll() {
	b.do(func() {
		for room := range b.ids {
			b.withdraw(room)
		}
	})
}

// Abilities says what works here.
func (b *Board) Abilities() Abilities {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.about
}

// Close leaves what is on the screen where it is and ends the connection after what was asked before.
func (b *Board) Close() {
	if b.conn == nil {
		return
	}
	b.end.Do(func() {
		b.do(func() { close(b.quit) })
		b.done.Wait()
		_ = b.conn.Close()
	})
}

// do hands a job over. The queue is bounded: behind a hanging service the oldest wish is the least
// worth, and nobody waits.
func (b *Board) do(job func()) {
	if b.conn == nil {
		return
	}
	for {
		select {
		case b.jobs <- job:
			return
		default:
		}
		select {
		case <-b.jobs:
		default:
		}
	}
}

func (b *Board) run(signals <-chan *dbus.Signal) {
	for {
		select {
		case job := <-b.jobs:
			// What the service said before this job was handed over counts before it.
			for len(signals) > 0 {
				if s := <-signals; s != nil {
					b.heard(s)
				}
			}
			job()
		case s, open := <-signals:
			if !open {
				signals = nil // the bus is gone; jobs fail with a warning from now on
				continue
			}
			b.heard(s)
		case <-b.quit:
			return
		}
	}
}

func (b *Board) call(method string, args ...any) *dbus.Call {
	ctx, stop := context.WithTimeout(context.Background(), answerWithin)
	defer stop()
	return b.conn.Object(service, object).CallWithContext(ctx, service+"."+method, 0, args...)
}

func (b *Board) show(t Toast) {
	if b.able == nil {
		if err := b.call("GetCapabilities").Store(&b.able); err != nil {
			b.able = nil
			b.warn(err)
			return
		}
		b.learn()
	}
	body := t.Body
	if slices.Contains(b.able, "body-markup") {
		body = escape.Replace(body)
	}
	actions := []string{}
	if slices.Contains(b.able, "actions") {
		actions = []string{"default", b.cfg.Open}
	}
	hints := map[string]dbus.Variant{
		"desktop-entry": dbus.MakeVariant("sendjay"),
		"category":      dbus.MakeVariant("im.received"),
		"urgency":       dbus.MakeVariant(byte(1)),
	}
	if t.Silent {
		hints["suppress-sound"] = dbus.MakeVariant(true)
	}
	var id uint32
	if err := b.call("Notify", "Sendjay", b.ids[t.Room], "sendjay", t.Title, body, actions, hints, int32(-1)).Store(&id); err != nil {
		b.warn(err)
		return
	}
	b.ids[t.Room] = id
	b.warned = false
}

// escape is for services that read markup: what a person wrote shall appear as written.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (b *Board) withdraw(room protocol.RoomID) {
	id, is := b.ids[room]
	if !is {
		return
	}
	delete(b.ids, room)
	delete(b.tokens, id)
	// An error means that it is gone already.
	_ = b.call("CloseNotification", id).Err
}

func (b *Board) heard(s *dbus.Signal) {
	if s.Name == "org.freedesktop.DBus.NameOwnerChanged" {
		// Another service knows nothing of the old one's ids.
		clear(b.ids)
		clear(b.tokens)
		b.able = nil
		return
	}
	if len(s.Body) < 2 {
		return
	}
	id, _ := s.Body[0].(uint32)
	room, ours := b.room(id)
	if !ours {
		return // every program hears every program's signals
	}
	switch s.Name {
	case service + ".ActivationToken":
		b.tokens[id], _ = s.Body[1].(string)
	case service + ".ActionInvoked":
		token := b.tokens[id]
		// A click ends a notification by the book, and shall where a service keeps it.
		b.withdraw(room)
		b.cfg.Opened(room, token)
	case service + ".NotificationClosed":
		delete(b.ids, room)
		delete(b.tokens, id)
	}
}

func (b *Board) room(id uint32) (protocol.RoomID, bool) {
	for room, n := range b.ids {
		if n == id {
			return room, true
		}
	}
	return "", false
}

func (b *Board) learn() {
	var name, vendor, version, spec string
	if err := b.call("GetServerInformation").Store(&name, &vendor, &version, &spec); err != nil {
		name = "unknown"
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.about = Abilities{Service: strings.TrimSpace(name + " " + version), Withdraw: true, Click: slices.Contains(b.able, "actions")}
}

// warn says once that nothing can be shown, until something could be again.
func (b *Board) warn(err error) {
	if !b.warned {
		b.warned = true
		b.cfg.Log.Warn("no notifications can be shown; badge and icon still change", "error", err)
	}
}
