package chat

import (
	"context"
	"errors"
	"math"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Send stores a message and answers once it is on disk. The same id again, by the same person in
// the same room, gives the first answer and reaches nobody twice. Strangers get NotFound.
//
// The answer carries a rev. If it overtook an earlier event of the room, or a later one overtook it, the
// sender would see a gap that is none, and ask for what is on its way. So by.Answer is called where the
// answer belongs, and Send returns after that. For a message sent again it is not called.
func (c *Chat) Send(ctx context.Context, by Person, m protocol.SendMessage) (protocol.MessageSent, error) {
	most := c.limits.Load().Urgent
	if err := mayUrge(by, m, most); err != nil {
		return protocol.MessageSent{}, err
	}
	if err := c.out.Admit(ctx, m.Room); err != nil {
		return protocol.MessageSent{}, err
	}
	placed := make(chan struct{})
	stored, err := c.store.Send(ctx, store.NewMessage{
		ID: m.ID, Room: m.Room, Sender: by.ID, SenderName: by.Name, Body: string(m.Body), Reply: m.Reply,
		File: m.File, FileUntil: c.until(m.File),
		Mentions: m.Mentions, Forwarded: m.Forwarded, Urgent: m.Urgent, UrgentMost: most,
	}, func(s store.Stored) {
		e := line(s.Message, by.Session)
		e.MembersAt = s.MembersAt
		e.Placed = func() {
			if by.Answer != nil {
				by.Answer(answer(s))
			}
			close(placed)
		}
		if len(s.Revived) > 0 {
			c.stream.publish(revived(s, by.ID), e)
		} else {
			c.stream.publish(e)
		}
		c.sent(s.Message.Room, s.Message.ID, s.Message.Body)
	})
	if much, ok := errors.AsType[store.TooUrgent](err); ok {
		return protocol.MessageSent{}, &protocol.Refusal{Code: protocol.RateLimited, Field: "urgent", RetryAfter: int(math.Ceil(much.Wait.Seconds()))}
	}
	if err != nil {
		return protocol.MessageSent{}, refuse("send", err)
	}
	if !stored.Repeat {
		<-placed
	}
	return answer(stored), nil
}

// mayUrge refuses what cannot be urgent: anything where most is 0, what was said elsewhere before, and what a script
// sends, which nobody meant for this moment.
func mayUrge(by Person, m protocol.SendMessage, most int) error {
	switch {
	case !m.Urgent:
		return nil
	case m.Forwarded:
		return protocol.RefuseField(protocol.BadRequest, "urgent")
	case most == 0 || by.Session == "":
		return protocol.RefuseField(protocol.Forbidden, "urgent")
	}
	return nil
}

// until is when a file that is sent now expires.
func (c *Chat) until(f protocol.FileID) protocol.Instant {
	if f == "" || c.limits.Load().FileLife == 0 {
		return 0
	}
	return protocol.At(time.Now().Add(c.limits.Load().FileLife))
}

func answer(s store.Stored) protocol.MessageSent {
	m := s.Message
	out := protocol.MessageSent{ID: m.ID, Room: m.Room, Seq: m.Seq, Rev: m.Rev, At: m.At, Quote: m.Quote}
	if m.File != nil {
		out.Type, out.File = m.Type, m.File
	}
	return out
}

// revived is what the members hear before a message for which somebody came back; it shares the message's rev.
func revived(s store.Stored, by protocol.UserID) Event {
	return Event{
		Push: protocol.Push{
			Ev: protocol.EvMembers, Room: s.Message.Room, Rev: s.Message.Rev,
			Data: protocol.MembersChanged{Members: s.Revived, Count: s.Members, By: by},
		},
		Moved: s.Revived, MembersAt: s.MembersAt,
	}
}

// line is what the members hear of a message of any type.
func line(m protocol.Message, skip protocol.SessionID) Event {
	e := Event{
		Push: protocol.Push{Ev: protocol.EvMessage, Room: m.Room, Rev: m.Rev, Data: m},
		Seq:  m.Seq,
		Skip: skip,
	}
	if m.Quote != nil {
		e.Past, m.Quote = m.Quote.Seq, nil
		e.Less = m
	}
	return e
}
