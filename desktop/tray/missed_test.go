package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sendjay/shared/protocol"
)

// fails lets the server refuse a path this often.
func (d *desk) fails(path string, times int) { d.broken[path] = times }

func TestANumberThatCouldNotBeHadIsAskedForAgain(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
		d.down = true
		for _, room := range []protocol.RoomID{"r1", "r2", "r3", "r4"} {
			d.comes(room, "kim", "missed")
		}
		d.down = false
		d.fails("/unread", 3)
		d.pass(time.Hour)
		d.again()
		d.expect("")
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
		d.again()
		d.pass(time.Minute)
		// The break was an hour, whatever went wrong afterwards.
		d.expect("Sendjay: 4 new messages in 4 chats")
		if d.status.Unread != 4 {
			t.Errorf("icon %+v", d.status)
		}
		asked := d.asked["/unread"]
		d.pass(time.Hour)
		if d.asked["/unread"] != asked {
			t.Error("it is asked for although it was had")
		}
	})
}

func TestARoomWhoseMessageCouldNotBeHadIsToldOfLater(t *testing.T) {
	for _, restart := range []bool{false, true} {
		onDesk(t, func(d *desk) {
			d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
			d.down = true
			d.comes("r1", "kim", "hello")
			d.down = false
			d.fails("/rooms/r1", 2)
			d.pass(time.Hour)
			d.again()
			d.expect("")
			if restart {
				d.restarted()
			}
			d.pass(time.Minute)
			d.expect("Room r1 · Mr kim: hello")
			d.restarted()
			d.pass(time.Minute)
			d.expect("Room r1 · Mr kim: hello")
		})
	}
}

func TestARoomThatGivesNoAnswerGetsItsNumberLater(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.fails("/rooms/r1", 1)
		d.comes("r1", "kim", "hello")
		d.expect("Mr kim: hello")
		if d.status.Unread != 0 {
			t.Errorf("counted without an answer: %+v", d.status)
		}
		d.pass(time.Minute)
		d.expect("Mr kim: hello")
		if d.status.Unread != 1 {
			t.Errorf("icon %+v", d.status)
		}
	})
}

func TestARoomThatIsNotMineAnyMoreLeavesNothing(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "hello")
		delete(d.rooms, "r1")
		d.push(protocol.EvMine, "", 0, protocol.RoomMine{Room: "r1"})
		if d.status.Unread != 0 || len(d.gone) == 0 {
			t.Errorf("icon %+v, withdrawn %v", d.status, d.gone)
		}
		d.pass(time.Minute)
		if d.asked["/unread"] != 1 {
			t.Error("it is asked for again")
		}
	})
}

func TestWhatWasKeptBackIsSummedUpAlsoAfterARestart(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.near.Locked = true
		d.comes("r1", "kim", "hello")
		d.expect("")
		d.restarted()
		d.expect("")
		d.step(func() { d.locked, d.near.Locked = true, false; d.looked(d.near) })
		d.expect("Sendjay: 1 new message in 1 chat")
	})
}

func TestWhoWantsToHearNothingHearsNothingFromAProgramThatStarts(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.push(protocol.EvSettings, "", 0, protocol.NotifySettings{NotifyOff: true})
		d.down = true
		d.comes("r1", "kim", "hello")
		d.down = false
		d.fails("/me/settings", 2)
		d.mine.NotifyOff = true
		d.restarted()
		d.comes("r1", "kim", "again")
		d.pass(time.Minute)
		d.expect("")
		if d.status.Unread != 2 {
			t.Errorf("icon %+v", d.status)
		}
	})
}

func TestAMentionInAMutedRoomIsToldOfAlsoAfterABreak(t *testing.T) {
	for _, rooms := range []int{1, 5} {
		onDesk(t, func(d *desk) {
			d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
			d.down = true
			d.rooms["quiet"] = protocol.Room{ID: "quiet", Title: "Quiet", Muted: true, Rev: 1}
			d.comes("quiet", "kim", "chatter")
			for i := range rooms {
				id := protocol.RoomID(fmt.Sprint("m", i))
				d.rooms[id] = protocol.Room{ID: id, Title: "M", Muted: true, Rev: 1}
				d.comes(id, "kim", "before")
				d.mentions = []protocol.UserID{"me"}
				d.comes(id, "kim", "what do you say?")
				d.mentions = nil
				d.comes(id, "kim", "after")
			}
			d.down = false
			d.pass(time.Hour)
			d.again()
			want := map[int]string{1: "M · Mr kim: what do you say?", 5: "Sendjay: Mentions of you or replies in 5 chats\n5 new messages in 5 chats"}[rooms]
			d.expect(want)
			d.restarted()
			d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
			d.pass(time.Hour)
			d.again()
			d.expect(want)
		})
	}
}

