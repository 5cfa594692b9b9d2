package main

import (
	"testing"
	"time"

	"sendjay/shared/protocol"
)

// edits lets the newest message of a room be reworded by its sender.
func (d *desk) edits(room protocol.RoomID, body string) {
	d.t.Helper()
	r := d.rooms[room]
	m := *r.LastMessage
	m.Body = body
	r.Rev++
	r.LastMessage = &m
	d.rooms[room] = r
	if !d.down {
		d.push(protocol.EvChanged, room, r.Rev, protocol.MessageChanged{ID: m.ID, Room: room, Seq: m.Seq, Edit: &protocol.Edited{Body: body}})
	}
}

func TestANotificationIsRewrittenWhenItsMessageIs(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "meeting at three")
		d.edits("r1", "meeting at four")
		d.expect("Room r1 · Mr kim: meeting at three | Room r1 · Mr kim: meeting at four")
		if last := d.shown[1]; !last.Silent || !last.Standing || last.Seq != 1 {
			t.Errorf("rewritten as %+v", last)
		}
		d.comes("r1", "kim", "bring the papers")
		if d.status.Unread != 2 || d.asked["/rooms/r1"] != 1 {
			t.Errorf("icon %+v, the room was asked for %d times: an edit is one change of it", d.status, d.asked["/rooms/r1"])
		}
		d.reads("r1")
		d.edits("r1", "bring nothing")
		if len(d.shown) != 3 {
			t.Errorf("what is read is told again: %q", d.texts())
		}
	})
}

func TestWhatWasRewordedBeforeItWasToldIsToldAsItIsNow(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.near.Idle = 60
		d.push(protocol.EvAttention, "", 0, protocol.DeviceAttention{Session: "d2", Device: protocol.Desktop, Attention: protocol.Attention{Idle: 60}})
		d.comes("r1", "kim", "draft")
		d.edits("r1", "final")
		d.pass(4 * time.Second)
		d.expect("Room r1 · Mr kim: final")
	})
}

func TestAReactionDoesNotMakeTheTrayAskForTheRoom(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "done!")
		r := d.rooms["r1"]
		r.Rev++
		d.rooms["r1"] = r
		d.push(protocol.EvChanged, "r1", r.Rev, protocol.MessageChanged{ID: r.LastMessage.ID, Room: "r1", Seq: 1, Reacted: &protocol.Reacted{User: "lee", Emoji: "👍", On: true}})
		r.Rev++
		d.rooms["r1"] = r
		d.push(protocol.EvNotice, "r1", r.Rev, protocol.NoticeChanged{})
		d.comes("r1", "kim", "really")
		if d.asked["/rooms/r1"] != 1 || d.status.Unread != 2 || len(d.shown) != 2 {
			t.Errorf("asked %v, icon %+v, shown %q", d.asked, d.status, d.texts())
		}
		// One that was missed is noticed at the next.
		r = d.rooms["r1"]
		r.Rev += 2
		r.Unread = 1
		d.rooms["r1"] = r
		d.push(protocol.EvNotice, "r1", r.Rev, protocol.NoticeChanged{})
		if d.status.Unread != 1 {
			t.Errorf("icon %+v", d.status)
		}
	})
}

func TestARenamedRoomIsNamedAnewInTheMenu(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "hello")
		r := d.rooms["r1"]
		r.Title, r.Rev = "Sales", r.Rev+1
		d.rooms["r1"] = r
		d.push(protocol.EvRoom, "r1", r.Rev, protocol.RoomWide{Name: "Sales"})
		if len(d.seen.rooms) != 1 || d.seen.rooms[0].label != "Sales (1)" {
			t.Errorf("menu %+v", d.seen.rooms)
		}
	})
}

func TestWhatIDeletedForMyselfIsWithdrawn(t *testing.T) {
	for name, how := range map[string]func(protocol.Room) protocol.MessageHidden{
		"one": func(r protocol.Room) protocol.MessageHidden {
			return protocol.MessageHidden{IDs: []protocol.MessageID{r.LastMessage.ID}}
		},
		"everything": func(r protocol.Room) protocol.MessageHidden { return protocol.MessageHidden{From: r.Seq} },
	} {
		onDesk(t, func(d *desk) {
			d.comes("r1", "kim", "hello")
			r := d.rooms["r1"]
			h := how(r)
			r.Unread = 0
			d.rooms["r1"] = r
			h.Room = "r1"
			d.push(protocol.EvHidden, "", 0, h)
			if len(d.gone) == 0 || d.gone[0] != "r1" || d.status.Unread != 0 {
				t.Errorf("%s: withdrawn %v, icon %+v", name, d.gone, d.status)
			}
		})
	}
}

func TestAfterABreakNoNotificationStandsForWhatIsNotTrueAnyMore(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "wrong room, sorry")
		d.comes("r1", "kim", "the secret")
		d.comes("r2", "lee", "at three")
		d.comes("r3", "park", "as it was")
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
		d.down = true
		r := d.rooms["r1"]
		r.LastMessage = &protocol.Message{ID: "r1wrong room, sorry", Room: "r1", Seq: 1, Sender: "kim", Type: protocol.Talk, Body: "wrong room, sorry"}
		r.Unread, r.Rev = 1, r.Rev+1
		d.rooms["r1"] = r
		d.edits("r2", "at four")
		d.down = false
		d.pass(time.Hour)
		before := len(d.shown)
		d.gone = nil
		d.again()
		if len(d.gone) != 1 || d.gone[0] != "r1" {
			t.Errorf("withdrawn %v, want the message that was taken back", d.gone)
		}
		if len(d.shown) != before+1 || d.shown[before].Body != "at four" || !d.shown[before].Standing {
			t.Errorf("shown %q", d.texts())
		}
		if d.asked["/rooms/r3"] != 1 {
			t.Error("a room in which nothing happened was asked for")
		}
	})
}
