package chat

import (
	"context"
	"strings"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Rename names a room: for the person alone, or for all, which is the master's right. A name of one's own
// goes before the one for all; the empty name takes either away. White space at the ends and in rows is not
// part of a name.
func (c *Chat) Rename(ctx context.Context, by Person, r protocol.RenameRoom) error {
	name := strings.Join(strings.Fields(string(r.Title)), " ")
	if r.For == protocol.ForMe {
		return c.setMine(ctx, by, r.Room, store.Mine{Name: &name})
	}
	if err := c.out.Admit(ctx, r.Room); err != nil {
		return err
	}
	if err := c.store.Rename(ctx, r.Room, by.ID, name, c.wide(by)); err != nil {
		return refuse("rename", err)
	}
	return nil
}

// HandOver makes another member the master. It is the master's right.
func (c *Chat) HandOver(ctx context.Context, by Person, r protocol.HandOver) error {
	if err := c.out.Admit(ctx, r.Room); err != nil {
		return err
	}
	if err := c.store.HandOver(ctx, r.Room, by.ID, r.User, c.wide(by)); err != nil {
		return refuse("hand over", err)
	}
	return nil
}

// Passed tells the members of a room that its master is another one, since his account was closed.
func (c *Chat) Passed(w store.WideChanged) { c.wide(Person{})(w) }

// Stood tells the members of a room whose accounts were closed, or opened again: from now on nobody waits for them to
// read, or everybody does.
func (c *Chat) Stood(r store.Stood) {
	c.stream.publish(Event{Push: protocol.Push{
		Ev: protocol.EvMembers, Room: r.Room, Rev: r.Rev, Data: protocol.MembersChanged{Members: r.Members, Count: r.Count, Silent: true},
	}})
}

// wide publishes what all members share, and what by has given up for it.
func (c *Chat) wide(by Person) func(store.WideChanged) {
	return func(w store.WideChanged) {
		if w.Mine != nil {
			c.mine(by.ID)(*w.Mine)
		}
		if w.Changed {
			c.stream.publish(Event{Push: protocol.Push{Ev: protocol.EvRoom, Room: w.Room, Rev: w.Rev, Data: w.Wide}})
		}
	}
}
