package main

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"sendjay/desktop/state"
	"sendjay/desktop/toast"
	"sendjay/shared/protocol"
)

// drawer keeps one value and counts how often it was written.
type drawer struct {
	value  json.RawMessage
	writes int
}

func (d *drawer) Get(state.Bucket, string) (json.RawMessage, error) { return d.value, nil }

func (d *drawer) Put(_ state.Bucket, _ string, value json.RawMessage) error {
	d.value = value
	d.writes++
	return nil
}

func (d *drawer) Delete(state.Bucket, string) error {
	d.value = nil
	d.writes++
	return nil
}

// stoodThere lets the corner tell that what was shown last of each room stands there, and returns what the next tray finds.
func (d *desk) stoodThere(in *drawer) heritage {
	d.t.Helper()
	last := map[protocol.RoomID]toast.Toast{}
	for _, t := range d.shown {
		last[t.Room] = t
	}
	var all []toast.Standing
	for _, t := range last {
		all = append(all, toast.Standing{Toast: t, Service: "bus :1.7", ID: uint32(len(all) + 1)})
	}
	d.step(func() { d.stands.disk = in; d.stood(all) })
	d.pass(time.Second)
	return legacy(in)
}

// succeeded is a tray that follows on this one, which was killed, and finds what it left.
func (d *desk) succeeded(h heritage, as protocol.UserID) {
	d.t.Helper()
	d.shown, d.gone = nil, nil
	d.step(func() {
		d.keepTold()
		d.me = protocol.User{} // so that reset takes nothing away
		d.reset(protocol.User{})
		d.inherited(h)
		d.connected(protocol.Hello{User: protocol.User{ID: as, Name: "Me"}, Session: "s8"})
	})
}

func TestATrayKnowsWhatAKilledOneHasLeft(t *testing.T) {
	onDesk(t, func(d *desk) {
		for _, room := range []protocol.RoomID{"same", "read", "reworded", "cancelled", "more"} {
			d.comes(room, "kim", "hello")
		}
		h := d.stoodThere(new(drawer))
		if h.User != "me" || len(h.Standing) != 5 {
			t.Fatalf("left %+v", h)
		}
		d.down = true
		for room, change := range map[protocol.RoomID]func(r *protocol.Room, m *protocol.Message){
			"read":      func(r *protocol.Room, _ *protocol.Message) { r.Unread, r.Read = 0, r.Seq },
			"reworded":  func(_ *protocol.Room, m *protocol.Message) { m.Body = "hello!" },
			"cancelled": func(_ *protocol.Room, m *protocol.Message) { m.Cancelled, m.Body = true, "" },
		} {
			r, m := d.rooms[room], *d.rooms[room].LastMessage
			change(&r, &m)
			r.LastMessage = &m
			r.Rev++
			d.rooms[room] = r
		}
		d.comes("more", "kim", "and another")
		d.down = false
		d.succeeded(h, "me")
		slices.Sort(d.gone)
		if !slices.Equal(d.gone, []protocol.RoomID{"cancelled", "read"}) {
			t.Errorf("withdrawn %q", d.gone)
		}
		said := map[protocol.RoomID]toast.Toast{}
		for _, s := range d.shown {
			said[s.Room] = s
		}
		if now := said["reworded"]; len(d.shown) != 2 || now.Body != "hello!" || !now.Silent || !now.Standing || said["more"].Body != "and another" || said["more"].Silent {
			t.Errorf("shown %+v", d.shown)
		}
		d.reads("same")
		d.push(protocol.EvCancelled, "reworded", 3, protocol.MessageCancelled{Room: "reworded", ID: "rewordedhello"})
		if !slices.Contains(d.gone, "same") || !slices.Contains(d.gone, "reworded") {
			t.Errorf("withdrawn %q", d.gone)
		}
	})
}

func TestWhatAnotherPersonLeftIsTakenAway(t *testing.T) {
	for name, next := range map[string]func(*desk, heritage){
		"somebody else": func(d *desk, h heritage) { d.succeeded(h, "you") },
		"nobody": func(d *desk, h heritage) {
			d.step(func() {
				d.me = protocol.User{}
				d.linkMoved(protocol.Link{State: protocol.SignedOut})
				d.inherited(h)
			})
		},
	} {
		onDesk(t, func(d *desk) {
			d.comes("r1", "kim", "hello")
			next(d, d.stoodThere(new(drawer)))
			if !slices.Equal(d.gone, []protocol.RoomID{"r1"}) {
				t.Errorf("%s: withdrawn %q", name, d.gone)
			}
		})
	}
}

func TestASummaryThatAKilledTrayLeftStillMarksAsRead(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.pause(oneHour) })
		d.comes("r1", "kim", "hello")
		d.step(func() { d.pause(off) })
		h := d.stoodThere(new(drawer))
		d.succeeded(h, "me")
		d.step(func() { d.acted(noticeRoom, actReadAll, "") })
		if !slices.Contains(d.said, "read r1 1") {
			t.Errorf("did %q", d.said)
		}
	})
}

