package main

import (
	"fmt"
	"testing"
	"time"

	"sendjay/shared/protocol"
)

// hush gives me quiet hours for the next span.
func (d *desk) hush(span time.Duration) {
	d.t.Helper()
	now := time.Now().Local()
	d.mine.QuietHours = []protocol.QuietHours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: now.Format("15:04"), To: now.Add(span).Format("15:04")}}
	d.again()
}

// urges lets an urgent message arrive.
func (d *desk) urges(room protocol.RoomID, body string) {
	d.t.Helper()
	d.urgent = true
	d.comes(room, "kim", body)
	d.urgent = false
}

func TestWhatIsUrgentIsHeardInQuietHoursUnlessThePersonLetsItWait(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.hush(2 * time.Hour)
		d.comes("r1", "kim", "hello")
		d.urges("r2", "fire")
		const fire = "Urgent · Room r2 · Mr kim: fire"
		d.expect(fire)
		d.pass(3 * time.Hour)
		d.expect(fire + " | Sendjay: 1 new message in 1 chat")
		d.mine.UrgentOff = true
		d.hush(time.Hour)
		d.urges("r3", "smoke")
		d.expect(fire + " | Sendjay: 1 new message in 1 chat")
		d.pass(2 * time.Hour)
		d.expect(fire + " | Sendjay: 1 new message in 1 chat | Sendjay: 1 new message in 1 chat")
	})
}

func TestWhatIsUrgentIsToldAloneAfterABreakThatEndsInQuietHours(t *testing.T) {
	for rooms, sum := range map[int]string{0: "2 new messages in 1 chat", 5: "7 new messages in 6 chats"} {
		onDesk(t, func(d *desk) {
			d.hush(5 * time.Hour)
			d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
			d.down = true
			for i := range rooms {
				d.comes(protocol.RoomID(fmt.Sprint("m", i)), "kim", "chatter")
			}
			d.urges("r1", "fire")
			d.comes("r1", "kim", "after")
			d.down = false
			d.pass(time.Hour)
			d.again()
			const fire = "Urgent · Room r1 · Mr kim: fire"
			d.expect(fire)
			d.restarted()
			d.expect(fire)
			d.pass(5 * time.Hour)
			d.expect(fire + " | Sendjay: " + sum)
		})
	}
}

func TestWhatIsUrgentIsSummedUpWhenTheScreenIsOpenedAndTheRestWaits(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.hush(5 * time.Hour)
		d.near.Locked = true
		d.comes("r1", "kim", "hello")
		d.urges("r2", "fire")
		d.restarted()
		d.expect("")
		d.step(func() { d.locked, d.near.Locked = true, false; d.looked(d.near) })
		const fire = "Sendjay: Urgent messages in 1 chat\n1 new message in 1 chat"
		d.expect(fire)
		d.pass(6 * time.Hour)
		d.expect(fire + " | Sendjay: 1 new message in 1 chat")
	})
}
