package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/toast"
	"sendjay/shared/protocol"
)

// again lets the line come back after a break.
func (d *desk) again() {
	d.step(func() {
		d.linkMoved(protocol.Link{State: protocol.Online})
		d.connected(protocol.Hello{User: protocol.User{ID: "me", Name: "Me"}, Session: "s9"})
	})
}

func (d *desk) expect(shown string) {
	d.t.Helper()
	d.step(func() {})
	if got := d.texts(); got != shown {
		d.t.Errorf("shown %q, want %q", got, shown)
	}
}

func TestQuietHoursOnlyCountAndSumUpAtTheirEnd(t *testing.T) {
	onDesk(t, func(d *desk) {
		now := time.Now().Local()
		end := now.Add(90 * time.Minute)
		d.mine.QuietHours = []protocol.QuietHours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: now.Format("15:04"), To: end.Format("15:04")}}
		d.again()
		d.comes("r1", "kim", "hello")
		d.comes("r2", "lee", "hello")
		d.expect("")
		d.pass(89 * time.Minute)
		d.expect("")
		d.pass(2 * time.Minute)
		d.expect("Sendjay: 2 new messages in 2 chats")
		d.comes("r1", "kim", "and now")
		d.expect("Sendjay: 2 new messages in 2 chats | Room r1 · Mr kim: and now")
	})
}

func TestASummaryNamesItsFirstRooms(t *testing.T) {
	onDesk(t, func(d *desk) {
		last := func() string { return d.shown[len(d.shown)-1].Body }
		fill := func() {
			d.hush(time.Hour)
			for i := range 5 {
				for range 5 - i {
					d.comes(protocol.RoomID(fmt.Sprint("r", i)), "kim", "hello")
				}
			}
			d.mentions = []protocol.UserID{"me"}
			d.comes("r4", "kim", "you?")
			d.mentions = nil
			d.pass(2 * time.Hour)
		}
		fill()
		if want := "Mentions of you or replies in 1 chat\n16 new messages in 5 chats\nRoom r4 2 · Room r0 5 · Room r1 4 · 2 more"; last() != want {
			t.Errorf("said %q, want %q", last(), want)
		}
		d.mine.HideSender = true
		fill()
		if strings.Contains(last(), "Room") {
			t.Errorf("names what nobody shall read: %q", last())
		}
	})
}

func TestOnHolidaysTheDeviceOnlyCountsForWhoeverWantsThat(t *testing.T) {
	onDesk(t, func(d *desk) {
		now := time.Now().Local()
		midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
		d.rests = []protocol.Holiday{{Date: now.Format(protocol.DateForm), Name: "창립기념일"}}
		d.again()
		if d.asked["/holidays"] != 0 {
			t.Error("asked for what does not matter to this person")
		}
		d.comes("r1", "kim", "on a holiday")
		d.expect("Room r1 · Mr kim: on a holiday")
		d.push(protocol.EvSettings, "", 0, protocol.NotifySettings{QuietHours: []protocol.QuietHours{{Days: []int{protocol.HolidayDay}, From: "00:00", To: "00:00"}}})
		d.comes("r2", "lee", "hello")
		d.expect("Room r1 · Mr kim: on a holiday")
		if got := d.recallHolidays(); len(got) != 1 {
			t.Errorf("a program that starts without a line would know of %+v", got)
		}
		d.pass(time.Until(midnight) + time.Second)
		d.expect("Room r1 · Mr kim: on a holiday | Sendjay: 1 new message in 1 chat")
		next := time.Now().Local().Format(protocol.DateForm)
		d.push(protocol.EvHolidays, "", 0, protocol.Holidays{Holidays: []protocol.Holiday{{Date: next, Name: "x"}}})
		d.comes("r3", "lee", "the next day is one too")
		d.expect("Room r1 · Mr kim: on a holiday | Sendjay: 1 new message in 1 chat")
		d.push(protocol.EvHolidays, "", 0, protocol.Holidays{Holidays: []protocol.Holiday{}})
		d.expect("Room r1 · Mr kim: on a holiday | Sendjay: 1 new message in 1 chat | Sendjay: 1 new message in 1 chat")
	})
}

func (d *desk) recallHolidays() []protocol.Holiday {
	_, all := d.recallMine(d.me.ID)
	return all
}

