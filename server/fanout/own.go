package fanout

import (
	"context"
	"reflect"
	"time"

	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// What somebody changed for himself has no rev by which a client could see that it missed it: how he has set up a
// room, what he has deleted, what he has chosen for all devices. Whatever of it may have been missed is said again as
// it is now. Whoever knows it already sees by version or number that it is nothing new.

// sayOwn says it to one page of people.
func (d *doubt) sayOwn(users []protocol.UserID, within time.Duration) error {
	if d.own == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	said := map[protocol.UserID]*protocol.NotifySettings{}
	for len(users) > 0 {
		all, err := d.own(ctx, users, within)
		if err != nil {
			return err
		}
		users = nil
		for _, o := range all {
			d.say(o, said[o.User])
			// Settings have no version: what was chosen while these were read may have been said before them, so
			// it is looked at until it stays.
			if o.Settings != nil && !reflect.DeepEqual(o.Settings, said[o.User]) {
				said[o.User] = o.Settings
				users = append(users, o.User)
			}
		}
	}
	return nil
}

func (d *doubt) say(o store.Own, said *protocol.NotifySettings) {
	to := d.fan.sessions.Of(nil, []protocol.UserID{o.User})
	if said == nil {
		for _, m := range o.Mine {
			tell(to, protocol.EvMine, m)
		}
		for _, h := range o.Hidden {
			tell(to, protocol.EvHidden, h)
		}
	}
	if o.Settings != nil && !reflect.DeepEqual(o.Settings, said) {
		tell(to, protocol.EvSettings, *o.Settings)
	}
}

// sayAnnounced says the last announcement again when it is so new.
func (d *doubt) sayAnnounced(users []protocol.UserID, within time.Duration) error {
	if d.announced == nil || len(users) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	a, err := d.announced(ctx)
	// A node's clock may be a little off; said twice is better than not at all.
	if err != nil || a.ID == "" || time.Since(a.At.Time()) > within+doubtBefore {
		return err
	}
	tell(d.fan.sessions.Of(nil, users), protocol.EvAnnounced, a)
	return nil
}

// sayHolidays says the holidays once while in doubt, and again whenever they are others: nothing tells when they were
// changed. As with settings they are looked at until they stay.
func (d *doubt) sayHolidays(users []protocol.UserID) error {
	if d.holidays == nil || len(users) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	d.mu.Lock()
	said := d.rests
	d.mu.Unlock()
	for {
		now, err := d.holidays(ctx)
		if err != nil {
			return err
		}
		if said != nil && reflect.DeepEqual(*said, now) {
			break
		}
		tell(d.fan.sessions.Of(nil, users), protocol.EvHolidays, now)
		said = &now
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rests = said
	return nil
}

// resting notes that others were said on the way of all events.
func (d *doubt) resting() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rests = nil
}

func tell(to []*session.Session, ev protocol.EventName, data any) {
	f := session.NewFrame(protocol.Push{Ev: ev, Data: data})
	for _, s := range to {
		if s.Put(f) {
			s.Flush()
		}
	}
}
