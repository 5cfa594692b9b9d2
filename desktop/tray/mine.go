package main

import (
	"encoding/json"
	"slices"
	"time"

	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// keySound is the setting of the page that names the sound of notifications.
const keySound = "sound"

// keyMine is where the device remembers what the person has chosen: whoever wants to hear nothing hears nothing,
// also from a program that starts and has had no answer yet.
const keyMine = "mine"

type keptMine struct {
	User     protocol.UserID         `json:"user"`
	Mine     protocol.NotifySettings `json:"mine"`
	Holidays []protocol.Holiday      `json:"holidays,omitempty"`
}

func (a *app) recallMine(who protocol.UserID) (protocol.NotifySettings, []protocol.Holiday) {
	var kept keptMine
	if who == "" || json.Unmarshal([]byte(a.memory.Recall(keyMine)), &kept) != nil || kept.User != who {
		return protocol.NotifySettings{}, nil
	}
	return kept.Mine, kept.Holidays
}

func (a *app) keepMine(s protocol.NotifySettings) {
	if a.leaving {
		return
	}
	if raw, err := json.Marshal(keptMine{a.me.ID, s, a.holidays}); err == nil && string(raw) != a.memory.Recall(keyMine) {
		a.memory.Remember(keyMine, string(raw))
	}
}

// learnRest asks on which days the company rests, where that matters, and goes on with then. Without an answer
// what is known counts.
func (a *app) learnRest(s protocol.NotifySettings, then func()) {
	if !slices.ContainsFunc(s.QuietHours, func(q protocol.QuietHours) bool { return slices.Contains(q.Days, protocol.HolidayDay) }) {
		then()
		return
	}
	t := a.tally
	ask(a, "/holidays", new(protocol.Holidays), func(h *protocol.Holidays) {
		if a.tally == t {
			a.holidays = h.Holidays
		}
		then()
	}, func(error) { then() })
}

// rest takes over on which days the company rests.
func (a *app) rest(h protocol.Holidays) {
	a.holidays = h.Holidays
	a.keepMine(a.mine)
	a.summary()
}

// choose takes over what the person has chosen.
func (a *app) choose(s protocol.NotifySettings) {
	a.keepMine(s)
	if s.NotifyOff && !a.mine.NotifyOff {
		a.corner.WithdrawAll()
	}
	a.mine = s
	a.summary()
}

// chosen is what the rule asks of it at this moment.
func (a *app) chosen() notify.Mine {
	return notify.Mine{Off: a.mine.NotifyOff, Quiet: a.calendar().QuietAt(time.Now()), AwayAfter: a.mine.AwayAfter, UrgentOff: a.mine.UrgentOff}
}

func (a *app) calendar() notify.Calendar {
	return notify.Calendar{Hours: a.mine.QuietHours, Holidays: a.holidays}
}

// awaitQuietEnd looks again when the quiet hours are over, if something was kept back during them.
func (a *app) awaitQuietEnd() {
	if a.hoursEnd != nil {
		a.hoursEnd.Stop()
		a.hoursEnd = nil
	}
	if end := a.calendar().QuietEnd(time.Now()); !end.IsZero() {
		a.hoursEnd = time.AfterFunc(time.Until(end), func() { a.do(a.summary) })
	}
}

// keyStay is the setting of the page that says how long a notification stands there.
const keyStay = "stay"

// stay is how long the person wants to see a notification, "" for as long as the system likes.
func (a *app) stay() string {
	if a.setting == nil {
		return ""
	}
	return a.setting(keyStay)
}

// sound is the sound that the person chose, "" for the system's own.
func (a *app) sound() string {
	if a.setting == nil {
		return ""
	}
	return a.setting(keySound)
}

// aimed reports for whom a message is meant.
func (a *app) aimed(m protocol.Message) aim {
	return aim{
		mentioned: slices.Contains(m.Mentions, a.me.ID),
		everybody: slices.Contains(m.Mentions, protocol.Everybody),
		reply:     m.Quote != nil && m.Quote.Sender == a.me.ID,
	}
}
