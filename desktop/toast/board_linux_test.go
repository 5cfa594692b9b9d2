package toast

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/shared/protocol"
)

type click struct {
	room  protocol.RoomID
	seq   protocol.Seq
	token string
}

func board(t *testing.T, bus *sessionbus.Bus) (*Board, <-chan click) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
	clicks := make(chan click, 8)
	b := New(Config{Open: "Open", Opened: func(r protocol.RoomID, seq protocol.Seq, token string) { clicks <- click{r, seq, token} }})
	t.Cleanup(b.Close)
	return b, clicks
}

func TestASecondMessageReplacesTheFirstInPlace(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, _ := board(t, bus)
	b.Show(Toast{Room: "r1", Title: "Sales", Body: "one"})
	first := d.Await(1)
	b.Show(Toast{Room: "r2", Title: "Lab", Body: "elsewhere"})
	d.Await(2)
	b.Show(Toast{Room: "r1", Title: "Sales", Body: "two", Silent: true})
	second := d.Await(3)
	if second.Replaces != first.ID || second.ID != first.ID || second.Body != "two" {
		t.Errorf("replaced %+v by %+v", first, second)
	}
	if _, silent := second.Hints["suppress-sound"]; !silent {
		t.Error("the update makes a second sound")
	}
	if d.AwaitOpen(2); first.Hints["desktop-entry"].Value() != "sendjay" {
		t.Errorf("hints %v", first.Hints)
	}
}

func TestMarkupOfAPersonIsShownAsWritten(t *testing.T) {
	const wrote = `a < b && <script>x</script>`
	for capability, want := range map[string]string{"body": wrote, "body-markup": `a &lt; b &amp;&amp; &lt;script&gt;x&lt;/script&gt;`} {
		bus := sessionbus.Start(t)
		d := bus.Notifications(t, capability)
		b, _ := board(t, bus)
		b.Show(Toast{Room: "r1", Title: "<b>", Body: wrote})
		if n := d.Await(1); n.Body != want || n.Summary != "<b>" {
			t.Errorf("%s: %q %q, want body %q", capability, n.Summary, n.Body, want)
		}
	}
}

func TestAClickOpensTheRoomAndBringsTheToken(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, clicks := board(t, bus)
	b.Show(Toast{Room: "r1", Seq: 7, Title: "t", Body: "b"})
	d.Click(d.Await(1).ID, "tok-1")
	select {
	case c := <-clicks:
		if c != (click{"r1", 7, "tok-1"}) {
			t.Errorf("clicked %+v", c)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no click")
	}
	b.Show(Toast{Room: "r1", Title: "t", Body: "again"})
	if n := d.Await(2); n.Replaces != 0 {
		t.Errorf("replaces %d, which is gone", n.Replaces)
	}
}

func TestWithdrawClosesOnlyThatRoom(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, _ := board(t, bus)
	for _, r := range []protocol.RoomID{"r1", "r2", "r3"} {
		b.Show(Toast{Room: r, Title: string(r), Body: "b"})
	}
	d.Await(3)
	b.Withdraw("r2")
	d.AwaitOpen(2)
	for _, n := range d.Open() {
		if n.Summary == "r2" {
			t.Error("r2 still stands")
		}
	}
	b.WithdrawAll()
	d.AwaitOpen(0)
}

func TestAfterTheServiceRestartedOldIDsAreNotUsed(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, clicks := board(t, bus)
	b.Show(Toast{Room: "r1", Title: "t", Body: "b"})
	d.Await(1)
	d.Restart()
	// The signal of the restart was sent before this answer, so it is heard before the next job.
	b.Show(Toast{Room: "r2", Title: "t", Body: "b"})
	d.Await(2)
	b.Show(Toast{Room: "r1", Title: "t", Body: "b2"})
	n := d.Await(3)
	if n.Replaces != 0 {
		t.Errorf("replaces %d of the dead service", n.Replaces)
	}
	d.Click(n.ID, "")
	select {
	case c := <-clicks:
		if c.room != "r1" {
			t.Errorf("clicked %+v", c)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no click")
	}
}

func TestWhatIsSaidWhileTheServiceIsSlowIsHeardInOrder(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, clicks := board(t, bus)
	b.Show(Toast{Room: "r1", Title: "t", Body: "b", Seq: 7})
	n := d.Await(1)
	release := d.Hang()
	b.Show(Toast{Room: "r2", Title: "t", Body: "shown slowly"})
	for k := range 300 { // far more than is taken meanwhile
		d.Token(n.ID, fmt.Sprint(k))
	}
	d.Click(n.ID, "last")
	release()
	select {
	case c := <-clicks:
		if c.token != "last" {
			t.Errorf("clicked with the token %q", c.token)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no click")
	}
}

func TestWithoutAServiceThereIsOneWarning(t *testing.T) {
	bus := sessionbus.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
	var log bytes.Buffer
	b := New(Config{Log: slog.New(slog.NewTextHandler(&log, nil)), Opened: func(protocol.RoomID, protocol.Seq, string) {}})
	for range 3 {
		b.Show(Toast{Room: "r1", Title: "t", Body: "b"})
	}
	b.Close()
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, &log)
	}
	if !strings.Contains(log.String(), "no notifications can be shown") {
		t.Errorf("log:\n%s", &log)
	}
}

func TestAServiceThatGoesIsWarnedOfOnce(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Addr)
	var log bytes.Buffer
	gone := make(chan struct{}, 8)
	b := New(Config{
		Log:    slog.New(slog.NewTextHandler(&log, nil)),
		Opened: func(protocol.RoomID, protocol.Seq, string) {},
		Able: func(now Abilities) {
			if now.Service == "" {
				gone <- struct{}{}
			}
		},
	})
	b.Show(Toast{Room: "r1", Title: "t", Body: "b"})
	d.Await(1)
	d.Stop()
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		t.Fatal("not noticed")
	}
	b.Show(Toast{Room: "r1", Title: "t", Body: "b"})
	b.Close()
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, &log)
	}
}

