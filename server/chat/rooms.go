package chat

import (
	"context"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// CreateRoom makes a room of these people and the one who asks, or finds the one with the same
// members. Unknown people are NotFound, and no room is made.
func (c *Chat) CreateRoom(ctx context.Context, by Person, r protocol.CreateRoom) (protocol.RoomCreated, error) {
	made, err := c.store.CreateRoom(ctx, by.ID, r.Members, string(r.Title), func(m store.RoomMade) {
		if m.Existed {
			if m.Back != nil {
				c.moved(*m.Back)
			}
			return
		}
		// Only the maker's other devices hear of it: the others meet the room with its first message.
		c.stream.publish(Event{
			Push: protocol.Push{
				Ev: protocol.EvMembers, Room: m.Room, Rev: m.Rev,
				Data: protocol.MembersChanged{Members: []protocol.Member{{ID: by.ID, Name: by.Name}}, Count: len(m.Members), Master: by.ID, By: by.ID, Silent: true},
			},
			To:   []protocol.UserID{by.ID},
			Skip: by.Session,
		})
	})
	if err != nil {
		return protocol.RoomCreated{}, refuse("create room", err)
	}
	room, err := c.store.Room(ctx, by.ID, made.Room)
	if err != nil {
		return protocol.RoomCreated{}, refuse("read the new room", err)
	}
	return protocol.RoomCreated{Room: room, Existed: made.Existed}, nil
}

// Invite brings people into a room and returns those who were not members before.
func (c *Chat) Invite(ctx context.Context, by Person, r protocol.InviteMembers) (protocol.Invited, error) {
	if err := c.out.Admit(ctx, r.Room); err != nil {
		return protocol.Invited{}, err
	}
	_, added, err := c.store.Invite(ctx, r.Room, by.ID, r.Members, c.moved)
	if err != nil {
		return protocol.Invited{}, refuse("invite", err)
	}
	if added == nil {
		added = []protocol.UserID{}
	}
	return protocol.Invited{Added: added}, nil
}

// Leave takes a person out of a room. A pair is left silently.
func (c *Chat) Leave(ctx context.Context, by Person, r protocol.LeaveRoom) error {
	if err := c.out.Admit(ctx, r.Room); err != nil {
		return err
	}
	if _, err := c.store.Leave(ctx, r.Room, by.ID, c.moved); err != nil {
		return refuse("leave", err)
	}
	return nil
}

// Kick makes somebody leave. It is the master's right, and not for himself.
func (c *Chat) Kick(ctx context.Context, by Person, r protocol.KickMember) error {
	if r.User == by.ID {
		if err := c.member(ctx, by.ID, r.Room); err != nil {
			return err
		}
		return protocol.RefuseField(protocol.Forbidden, "user")
	}
	if err := c.out.Admit(ctx, r.Room); err != nil {
		return err
	}
	if _, err := c.store.Kick(ctx, r.Room, by.ID, r.User, c.moved); err != nil {
		return refuse("kick", err)
	}
	return nil
}

// Present refuses whoever is not in the room with NotFound, so that he cannot make himself heard there.
func (c *Chat) Present(ctx context.Context, user protocol.UserID, room protocol.RoomID) error {
	return c.member(ctx, user, room)
}

// member refuses whoever is not in the room.
func (c *Chat) member(ctx context.Context, user protocol.UserID, room protocol.RoomID) error {
	in, err := c.store.IsMember(ctx, room, user)
	switch {
	case err != nil:
		return refuse("check membership", err)
	case !in:
		return protocol.RefuseField(protocol.NotFound, "room")
	}
	return nil
}

// moved publishes a change of members and the line that tells of it, in the order of their revs.
func (c *Chat) moved(m store.MembersMoved) {
	who := Event{
		Push: protocol.Push{
			Ev: protocol.EvMembers, Room: m.Room, Rev: m.Rev,
			Data: protocol.MembersChanged{Members: m.Members, Count: m.Count, Master: m.Master, By: m.By, Silent: m.Line == nil},
		},
		To:        m.Audience,
		Moved:     m.Members,
		MembersAt: m.Rev,
	}
	switch {
	case m.Line == nil:
		c.stream.publish(who)
	case m.Line.Rev < m.Rev:
		// The line comes first, and must already reach those who came.
		said := line(*m.Line, "")
		said.Moved, said.MembersAt = m.Members, m.Rev
		c.stream.publish(said, who)
	default:
		said := line(*m.Line, "")
		said.MembersAt = m.Rev
		c.stream.publish(who, said)
	}
}
