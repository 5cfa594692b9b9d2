package toast

import (
	"cmp"
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

	"sendjay/desktop/sender"
	"sendjay/shared/protocol"
)

const (
	service = "org.freedesktop.Notifications"
	object  = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// answerWithin bounds a call to a service that hangs.
var answerWithin = 5 * time.Second

// Board is the screen corner where notifications appear.
type Board struct {
	cfg  Config
	conn *dbus.Conn
	says *sender.Names
	jobs chan func()
	quit chan struct{}
	end  sync.Once
	done sync.WaitGroup

	// The fields below belong to the goroutine of run.
	ids    map[protocol.RoomID]uint32
	said   map[uint32]Toast
	tokens map[uint32]string
	past   map[uint32]bool         // what went off the screen by itself and stands in the service's list only
	shelf  bool                    // the service keeps what it has shown where only its own call takes it out
	wishes map[protocol.RoomID]int // counts what was wanted of a room, so that a late answer is known for one
	able   []string                // capabilities, nil until asked
	bus    string                  // the bus, as no other is named
	owner  string                  // the connection of the service, "" while there is none
	other  bool                    // what stands there has become other
	warned bool

	mu    sync.Mutex // guards the fields below
	about Abilities
	told  bool
}

// New returns a board. Without a notification service everything else goes on: showing is a no-op
// after one warning in the log.
func New(c Config) *Board {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	b := &Board{
		cfg: c, jobs: make(chan func(), 64), quit: make(chan struct{}),
		ids: map[protocol.RoomID]uint32{}, said: map[uint32]Toast{}, tokens: map[uint32]string{},
		past:   map[uint32]bool{},
		wishes: map[protocol.RoomID]int{},
	}
	heard := newInbox()
	conn, err := connect(heard)
	if err != nil {
		b.warn(err)
		b.tell(Abilities{})
		return b
	}
	b.conn = conn
	if b.says, err = sender.Of(context.Background(), conn, service); err != nil {
		b.warn(err)
	}
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(service), dbus.WithMatchInterface(service)},
		{
			dbus.WithMatchSender(service), dbus.WithMatchInterface(properties), dbus.WithMatchMember("PropertiesChanged"),
			dbus.WithMatchArg(0, service),
		},
	} {
		if err := conn.AddMatchSignal(match...); err != nil {
			b.warn(err)
		}
	}
	b.done.Go(func() { b.run(heard) })
	return b
}

// connect refuses where godbus would start a bus of its own and leave it behind.
func connect(heard *inbox) (*dbus.Conn, error) {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		at := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
		if _, err := os.Stat(at); err != nil {
			return nil, errors.New("no session bus")
		}
	}
	return dbus.ConnectSessionBus(dbus.WithSignalHandler(heard))
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
		for room := range b.wishes {
			b.wishes[room]++ // also what is only on its way
		}
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