// brings lets somebody bring me into a room.
func (d *desk) brings(room protocol.RoomID) {
	d.t.Helper()
	m := protocol.Message{
		ID: protocol.MessageID("into " + room), Room: room, Seq: 7, Rev: 9, Sender: "kim", SenderName: "Mr kim", Type: protocol.Invite,
		People: []protocol.Person{{ID: "me", Name: "Me"}},
	}
	d.rooms[room] = protocol.Room{ID: room, Title: "Room " + string(room), Seq: 7, Rev: 9, Read: 6, LastMessage: &m}
	if !d.down {
		d.push(protocol.EvMessage, room, 9, m)
	}
}

func TestAnInvitationIsToldOfOnceWheneverItCame(t *testing.T) {
	const told = "Room r1 · Mr kim: Mr kim has invited you"
	away := func(d *desk, by time.Duration, meanwhile func()) {
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
		d.down = true
		meanwhile()
		d.down = false
		d.pass(by)
		d.again()
	}
	for name, comes := range map[string]func(*desk){
		"now":                    func(d *desk) { d.brings("r1") },
		"in a break of a second": func(d *desk) { away(d, time.Second, func() { d.brings("r1") }) },
		"in a break of an hour":  func(d *desk) { away(d, time.Hour, func() { d.brings("r1") }) },
		"while it was off":       func(d *desk) { d.down = true; d.brings("r1"); d.down = false; d.restarted() },
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				comes(d)
				d.expect(told)
				away(d, time.Hour, func() {})
				if len(d.gone) > 0 {
					t.Errorf("taken away by a break: %v", d.gone)
				}
				d.restarted()
				d.expect(told)
				d.reads("r1")
				if len(d.gone) == 0 {
					t.Error("it stays though I have looked")
				}
				away(d, time.Hour, func() {})
				d.expect(told)
			})
		})
	}
	t.Run("while nothing may be said", func(t *testing.T) {
		onDesk(t, func(d *desk) {
			d.step(func() { d.pause(halfHour) })
			d.brings("r1")
			away(d, time.Minute, func() { d.brings("r2") })
			d.expect("")
			d.pass(time.Hour)
			d.expect("Sendjay: 2 new messages in 2 chats")
		})
	})
}

// idleBeside lets this computer and another one be idle, the other used last: this one waits.
func (d *desk) idleBeside() {
	d.near.Idle = 60
	d.push(protocol.EvAttention, "", 0, protocol.DeviceAttention{
		Session: "d2", Device: protocol.Desktop, Attention: protocol.Attention{Idle: 60},
	})
}

func TestWhatIsWorthNoWordTakesNoneAwayFromTheOneBefore(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.idleBeside()
		d.rooms["m"] = protocol.Room{ID: "m", Title: "M", Muted: true, Rev: 1}
		d.mentions = []protocol.UserID{"me"}
		d.comes("m", "kim", "to you")
		d.mentions = nil
		d.comes("m", "kim", "to all")
		d.pass(4 * time.Second)
		d.expect("M · Mr kim: to you")
		// It is still the one that stands there.
		said := d.shown[0]
		d.push(protocol.EvCancelled, "m", 0, protocol.MessageCancelled{ID: "mto you", Room: "m", Seq: said.Seq})
		if len(d.gone) == 0 {
			t.Error("taken back, and it stands there")
		}
	})
}

func TestWhereMuchIsSaidWaitingEnds(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.idleBeside()
		for range 3 {
			d.comes("r1", "kim", time.Now().String())
			d.pass(2 * time.Second)
		}
		if len(d.shown) != 1 {
			t.Errorf("shown %q", d.texts())
		}
	})
}

var errBroken = errors.New("it is broken")
