package toast

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/shared/protocol"
)

// acting returns a board whose every report comes as one line.
func acting(t *testing.T, bus *sessionbus.Bus) (*Board, func() string) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
	heard := make(chan string, 16)
	b := New(Config{
		Open: "Open", MarkRead: "Mark read", Reply: "Reply",
		Opened: func(r protocol.RoomID, n protocol.Seq, _ string) { heard <- fmt.Sprintf("opened %s %d", r, n) },
		Read:   func(r protocol.RoomID, n protocol.Seq) { heard <- fmt.Sprintf("read %s %d", r, n) },
		Replied: func(r protocol.RoomID, n protocol.Seq, text string) {
			heard <- fmt.Sprintf("replied %s %d %s", r, n, text)
		},
		Able: func(a Abilities) {
			held := ""
			if a.Held {
				held = ", held"
			}
			heard <- fmt.Sprintf("able %v, reply %v, sound %v%s", a.Service != "", a.Reply, a.Sound, held)
		},
	})
	t.Cleanup(b.Close)
	return b, func() string {
		t.Helper()
		select {
		case s := <-heard:
			return s
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was heard")
			return ""
		}
	}
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestMarkReadAndReplyComeBackWithTheMessage(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t, "actions", "body", "inline-reply", "sound")
	b, next := acting(t, bus)
	want(t, next(), "able true, reply true, sound true")
	b.Show(Toast{Room: "r1", Seq: 4, Title: "Sales", Body: "one", Sound: "bell"})
	n := d.Await(1)
	if !slices.Equal(n.Actions, []string{"default", "Open", "mark-read", "Mark read", "inline-reply", "Reply"}) || n.Hints["sound-name"].Value() != "bell" {
		t.Errorf("asked for %v, %v", n.Actions, n.Hints)
	}
	d.Act(n.ID, "mark-read")
	want(t, next(), "read r1 4")
	d.AwaitOpen(0)
	b.Show(Toast{Room: "r2", Seq: 9, Title: "Lab", Body: "two"})
	d.Reply(d.Await(2).ID, "네, 갈게요")
	want(t, next(), "replied r2 9 네, 갈게요")
	d.AwaitOpen(0)
	b.Show(Toast{Room: "r2", Seq: 10, Title: "Lab", Body: "three"})
	d.Reply(d.Await(3).ID, "  ")
	b.Show(Toast{Room: "r3", Seq: 1, Title: "Lab", Body: "four", Sound: SoundNone})
	n = d.Await(4)
	if n.Hints["suppress-sound"].Value() != true {
		t.Errorf("hints %v", n.Hints)
	}
	d.Act(n.ID, "default")
	want(t, next(), "opened r3 1") // and nothing of the empty reply
}

func TestANoticeCanOnlyBeOpened(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t, "actions", "inline-reply")
	b, next := acting(t, bus)
	want(t, next(), "able true, reply true, sound false")
	b.Show(Toast{Room: "/", Title: "Sendjay", Body: "5 rooms"})
	if n := d.Await(1); !slices.Equal(n.Actions, []string{"default", "Open"}) {
		t.Errorf("actions %v", n.Actions)
	}
	b.Show(Toast{Room: "/file", Title: "a.pdf", Body: "is there", Click: "Show in folder"})
	if n := d.Await(2); !slices.Equal(n.Actions, []string{"default", "Show in folder"}) {
		t.Errorf("what a click does is called %v", n.Actions)
	}
}

func TestWhetherNotificationsCanBeShownIsToldWhenItChanges(t *testing.T) {
	bus := sessionbus.Start(t)
	_, next := acting(t, bus)
	want(t, next(), "able false, reply false, sound false")
	d := bus.Notifications(t)
	want(t, next(), "able true, reply false, sound false")
	d.Stop()
	want(t, next(), "able false, reply false, sound false")
}

func TestThatTheSystemShowsNothingJustNowIsHeardAndTold(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, next := acting(t, bus)
	want(t, next(), "able true, reply false, sound false")
	d.Hold(true)
	want(t, next(), "able true, reply false, sound false, held")
	b.Show(Toast{Room: "r1", Title: "t", Seq: 1})
	d.Await(1) // it waits in the notification centre
	d.Hold(false)
	want(t, next(), "able true, reply false, sound false")
	d.Hold(true)
	want(t, next(), "able true, reply false, sound false, held")
	_, again := acting(t, bus)
	want(t, again(), "able true, reply false, sound false, held")
}