func (b *Board) run(said *inbox) {
	hear := func() {
		for _, s := range said.take() {
			b.heard(s)
		}
	}
	b.ask()
	for {
		b.tellStands()
		select {
		case job := <-b.jobs:
			hear() // what the service said before this job was handed over counts before it
			job()
		case <-said.came:
			hear()
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
	old, stands := b.ids[t.Room]
	if t.Standing && (!stands || b.past[old]) || b.able == nil && !b.learn() {
		return
	}
	body := t.Body
	if slices.Contains(b.able, "body-markup") {
		body = escape.Replace(body)
	}
	actions := []string{}
	if slices.Contains(b.able, "actions") {
		actions = append(actions, "default", cmp.Or(t.Click, b.cfg.Open))
		for _, a := range t.Actions {
			actions = append(actions, a.Key, a.Label)
		}
		if t.Seq > 0 && b.cfg.Read != nil {
			actions = append(actions, actRead, b.cfg.MarkRead)
		}
		if t.Seq > 0 && b.cfg.Replied != nil && slices.Contains(b.able, actReply) {
			actions = append(actions, actReply, b.cfg.Reply)
		}
	}
	hints := map[string]dbus.Variant{
		"desktop-entry": dbus.MakeVariant("sendjay"),
		"category":      dbus.MakeVariant("im.received"),
		"urgency":       dbus.MakeVariant(byte(1)),
	}
	if name := soundNames[t.Sound]; t.Silent || t.Sound == SoundNone {
		hints["suppress-sound"] = dbus.MakeVariant(true)
	} else if name != "" {
		hints["sound-name"] = dbus.MakeVariant(name)
	}
	if b.past[old] {
		b.unshelve(old) // there shall be one of a room in the list, not all that there ever were
	}
	b.wishes[t.Room]++
	wish := b.wishes[t.Room]
	answered := make(chan *dbus.Call, 1)
	b.conn.Object(service, object).Go(service+".Notify", 0, answered, "Sendjay", old, "sendjay", t.Title, body, actions, hints, stays[t.Stay])
	late := time.NewTimer(answerWithin)
	defer late.Stop()
	select {
	case call := <-answered:
		b.shown(t, call)
	case <-late.C:
		b.warn(context.DeadlineExceeded)
		// A service that is only slow shows it after all, and nobody else knows how to take it away again.
		b.done.Go(func() {
			select {
			case call := <-answered:
				b.do(func() { b.shownLate(t, call, wish) })
			case <-b.quit:
			}
		})
	}
}

// shown takes the answer of the service.
func (b *Board) shown(t Toast, call *dbus.Call) {
	var id uint32
	if err := call.Store(&id); err != nil {
		b.warn(err)
		return
	}
	if old := b.ids[t.Room]; old != id {
		b.forget(t.Room, old) // the service gave the new one another number
	}
	b.ids[t.Room], b.said[id] = id, t
	delete(b.past, id)
	b.warned, b.other = false, true
}

// shownLate takes an answer that nobody waited for any more. What has been asked for the room since then counts.
func (b *Board) shownLate(t Toast, call *dbus.Call, wish int) {
	var id uint32
	switch err := call.Store(&id); {
	case err != nil || b.ids[t.Room] == id:
	case b.wishes[t.Room] == wish:
		b.shown(t, call)
	default:
		_ = b.call("CloseNotification", id).Err
	}
}

// The actions beside the click. The second is also the name of the capability to show a field for it.
const (
	actRead  = "mark-read"
	actReply = "inline-reply"
)

// soundNames are our sounds in the naming of the sound themes.
var soundNames = map[string]string{"soft": "message-new-instant", "bright": "message", "bell": "bell"}

// stays are milliseconds as the services read them: -1 leaves it to them, 0 is until somebody takes it away. It is not the
// urgency that says so, for what is critical also breaks through the system's own do-not-disturb.
var stays = map[string]int32{"": -1, StayShort: 5000, StayLong: 25000, StayUntil: 0}

// escape is for services that read markup: what a person wrote shall appear as written.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (b *Board) withdraw(room protocol.RoomID) {
	b.wishes[room]++
	id, is := b.ids[room]
	if !is {
		return
	}
	b.forget(room, id)
	// An error means that it is gone already.
	_ = b.call("CloseNotification", id).Err
	b.unshelve(id)
}

// unshelve takes what is no longer on the screen out of the list of a service where CloseNotification puts it there.
func (b *Board) unshelve(id uint32) {
	if !b.shelf {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), answerWithin)
	defer stop()
	// An error means that it is gone already, or that the service is older than this call.
	_ = b.conn.Object(service, object).CallWithContext(ctx, "org.dunstproject.cmd0.NotificationRemoveFromHistory", 0, id).Err
}

func (b *Board) forget(room protocol.RoomID, id uint32) {
	delete(b.ids, room)
	delete(b.said, id)
	delete(b.tokens, id)
	delete(b.past, id)
	b.other = true
}
