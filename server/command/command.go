// Package command turns an op and its data into a call of a rule and its answer.
// It does not know how the command came: sockets and HTTP are thin adapters over Do.
// Here is the one place where an error becomes an answer: what a person can act on is said in his
// language, everything else is logged once, under a request id, and called internal.
package command

import (
	"bytes"
	"context"
	"log/slog"

	"sendjay/server/chat"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// Config sets up Commands.
type Config struct {
	Chat     *chat.Chat
	Sessions *session.Registry
	// Say returns the sentence for a code in a language.
	Say func(lang string, code protocol.Code) string
	// Unlimited lifts the limits on commands per session.
	Unlimited bool
	Log       *slog.Logger
}

// Commands answers commands.
type Commands struct {
	chat      *chat.Chat
	sessions  *session.Registry
	say       func(lang string, code protocol.Code) string
	unlimited bool
	log       *slog.Logger
}

// New returns Commands over c.
func New(c Config) *Commands {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Say == nil {
		c.Say = func(_ string, code protocol.Code) string { return string(code) }
	}
	return &Commands{chat: c.Chat, sessions: c.Sessions, say: c.Say, unlimited: c.Unlimited, log: c.Log.With("part", "command")}
}

// Caller is who asks.
type Caller struct {
	ID   protocol.UserID
	Name string
	// Session is the live session that asks, nil for a script.
	Session *session.Session
	// Budget counts what the caller asks; nil is not counted.
	Budget *Budget
	// Answer, unless nil, takes an answer whose place among the events matters; Do then returns
	// Answered. It is called from another goroutine, before Do returns, and must not wait.
	Answer func(data any)
}

// Answered stands for data that Caller.Answer took.
type Answered struct{}

func (c Caller) person() chat.Person {
	p := chat.Person{ID: c.ID, Name: c.Name}
	if c.Session != nil {
		p.Session = c.Session.ID
	}
	return p
}

// Do carries out op. What it returns besides an error stands in the reply's data.
func (s *Commands) Do(ctx context.Context, by Caller, op protocol.Op, data []byte) (any, error) {
	run, ok := ops[op]
	if !ok {
		return nil, protocol.Refuse(protocol.UnknownOp)
	}
	if by.Budget != nil && !s.unlimited {
		if bad := by.Budget.spend(op); bad != nil {
			return nil, bad
		}
	}
	data = bytes.TrimSpace(data)
	if string(data) == "null" {
		data = nil
	}
	r, err := protocol.ReadRequest(op, data)
	if err != nil {
		return nil, err
	}
	return run(ctx, s, by, r)
}
