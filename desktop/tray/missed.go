package main

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"time"

	"sendjay/desktop/toast"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// keyTold is where the device remembers what it has considered, so that nothing is told twice.
const keyTold = "told"

// told is how far this device has considered the rooms that had something to read. A room without a line had
// nothing to read, so all that is unread there now is new.
type told struct {
	User  protocol.UserID                  `json:"user"`
	Rooms map[protocol.RoomID]protocol.Seq `json:"rooms"`
}

// keepTold remembers how far this device is.
func (a *app) keepTold() {
	if a.me.ID == "" || !a.synced {
		return
	}
	now := told{a.me.ID, map[protocol.RoomID]protocol.Seq{}}
	for id, r := range a.tally.rooms {
		if r.unread > 0 {
			now.Rooms[id] = r.seq
		}
	}
	raw, err := json.Marshal(now)
	if err == nil && string(raw) != a.told {
		a.told = string(raw)
		a.memory.Remember(keyTold, a.told)
	}
}

// sync asks what is unread. What came while the line was down, or the program was not running, is announced
// like anything else.
func (a *app) sync(away time.Duration) {
	who := a.me.ID
	ask(a, "/unread", new(protocol.UnreadPage), func(page *protocol.UnreadPage) {
		if a.me.ID != who {
			return
		}
		stood := a.standing()
		missed := a.tally.unread(*page)
		known := true
		if !a.synced {
			var before told
			known = json.Unmarshal([]byte(a.memory.Recall(keyTold)), &before) == nil && before.User == who
			for i := range missed {
				missed[i].Told = before.Rooms[missed[i].Room]
			}
		}
		a.synced = true
		if known {
			a.announce(away, missed)
		}
		a.keepTold()
		for room, al := range a.alerts {
			if r := a.tally.rooms[room]; r == nil || r.unread == 0 {
				a.silence(room, al)
			}
		}
		a.recheck(stood)
		a.tidy()
	}, func() {})
}

// announce speaks of what came during a break.
func (a *app) announce(away time.Duration, missed []notify.Missed) {
	d := notify.AfterBreak(protocol.Desktop, away, missed)
	rooms := d.Rooms
	if d.Live {
		for _, m := range missed {
			if m.Unread > 0 && m.Seq > m.Told {
				rooms = append(rooms, m.Room)
			}
		}
	}
	for _, room := range rooms {
		ask(a, "/rooms/"+url.PathEscape(string(room)), new(protocol.Room), func(r *protocol.Room) {
			a.tally.know(*r)
			if r.LastMessage != nil && r.Unread > 0 {
				a.consider(*r.LastMessage, a.aimed(*r.LastMessage))
			}
		}, func() {})
	}
	if d.Count > 0 {
		for _, m := range missed {
			if m.Seq > m.Told && !m.Muted {
				a.later[m.Room] = true
			}
		}
		a.summary()
	}
}

// keepBack keeps a room for the summary.
func (a *app) keepBack(room protocol.RoomID) {
	a.later[room] = true
	a.awaitQuietEnd()
}

// summary speaks once of what was kept back, when the person can be spoken to again. Where another device is
// the one to speak, it does.
func (a *app) summary() {
	if len(a.later) == 0 {
		return
	}
	v := notify.Sum(notify.Situation{Mine: a.chosen(), Devices: a.devices()})
	if v.Later {
		a.awaitQuietEnd()
		return
	}
	rooms, messages := 0, 0
	for _, room := range slices.Collect(maps.Keys(a.later)) {
		if r := a.tally.rooms[room]; r != nil && !r.muted && r.unread > 0 {
			rooms++
			messages += r.unread
		}
	}
	clear(a.later)
	if rooms == 0 || v.Then != notify.Speak {
		return
	}
	a.summed = true
	a.keepTold()
	a.corner.Show(toast.Toast{
		Room: noticeRoom, Title: "Sendjay", Body: a.say("toast.summary", "rooms", rooms, "messages", messages), Sound: a.sound(),
	})
}

// tidy takes a summary away when nothing of it is left to read.
func (a *app) tidy() {
	if n, _ := a.tally.total(); a.summed && n == 0 {
		a.summed = false
		a.corner.Withdraw(noticeRoom)
	}
}
