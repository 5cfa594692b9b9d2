package chat

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sendjay/shared/protocol"
)

// ear is a Publisher that remembers.
type ear struct {
	mu     sync.Mutex
	events []Event
	times  []time.Time
}

func (e *ear) Admit(context.Context, protocol.RoomID) error { return nil }
func (e *ear) Forget(protocol.RoomID)                       {}

func (e *ear) Publish(ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if ev.Placed != nil {
		ev.Placed()
		ev.Placed = nil
	}
	e.events = append(e.events, ev)
	e.times = append(e.times, time.Now())
}

func (e *ear) heard() []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Event(nil), e.events...)
}

func message(room protocol.RoomID, rev protocol.Rev) Event {
	return Event{Push: protocol.Push{Ev: protocol.EvMessage, Room: room, Rev: rev}}
}

func cursors(t *testing.T, e Event) []protocol.Cursor {
	t.Helper()
	r, ok := e.Data.(protocol.Receipts)
	if !ok || e.Ev != protocol.EvReceipts {
		t.Fatalf("not receipts: %+v", e)
	}
	return r.Cursors
}

func TestReceipts(t *testing.T) {
	t.Run("many moves make one event, at most 250 ms after the first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			out := &ear{}
			s := newStream(out, receiptDelay)
			defer s.close()
			began := time.Now()
			s.moved("r", protocol.Cursor{User: "kim", Seq: 3}, 11, 0)
			time.Sleep(100 * time.Millisecond)
			s.moved("r", protocol.Cursor{User: "lee", Seq: 4}, 12, 0)
			s.moved("r", protocol.Cursor{User: "kim", Seq: 5}, 13, 0)
			time.Sleep(time.Second)
			got := out.heard()
			if len(got) != 1 {
				t.Fatalf("%d events", len(got))
			}
			if late := out.times[0].Sub(began); late > 250*time.Millisecond {
				t.Errorf("%v late", late)
			}
			if *got[0].Since != 10 || got[0].Rev != 13 {
				t.Errorf("covers %d to %d, want 10 to 13", *got[0].Since, got[0].Rev)
			}
			if c := cursors(t, got[0]); len(c) != 2 || c[0].Seq != 5 || c[1].Seq != 4 {
				t.Errorf("cursors %+v", c)
			}
		})
	})
	t.Run("they go before any other event of their room, and wait for no other room", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			out := &ear{}
			s := newStream(out, receiptDelay)
			defer s.close()
			s.moved("r", protocol.Cursor{User: "kim", Seq: 1}, 2, 0)
			s.publish(message("other", 7))
			s.publish(message("r", 3))
			got := out.heard()
			if len(got) != 3 || got[0].Room != "other" || got[1].Ev != protocol.EvReceipts || got[2].Rev != 3 {
				t.Errorf("heard %+v", got)
			}
			time.Sleep(time.Second)
			if n := len(out.heard()); n != 3 {
				t.Errorf("%d events in the end", n)
			}
		})
	})
	t.Run("nothing ticks while nothing waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStream(&ear{}, receiptDelay)
			s.moved("r", protocol.Cursor{User: "kim", Seq: 1}, 2, 0)
			time.Sleep(time.Hour)
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.timer != nil || len(s.waiting) != 0 || len(s.order) != 0 || s.kept != 0 {
				t.Error("something is left")
			}
		})
	})
	t.Run("closing lets go what waits, and later moves at once", func(t *testing.T) {
		out := &ear{}
		s := newStream(out, time.Hour)
		s.moved("r", protocol.Cursor{User: "kim", Seq: 1}, 2, 0)
		s.close()
		s.moved("r", protocol.Cursor{User: "kim", Seq: 2}, 3, 0)
		if n := len(out.heard()); n != 2 {
			t.Errorf("%d events", n)
		}
	})
	t.Run("what waits is bounded", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			out := &ear{}
			s := newStream(out, time.Hour)
			defer s.close()
			for i := range receiptsKept + 1 {
				s.moved(protocol.RoomID(fmt.Sprint(i)), protocol.Cursor{User: "kim", Seq: 1}, 2, 0)
			}
			if n := len(out.heard()); n != receiptsKept+1 || s.kept != 0 {
				t.Errorf("%d let go, %d kept", n, s.kept)
			}
		})
	})
}

// Whatever is committed in whatever order of time, whoever follows a room from rev to rev finds no gap.
func TestTheRevsOfARoomHaveNoGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 80).Draw(t, "steps")
		out := &ear{}
		s := newStream(out, time.Hour)
		revs := map[protocol.RoomID]protocol.Rev{}
		for i, step := range steps {
			room := protocol.RoomID(fmt.Sprint("r", step%2))
			revs[room]++
			switch step {
			case 0, 1:
				s.publish(message(room, revs[room]))
			default:
				s.moved(room, protocol.Cursor{User: protocol.UserID(fmt.Sprint("u", step)), Seq: protocol.Seq(i)}, revs[room], 0)
			}
			if i%7 == 6 {
				s.due()
			}
		}
		s.close()
		mine := map[protocol.RoomID]protocol.Rev{}
		for _, e := range out.heard() {
			base := e.Rev - 1
			if e.Since != nil {
				base = *e.Since
			}
			if base != mine[e.Room] {
				t.Fatalf("%s: an event after %d came at %d", e.Room, base, mine[e.Room])
			}
			mine[e.Room] = e.Rev
		}
		for room, rev := range revs {
			if mine[room] != rev {
				t.Fatalf("%s ends at %d, want %d", room, mine[room], rev)
			}
		}
	})
}