func TestWithoutABusEverythingIsANoOp(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	b := New(Config{Opened: func(protocol.RoomID, protocol.Seq, string) {}})
	b.Show(Toast{Room: "r1"})
	b.Withdraw("r1")
	b.Close()
	b.Close()
}

func TestLongAndWildTextsAreCut(t *testing.T) {
	got := Toast{Title: "a\nb\x00c", Body: strings.Repeat("가", 500) + "\n"}.plain()
	if got.Title != "a b c" {
		t.Errorf("title %q", got.Title)
	}
	if n := len([]rune(got.Body)); n != bodyRunes+1 {
		t.Errorf("body has %d characters", n)
	}
}

func TestWhatASlowServiceShowsAfterAllIsTakenAwayAgain(t *testing.T) {
	was := answerWithin
	answerWithin = 50 * time.Millisecond
	t.Cleanup(func() { answerWithin = was })
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, _ := board(t, bus)
	b.Show(Toast{Room: "r0", Title: "Lab", Body: "before"})
	d.Await(1)
	given := make(chan struct{})
	release := d.Hang()
	b.Show(Toast{Room: "r1", Title: "Sales", Body: "read meanwhile"})
	b.Show(Toast{Room: "r2", Title: "Lunch", Body: "still unread"})
	b.Withdraw("r1")
	b.do(func() { close(given) })
	<-given // all of it was given up
	release()
	d.Await(3)
	d.AwaitOpen(2) // of r0 and r2
	b.Withdraw("r2")
	b.Withdraw("r0")
	d.AwaitOpen(0)
}

func TestHowLongANotificationStandsThereIsTheServicesToKnow(t *testing.T) {
	bus := sessionbus.Start(t)
	d := bus.Notifications(t)
	b, _ := board(t, bus)
	n := 0
	for stay, want := range map[string]int32{"": -1, StayShort: 5000, StayLong: 25000, StayUntil: 0} {
		b.Show(Toast{Room: "r1", Title: "t", Stay: stay})
		// A higher urgency would keep it there too, and break through the system's own quiet.
		if n++; d.Await(n).Timeout != want || d.Await(n).Hints["urgency"].Value() != byte(1) {
			t.Errorf("%q: %+v, want %d ms", stay, d.Await(n), want)
		}
	}
}

// expire returns when the board has heard of it: an answer of the service comes after what it said before.
func expire(b *Board, d *sessionbus.Daemon, id uint32) {
	heard := make(chan bool)
	b.do(func() { heard <- true }) // it knows the number
	<-heard
	d.Expire(id)
	d.AwaitListed(1)
	b.do(func() { _ = b.call("GetCapabilities").Err })
	b.do(func() { heard <- true })
	<-heard
}

func TestWhatWentOffTheScreenByItselfIsStillTakenOutOfTheList(t *testing.T) {
	for name, start := range map[string]func(*sessionbus.Bus) *sessionbus.Daemon{
		"closed by its number": func(bus *sessionbus.Bus) *sessionbus.Daemon { return bus.Notifications(t) },
		"by a call of its own": func(bus *sessionbus.Bus) *sessionbus.Daemon { return bus.Dunst(t) },
	} {
		t.Run(name, func(t *testing.T) {
			bus := sessionbus.Start(t)
			d := start(bus)
			b, clicks := board(t, bus)
			b.Show(Toast{Room: "r1", Seq: 7, Title: "t", Body: "one"})
			first := d.Await(1)
			expire(b, d, first.ID)
			b.Show(Toast{Room: "r1", Seq: 8, Title: "t", Body: "only in place of one on the screen", Standing: true})
			b.Show(Toast{Room: "r1", Seq: 8, Title: "t", Body: "two"})
			second := d.Await(2)
			if second.Body != "two" || second.Replaces != first.ID {
				t.Errorf("asked for %+v after %+v", second, first)
			}
			d.AwaitListed(0) // one of a room, not all that there ever were
			expire(b, d, second.ID)
			d.Click(second.ID, "tok") // in the list
			select {
			case c := <-clicks:
				if c != (click{"r1", 8, "tok"}) {
					t.Errorf("clicked %+v", c)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("no click")
			}
			d.AwaitListed(0)
			b.Show(Toast{Room: "r2", Seq: 9, Title: "t"})
			expire(b, d, d.Await(3).ID)
			b.Withdraw("r2") // it was read
			d.AwaitListed(0)
		})
	}
}
