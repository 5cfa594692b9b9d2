package chat

import (
	"context"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Edit gives a text another wording. It is the sender's right for the edit window, counted by the server's clock
// from when it stored the message; later it returns TooLate. The same wording again does nothing.
func (c *Chat) Edit(ctx context.Context, by Person, m protocol.EditMessage) error {
	if err := c.out.Admit(ctx, m.Room); err != nil {
		return err
	}
	w := store.Wording{ID: m.ID, Body: string(m.Body), Mentions: m.Mentions, Link: c.link}
	_, err := c.store.Edit(ctx, m.Room, by.ID, w, c.limits.Load().EditWindow, func(x store.Edited) {
		m := protocol.MessageChanged{ID: x.ID, Room: x.Room, Seq: x.Seq, Edit: &protocol.Edited{Body: x.Body, Mentions: x.Mentions, At: x.At}}
		if x.Cardless {
			m.Preview = &protocol.Preview{}
		}
		c.stream.publish(changed(x.Room, x.Rev, m))
		c.sent(x.Room, x.ID, x.Body)
	})
	return look("edit", err)
}

// React puts an emoji under a message for its reader, or takes it away. One person, one emoji: a second time does
// nothing. What one may not see is NotFound.
func (c *Chat) React(ctx context.Context, by Person, m protocol.ReactMessage) error {
	if err := c.out.Admit(ctx, m.Room); err != nil {
		return err
	}
	_, err := c.store.React(ctx, m.Room, by.ID, m.ID, m.Emoji, m.On, func(x store.Reacted) {
		c.stream.publish(changed(x.Room, x.Rev, protocol.MessageChanged{ID: x.ID, Room: x.Room, Seq: x.Seq, Reacted: &x.Reacted}))
	})
	return look("react", err)
}

func changed(room protocol.RoomID, rev protocol.Rev, m protocol.MessageChanged) Event {
	return Event{Push: protocol.Push{Ev: protocol.EvChanged, Room: room, Rev: rev, Data: m}, Seq: m.Seq}
}

// Hide deletes messages for one person alone, on all his devices. The others learn at most that he has read them.
func (c *Chat) Hide(ctx context.Context, by Person, m protocol.HideMessages) error {
	if err := c.out.Admit(ctx, m.Room); err != nil {
		return err
	}
	_, err := c.store.Hide(ctx, m.Room, by.ID, m.IDs, m.All, func(x store.Hidden) {
		if x.Moved.Changed {
			c.stream.moved(x.Moved.Room, x.Moved.Cursor, x.Moved.Rev, x.Moved.MembersAt)
		}
		c.stream.publish(Event{Push: protocol.Push{Ev: protocol.EvHidden, Data: x.MessageHidden}, To: []protocol.UserID{by.ID}})
	})
	return look("hide", err)
}

// Notice pins a message on top of a room, or takes the pinned one down. In a group it is the master's right, in a
// pair either one's: a group's top is seen by all, so one person answers for it.
func (c *Chat) Notice(ctx context.Context, by Person, m protocol.SetNotice) error {
	if err := c.out.Admit(ctx, m.Room); err != nil {
		return err
	}
	_, err := c.store.Notice(ctx, m.Room, by.ID, m.ID, func(x store.Noticed) {
		e := Event{Push: protocol.Push{Ev: protocol.EvNotice, Room: x.Room, Rev: x.Rev, Data: protocol.NoticeChanged{Notice: x.Notice}}}
		if x.Notice != nil {
			e.Past, e.Less = x.Notice.Seq, protocol.NoticeChanged{}
		}
		c.stream.publish(e)
	})
	return look("notice", err)
}

// Message returns one message as a person may see it.
func (c *Chat) Message(ctx context.Context, user protocol.UserID, room protocol.RoomID, id protocol.MessageID) (protocol.Message, error) {
	m, err := c.store.Message(ctx, user, room, id)
	return m, look("read message", err)
}

// Readers returns who has read a message and who has not.
func (c *Chat) Readers(ctx context.Context, user protocol.UserID, room protocol.RoomID, id protocol.MessageID) (protocol.ReadersPage, error) {
	p, err := c.store.Readers(ctx, user, room, id)
	return p, look("read readers", err)
}