func TestWhileSomebodyPresentsOnlyTheNumberChangesAndAfterwardsThereIsOneSummary(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.near.Held = true
		d.step(func() { d.looked(d.near) })
		d.comes("r1", "kim", "a secret")
		d.comes("r2", "lee", "another")
		d.expect("")
		if d.status.Unread != 2 {
			t.Errorf("the icon says %+v", d.status)
		}
		if why := d.journal.about("r1", 1); len(why) != 1 || why[0].Why != "presenting" {
			t.Errorf("why: %+v", why)
		}
		d.near.Held = false
		d.step(func() { d.looked(d.near) })
		d.expect("Sendjay: 2 new messages in 2 chats")
		d.comes("r1", "kim", "and now")
		d.expect("Sendjay: 2 new messages in 2 chats | Room r1 · Mr kim: and now")
	})
}

func TestAPresentationThatEndedAtOnceIsSummedUpToo(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.near.Held = true // seen by whoever asks, but not reported yet
		d.comes("r1", "kim", "a secret")
		d.near.Held = false
		d.step(func() { d.looked(d.near) })
		d.expect("Sendjay: 1 new message in 1 chat")
	})
}

func TestAPresentationWithinTheReportOfSomethingElseIsSummedUpToo(t *testing.T) {
	onDesk(t, func(d *desk) {
		before := d.near
		d.near.Held = true
		d.comes("r1", "kim", "a secret")
		d.step(func() { d.looked(before) }) // it was on its way
		d.expect("")
		d.near.Held = false
		d.step(func() { d.looked(d.near) })
		d.expect("Sendjay: 1 new message in 1 chat")
	})
}

func TestWhatWasKeptBackIsSummedUpAlsoWhenPartOfItWasRead(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.hush(time.Hour)
		d.comes("r1", "kim", "read on the phone")
		d.comes("r1", "kim", "not read")
		d.comes("r2", "kim", "all of it is read")
		r := d.rooms["r1"]
		r.Rev++
		r.Unread, r.Read = 1, 1
		d.rooms["r1"] = r
		d.push(protocol.EvReceipts, "r1", r.Rev, protocol.Receipts{Cursors: []protocol.Cursor{{User: "me", Seq: 1}}})
		d.reads("r2")
		d.pass(2 * time.Hour)
		d.expect("Sendjay: 1 new message in 1 chat")
	})
}

func TestAPresentationOnAnotherComputerOfMineEndsForThisOneToo(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.near.Idle = 60
		other := protocol.DeviceAttention{Session: "s2", Device: protocol.Web, Attention: protocol.Attention{Held: true}}
		d.push(protocol.EvAttention, "", 0, other)
		d.comes("r1", "kim", "a secret")
		d.expect("")
		other.Gone = true
		d.push(protocol.EvAttention, "", 0, other)
		d.expect("Sendjay: 1 new message in 1 chat")
	})
}

func TestWhatASummaryToldOfIsReadAtOneClick(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.pause(halfHour) })
		d.comes("r1", "kim", "one")
		d.comes("r2", "lee", "two")
		d.pass(31 * time.Minute)
		d.expect("Sendjay: 2 new messages in 2 chats")
		last := d.shown[len(d.shown)-1]
		if len(last.Actions) != 1 || last.Actions[0].Key != actReadAll {
			t.Errorf("buttons %+v", last.Actions)
		}
		d.comes("r1", "kim", "later")
		d.step(func() { d.acted(noticeRoom, actReadAll, "") })
		slices.Sort(d.said)
		if got := strings.Join(d.said, ", "); got != "read r1 1, read r2 1" {
			t.Errorf("did %s", got)
		}
		d.step(func() { d.acted(noticeRoom, actReadAll, "") })
		if len(d.said) != 2 {
			t.Errorf("did it twice: %q", d.said)
		}
	})
}

func TestASummaryGoesWhenAllOfItIsRead(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.pause(halfHour) })
		d.comes("r1", "kim", "hello")
		d.pass(31 * time.Minute)
		d.expect("Sendjay: 1 new message in 1 chat")
		d.reads("r1")
		if n := len(d.gone); n == 0 || d.gone[n-1] != noticeRoom {
			t.Errorf("withdrawn %v", d.gone)
		}
	})
}

