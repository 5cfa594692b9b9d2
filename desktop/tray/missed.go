package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"sendjay/desktop/toast"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// keyTold is where the device remembers what it has considered, so that nothing is told twice.
const keyTold = "told"

// told is how far this device has considered the rooms that had something to read. A room without a line had
// nothing to read, so all that is unread there now is new. Later are the rooms that were kept for a summary, and whether
// somebody spoke to the person there; Urgent are those among them where something is urgent.
type told struct {
	User  protocol.UserID                  `json:"user"`
	Rooms map[protocol.RoomID]protocol.Seq `json:"rooms"`
	Later map[protocol.RoomID]bool         `json:"later,omitempty"`
	// Urgent stands beside Later, so that an older program reads it too.
	Urgent map[protocol.RoomID]bool `json:"urgent,omitempty"`
}

// kept is what is known of a room that was kept for a summary.
type kept struct {
	personal bool // somebody spoke to the person there
	urgent   bool // something is urgent
}

// keepTold remembers how far this device is.
func (a *app) keepTold() {
	if a.me.ID == "" || !a.synced || a.leaving {
		return
	}
	now := told{User: a.me.ID, Rooms: map[protocol.RoomID]protocol.Seq{}, Later: map[protocol.RoomID]bool{}, Urgent: map[protocol.RoomID]bool{}}
	for room, k := range a.later {
		now.Later[room] = k.personal
		if k.urgent {
			now.Urgent[room] = true
		}
	}
	keep := func(id protocol.RoomID, upto protocol.Seq) {
		if before, owed := a.owed[id]; owed {
			upto = min(upto, before)
		}
		if al := a.alerts[id]; al != nil && al.wait != nil {
			upto = min(upto, al.message.Seq-1)
		}
		now.Rooms[id] = upto
	}
	for id, seq := range a.invited {
		keep(id, seq)
	}
	for id, r := range a.tally.rooms {
		if r.unread > 0 {
			keep(id, a.tally.told[id])
		}
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
		a.learnRest(*s, func() {
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
	missed = append(missed, a.broughtIn(page.Invited)...)
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
	listed := map[protocol.RoomID]protocol.UnreadRoom{}
	for _, r := range page.Rooms {
		listed[r.ID] = r
	}
	for i, m := range missed {
		r := listed[m.Room]
		missed[i].Personal, missed[i].Urgent = r.Personal, r.Urgent
		if m.Invited {
			missed[i].Personal = a.invited[m.Room]
		}
	}
	away := a.gap
	a.synced, a.gap = true, 0
	if known {
		for room, personal := range before.Later {
			a.keepBack(room, kept{personal, before.Urgent[room]})
		}
		a.catchUp(&catchUp{away: away, missed: missed, begins: begins})
	}
	a.keepTold()
	for room, al := range a.alerts {
		if !a.untold(room) {
			a.silence(room, al)
		}
	}
	for room := range a.owed {
		if !a.untold(room) {
			delete(a.owed, room)
		}
	}
	a.recheck(stood)
	a.lookUp()
	a.tidy()
}

// untold reports whether a room still has something to look at.
func (a *app) untold(room protocol.RoomID) bool {
	r := a.tally.rooms[room]
	return r != nil && r.unread > 0 || a.invited[room] > 0
}

// broughtIn takes over the rooms into which I was brought and where nobody has written since, and returns them with
// how far each was known before.
func (a *app) broughtIn(now []protocol.Invitation) (all []notify.Missed) {
	before := a.invited
	a.invited = map[protocol.RoomID]protocol.Seq{}
	for _, in := range now {
		al := a.alerts[in.ID]
		if al != nil && al.read >= in.Seq {
			continue // the list was made before that
		}
		a.invited[in.ID] = in.Seq
		told := before[in.ID]
		if al != nil {
			told = max(told, al.upto)
		}
		all = append(all, notify.Missed{Room: in.ID, Invited: true, Seq: in.Seq, Told: told})
	}
	return all
}

// announce speaks of what came during a break.
func (a *app) announce(away time.Duration, missed []notify.Missed) {
	d := notify.AfterBreak(protocol.Desktop, away, missed)
	for _, m := range missed {
		switch {
		case d.Live && (m.Unread > 0 || m.Invited) && m.Seq > m.Told || slices.Contains(d.Rooms, m.Room):
			a.bring(m)
		case d.Count > 0 && m.Seq > m.Told:
			a.keepBack(m.Room, kept{m.Personal > m.Told, m.Urgent > m.Told})
		}
	}
	if d.Count > 0 {
		a.summary()
	}
}

// bring asks for the newest message of a room in which something came during a break, and for those before it that
// stand apart. Until they are there, the room counts as one that was not told of.
func (a *app) bring(m notify.Missed) {
	a.owed[m.Room] = m.Told
	a.inquire(m.Room, func(r *protocol.Room) {
		last := r.LastMessage
		if last == nil || r.Unread == 0 && !m.Invited {
			delete(a.owed, m.Room)
			return
		}
		a.bringBefore(*last, m.Apart(last.Seq), nil)
	}, func() {})
}

// bringBefore asks for the messages of a room at these places, before it comes to the newest one.
func (a *app) bringBefore(last protocol.Message, at []protocol.Seq, got []protocol.Message) {
	if len(at) == 0 {
		delete(a.owed, last.Room)
		for _, m := range append(got, last) {
			a.consider(m, a.aimed(m))
		}
		return
	}
	t := a.tally
	path := fmt.Sprintf("/rooms/%s/messages?before=%d&limit=1", url.PathEscape(string(last.Room)), at[0]+1)
	ask(a, path, new(protocol.MessagesPage), func(page *protocol.MessagesPage) {
		if a.tally != t {
			return
		}
		if n := len(page.Messages); n > 0 && page.Messages[n-1].Seq == at[0] {
			got = append(got, page.Messages[n-1])
		}
		a.bringBefore(last, at[1:], got)
	}, func(error) {
		if a.tally == t {
			a.countLater()
		}
	})
}

// keepBack keeps a room for the summary. Of one that is muted, or set to mentions, it tells only if what came is
// personal or urgent.
func (a *app) keepBack(room protocol.RoomID, k kept) {
	old := a.later[room]
	a.later[room] = kept{old.personal || k.personal, old.urgent || k.urgent}
	a.awaitQuietEnd()
}

// actReadAll is the button of a summary that marks as read what it told of.
const actReadAll = "read-all"

// readAll marks as read what the summary told of, and nothing that came later.
func (a *app) readAll() {
	for room, seq := range a.summedTo {
		a.marked(room, seq)
	}
	a.summedTo = nil
}

// summary speaks once of what was kept back, when the person can be spoken to again. Where another device is
// the one to speak, it does.
func (a *app) summary() {
	if len(a.later) == 0 {
		return
	}
	v := notify.Sum(notify.Situation{Mine: a.chosen(), Devices: a.devices()})
	urgent := false // what is urgent goes before the rest
	if v.Later {
		for _, k := range a.later {
			urgent = urgent || k.urgent
		}
		v = notify.Sum(notify.Situation{Message: notify.Message{Urgent: urgent}, Mine: a.chosen(), Devices: a.devices()})
	}
	if v.Later {
		a.awaitQuietEnd()
		return
	}
	var all []notify.Kept
	upto := map[protocol.RoomID]protocol.Seq{}
	for room, held := range a.later {
		if urgent && !held.urgent {
			continue
		}
		delete(a.later, room)
		var k notify.Kept
		seq := a.invited[room]
		switch r := a.tally.rooms[room]; {
		case !a.untold(room):
			continue
		case r == nil || r.unread == 0:
			k = notify.Kept{Invited: true, Personal: held.personal}
		default:
			k = notify.Kept{Unread: r.unread, Muted: r.muted, MentionsOnly: r.few, Personal: held.personal, Urgent: held.urgent && !a.mine.UrgentOff}
			seq = r.seq
		}
		if r := a.tally.rooms[room]; r != nil && !a.mine.HideSender && a.preview != "none" {
			k.Name = r.title
		}
		all = append(all, k)
		if notify.Summarize([]notify.Kept{k}).Rooms > 0 {
			upto[room] = seq
		}
	}
	sum := notify.Summarize(all)
	if sum.Rooms == 0 || v.Then != notify.Speak {
		return
	}
	a.summed, a.summedTo = true, upto
	a.keepTold()
	body := a.say("toast.summary", "rooms", sum.Rooms, "messages", sum.Messages)
	if sum.Personal > 0 {
		body = a.say("toast.summary.personal", "n", sum.Personal) + "\n" + body
	}
	if sum.Urgent > 0 {
		body = a.say("toast.summary.urgent", "n", sum.Urgent) + "\n" + body
	}
	if len(sum.Names) > 0 {
		body += "\n" + a.named(sum)
	}
	a.corner.Show(toast.Toast{
		Room: noticeRoom, Title: "Sendjay", Body: body, Sound: a.sound(), Stay: a.stay(),
		Actions: []toast.Action{{Key: actReadAll, Label: a.say("toast.read_all")}},
	})
}

// named is which rooms a summary is of: "Sales 12 · Kim 3 · 2 more".
func (a *app) named(sum notify.Summary) string {
	var all []string
	for _, r := range sum.Names {
		all = append(all, a.say("toast.summary.room", "name", r.Name, "n", r.Messages))
	}
	if sum.More > 0 {
		all = append(all, a.say("toast.summary.more", "n", sum.More))
	}
	return strings.Join(all, " · ")
}

// tidy takes a summary away when nothing of it is left to read.
func (a *app) tidy() {
	if n, _ := a.tally.total(); a.summed && n == 0 && len(a.invited) == 0 {
		a.summed = false
		a.corner.Withdraw(noticeRoom)
	}
}
