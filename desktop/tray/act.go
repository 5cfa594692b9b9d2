package main

import (
	"strings"
	"time"

	"sendjay/desktop/edge"
	"sendjay/desktop/toast"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// clicked is a click on a notification.
func (a *app) clicked(room protocol.RoomID, seq protocol.Seq, token string) {
	switch {
	case room == noticeRoom && a.noWindow != "":
		a.inBrowser(place{})
	case room == noticeRoom || room == testRoom:
		a.open(place{}, token)
	case strings.HasPrefix(string(room), unsentIn):
		a.open(place{room: room[len(unsentIn):]}, token)
	default:
		a.open(place{room, seq}, token)
	}
}

// marked is "mark as read" on a notification.
func (a *app) marked(room protocol.RoomID, seq protocol.Seq) {
	a.edge.Read(room, seq)
	a.readUpTo(room, seq)
}

// unsentIn goes before a room in which an answer was not sent. Its notice stands beside those of the room, which go when
// the room is read: an answer reads it.
const unsentIn = "/unsent/"

// replied is an answer typed into a notification. It marks the room as read: whoever answers has read it.
func (a *app) replied(room protocol.RoomID, seq protocol.Seq, text string) {
	a.marked(room, seq)
	a.edge.Reply(room, text, func(err error) {
		if err == nil {
			return
		}
		a.do(func() {
			a.log.Info("an answer waits in the room for another try", "error", err)
			a.corner.Show(toast.Toast{Room: unsentIn + room, Title: a.say("toast.not_sent"), Body: a.say("toast.not_sent_hint"), Silent: true})
		})
	})
}

// keyMute is the setting from which the page knows that nothing can be shown here. It tells the person once.
const keyMute = "mute"

// keyOwnTime is the setting from which the page knows that the system decides by itself how long a notification stands
// there. It offers no choice then.
const keyOwnTime = "ownTime"

// ableTo is told what notifications can do here, when that changes.
func (a *app) ableTo(now toast.Abilities) {
	a.able = now
	if a.keepSetting != nil {
		a.keepSetting(keyMute, now.Service == "")
		a.keepSetting(keyOwnTime, !now.Stay)
	}
	if a.unable != nil {
		a.unable(now.Service == "")
	}
	a.hold()
}

// testRoom stands for the test notification. It is no valid room id.
const testRoom protocol.RoomID = "/test"

// try shows a test notification, also while messages would not be shown, and says what this system does with it.
func (a *app) try() edge.Tried {
	t := edge.Tried{Shown: a.able.Service != "", Service: a.able.Service, Click: a.able.Click, Reply: a.able.Reply, Withdraw: a.able.Withdraw, Stay: a.able.Stay, Held: a.corner.Abilities().Held}
	mine := a.chosen()
	switch {
	case time.Now().Before(a.quiet):
		t.Off = "paused"
	case mine.Off:
		t.Off = "settings"
	case mine.Quiet:
		t.Off = "quiet"
	}
	if t.Shown {
		a.corner.Show(toast.Toast{Room: testRoom, Title: a.say("view.alerts.test.title"), Body: a.say("view.alerts.test.body"), Sound: a.sound(), Stay: a.stay()})
	}
	return t
}

// whether answers another device of mine that asks what this one has told of.
func (a *app) whether(q protocol.WhetherAsked) {
	t := protocol.Told{To: q.Session, Ask: q.Ask, Of: []protocol.Place{}}
	for _, p := range q.Of {
		if notify.Told(a.journal.about(p.Room, p.Seq)) {
			t.Of = append(t.Of, p)
		}
	}
	a.edge.Told(t)
}

// because answers another device of mine that asks what this one decided.
func (a *app) because(q protocol.WhyAsked) {
	a.edge.Because(protocol.Because{To: q.Session, Room: q.Room, Seq: q.Seq, Decided: a.journal.about(q.Room, q.Seq)})
}
