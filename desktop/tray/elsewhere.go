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
	// open counts the answers that are still to come, by the number of the question.
	open  map[int64]int
	timer *time.Timer
}

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
	c.open = map[int64]int{}
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
			c.open[a.asks] = len(a.others)
			a.edge.AskWhether(protocol.AskWhether{Ask: a.asks, Of: part})
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

// answered is what another device says it has told of during a break.
func (a *app) answered(t protocol.Told) {
	c := a.catching
	if c == nil || t.To != a.session || c.open[t.Ask] == 0 {
		return
	}
	for _, p := range t.Of {
		if i := slices.IndexFunc(c.missed, func(m notify.Missed) bool { return m.Room == p.Room }); i >= 0 {
			c.missed[i].Told = max(c.missed[i].Told, p.Seq)
		}
	}
	if c.open[t.Ask]--; c.open[t.Ask] == 0 {
		delete(c.open, t.Ask)
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
