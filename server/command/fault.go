package command

import (
	"context"
	"crypto/rand"
	"errors"

	"sendjay/server/refusal"
	"sendjay/shared/protocol"
)

// Fault turns err into the answer. It logs what no person can act on, with a request id that stands
// nowhere else, and what a person can act on only when we are at fault (unavailable).
func (s *Commands) Fault(lang string, doing string, by protocol.UserID, err error) *protocol.Fault {
	r, ok := errors.AsType[*protocol.Refusal](err)
	_, bare := err.(*protocol.Refusal) //nolint:errorlint // whether there is a cause around it is the question
	if !ok {
		r = refusal.Away(err)
		ok = r != nil
	}
	switch {
	case ok && r.Code == protocol.Unavailable && !bare:
		s.log.Warn("unavailable", "doing", doing, "user", by, "request", rand.Text(), "error", err)
	case ok:
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		s.log.Warn("given up", "doing", doing, "user", by, "request", rand.Text(), "error", err)
		r = &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: 1}
	default:
		s.log.Error("failed", "doing", doing, "user", by, "request", rand.Text(), "error", err)
		r = protocol.Refuse(protocol.Internal)
	}
	return &protocol.Fault{Code: r.Code, Message: s.say(lang, r.Code), Field: r.Field, RetryAfter: r.RetryAfter, Most: r.Most}
}
