package chat

import (
	"context"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Cancel takes a message back for those who have not read it yet, and its text from everybody. It is
// the sender's right for the cancel window, counted by the server's clock from when it stored the
// message; later it returns TooLate. A second cancel does nothing.
func (c *Chat) Cancel(ctx context.Context, by Person, m protocol.CancelMessage) error {
	if err := c.out.Admit(ctx, m.Room); err != nil {
		return err
	}
	_, err := c.store.Cancel(ctx, m.Room, by.ID, m.ID, c.limits.Load().CancelWindow, func(x store.Cancelled) {
		if !x.Changed {
			return
		}
		c.stream.publish(Event{
			Push: protocol.Push{
				Ev: protocol.EvCancelled, Room: x.Room, Rev: x.Rev,
				Data: protocol.MessageCancelled{ID: x.ID, Room: x.Room, Seq: x.Seq},
			},
			Seq:       x.Seq,
			MembersAt: x.MembersAt,
		})
	})
	if err != nil {
		return refuse("cancel", err)
	}
	return nil
}
