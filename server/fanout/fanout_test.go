package fanout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sendjay/server/chat"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is a session's queue that remembers.
type line struct {
	mu      sync.Mutex
	frames  []*session.Frame
	open    int // frames put since the last flush
	flushes []int
}

func (l *line) Put(f *session.Frame) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames = append(l.frames, f)
	l.open++
	return l.open == 1
}

func (l *line) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flushes = append(l.flushes, l.open)
	l.open = 0
}

func (l *line) End(protocol.CloseCode, *session.Frame) {}

func (l *line) revs(t *testing.T) (revs []protocol.Rev) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.frames {
		var p protocol.Push
		if err := json.Unmarshal(f.Text, &p); err != nil {
			t.Fatal(err)
		}
		revs = append(revs, p.Rev)
	}
	if l.open > 0 {
		t.Errorf("%d frames were put and not flushed", l.open)
	}
	return revs
}

// heard is a frame as a client reads it.
type heard struct {
	Ev    protocol.EventName
	Rev   protocol.Rev
	Since *protocol.Rev
	Data  json.RawMessage
}

func (l *line) pushes(t *testing.T) []heard {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]heard, len(l.frames))
	for i, f := range l.frames {
		if err := json.Unmarshal(f.Text, &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// house is a fan-out over rooms in a map.
type house struct {
	*Fanout
	sessions *session.Registry
	mu       sync.Mutex
	rooms    map[protocol.RoomID][]protocol.Member
	loads    atomic.Int64
	fail     error
	hold     chan struct{} // loads wait for it
	asked    chan struct{} // a load has seen what is there; what finds no room is not told
}

func build(c Config) *house {
	h := &house{sessions: session.NewRegistry(session.Config{}), rooms: map[protocol.RoomID][]protocol.Member{}, asked: make(chan struct{}, 16)}
	c.Sessions = h.sessions
	c.Members = func(_ context.Context, room protocol.RoomID) ([]protocol.Member, error) {
		h.loads.Add(1)
		h.mu.Lock()
		m, err, hold := h.rooms[room], h.fail, h.hold
		h.mu.Unlock()
		select {
		case h.asked <- struct{}{}:
		default:
		}
		if hold != nil {
			<-hold
		}
		return m, err
	}
	h.Fanout = New(c)
	return h
}

func (h *house) join(room protocol.RoomID, m ...protocol.Member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rooms[room] = append(h.rooms[room][:len(h.rooms[room]):len(h.rooms[room])], m...)
}

func (h *house) enter(user protocol.UserID) (*session.Session, *line) {
	l := &line{}
	s := session.New(session.Who{User: protocol.User{ID: user}, Device: protocol.Web}, l)
	h.sessions.Open(s, 0)
	return s, l
}

func message(room protocol.RoomID, rev protocol.Rev) chat.Event {
	return chat.Event{
		Push: protocol.Push{Ev: protocol.EvMessage, Room: room, Rev: rev, Data: protocol.Message{Room: room, Rev: rev}},
		Seq:  protocol.Seq(rev),
	}
}

func want(t *testing.T, l *line, revs ...protocol.Rev) {
	t.Helper()
	if got := l.revs(t); fmt.Sprint(got) != fmt.Sprint(revs) {
		t.Errorf("heard %v, want %v", got, revs)
	}
}

func TestWhoHears(t *testing.T) {
	h := build(Config{})
	h.join("r", protocol.Member{ID: "kim"}, protocol.Member{ID: "lee"}, protocol.Member{ID: "late", From: 2})
	kim, kimLine := h.enter("kim")
	_, lee := h.enter("lee")
	_, late := h.enter("late")
	_, stranger := h.enter("stranger")

	own := message("r", 1)
	own.Skip = kim.ID
	h.Publish(own)
	h.Publish(message("r", 2))
	h.Publish(message("r", 3))
	h.Publish(chat.Event{
		Push: protocol.Push{Ev: protocol.EvMembers, Room: "r", Rev: 4}, To: []protocol.UserID{"stranger", "lee"},
		Moved: []protocol.Member{{ID: "kim", Left: true}, {ID: "stranger", From: 4}},
	})
	h.Publish(message("r", 5))
	h.Close()

	t.Run("the sending session does not hear itself", func(t *testing.T) { want(t, kimLine, 2, 3) })
	t.Run("members hear everything in order", func(t *testing.T) { want(t, lee, 1, 2, 3, 4, 5) })
	t.Run("who joined later hears what follows, and of what was before that the room went on", func(t *testing.T) {
		want(t, late, 1, 2, 3, 5)
		for i, ev := range []protocol.EventName{protocol.EvReceipts, protocol.EvReceipts, protocol.EvMessage, protocol.EvMessage} {
			if got := late.pushes(t)[i]; got.Ev != ev || ev == protocol.EvReceipts && (*got.Since != got.Rev-1 || string(got.Data) != `{"cursors":[]}`) {
				t.Errorf("%d: %+v", i, got)
			}
		}
	})
	t.Run("who came with an event hears what follows", func(t *testing.T) { want(t, stranger, 4, 5) })
	t.Run("members are looked up once", func(t *testing.T) {
		if n := h.loads.Load(); n != 1 {
			t.Errorf("%d look-ups", n)
		}
	})
	t.Run("an event is encoded once for all", func(t *testing.T) {
		if lee.frames[1] != kimLine.frames[0] {
			t.Error("two frames for one event")
		}
	})
}

// quoting is a reply to what was said as seq past.
func quoting(rev protocol.Rev, past protocol.Seq) chat.Event {
	e := message("r", rev)
	bare := e.Data.(protocol.Message)
	whole := bare
	whole.Quote = &protocol.Quote{Seq: past, Body: "secret"}
	e.Past, e.Data, e.Less = past, whole, bare
	return e
}

func TestNobodyHearsInAQuoteWhatWasSaidBeforeHeCame(t *testing.T) {
	h := build(Config{})
	h.join("r", protocol.Member{ID: "kim"}, protocol.Member{ID: "lee", From: 2}, protocol.Member{ID: "late", From: 3})
	_, kim := h.enter("kim")
	_, lee := h.enter("lee")
	_, late := h.enter("late")
	h.Publish(quoting(4, 3))
	h.Publish(chat.Event{
		Push: protocol.Push{Ev: protocol.EvNotice, Room: "r", Rev: 5, Data: protocol.NoticeChanged{Notice: &protocol.Notice{Seq: 3, Body: "secret"}}},
		Past: 3, Less: protocol.NoticeChanged{},
	})
	h.Close()
	for name, c := range map[string]struct {
		*line
		told bool
	}{"who was there": {kim, true}, "who came before it was said": {lee, true}, "who came after": {late, false}} {
		want(t, c.line, 4, 5)
		for _, p := range c.pushes(t) {
			if got := strings.Contains(string(p.Data), "secret"); got != c.told || p.Ev == protocol.EvReceipts {
				t.Errorf("%s hears %s %s", name, p.Ev, p.Data)
			}
		}
	}
}

func TestEventsOfARoomKeepTheirOrderAndLeaveTogether(t *testing.T) {
	h := build(Config{Shards: 3})
	const rooms, events = 5, 2000
	var lines []*line
	for r := range rooms {
		room := protocol.RoomID(fmt.Sprint("r", r))
		h.join(room, protocol.Member{ID: protocol.UserID(room)})
		_, l := h.enter(protocol.UserID(room))
		lines = append(lines, l)
	}
	for rev := range events {
		for r := range rooms {
			h.Publish(message(protocol.RoomID(fmt.Sprint("r", r)), protocol.Rev(rev+1)))
		}
	}
	h.Close()
	for r, l := range lines {
		revs := l.revs(t)
		if len(revs) != events {
			t.Fatalf("room %d heard %d of %d", r, len(revs), events)
		}
		for i, rev := range revs {
			if rev != protocol.Rev(i+1) {
				t.Fatalf("room %d heard %d at place %d", r, rev, i)
			}
		}
		for _, n := range l.flushes {
			if n > batch {
				t.Errorf("%d frames at once, more than %d", n, batch)
			}
		}
	}
}

func TestMembersMovingWhileTheyAreLookedUpAreLookedUpAgain(t *testing.T) {
	h := build(Config{Shards: 1})
	h.join("r", protocol.Member{ID: "kim"})
	_, lee := h.enter("lee")
	hold := make(chan struct{})
	h.hold = hold
	warm := make(chan struct{})
	go func() {
		defer close(warm)
		_ = h.Admit(t.Context(), "r") // the shard is empty, so it admits
	}()
	<-h.asked
	h.join("r", protocol.Member{ID: "lee"})
	h.members.moved("r", []protocol.Member{{ID: "lee"}})
	h.mu.Lock()
	h.hold = nil
	h.mu.Unlock()
	close(hold)
	<-warm
	h.Publish(message("r", 1))
	h.Close()
	want(t, lee, 1)
}

func TestAFailingLookUpDropsTheEventAndHealsItself(t *testing.T) {
	h := build(Config{Shards: 1})
	_, kim := h.enter("kim")
	h.fail = errors.New("no database")
	if err := h.Admit(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	h.Publish(message("r", 1))
	<-h.asked
	<-h.asked
	h.mu.Lock()
	h.fail = nil
	h.mu.Unlock()
	h.join("r", protocol.Member{ID: "kim"})
	h.Publish(message("r", 2))
	h.Close()
	got := kim.revs(t)
	if len(got) == 0 || got[len(got)-1] != 2 {
		t.Errorf("heard %v", got)
	}
}

func TestForgettingARoomLooksItUpAgain(t *testing.T) {
	h := build(Config{})
	h.join("r", protocol.Member{ID: "kim"})
	_ = h.Admit(t.Context(), "r") // the shard is empty, so it admits
	_, lee := h.enter("lee")
	h.join("r", protocol.Member{ID: "lee"})
	h.Forget("r")
	h.Publish(message("r", 1))
	h.Close()
	want(t, lee, 1)
}

func TestWhoPublishesTooMuchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(Config{Shards: 1, Backlog: 10})
		h.join("r", protocol.Member{ID: "kim"})
		h.hold = make(chan struct{})
		for rev := range 20 {
			h.Publish(message("r", protocol.Rev(rev+1))) // the first one hangs on its members
		}
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if code := protocol.CodeOf(h.shards[0].admit(ctx)); code != protocol.Unavailable {
			t.Errorf("got %q, want %q", code, protocol.Unavailable)
		}
		began := time.Now()
		if code := protocol.CodeOf(h.shards[0].admit(t.Context())); code != protocol.Unavailable || time.Since(began) != admitTime {
			t.Errorf("got %q after %v", code, time.Since(began))
		}
		admitted := make(chan error)
		go func() { admitted <- h.shards[0].admit(t.Context()) }()
		synctest.Wait()
		close(h.hold)
		if err := <-admitted; err != nil {
			t.Error(err)
		}
		h.Close()
	})
}

func TestWhatIsKeptOfRoomsIsBounded(t *testing.T) {
	m := newMembers(func(_ context.Context, room protocol.RoomID) ([]protocol.Member, error) {
		return make([]protocol.Member, membersKept/4), nil
	}, nil)
	for r := range 10 {
		if _, err := m.of(t.Context(), protocol.RoomID(fmt.Sprint(r))); err != nil {
			t.Fatal(err)
		}
	}
	if m.kept > membersKept || len(m.rooms) != 4 {
		t.Errorf("%d members of %d rooms kept", m.kept, len(m.rooms))
	}
}
