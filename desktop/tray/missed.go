package main

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"sendjay/desktop/toast"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// keyTold is where the device remembers what it has considered, so that nothing is told twice.
const keyTold = "told"

// told is how far this device has considered the rooms that had something to read. A room without a line had
// nothing to read, so all that is unread there now is new. Later are the rooms that were kept for a summary.
type told struct {
	User  protocol.UserID                  `json:"user"`
	Rooms map[protocol.RoomID]protocol.Seq `json:"rooms"`
	Later []protocol.RoomID                `json:"later,omitempty"`
}

// keepTold remembers how far this device is.
func (a *app) keepTold() {
	if a.me.ID == "" || !a.synced {
		return
	}
	now := told{a.me.ID, map[protocol.RoomID]protocol.Seq{}, slices.Sorted(maps.Keys(a.later))}
	for id, r := range a.tally.rooms {
		if r.unread == 0 {
			continue
		}
		upto := r.seq
		if before, owed := a.owed[id]; owed {
			upto = min(upto, before)
		}
		if al := a.alerts[id]; al != nil && al.wait != nil {
			upto = min(upto, al.message.Seq-1)
		}
		now.Rooms[id] = upto
	}
	raw, err := json.Marshal(now)
	if err == nil && string(raw) != a.told {
		a.told = string(raw)
		a.memory.Remember(keyTold, a.told)
	}
}

// How soon the server is asked again when it has not answered how much is unread: nothing else would put a wrong
// number right before the next message.
const (
	firstCount = 2 * time.Second
	restCount  = time.Minute
)

// counting is the next try to count what is unread.
type counting struct {
	timer *time.Timer
	tries int
}

func (c *counting) stop() {
	if c.timer != nil {
		c.timer.Stop()
	}
	*c = counting{}
}

// countLater counts what is unread again after a while. Without a line the next one brings it about.
func (a *app) countLater() {
	c := &a.counting
	if c.timer != nil || a.link.State != protocol.Online {
		return
	}
	wait := min(firstCount<<min(c.tries, 10), restCount)
	c.tries++
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		a.do(func() {
			if c.timer == timer { // not stopped in the meantime
				c.timer = nil
				a.count()
			}
		})
	})
	c.timer = timer
}

// sync asks what is unread. What came while the line was down, or the program was not running, is announced
// like anything else.
func (a *app) sync(away time.Duration) {
	a.gap = max(a.gap, away)
	a.count()
}

// count asks first what the person has chosen, so that nobody hears what he does not want to hear.
func (a *app) count() {
	t := a.tally
	failed := func(error) {
		if a.tally == t {
			a.countLater()
		}
	}
	ask(a, "/me/settings", new(protocol.NotifySettings), func(s *protocol.NotifySettings) {
		if a.tally != t {
			return
		}
		a.choose(*s)
		asked := t.ask()
		ask(a, "/unread", new(protocol.UnreadPage), func(page *protocol.UnreadPage) {
			t.answered()
			if a.tally == t {
				a.counted(*page, asked)
			}
		}, func(err error) {
			t.answered()
			failed(err)
		})
	}, failed)
}

// counted takes over what is unread, which was asked for at a turn.
func (a *app) counted(page protocol.UnreadPage, asked int) {
	a.counting.tries = 0
	stood := a.standing()
	missed, doubt := a.tally.unread(page, asked)
	for _, room := range doubt {
		a.askRoom(room, a.tidy)
	}
	known, begins := true, !a.synced
	var before told
	if begins {
		known = json.Unmarshal([]byte(a.memory.Recall(keyTold)), &before) == nil && before.User == a.me.ID
		for i := range missed {
			missed[i].Told = before.Rooms[missed[i].Room]
		}
	}
	for i, m := range missed {
		if upto, owed := a.owed[m.Room]; owed {
			missed[i].Told = min(m.Told, upto)
		}
	}
	away := a.gap
	a.synced, a.gap = true, 0
	if known {
		for _, room := range before.Later {
			a.later[room] = true
		}
		a.announce(away, missed)
		if begins {
			a.summary()
		}
	}
	a.keepTold()
	for room, al := range a.alerts {
		if r := a.tally.rooms[room]; r == nil || r.unread == 0 {
			a.silence(room, al)
		}
	}
	for room := range a.owed {
		if r := a.tally.rooms[room]; r == nil || r.unread == 0 {
			delete(a.owed, room)
		}
	}
	a.recheck(stood)
	a.tidy()
}

// announce speaks of what came during a break.
func (a *app) announce(away time.Duration, missed []notify.Missed) {
	d := notify.AfterBreak(protocol.Desktop, away, missed)
	for _, m := range missed {
		if d.Live && m.Unread > 0 && m.Seq > m.Told || slices.Contains(d.Rooms, m.Room) {
			a.bring(m)
		}
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

// bring asks for the newest message of a room in which something came during a break. Until it is there, the
// room counts as one that was not told of.
func (a *app) bring(m notify.Missed) {
	a.owed[m.Room] = m.Told
	a.inquire(m.Room, func(r *protocol.Room) {
		delete(a.owed, m.Room)
		if r.LastMessage != nil && r.Unread > 0 {
			a.consider(*r.LastMessage, a.aimed(*r.LastMessage))
		}
	}, func() {})
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
