package node

import (
	"context"
	"encoding/json"
	"time"

	"sendjay/server/auth"
	"sendjay/server/config"
	"sendjay/server/fanout"
	"sendjay/server/jobs"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// What this node and the others have to do with each other. Without a bus it is alone, and nothing of this
// costs anything.

func (n *Node) sessionConfig(c config.Config) session.Config {
	s := session.Config{
		PerKind: c.PerKind, Log: n.log,
		Tell:  func(room protocol.RoomID, f *session.Frame) int { return n.out.Tell(room, f) },
		Ended: func(_ protocol.UserID, signIn string) { n.Auth.Forget(signIn) },
		Came:  func(s *session.Session) int64 { return n.journal.Opened(s.User, s.Device, s.Address, s.Agent) },
		Went:  func(line int64) { n.journal.Closed(line) },
	}
	if n.bus != nil {
		s.Bus = n.bus
	}
	return s
}

func (n *Node) fanoutConfig() fanout.Config {
	f := fanout.Config{Sessions: n.sessions, Members: n.db.Members, Log: n.log}
	if n.bus != nil {
		f.Bus, f.MembersAt, f.Standings = n.bus, n.db.MembersAt, n.db.Standings
		f.Own, f.Announced = n.db.OwnSince, func(ctx context.Context) (protocol.Announcement, error) { return n.talk.Announcement(ctx) }
		f.Holidays = func(ctx context.Context) (protocol.Holidays, error) { return n.talk.ComingHolidays(ctx) }
		f.Heard = func(room protocol.RoomID) { n.talk.Heard(room) }
	}
	return f
}

// guesses is the topic of wrong and right passwords.
const guesses = "guess"

// listen begins to hear the others, once everybody who is to hear them is there.
func (n *Node) listen() {
	if n.bus == nil {
		return
	}
	n.bus.Subscribe(guesses, func(from string, data []byte) {
		var g auth.Guess
		if json.Unmarshal(data, &g) != nil {
			n.log.Warn("a guess that cannot be read", "node", from)
			return
		}
		n.Auth.Guess(g)
	})
	n.bus.Subscribe(tuned, func(string, []byte) {
		go func() { // the bus waits for nobody's database
			ctx, cancel := context.WithTimeout(context.Background(), limitsEvery)
			defer cancel()
			if err := n.limits.Reload(ctx); err != nil {
				n.log.Warn("limits were changed elsewhere and cannot be read yet", "err", err)
			}
		}()
	})
	n.bus.Start()
}

func (n *Node) guessed(g auth.Guess) {
	if n.bus == nil {
		return
	}
	if raw, err := json.Marshal(g); err == nil {
		n.bus.Publish(guesses, raw)
	}
}

// apart is among how many nodes that do not hear of each other something has to be shared.
func (n *Node) apart() int {
	if n.bus == nil || n.bus.Up() {
		return 1
	}
	return n.bus.Others() + 1
}

// lease is what decides who does the jobs of all nodes; nil for a node alone.
func (n *Node) lease() jobs.Lease {
	if n.bus == nil {
		return nil
	}
	return func(ctx context.Context, keep time.Duration) (bool, error) { return n.bus.Lease(ctx, "jobs", keep) }
}