func TestWhatStandsThereIsWrittenTwiceForWhatCameAtOnceAndNeverAtRest(t *testing.T) {
	onDesk(t, func(d *desk) {
		in := new(drawer)
		for range 20 {
			d.comes("r1", "kim", "hello")
			d.step(func() { d.stands.disk = in; d.stood([]toast.Standing{{Toast: d.shown[len(d.shown)-1]}}) })
		}
		d.pass(time.Hour)
		d.step(func() { d.stood(d.stands.all) })
		d.pass(time.Hour)
		if in.writes != 2 { // when it came, and what it said in the end
			t.Errorf("written %d times", in.writes)
		}
		d.step(func() { d.stood(nil) })
		d.pass(time.Hour)
		if in.writes != 3 || in.value != nil {
			t.Errorf("written %d times: %s", in.writes, in.value)
		}
	})
}

func TestANotificationThatCameOrWentIsKeptAtOnce(t *testing.T) {
	onDesk(t, func(d *desk) {
		in := new(drawer)
		stand := func(all ...toast.Standing) {
			t.Helper()
			d.step(func() { d.stands.disk = in; d.stood(all) })
		}
		kept := func() int { return len(legacy(in).Standing) }
		d.comes("r1", "kim", "hello")
		one := toast.Standing{Toast: d.shown[len(d.shown)-1], Service: "bus :1.7", ID: 1}
		stand(one)
		if kept() != 1 { // the tray may be killed now
			t.Fatalf("%d are kept", kept())
		}
		d.pass(time.Second)
		one.Toast.Body = "hello again"
		stand(one)
		if in.writes != 1 {
			t.Errorf("another wording was written at once")
		}
		d.pass(time.Second)
		if in.writes != 2 {
			t.Errorf("written %d times", in.writes)
		}
		stand()
		if kept() != 0 {
			t.Errorf("%d are kept that do not stand there", kept())
		}
		stand(one)
		if kept() != 0 {
			t.Error("what comes and goes is written each time")
		}
		d.pass(time.Second)
		if kept() != 1 {
			t.Errorf("%d are kept", kept())
		}
	})
}

func TestWhoSignsOutLeavesNoNoteOfWhatHeChoseAndRead(t *testing.T) {
	for name, leave := range map[string]func(d *desk){
		"in the menu":  func(d *desk) { d.signOut() },
		"in a window":  func(d *desk) { d.forgot() },
		"by no choice": nil,
	} {
		onDesk(t, func(d *desk) {
			d.comes("r1", "kim", "hello")
			if d.kept[keyTold] == "" || d.kept[keyMine] == "" {
				t.Fatalf("%s: kept %v", name, d.kept)
			}
			d.wipe = func() error {
				d.said = append(d.said, "swept")
				return nil
			}
			if leave != nil {
				d.step(func() { leave(d) })
				d.comes("r1", "kim", "while he leaves")
			}
			d.step(func() { d.linkMoved(protocol.Link{State: protocol.SignedOut}) })
			if kept := d.kept[keyTold] + d.kept[keyMine]; (kept == "") != (leave != nil) {
				t.Errorf("%s: kept %s", name, kept)
			}
			if !slices.Contains(d.said, "swept") || d.kept[keySweep] != "" {
				t.Errorf("%s: did %q", name, d.said)
			}
		})
	}
}

func TestNothingIsSweptFromUnderTheWindowOfARoom(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := &pane{proc: &os.Process{}, asked: true} // it ends, but has not ended yet
		d.own = map[protocol.RoomID]*pane{"r1": p}
		d.wipe = func() error {
			d.said = append(d.said, "swept")
			return nil
		}
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.SignedOut}) })
		if slices.Contains(d.said, "swept") || d.kept[keySweep] == "" {
			t.Errorf("while it is there: %q, %v", d.said, d.kept)
		}
		d.step(func() { p.proc = nil; d.forgetOwn("r1", p) })
		if !slices.Contains(d.said, "swept") || d.kept[keySweep] != "" {
			t.Errorf("when it has gone: %q, %v", d.said, d.kept)
		}
	})
}

func TestWhatCannotBeSweptIsSweptLater(t *testing.T) {
	onDesk(t, func(d *desk) {
		tries := 0
		d.wipe = func() error {
			if tries++; tries == 1 {
				return errBroken // a process of the engine is still there
			}
			return nil
		}
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.SignedOut}) })
		d.step(d.sweep)
		d.step(d.sweep)
		if tries != 2 || d.kept[keySweep] != "" {
			t.Errorf("tried %d times, %v", tries, d.kept)
		}
	})
}
