package sessionbus

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	noteName = "org.freedesktop.Notifications"
	notePath = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// Note is a notification as the service was asked to show it.
type Note struct {
	ID       uint32
	Replaces uint32
	App      string
	Icon     string
	Summary  string
	Body     string
	Actions  []string
	Hints    map[string]dbus.Variant
	Timeout  int32 // milliseconds; -1 as the service likes, 0 never
}

// Daemon is a notification service that shows nothing and remembers everything.
type Daemon struct {
	t    testing.TB
	conn *dbus.Conn
	held *prop.Properties
	name string

	slow sync.RWMutex // held while it hangs

	mu    sync.Mutex // guards the fields below
	last  uint32
	open  map[uint32]Note
	list  map[uint32]Note // went off the screen by themselves
	from  map[uint32]dbus.Sender
	notes []Note
	moved chan struct{} // closed and made anew at every change
}

// Notifications runs a notification service with these capabilities; actions and body-markup when none is named.
func (b *Bus) Notifications(t testing.TB, capabilities ...string) *Daemon {
	t.Helper()
	if len(capabilities) == 0 {
		capabilities = []string{"actions", "body", "body-markup", "persistence"}
	}
	return b.service(t, "sessionbus", capabilities)
}

func (b *Bus) service(t testing.TB, name string, capabilities []string) *Daemon {
	t.Helper()
	d := &Daemon{t: t, conn: b.Connect(t), name: name, open: map[uint32]Note{}, list: map[uint32]Note{}, from: map[uint32]dbus.Sender{}, moved: make(chan struct{})}
	if err := d.conn.Export(service{d, capabilities}, notePath, noteName); err != nil {
		t.Fatal(err)
	}
	held, err := prop.Export(d.conn, notePath, prop.Map{noteName: {"Inhibited": {Value: false, Emit: prop.EmitTrue}}})
	if err != nil {
		t.Fatal(err)
	}
	d.held = held
	own(t, d.conn, noteName)
	return d
}

// Dunst runs a service of this name: what has gone off its screen, in whatever way, only a call of its own takes out of its
// list; and it tells of a notification nobody but who has shown it last.
func (b *Bus) Dunst(t testing.TB) *Daemon {
	t.Helper()
	d := b.service(t, "dunst", []string{"actions", "body"})
	if err := d.conn.Export(dunst{d}, notePath, "org.dunstproject.cmd0"); err != nil {
		t.Fatal(err)
	}
	return d
}

// Gnome runs a service of the name of GNOME's, which decides by itself how long a notification stands there.
func (b *Bus) Gnome(t testing.TB) *Daemon {
	t.Helper()
	return b.service(t, "gnome-shell", []string{"actions", "body", "body-markup", "persistence", "sound"})
}

type dunst struct{ d *Daemon }

func (s dunst) NotificationRemoveFromHistory(id uint32) *dbus.Error {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	delete(s.d.list, id)
	s.d.changed()
	return nil
}

// Hold lets the service say that it shows nothing just now, or that it does again.
func (d *Daemon) Hold(on bool) {
	d.held.SetMust(noteName, "Inhibited", on)
}

// service is what stands on the bus.
type service struct {
	d            *Daemon
	capabilities []string
}

func (s service) GetCapabilities() ([]string, *dbus.Error) { return s.capabilities, nil }

func (s service) GetServerInformation() (name, vendor, version, spec string, err *dbus.Error) {
	return s.d.name, "test", "1", "1.2", nil
}

func (s service) Notify(app string, replaces uint32, icon, summary, body string, actions []string, hints map[string]dbus.Variant, timeout int32, from dbus.Sender) (uint32, *dbus.Error) {
	d := s.d
	d.slow.RLock()
	defer d.slow.RUnlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	id := replaces
	if id == 0 {
		d.last++
		id = d.last
	}
	n := Note{id, replaces, app, icon, summary, body, actions, hints, timeout}
	d.open[id], d.from[id] = n, from
	if d.name != "dunst" {
		delete(d.list, id)
	}
	d.notes = append(d.notes, n)
	if old := len(d.notes) - 200; old >= 0 {
		delete(d.notes[old].Hints, "image-data") // days of pictures would fill the memory
	}
	d.changed()
	return id, nil
}

func (s service) CloseNotification(id uint32) *dbus.Error {
	if !s.d.remove(id) {
		return &dbus.Error{Name: noteName + ".Error.ExcessNotificationGeneration"}
	}
	s.d.emit("NotificationClosed", id, uint32(3))
	return nil
}

