package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"sendjay/desktop/state"
	"sendjay/desktop/toast"
	"sendjay/shared/protocol"
)

const (
	// keyStanding is where the device remembers which notifications stand there: they outlive a tray that is killed.
	keyStanding = "standing"
	// standingWait gathers what comes and goes after a write for the next one.
	standingWait = 400 * time.Millisecond
)

// heritage is what one tray leaves to the next.
type heritage struct {
	User     protocol.UserID                  `json:"user"`
	Standing []toast.Standing                 `json:"standing"`
	SummedTo map[protocol.RoomID]protocol.Seq `json:"summedTo,omitempty"`
}

// safe keeps what belongs to the person, sealed: a state.State.
type safe interface {
	Get(b state.Bucket, key string) (json.RawMessage, error)
	Put(b state.Bucket, key string, value json.RawMessage) error
	Delete(b state.Bucket, key string) error
}

// standing is what is known of the notifications that stand there. It belongs to the loop.
type standing struct {
	disk  safe
	all   []toast.Standing
	known bool // all was told
	left  *heritage
	wait  *time.Timer
}

// legacy returns what the tray before this one has left.
func legacy(disk safe) (h heritage) {
	if raw, err := disk.Get(state.Toasts, keyStanding); err == nil {
		_ = json.Unmarshal(raw, &h) // what cannot be read is not there
	}
	return h
}

// stood is told what stands there now.
func (a *app) stood(all []toast.Standing) {
	s := &a.stands
	others := !slices.EqualFunc(s.all, all, func(x, y toast.Standing) bool {
		return x.Toast.Room == y.Toast.Room && x.ID == y.ID && x.Service == y.Service
	})
	s.all, s.known = all, true
	// One that came or went is kept at once, unless something was just now: whoever is killed in between leaves a notification
	// that nobody takes away. What the others say can wait.
	if others && s.wait == nil && s.left == nil {
		a.keepStanding()
	}
	a.keepStandingSoon()
}

func (a *app) keepStandingSoon() {
	if s := &a.stands; s.wait == nil && s.known {
		s.wait = time.AfterFunc(standingWait, func() {
			a.do(func() {
				s.wait = nil
				a.keepStanding()
			})
		})
	}
}

// keepStanding writes what stands there, if that is not what is kept.
func (a *app) keepStanding() {
	s := &a.stands
	if s.disk == nil || !s.known {
		return
	}
	now := heritage{User: a.me.ID, Standing: s.all}
	if s.left != nil {
		now.User = cmp.Or(now.User, s.left.User)
	}
	if a.summed {
		now.SummedTo = a.summedTo
	}
	had, err := s.disk.Get(state.Toasts, keyStanding)
	switch {
	case err != nil:
	case len(s.all) == 0:
		if had != nil {
			err = s.disk.Delete(state.Toasts, keyStanding)
		}
	case now.User != "":
		var raw json.RawMessage
		if raw, err = json.Marshal(now); err == nil && !bytes.Equal(raw, had) {
			err = s.disk.Put(state.Toasts, keyStanding, raw)
		}
	}
	if err != nil {
		a.log.Warn("a tray that comes after this one will not know what stands there", "error", err)
	}
}

// inherited is told what of the tray before this one still stands there.
func (a *app) inherited(h heritage) {
	a.stands.left = &h
	a.takeUp()
}

// takeUp makes what was left that of this tray, once it is known who is there. What was another person's goes.
func (a *app) takeUp() {
	h := a.stands.left
	if h == nil || a.me.ID == "" && a.link.State != protocol.SignedOut {
		return
	}
	a.stands.left = nil
	for _, s := range h.Standing {
		t := s.Toast
		switch al := a.alerts[t.Room]; {
		case h.User != a.me.ID:
			a.corner.Withdraw(t.Room)
		case t.Seq > 0 && (al == nil || al.upto < t.Seq && al.shown.IsZero()):
			a.alerts[t.Room] = &alert{upto: t.Seq, message: protocol.Message{Room: t.Room, Seq: t.Seq}, shown: time.Unix(0, 0), left: &t}
		case t.Room == noticeRoom && len(h.SummedTo) > 0 && !a.summed:
			a.summed, a.summedTo = true, maps.Clone(h.SummedTo)
		}
	}
	if a.synced {
		a.lookUp()
		a.tidy()
	}
}

// lookUp asks for the messages of what was left, where they are still to be read: the notification may not be true any more,
// and has to be known for what comes of its message.
func (a *app) lookUp() {
	t := a.tally
	for room, al := range a.alerts {
		if al.left == nil || al.message.ID != "" || al.shown.IsZero() {
			continue
		}
		if !a.untold(room) {
			a.silence(room, al)
			continue
		}
		before := *al.left
		path := fmt.Sprintf("/rooms/%s/messages?before=%d&limit=1", url.PathEscape(string(room)), before.Seq+1)
		ask(a, path, new(protocol.MessagesPage), func(page *protocol.MessagesPage) {
			if a.tally != t || a.alerts[room] != al || al.message.ID != "" || al.message.Seq != before.Seq || al.shown.IsZero() {
				return
			}
			n := len(page.Messages)
			if n == 0 || page.Messages[n-1].Seq != before.Seq || page.Messages[n-1].Cancelled {
				al.gone = true
				a.silence(room, al)
				return
			}
			al.message, al.left = page.Messages[n-1], nil
			al.aim = a.aimed(al.message)
			if now := a.toast(al); now.Title != before.Title || now.Body != before.Body {
				now.Silent, now.Standing = true, true
				a.corner.Show(now)
			}
		}, func(error) {})
	}
}
