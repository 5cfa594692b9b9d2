package toast

import (
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/shared/protocol"
)

// keeping is a board that tells what stands there, and which the test ends as a kill does: nothing is taken away.
func keeping(t *testing.T) (b *Board, clicks chan click, stands chan []Standing) {
	t.Helper()
	clicks, stands = make(chan click, 8), make(chan []Standing, 64)
	b = New(Config{
		Open:   "Open",
		Opened: func(r protocol.RoomID, seq protocol.Seq, token string) { clicks <- click{r, seq, token} },
		Stands: func(all []Standing) { stands <- all },
	})
	t.Cleanup(b.Close)
	return b, clicks, stands
}

// awaitStands waits until what stands there is as it should.
func awaitStands(t *testing.T, stands <-chan []Standing, ready func([]Standing) bool) []Standing {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case all := <-stands:
			if ready(all) {
				return all
			}
		case <-late:
			t.Fatal("waited in vain for what stands there")
		}
	}
}

func some(n int) func([]Standing) bool { return func(all []Standing) bool { return len(all) == n } }

// took hands to a board what another has left, and returns what of it was found.
func took(t *testing.T, b *Board, all []Standing) []Standing {
	t.Helper()
	found := make(chan []Standing, 1)
	b.TakeOver(all, func(all []Standing) { found <- all })
	select {
	case all := <-found:
		return all
	case <-time.After(20 * time.Second):
		t.Fatal("no word of what was found")
		return nil
	}
}

func TestWhatStandsThereIsTakenOverFromAProgramThatWasKilled(t *testing.T) {
	for name, start := range map[string]func(*sessionbus.Bus) *sessionbus.Daemon{
		"told to everybody":     func(bus *sessionbus.Bus) *sessionbus.Daemon { return bus.Notifications(t) },
		"told to who showed it": func(bus *sessionbus.Bus) *sessionbus.Daemon { return bus.Dunst(t) },
	} {
		t.Run(name, func(t *testing.T) {
			bus := sessionbus.Start(t)
			d := start(bus)
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
			one, _, stands := keeping(t)
			one.Show(Toast{Room: "r1", Seq: 7, Title: "Sales", Body: "one"})
			one.Show(Toast{Room: "r2", Seq: 3, Title: "Lab", Body: "two"})
			one.Show(Toast{Room: "r3", Seq: 1, Title: "Lunch", Body: "three"})
			expired := d.Await(3).ID
			awaitStands(t, stands, some(3))
			d.Expire(expired)
			all := awaitStands(t, stands, func(all []Standing) bool { return len(all) == 3 && all[2].Past })
			one.Close() // its connection goes, the notifications stay

			two, clicks, _ := keeping(t)
			if found := took(t, two, all); len(found) != 3 || found[0].Toast.Room != "r1" || found[0].Toast.Seq != 7 {
				t.Fatalf("found %+v", found)
			}
			again := d.Await(5)
			if n := d.Await(4); n.Replaces != n.ID || n.Hints["suppress-sound"].Value() != true || n.Body != "one" || again.Body != "two" {
				t.Errorf("shown again %+v and %+v", n, again)
			}
			d.AwaitOpen(2)
			d.Click(d.Await(4).ID, "tok")
			select {
			case c := <-clicks:
				if c != (click{"r1", 7, "tok"}) {
					t.Errorf("clicked %+v", c)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("no click")
			}
			two.Withdraw("r2") // read
			two.Withdraw("r3")
			d.AwaitOpen(0)
			d.AwaitListed(0)
			if n := len(d.Asked()); n != 5 {
				t.Errorf("%d were shown", n)
			}
		})
	}
}

func TestNumbersOfAnotherServiceAreNotTakenOver(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
	one, _, stands := keeping(t)
	one.Show(Toast{Room: "r1", Seq: 7, Title: "Sales", Body: "one"})
	all := awaitStands(t, stands, some(1))
	one.Close()
	d.Stop()
	d = bus.Notifications(t) // another one, which counts from the beginning too
	foreign, _ := board(t, bus)
	foreign.Show(Toast{Room: "x", Title: "of another program"})
	if n := d.Await(1); n.ID != all[0].ID {
		t.Fatalf("the number %d, not %d", n.ID, all[0].ID)
	}
	two, _, stands := keeping(t)
	if found := took(t, two, all); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
	two.WithdrawAll()
	awaitStands(t, stands, some(0))
	two.Show(Toast{Room: "r1", Seq: 8, Title: "Sales", Body: "two"})
	if n := d.Await(2); n.Replaces != 0 {
		t.Errorf("replaces %d of somebody else", n.Replaces)
	}
	d.AwaitOpen(2)
}

func TestWhatStartedTheServiceIsKnownThere(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, _ := board(t, bus)
	b.Show(Toast{Room: "r1", Title: "t", Body: "one"})
	d.Await(1)
	// The first notification has started the service, and the bus says so only now.
	b.do(func() {
		b.heard(&dbus.Signal{Name: "org.freedesktop.DBus.NameOwnerChanged", Body: []any{service, "", b.owner}})
	})
	b.Show(Toast{Room: "r1", Title: "t", Body: "two"})
	if first, second := d.Await(1), d.Await(2); second.ID != first.ID {
		t.Errorf("%+v stands beside %+v", second, first)
	}
}

func TestOnlyTheServiceIsBelieved(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, clicks := board(t, bus)
	b.Show(Toast{Room: "r1", Seq: 7, Title: "t", Body: "b"})
	id := d.Await(1).ID
	liar := bus.Liar(t)
	liar.Say(object, service+".ActivationToken", id, "false")
	liar.Say(object, service+".ActionInvoked", id, "default")
	liar.Say(object, service+".NotificationReplied", id, "never written")
	liar.Say(object, service+".NotificationClosed", id, uint32(2))
	liar.Say("/org/freedesktop/DBus", "org.freedesktop.DBus.NameOwnerChanged", service, "", ":1.99")
	liar.Say(object, properties+".PropertiesChanged", service, map[string]dbus.Variant{inhibited: dbus.MakeVariant(true)}, []string{})
	d.Click(id, "true")
	select {
	case c := <-clicks:
		if c != (click{"r1", 7, "true"}) || b.Abilities().Held {
			t.Errorf("clicked %+v, %+v", c, b.Abilities())
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no click")
	}
	if len(clicks) > 0 {
		t.Errorf("clicked again: %+v", <-clicks)
	}
}