func (d *Daemon) changed() {
	close(d.moved)
	d.moved = make(chan struct{})
}

func (d *Daemon) remove(id uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, is := d.open[id]
	delete(d.open, id)
	if d.name != "dunst" {
		delete(d.list, id)
	} else if is {
		d.list[id] = n
	}
	d.changed()
	return is
}

func (d *Daemon) emit(name string, id uint32, args ...any) {
	to := ""
	if d.name == "dunst" {
		d.mu.Lock()
		to = string(d.from[id])
		d.mu.Unlock()
	}
	// A tray that ends with its test withdraws what stands there, while this end goes too.
	err := signal(d.conn, to, notePath, noteName+"."+name, append([]any{id}, args...)...)
	if err != nil && !errors.Is(err, dbus.ErrClosed) {
		d.t.Errorf("signal %s: %v", name, err)
	}
}

// Click does what a click on the notification does: a token for the focus, the action, then it is gone.
func (d *Daemon) Click(id uint32, token string) {
	d.remove(id)
	d.emit("ActivationToken", id, token)
	d.emit("ActionInvoked", id, "default")
	d.emit("NotificationClosed", id, uint32(2))
}

// Token brings a token for the focus, as before a click.
func (d *Daemon) Token(id uint32, token string) { d.emit("ActivationToken", id, token) }

// Act does what a button of the notification does.
func (d *Daemon) Act(id uint32, action string) {
	d.remove(id)
	d.emit("ActionInvoked", id, action)
	d.emit("NotificationClosed", id, uint32(2))
}

// Reply does what a field for answers does, where the service has one.
func (d *Daemon) Reply(id uint32, text string) {
	d.emit("NotificationReplied", id, text)
}

// Dismiss does what a person's "away with it" does.
func (d *Daemon) Dismiss(id uint32) {
	d.remove(id)
	d.emit("NotificationClosed", id, uint32(2))
}

// Expire does what time does: the notification is off the screen, and stands in the service's list.
func (d *Daemon) Expire(id uint32) {
	d.mu.Lock()
	n, is := d.open[id]
	if is {
		d.list[id] = n
	}
	delete(d.open, id)
	d.changed()
	d.mu.Unlock()
	if is {
		d.emit("NotificationClosed", id, uint32(1))
	}
}

// AwaitListed waits until exactly n notifications stand in the list of those that went by themselves.
func (d *Daemon) AwaitListed(n int) {
	d.t.Helper()
	d.wait("number of listed notifications", func() bool { return len(d.list) == n })
}

// Hang lets the service take what it is asked to show and answer only after the returned function was called.
func (d *Daemon) Hang() (release func()) {
	d.slow.Lock()
	return d.slow.Unlock
}

// Restart lets the service crash and come back: nothing is shown any more, old ids mean nothing,
// and new ones start again from far above.
func (d *Daemon) Restart() {
	d.t.Helper()
	if _, err := d.conn.ReleaseName(noteName); err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	clear(d.open)
	clear(d.list)
	d.last += 100
	d.changed()
	d.mu.Unlock()
	own(d.t, d.conn, noteName)
}

// Stop lets the service end for good.
func (d *Daemon) Stop() {
	d.t.Helper()
	if _, err := d.conn.ReleaseName(noteName); err != nil {
		d.t.Fatal(err)
	}
}

// Open returns what is on the screen now.
func (d *Daemon) Open() []Note {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Note
	for _, n := range d.open {
		all = append(all, n)
	}
	return all
}

// Asked returns every request so far, in order.
func (d *Daemon) Asked() []Note {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Note(nil), d.notes...)
}

// Await waits until the n-th request (from 1) has come and returns it.
func (d *Daemon) Await(n int) Note {
	d.t.Helper()
	d.wait("notification", func() bool { return len(d.notes) >= n })
	return d.Asked()[n-1]
}

// AwaitOpen waits until exactly n notifications are on the screen.
func (d *Daemon) AwaitOpen(n int) {
	d.t.Helper()
	d.wait("number of open notifications", func() bool { return len(d.open) == n })
}

// wait waits for ready, which is called under the lock.
func (d *Daemon) wait(what string, ready func() bool) {
	d.t.Helper()
	late := time.After(patience)
	for {
		d.mu.Lock()
		done, moved := ready(), d.moved
		d.mu.Unlock()
		if done {
			return
		}
		select {
		case <-moved:
		case <-late:
			d.t.Fatalf("waited in vain for %s; asked so far: %+v; open: %+v", what, d.Asked(), d.Open())
		}
	}
}
