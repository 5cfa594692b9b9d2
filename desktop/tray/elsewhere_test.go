package main

import (
	"strings"
	"testing"
	"time"

	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// cut takes the line of this device away for a while, in which all these rooms have a message.
func (d *desk) cut(away time.Duration, rooms ...protocol.RoomID) {
	d.t.Helper()
	d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
	d.down = true
	for _, room := range rooms {
		d.comes(room, "kim", "to "+string(room))
	}
	d.down = false
	d.pass(away)
}

// beside lets the line come back while these pages are there.
func (d *desk) beside(pages ...protocol.SessionID) {
	d.t.Helper()
	var all []protocol.DeviceAttention
	for _, id := range pages {
		all = append(all, protocol.DeviceAttention{Session: id, Device: protocol.Web, Attention: protocol.Attention{Idle: 180}})
	}
	d.step(func() {
		d.linkMoved(protocol.Link{State: protocol.Online})
		d.connected(protocol.Hello{User: protocol.User{ID: "me", Name: "Me"}, Session: "s9", Attention: all})
	})
}

// says is what a page answers about the newest message of a room: its verdicts, the newest last.
func (d *desk) says(room protocol.RoomID, verdicts ...notify.Then) {
	d.t.Helper()
	b := protocol.BecauseTold{Device: protocol.Web, Because: protocol.Because{To: "s9", Room: room, Seq: d.rooms[room].Seq}}
	for _, then := range verdicts {
		b.Decided = append(b.Decided, protocol.Decided{Then: string(then), Why: "a line"})
	}
	d.push(protocol.EvBecause, "", 0, b)
}

// reach is a moment in which every device that is awake has answered.
const reach = notify.WaitFor - time.Millisecond

func TestWhatAPageToldWhileOnlyTheLineOfThisDeviceWasAwayIsNotToldAgain(t *testing.T) {
	for _, away := range []time.Duration{time.Second, time.Hour} {
		onDesk(t, func(d *desk) {
			d.cut(away, "r1", "r2", "r3", "r4", "r5")
			d.beside("p1")
			if len(d.whys) != 5 {
				t.Errorf("asked %+v", d.whys)
			}
			for _, room := range []protocol.RoomID{"r1", "r2", "r3", "r4"} {
				d.says(room, notify.Speak)
			}
			d.expect("")
			d.says("r5", notify.Banner)
			d.pass(time.Hour)
			d.expect("")
			if d.status.Unread != 5 {
				t.Errorf("the icon says %+v", d.status)
			}
			d.restarted()
			d.pass(time.Hour)
			d.expect("")
			d.comes("r1", "kim", "and now")
			d.expect("Room r1 · Mr kim: and now")
		})
	}
}

func TestWhatNoPageToldIsToldWhenAllHaveAnswered(t *testing.T) {
	for _, said := range [][]notify.Then{
		{},                           // it knows nothing of the message
		{notify.Speak, notify.Badge}, // it found that it may not notify
		{notify.Wait},
		{notify.Stay},
	} {
		onDesk(t, func(d *desk) {
			d.cut(time.Hour, "r1")
			d.beside("p1", "p2")
			d.says("r1")
			d.pass(reach)
			d.expect("")
			d.says("r1", said...)
			d.expect("Room r1 · Mr kim: to r1")
			d.pass(time.Hour)
			d.expect("Room r1 · Mr kim: to r1")
		})
	}
}

func TestOfSeveralRoomsOnlyThoseThatNobodyToldOfAreTold(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.cut(time.Hour, "r1", "r2", "r3", "r4", "r5")
		d.beside("p1")
		for _, room := range []protocol.RoomID{"r1", "r2", "r3", "r4"} {
			d.says(room, notify.Wait, notify.Speak)
		}
		d.says("r5")
		d.expect("Room r5 · Mr kim: to r5")
	})
	onDesk(t, func(d *desk) {
		d.cut(time.Hour, "r1", "r2", "r3", "r4", "r5")
		d.beside("p1")
		d.says("r1", notify.Speak)
		d.pass(notify.WaitFor)
		d.expect("Sendjay: 4 new messages in 4 chats")
	})
}

func TestAPageThatSleepsOrHasGoneKeepsNobodyFromSpeaking(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.cut(time.Hour, "r1")
		d.beside("p1")
		d.pass(reach)
		d.expect("")
		d.pass(time.Millisecond)
		d.expect("Room r1 · Mr kim: to r1")
		d.says("r1", notify.Speak) // too late
		d.comes("r1", "kim", "and now")
		d.expect("Room r1 · Mr kim: to r1 | Room r1 · Mr kim: and now")
	})
	onDesk(t, func(d *desk) {
		d.push(protocol.EvAttention, "", 0, protocol.DeviceAttention{Session: "p1", Device: protocol.Web})
		d.cut(time.Hour, "r1")
		d.beside()
		d.expect("Room r1 · Mr kim: to r1")
		if len(d.whys) > 0 {
			t.Errorf("asked %+v", d.whys)
		}
	})
}

func TestWhatHappensWhilePagesAreAskedIsNotLost(t *testing.T) {
	t.Run("something newer is told at once, and what was before not after it", func(t *testing.T) {
		onDesk(t, func(d *desk) {
			d.cut(time.Hour, "r1")
			d.beside("p1")
			d.near.Idle = 0
			d.comes("r1", "kim", "newer")
			d.expect("Room r1 · Mr kim: newer")
			d.pass(time.Hour)
			d.expect("Room r1 · Mr kim: newer")
		})
	})
	t.Run("it is read", func(t *testing.T) {
		onDesk(t, func(d *desk) {
			d.cut(time.Hour, "r1")
			d.beside("p1")
			d.reads("r1")
			d.pass(time.Hour)
			d.expect("")
		})
	})
	t.Run("the line is lost again", func(t *testing.T) {
		onDesk(t, func(d *desk) {
			d.cut(time.Hour, "r1")
			d.beside("p1")
			d.cut(time.Second, "r2")
			d.beside()
			d.step(func() {})
			if got := d.texts(); len(d.shown) != 2 || !strings.Contains(got, "to r1") || !strings.Contains(got, "to r2") {
				t.Errorf("shown %q", got)
			}
		})
	})
	t.Run("the program ends", func(t *testing.T) {
		onDesk(t, func(d *desk) {
			d.cut(time.Hour, "r1")
			d.beside("p1")
			d.restarted()
			d.pass(time.Hour)
			d.expect("Room r1 · Mr kim: to r1")
		})
	})
}
