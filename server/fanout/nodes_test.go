package fanout

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/server/bus"
	"sendjay/server/chat"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// town is two houses on one bus and one database: what is written to the rooms of one is in both.
type town struct {
	a, b   *house
	na, nb *bus.Node
	at     map[protocol.RoomID]protocol.Rev // when the members changed
	stands map[protocol.RoomID]protocol.Rev // the rev in the database
	own    []store.Own                      // what was changed of late
	chosen func()                           // called when own has been read
	said   protocol.Announcement
	rests  protocol.Holidays
}

// pass lets time go by until all is quiet.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func found(t *testing.T, f func(t *testing.T, w *town)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var m bus.Memory
		w := &town{na: m.Node(), nb: m.Node(), at: map[protocol.RoomID]protocol.Rev{}, stands: map[protocol.RoomID]protocol.Rev{}}
		one := func(n *bus.Node) *house {
			return build(Config{
				Bus: n,
				MembersAt: func(_ context.Context, room protocol.RoomID) (protocol.Rev, error) {
					w.a.mu.Lock()
					defer w.a.mu.Unlock()
					return w.at[room], nil
				},
				Standings: func(_ context.Context, users []protocol.UserID, _ time.Duration) (out []store.Standing, _ error) {
					w.a.mu.Lock()
					defer w.a.mu.Unlock()
					for room, rev := range w.stands {
						for _, m := range w.a.rooms[room] {
							if slices.Contains(users, m.ID) {
								out = append(out, store.Standing{User: m.ID, Room: room, Rev: rev})
							}
						}
					}
					return out, nil
				},
				Own: func(_ context.Context, users []protocol.UserID, _ time.Duration) (out []store.Own, _ error) {
					w.a.mu.Lock()
					defer w.a.mu.Unlock()
					for _, o := range w.own {
						if slices.Contains(users, o.User) {
							out = append(out, o)
						}
					}
					if len(out) > 0 && w.chosen != nil {
						w.chosen()
					}
					return out, nil
				},
				Announced: func(context.Context) (protocol.Announcement, error) {
					w.a.mu.Lock()
					defer w.a.mu.Unlock()
					return w.said, nil
				},
				Holidays: func(context.Context) (protocol.Holidays, error) {
					w.a.mu.Lock()
					defer w.a.mu.Unlock()
					return w.rests, nil
				},
			})
		}
		w.a = one(w.na)
		w.b = one(w.nb)
		w.b.rooms = w.a.rooms
		w.na.Start()
		w.nb.Start()
		pass(time.Second)
		f(t, w)
		w.a.Close()
		w.b.Close()
		w.na.Close()
		w.nb.Close()
	})
}

// members sets a room's members as of a rev.
func (w *town) members(room protocol.RoomID, at protocol.Rev, ids ...protocol.UserID) {
	w.a.mu.Lock()
	defer w.a.mu.Unlock()
	w.at[room] = at
	w.a.rooms[room] = nil
	for _, id := range ids {
		w.a.rooms[room] = append(w.a.rooms[room], protocol.Member{ID: id})
	}
}

func TestAcrossNodes(t *testing.T) {
	found(t, func(t *testing.T, w *town) {
		w.members("r", 1, "kim", "lee")
		kim, kimLine := w.a.enter("kim")
		_, lee := w.b.enter("lee")
		own := message("r", 1)
		own.Skip = kim.ID
		w.a.Publish(own)
		pass(time.Second)
		// Members at the other node hear, the sending session nowhere.
		want(t, lee, 1)
		want(t, kimLine)
		// What was taken in at another node is the same bytes.
		var p protocol.Push
		if err := json.Unmarshal(lee.frames[0].Text, &p); err != nil || p.Ev != protocol.EvMessage || p.Room != "r" {
			t.Errorf("%s", lee.frames[0].Text)
		}
		// Whoever left at one node hears nothing that the other says afterwards, though it has old members in mind.
		w.members("r", 5, "kim")
		e := message("r", 6)
		e.Seq, e.MembersAt = 2, 5
		w.b.Publish(e)
		pass(time.Second)
		want(t, lee, 1)
		want(t, kimLine, 6)
		// An event that does not say when the members changed has it looked up.
		w.members("r", 8, "kim", "lee")
		w.a.Publish(chat.Event{Push: protocol.Push{Ev: protocol.EvChanged, Room: "r", Rev: 9, Data: 0}})
		pass(time.Second)
		want(t, lee, 1, 9)
		// Personal events cross.
		w.a.Publish(chat.Event{Push: protocol.Push{Ev: protocol.EvMine, Data: 0}, To: []protocol.UserID{"lee"}})
		pass(time.Second)
		want(t, lee, 1, 9, 0)
	})
}

