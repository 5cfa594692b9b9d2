package main

import (
	"slices"
	"time"

	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// keySound is the setting of the page that names the sound of notifications.
const keySound = "sound"

// askMine asks what the person has chosen for all devices.
func (a *app) askMine() {
	who := a.me.ID
	ask(a, "/me/settings", new(protocol.NotifySettings), func(s *protocol.NotifySettings) {
		if a.me.ID == who {
			a.choose(*s)
		}
	}, func() {})
}

// choose takes over what the person has chosen.
func (a *app) choose(s protocol.NotifySettings) {
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
