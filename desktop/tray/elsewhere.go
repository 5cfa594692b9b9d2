package main

import (
	"slices"
	"time"

	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// catchUp is what there is to say after a break, while my other devices are asked what they have said of it: the line of
// this one alone may have been away. Until then its rooms count as ones that were not told of.
type catchUp struct {
	away   time.Duration
	missed []notify.Missed
	// begins is set for the first one since the program knows the person.
	begins bool
	// open are the questions that are not answered by all, by their number.
	open  map[int64]*asked
	timer *time.Timer
}

// asked is a question to my other devices: how many there are, and how many have answered.
type asked struct{ devices, answers int }

// catchUp says what is to be said after a break. Where another device is there, it is asked first whether it has told of
// it, so that nothing is told twice; it has as long to answer as one that goes first has to speak. A device that has
// gone, sleeps, or did not tell does not keep this one from it.
func (a *app) catchUp(c *catchUp) {
	if old := a.catching; old != nil { // another count came before the answers
		old.timer.Stop()
		c.away, c.begins = max(c.away, old.away), c.begins || old.begins
		for _, m := range old.missed {
			if !slices.ContainsFunc(c.missed, func(now notify.Missed) bool { return now.Room == m.Room }) {
				c.missed = append(c.missed, m)
			}
		}
	}
	a.catching = c
	c.open = map[int64]*asked{}
	if len(a.others) > 0 {
		var of []protocol.Place
		for _, m := range c.missed {
			if m.Seq > m.Told && (m.Unread > 0 || m.Invited) {
				a.owed[m.Room] = m.Told
				for _, seq := range append(m.Apart(m.Seq), m.Seq) {
					of = append(of, protocol.Place{Room: m.Room, Seq: seq})
				}
			}
		}
		for part := range slices.Chunk(of, protocol.Limits.Whether) {
			a.asks++
			ask := a.asks
			c.open[ask] = &asked{devices: len(a.others)} // as far as they have said that they are there
			a.edge.AskWhether(protocol.AskWhether{Ask: ask, Of: part}, func(r protocol.Asked) {
				a.do(func() { a.reached(ask, r) })
			})
		}
	}
	if len(c.open) == 0 {
		a.caughtUp()
		return
	}
	c.timer = time.AfterFunc(notify.WaitFor, func() {
		a.do(func() {
			if a.catching == c {
				a.caughtUp()
			}
		})
	})
}

// reached is told how many devices a question went to.
func (a *app) reached(ask int64, r protocol.Asked) {
	if c := a.catching; c != nil && c.open[ask] != nil && r.Devices != nil {
		c.open[ask].devices = *r.Devices
		a.heardAll()
	}
}

// answered is what another device says it has told of during a break.
func (a *app) answered(t protocol.Told) {
	c := a.catching
	if c == nil || t.To != a.session || c.open[t.Ask] == nil {
		return
	}
	for _, p := range t.Of {
		if i := slices.IndexFunc(c.missed, func(m notify.Missed) bool { return m.Room == p.Room }); i >= 0 {
			c.missed[i].Told = max(c.missed[i].Told, p.Seq)
		}
	}
	c.open[t.Ask].answers++
	a.heardAll()
}

// heardAll ends the wait when no answer can come, or matter, any more.
func (a *app) heardAll() {
	c := a.catching
	for ask, q := range c.open {
		if q.answers >= q.devices {
			delete(c.open, ask)
		}
	}
	if len(c.open) == 0 || !slices.ContainsFunc(c.missed, func(m notify.Missed) bool { return m.Seq > m.Told }) {
		a.caughtUp()
	}
}

// caughtUp says what none of my devices has said.
func (a *app) caughtUp() {
	c := a.catching
	a.dropCatchUp()
	for i, m := range c.missed {
		delete(a.owed, m.Room)
		switch al := a.alerts[m.Room]; {
		case al != nil && al.upto >= m.Seq: // it came once more, or something newer did
			c.missed[i].Told = m.Seq
		case m.Told >= m.Seq:
			a.alert(m.Room).upto = m.Seq
		}
	}
	a.announce(c.away, c.missed)
	if c.begins {
		a.summary()
	}
	a.keepTold()
}

func (a *app) dropCatchUp() {
	if c := a.catching; c != nil && c.timer != nil {
		c.timer.Stop()
	}
	a.catching = nil
}
