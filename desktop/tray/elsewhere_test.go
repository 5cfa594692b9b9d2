package main

import (
	"fmt"
	"reflect"
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

// tells is what a page answers to the last question: that it has told of the newest message of these rooms.
func (d *desk) tells(rooms ...protocol.RoomID) {
	d.t.Helper()
	t := protocol.Told{To: "s9", Ask: d.whethers[len(d.whethers)-1].Ask}
	for _, room := range rooms {
		t.Of = append(t.Of, protocol.Place{Room: room, Seq: d.rooms[room].Seq})
	}
	d.push(protocol.EvTold, "", 0, t)
}

// reach is a moment in which every device that is awake has answered.
const reach = notify.WaitFor - time.Millisecond

func TestWhatAPageToldWhileOnlyTheLineOfThisDeviceWasAwayIsNotToldAgain(t *testing.T) {
	for _, away := range []time.Duration{time.Second, time.Hour} {
		onDesk(t, func(d *desk) {
			d.cut(away, "r1", "r2", "r3", "r4", "r5")
			d.beside("p1")
			if len(d.whethers) != 1 || len(d.whethers[0].Of) != 5 {
				t.Errorf("asked %+v", d.whethers)
			}
			d.tells("r1", "r2", "r3", "r4", "r5")
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

func TestOfAMentionInAMutedRoomThePagesAreAskedToo(t *testing.T) {
	for _, away := range []time.Duration{time.Second, time.Hour} {
		for told, want := range map[protocol.Seq]string{2: "", 0: "M · Mr kim: what do you say?"} {
			onDesk(t, func(d *desk) {
				d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
				d.down = true
				d.rooms["m"] = protocol.Room{ID: "m", Title: "M", Muted: true, Rev: 1}
				d.comes("m", "kim", "before")
				d.mentions = []protocol.UserID{"me"}
				d.comes("m", "kim", "what do you say?")
				d.mentions = nil
				d.comes("m", "kim", "after")
				d.down = false
				d.pass(away)
				d.beside("p1")
				of := []protocol.Place{{Room: "m", Seq: 2}, {Room: "m", Seq: 3}}
				if len(d.whethers) != 1 || !reflect.DeepEqual(d.whethers[0].Of, of) {
					t.Fatalf("asked %+v", d.whethers)
				}
				answer := protocol.Told{To: "s9", Ask: d.whethers[0].Ask}
				if told > 0 {
					answer.Of = of[:1]
				}
				d.push(protocol.EvTold, "", 0, answer)
				d.pass(time.Hour)
				d.expect(want)
			})
		}
	}
}

func TestWhatNoPageToldIsToldWhenAllHaveAnswered(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.cut(time.Hour, "r1")
		d.beside("p1", "p2")
		d.tells()
		d.pass(reach)
		d.expect("")
		d.tells()
		d.expect("Room r1 · Mr kim: to r1")
		d.pass(time.Hour)
		d.expect("Room r1 · Mr kim: to r1")
	})
}

func TestTheWaitForTheOthersEndsWhenAllThatWereAskedHaveAnswered(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.cut(time.Hour, "r1")
		d.reach = 1
		d.beside("p1", "gone") // of which the server knows better
		d.expect("")
		d.tells()
		d.expect("Room r1 · Mr kim: to r1")
	})
	onDesk(t, func(d *desk) {
		d.cut(time.Hour, "r1")
		d.reach = 2
		d.beside("p1") // and another one that has said nothing of itself yet
		d.tells()
		d.pass(reach)
		d.expect("")
		d.tells("r1")
		d.pass(time.Hour)
		d.expect("")
	})
}

func TestWhatIsKnownOfARoomAndWasNotHeardIsTold(t *testing.T) {
	for name, late := range map[string]bool{"the line is lost before it": false, "it comes after all": true} {
		onDesk(t, func(d *desk) {
			d.comes("r1", "kim", "one")
			d.down = true
			d.comes("r1", "kim", "two") // the answer to a question about another message knows it
			d.down = false
			d.step(func() {
				d.tally.know(d.rooms["r1"], d.tally.ask())
				d.tally.answered()
				d.sync(time.Second)
			})
			if late {
				d.step(func() { d.consider(*d.rooms["r1"].LastMessage, aim{}) })
			}
			d.pass(time.Minute)
			if got := d.texts(); got != "Room r1 · Mr kim: one | Room r1 · Mr kim: two" {
				t.Errorf("%s: shown %q", name, got)
			}
		})
	}
}

func TestThisDeviceAnswersOfWhatItHasTold(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "told")
		told := d.rooms["r1"].Seq
		d.near.Locked = true
		d.comes("r2", "kim", "kept back")
		d.push(protocol.EvWhether, "", 0, protocol.WhetherAsked{Session: "p1", AskWhether: protocol.AskWhether{Ask: 7, Of: []protocol.Place{
			{Room: "r1", Seq: told}, {Room: "r1", Seq: told + 1}, {Room: "r2", Seq: d.rooms["r2"].Seq},
		}}})
		want := protocol.Told{To: "p1", Ask: 7, Of: []protocol.Place{{Room: "r1", Seq: told}}}
		if len(d.answered) != 1 || !reflect.DeepEqual(d.answered[0], want) {
			t.Errorf("answered %+v, want %+v", d.answered, want)
		}
	})
}

func TestOfHoweverManyRoomsTheOtherDevicesAreAsked(t *testing.T) {
	onDesk(t, func(d *desk) {
		var rooms []protocol.RoomID
		for n := range protocol.Limits.Whether + 1 {
			rooms = append(rooms, protocol.RoomID(fmt.Sprintf("m%d", n)))
		}
		d.cut(time.Hour, rooms...)
		d.beside("p1")
		if len(d.whethers) != 2 || len(d.whethers[0].Of) != protocol.Limits.Whether || len(d.whethers[1].Of) != 1 {
			t.Fatalf("asked %d times", len(d.whethers))
		}
		for _, q := range d.whethers {
			d.push(protocol.EvTold, "", 0, protocol.Told{To: "s9", Ask: q.Ask, Of: q.Of})
		}
		d.pass(time.Hour)
		d.expect("")
		d.comes("m7", "kim", "and now")
		d.expect("Room m7 · Mr kim: and now")
	})
}

func TestOfSeveralRoomsOnlyThoseThatNobodyToldOfAreTold(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.cut(time.Hour, "r1", "r2", "r3", "r4", "r5")
		d.beside("p1")
		d.tells("r1", "r2", "r3", "r4")
		d.expect("Room r5 · Mr kim: to r5")
	})
	onDesk(t, func(d *desk) {
		d.cut(time.Hour, "r1", "r2", "r3", "r4", "r5")
		d.beside("p1", "p2") // p2 sleeps
		d.tells("r1")
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
		d.tells("r1") // too late
		d.comes("r1", "kim", "and now")
		d.expect("Room r1 · Mr kim: to r1 | Room r1 · Mr kim: and now")
	})
	onDesk(t, func(d *desk) {
		d.push(protocol.EvAttention, "", 0, protocol.DeviceAttention{Session: "p1", Device: protocol.Web})
		d.cut(time.Hour, "r1")
		d.beside()
		d.expect("Room r1 · Mr kim: to r1")
		if len(d.whethers) > 0 {
			t.Errorf("asked %+v", d.whethers)
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