func TestAcrossNodesNobodyHearsInAQuoteWhatWasSaidBeforeHeCame(t *testing.T) {
	found(t, func(t *testing.T, w *town) {
		w.members("r", 1, "kim")
		w.a.mu.Lock()
		w.a.rooms["r"] = append(w.a.rooms["r"], protocol.Member{ID: "late", From: 3})
		w.a.mu.Unlock()
		_, kim := w.b.enter("kim")
		_, late := w.b.enter("late")
		w.a.Publish(quoting(4, 3))
		w.a.Publish(message("r", 2)) // what was said before he came, late as it is
		pass(2 * time.Second)
		for name, c := range map[string]struct {
			*line
			want string
		}{"who was there": {kim, "[message.new false message.new true]"}, "who came after": {late, "[receipts false message.new false]"}} {
			var got []any
			for _, p := range c.pushes(t) {
				got = append(got, p.Ev, strings.Contains(string(p.Data), "secret"))
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("%s hears %v", name, got)
			}
		}
	})
}

func TestOrderAcrossNodes(t *testing.T) {
	found(t, func(t *testing.T, w *town) {
		w.members("r", 1, "kim")
		_, kim := w.a.enter("kim")
		var carried atomic.Int64
		defer w.nb.Subscribe(topic, func(string, []byte) { carried.Add(1) })()
		w.a.Publish(message("r", 1))
		// The third is stored at this node before the second has come from the other.
		placed := false
		third := message("r", 3)
		third.Placed = func() { placed = true }
		w.a.Publish(third)
		synctest.Wait()
		if !placed {
			t.Error("the sender waits for another node")
		}
		if carried.Load() != 2 {
			t.Error("the other node hears of it only once it is delivered here")
		}
		want(t, kim, 1)
		w.b.Publish(message("r", 2))
		pass(10 * time.Millisecond)
		want(t, kim, 1, 2, 3)
		// A predecessor that never comes holds up nothing for long.
		w.a.Publish(message("r", 5))
		w.a.Publish(chat.Event{Push: protocol.Push{Ev: protocol.EvCancelled, Room: "r", Rev: 6, Data: 0}, Seq: 5})
		pass(holdTime / 2)
		want(t, kim, 1, 2, 3)
		pass(holdTime)
		want(t, kim, 1, 2, 3, 5, 6)
		// With the line down nobody waits for what cannot come.
		w.na.Cut(true)
		w.a.Publish(message("r", 9))
		pass(time.Millisecond)
		want(t, kim, 1, 2, 3, 5, 6, 9)
	})
}