func TestNotificationsOffAreOffAtOnceAndSummedUpWhenOnAgain(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.push(protocol.EvSettings, "", 0, protocol.NotifySettings{NotifyOff: true})
		d.comes("r1", "kim", "hello")
		d.pass(time.Hour)
		d.expect("")
		d.push(protocol.EvSettings, "", 0, protocol.NotifySettings{})
		d.expect("Sendjay: 1 new message in 1 chat")
	})
}

func TestTheFourWordingsFollowTheSettings(t *testing.T) {
	for want, s := range map[string]protocol.NotifySettings{
		"Room r1 · Mr kim: hello":       {},
		"Room r1 · Mr kim: New message": {HideBody: true},
		"Sendjay: hello":                {HideSender: true},
		"Sendjay: New message":          {HideBody: true, HideSender: true},
	} {
		onDesk(t, func(d *desk) {
			d.mine = s
			d.again()
			d.comes("r1", "kim", "hello")
			d.expect(want)
		})
	}
}

func TestABreakOfASecondIsAsIfItHadNeverBeen(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
		d.down = true
		for _, room := range []protocol.RoomID{"r1", "r2", "r3", "r4"} {
			d.comes(room, "kim", string(room))
		}
		d.down = false
		d.pass(time.Second)
		d.again()
		if d.step(func() {}); len(d.shown) != 4 {
			t.Errorf("shown %q", d.texts())
		}
	})
}

func TestWhatCameWhileTheComputerSleptIsSummedUpHoweverSoonTheLineIsBack(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.silent = 24 * time.Hour
		d.cut(time.Second, "r1", "r2", "r3", "r4", "r5")
		d.again()
		d.expect("Sendjay: 5 new messages in 5 chats")
	})
}

func TestWhatWasReadMeanwhileIsNotTold(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
		d.down = true
		d.comes("r1", "kim", "read on the phone")
		d.comes("r2", "kim", "not read")
		d.step(func() {})
		r := d.rooms["r1"]
		r.Unread, r.Rev = 0, r.Rev+1
		d.rooms["r1"] = r
		d.down = false
		d.pass(time.Hour)
		d.again()
		d.expect("Room r2 · Mr kim: not read")
	})
}

// restarted is the program started anew on what the device remembers.
func (d *desk) restarted() {
	d.step(func() {
		d.keepTold()
		d.reset(protocol.User{})
		d.connected(protocol.Hello{User: protocol.User{ID: "me", Name: "Me"}, Session: "s8"})
	})
}

func TestARestartTellsOfWhatCameMeanwhileAndOfNothingTwice(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "told before")
		d.expect("Room r1 · Mr kim: told before")
		d.restarted()
		d.expect("Room r1 · Mr kim: told before")
		d.step(func() { d.keepTold() })
		d.down = true
		d.comes("r2", "lee", "while it was off")
		d.down = false
		d.step(func() { d.reset(protocol.User{}) })
		d.step(func() { d.connected(protocol.Hello{User: protocol.User{ID: "me", Name: "Me"}, Session: "s7"}) })
		d.expect("Room r1 · Mr kim: told before | Room r2 · Mr lee: while it was off")
		d.restarted()
		d.restarted()
		d.expect("Room r1 · Mr kim: told before | Room r2 · Mr lee: while it was off")
	})
}

func TestTheFirstSignInTellsNothingOfThePast(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
		d.down = true
		d.comes("r1", "kim", "old")
		d.step(func() { d.reset(protocol.User{}) })
		d.kept = map[string]string{}
		d.down = false
		d.step(func() { d.connected(protocol.Hello{User: protocol.User{ID: "me", Name: "Me"}, Session: "s7"}) })
		d.expect("")
	})
}

func TestADeviceThatCannotShowNotificationsLeavesItToAnother(t *testing.T) {
	onDesk(t, func(d *desk) {
		var told []bool
		d.step(func() { d.unable = func(is bool) { told = append(told, is) }; d.ableTo(toast.Abilities{}) })
		d.comes("r1", "kim", "hello")
		d.expect("")
		if !d.seen.dumb || d.status.Unread != 1 {
			t.Errorf("view %+v, icon %+v", d.seen, d.status)
		}
		d.step(func() { d.ableTo(toast.Abilities{Service: "s"}) })
		d.comes("r1", "kim", "again")
		d.expect("Room r1 · Mr kim: again")
		if d.seen.dumb || len(told) != 2 || !told[0] || told[1] {
			t.Errorf("told %v, view %+v", told, d.seen)
		}
	})
}

