package chat

import (
	"context"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// SetMine changes how a person has set up a room for himself: of what it tells him, whether it is pinned,
// whether its panel is hidden. His devices hear of it, nobody else does.
func (c *Chat) SetMine(ctx context.Context, by Person, r protocol.SetMine) error {
	return c.setMine(ctx, by, r.Room, store.Mine{Notify: r.Notify, Pinned: r.Pinned, PanelHidden: r.PanelHidden})
}

func (c *Chat) setMine(ctx context.Context, by Person, room protocol.RoomID, change store.Mine) error {
	if err := c.out.Admit(ctx, room); err != nil {
		return err
	}
	if err := c.store.SetMine(ctx, room, by.ID, change, c.mine(by.ID)); err != nil {
		return refuse("set up a room", err)
	}
	return nil
}

// Order puts a person's pinned rooms in order.
func (c *Chat) Order(ctx context.Context, by Person, r protocol.OrderRooms) error {
	if err := c.store.Order(ctx, by.ID, r.Rooms, c.mine(by.ID)); err != nil {
		return refuse("order rooms", err)
	}
	return nil
}

// mine tells all devices of user, the asking one too: it learns the version.
func (c *Chat) mine(user protocol.UserID) func(protocol.RoomMine) {
	return func(m protocol.RoomMine) {
		c.stream.publish(Event{Push: protocol.Push{Ev: protocol.EvMine, Data: m}, To: []protocol.UserID{user}})
	}
}