func TestWhatSomebodyChangedForHimselfIsSaidAgain(t *testing.T) {
	found(t, func(t *testing.T, w *town) {
		_, kim := w.b.enter("kim")
		_, lee := w.b.enter("lee")
		heard := func(of *line, ev protocol.EventName) (out []string) {
			of.mu.Lock()
			defer of.mu.Unlock()
			for _, f := range of.frames {
				var p struct {
					Ev   protocol.EventName
					Data json.RawMessage
				}
				if err := json.Unmarshal(f.Text, &p); err != nil {
					t.Error(err)
				}
				if p.Ev == ev {
					out = append(out, string(p.Data))
				}
			}
			return out
		}
		mine := protocol.RoomMine{Room: "r", Version: 3, Notify: protocol.NotifyNone}
		hidden := protocol.MessageHidden{Room: "r", IDs: []protocol.MessageID{"m"}, Hides: 2}
		chosen := func(off bool) *protocol.NotifySettings {
			return &protocol.NotifySettings{NotifyOff: off, QuietHours: []protocol.QuietHours{}}
		}
		w.nb.Cut(true)
		w.a.mu.Lock()
		w.own = []store.Own{{User: "kim", Mine: []protocol.RoomMine{mine}, Hidden: []protocol.MessageHidden{hidden}, Settings: chosen(false)}}
		// Another choice is stored, and heard, right after this one was read.
		w.chosen = func() { w.own[0].Settings = chosen(true) }
		w.rests = protocol.Holidays{Holidays: []protocol.Holiday{{Date: "2026-12-25"}}}
		w.said = protocol.Announcement{ID: "a", Text: "tonight", At: protocol.At(time.Now())}
		w.a.mu.Unlock()
		pass(doubtEvery - time.Second)
		for ev, want := range map[protocol.EventName]any{protocol.EvMine: mine, protocol.EvHidden: hidden} {
			raw, err := json.Marshal(want)
			if got := heard(kim, ev); err != nil || len(got) != 1 || got[0] != string(raw) {
				t.Errorf("%s: %s, want once %s", ev, got, raw)
			}
		}
		raw, err := json.Marshal(chosen(true))
		if got := heard(kim, protocol.EvSettings); err != nil || len(got) != 2 || got[1] != string(raw) {
			t.Errorf("of the settings the last is %s, want %s", got, raw)
		}
		for _, ev := range []protocol.EventName{protocol.EvMine, protocol.EvHidden, protocol.EvSettings} {
			if got := heard(lee, ev); len(got) > 0 {
				t.Errorf("somebody else hears %s", got)
			}
		}
		if got := heard(lee, protocol.EvAnnounced); len(got) != 1 {
			t.Errorf("announced %d times", len(got))
		}
		christmas, none := `{"holidays":[{"date":"2026-12-25","name":""}]}`, `{"holidays":null}`
		if got := heard(lee, protocol.EvHolidays); !slices.Equal(got, []string{christmas}) {
			t.Errorf("holidays of another node: %s", got)
		}
		// This node changes them itself, then the other takes them back to what was said before.
		w.b.Publish(chat.Event{Push: protocol.Push{Ev: protocol.EvHolidays, Data: protocol.Holidays{}}, To: []protocol.UserID{"lee"}})
		pass(2 * doubtEvery)
		if got := heard(lee, protocol.EvHolidays); !slices.Equal(got, []string{christmas, none, christmas}) {
			t.Errorf("holidays here and there: %s", got)
		}
		pass(2 * doubtEvery)
		if got := heard(lee, protocol.EvHolidays); len(got) != 3 {
			t.Errorf("holidays that stay are said again: %s", got)
		}
		// It ends some time after the line is back.
		w.nb.Cut(false)
		pass(time.Minute)
		w.b.doubt.mu.Lock()
		defer w.b.doubt.mu.Unlock()
		if !w.b.doubt.since.IsZero() {
			t.Error("the doubt does not end")
		}
	})
}

func TestWhatWasMissedIsShown(t *testing.T) {
	found(t, func(t *testing.T, w *town) {
		w.members("r", 1, "kim", "lee")
		w.members("still", 1, "lee")
		w.stands["still"] = 4
		_, lee := w.b.enter("lee")
		for rev := range protocol.Rev(4) {
			e := message("still", rev+1)
			w.a.Publish(e)
		}
		pass(time.Second)
		store := func(rev protocol.Rev) {
			w.a.mu.Lock()
			defer w.a.mu.Unlock()
			w.stands["r"] = rev
		}
		shown := func() (revs []protocol.Rev) {
			lee.mu.Lock()
			defer lee.mu.Unlock()
			for _, f := range lee.frames[4:] {
				var p struct {
					Ev    protocol.EventName
					Rev   protocol.Rev
					Since protocol.Rev
					Data  protocol.Receipts
				}
				err := json.Unmarshal(f.Text, &p)
				if p.Ev == protocol.EvHolidays { // which are said to everybody at every doubt
					continue
				}
				if err != nil || p.Ev != protocol.EvReceipts || p.Since != p.Rev || len(p.Data.Cursors) > 0 {
					t.Errorf("shown %s", f.Text)
				}
				revs = append(revs, p.Rev)
			}
			return revs
		}
		w.nb.Cut(true)
		w.a.Publish(message("r", 1))
		store(1)
		pass(2 * doubtEvery)
		if got := fmt.Sprint(shown()); got != "[1]" {
			t.Errorf("while the line is down: %s", got)
		}
		w.a.Publish(message("r", 2))
		store(2)
		synctest.Wait()
		w.nb.Cut(false)
		pass(time.Minute)
		if got := fmt.Sprint(shown()); got != "[1 2]" {
			t.Errorf("after its return: %s", got)
		}
		// A node that stored and died before it could say so.
		store(3)
		w.na.Kill()
		pass(2 * time.Minute)
		if got := fmt.Sprint(shown()); got != "[1 2 3]" {
			t.Errorf("after a death: %s", got)
		}
		w.b.doubt.mu.Lock()
		defer w.b.doubt.mu.Unlock()
		if !w.b.doubt.since.IsZero() {
			t.Error("the doubt does not end")
		}
	})
}