func TestAnAnswerInTheNotificationIsSentAndMarksTheRoomAsRead(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "lunch?")
		d.step(func() { d.replied("r1", 2, "yes") })
		if len(d.said) != 2 || d.said[0] != "read r1 2" || d.said[1] != "r1: yes" {
			t.Errorf("said %q", d.said)
		}
		d.step(func() { d.fault = errors.New("no line"); d.replied("r1", 2, "yes") })
		d.expect("Room r1 · Mr kim: lunch? | Your reply was not sent: The text is kept in the chat. Open it to send again.")
		// The server says that the room is read, and another device reads it once more: neither takes the notice away.
		d.reads("r1")
		d.reads("r1")
		notice := d.shown[1].Room
		if slices.Contains(d.gone, notice) {
			t.Error("nobody could see that it was not sent")
		}
		d.sent(protocol.MessageSent{Room: "r1", Seq: 3, Rev: 9})
		if !slices.Contains(d.gone, notice) {
			t.Error("it stands there although something was sent")
		}
	})
}

func TestWhyIsAnsweredForFourteenDaysAlsoAfterARestart(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "hello")
		d.push(protocol.EvSettings, "", 0, protocol.NotifySettings{NotifyOff: true})
		d.comes("r1", "kim", "quietly")
		ask := func(seq protocol.Seq) []protocol.Decided {
			d.push(protocol.EvWhy, "", 0, protocol.WhyAsked{Session: "w1", AskWhy: protocol.AskWhy{Room: "r1", Seq: seq}})
			last := d.answers[len(d.answers)-1]
			if last.To != "w1" || last.Room != "r1" || last.Seq != seq || last.Decided == nil {
				t.Errorf("answered %+v", last)
			}
			return last.Decided
		}
		if got := ask(1); len(got) != 1 || got[0].Why != "primary device" || got[0].Then != "speak" {
			t.Errorf("the first: %+v", got)
		}
		d.restarted()
		if got := ask(2); len(got) != 1 || got[0].Why != "notifications off" || got[0].Then != "badge" {
			t.Errorf("the second, after a restart: %+v", got)
		}
		if got := ask(99); len(got) != 0 {
			t.Errorf("of a message that was never heard of: %+v", got)
		}
		d.pass(15 * 24 * time.Hour)
		d.comes("r1", "kim", "much later")
		d.pass(time.Minute)
		if got := ask(1); len(got) != 0 {
			t.Errorf("after 15 days: %+v", got)
		}
	})
}

func TestATestNotificationIsShownAlsoDuringDoNotDisturbAndSaysSo(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.pause(oneHour); d.ableTo(toast.Abilities{Service: "dunst 1.9", Click: true}) })
		var off string
		d.step(func() { off = d.try().Off })
		d.expect("Test notification: This is how it looks.")
		if off != "paused" {
			t.Errorf("off %q", off)
		}
		d.step(func() { d.ableTo(toast.Abilities{}) })
		d.step(func() {
			if got := d.try(); got.Shown || got.Service != "" {
				t.Errorf("without a service: %+v", got)
			}
		})
	})
}

func TestHowLongANotificationStandsThereIsAsThePersonChose(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.setting = func(key string) string { return map[string]string{keyStay: toast.StayUntil}[key] }
		d.comes("r1", "kim", "hello")
		d.step(func() { d.try() })
		for _, got := range d.shown {
			if got.Stay != toast.StayUntil {
				t.Errorf("%+v", got)
			}
		}
		if len(d.shown) == 0 {
			t.Error("nothing was shown")
		}
	})
}

func TestARestartSumsUpWhatWasSaidInManyRooms(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "told before")
		d.reads("r1")
		d.step(func() { d.keepTold() })
		d.down = true
		for _, room := range []protocol.RoomID{"r1", "r2", "r3", "r4", "r4"} {
			d.comes(room, "kim", time.Now().String())
		}
		d.down = false
		d.step(func() { d.reset(protocol.User{}) })
		d.step(func() { d.connected(protocol.Hello{User: protocol.User{ID: "me", Name: "Me"}, Session: "s7"}) })
		d.expect("Room r1 · Mr kim: told before | Sendjay: 5 new messages in 4 chats")
	})
}
