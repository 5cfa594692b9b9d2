package chat

import (
	"context"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Read moves a person's cursor. A seq beyond the end means the end; backwards does nothing.
func (c *Chat) Read(ctx context.Context, by Person, r protocol.ReadMessages) error {
	if err := c.out.Admit(ctx, r.Room); err != nil {
		return err
	}
	_, err := c.store.Read(ctx, r.Room, by.ID, r.Seq, func(m store.Moved) {
		if m.Changed {
			c.stream.moved(m.Room, m.Cursor, m.Rev, m.MembersAt)
		}
	})
	if err != nil {
		return refuse("read", err)
	}
	return nil
}
