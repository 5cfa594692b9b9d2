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
	User protocol.UserID         `json:"user"`
	Mine protocol.NotifySettings `json:"mine"`
}

func (a *app) recallMine(who protocol.UserID) protocol.NotifySettings {
	var kept keptMine
	if who == "" || json.Unmarshal([]byte(a.memory.Recall(keyMine)), &kept) != nil || kept.User != who {
		return protocol.NotifySettings{}
	}
	return kept.Mine
}

// choose takes over what the person has chosen.
func (a *app) choose(s protocol.NotifySettings) {
	if raw, err := json.Marshal(keptMine{a.me.ID, s}); err == nil && string(raw) != a.memory.Recall(keyMine) {
		a.memory.Remember(keyMine, string(raw))
	}
	if s.NotifyOff && !a.mine.NotifyOff {
		a.corner.WithdrawAll()
	}
	a.mine = s
	a.summary()
}

// chosen is what the rule asks of it at this moment.
func (a *app) chosen() notify.Mine {
	now := time.Now()
	return notify.Mine{
		Off:   a.mine.NotifyOff,
		Quiet: notify.QuietAt(a.mine.QuietHours, int(now.Weekday()), now.Hour()*60+now.Minute()),
	}
}

// awaitQuietEnd looks again when the quiet hours are over, if something was kept back during them.
func (a *app) awaitQuietEnd() {
	if a.hoursEnd != nil {
		a.hoursEnd.Stop()
		a.hoursEnd = nil
	}
	if end := notify.QuietEnd(a.mine.QuietHours, time.Now()); !end.IsZero() {
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
