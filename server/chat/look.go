package chat

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Rooms returns a page of a person's rooms, pinned ones first, then newest first: all, or those named like q.
func (c *Chat) Rooms(ctx context.Context, user protocol.UserID, q, cursor string, limit int) (protocol.RoomsPage, error) {
	limit, err := page(limit, protocol.Limits.RoomsPage)
	q = strings.TrimSpace(q)
	switch {
	case err != nil:
		return protocol.RoomsPage{}, err
	case !utf8.ValidString(q) || strings.ContainsRune(q, 0):
		return protocol.RoomsPage{}, protocol.RefuseField(protocol.BadRequest, "q")
	case utf8.RuneCountInString(q) > protocol.Limits.SearchRunes:
		return protocol.RoomsPage{}, protocol.RefuseField(protocol.TooLarge, "q")
	}
	p, err := c.store.Rooms(ctx, user, q, cursor, limit)
	if errors.Is(err, store.ErrNoRoom) {
		return p, protocol.RefuseField(protocol.BadRequest, "cursor")
	}
	return p, look("list rooms", err)
}

// Room returns a room with all its members.
func (c *Chat) Room(ctx context.Context, user protocol.UserID, room protocol.RoomID) (protocol.Room, error) {
	r, err := c.store.Room(ctx, user, room)
	return r, look("read room", err)
}

// Members returns the members of a room.
func (c *Chat) Members(ctx context.Context, user protocol.UserID, room protocol.RoomID) (protocol.MembersPage, error) {
	if err := c.member(ctx, user, room); err != nil {
		return protocol.MembersPage{}, err
	}
	m, err := c.store.Members(ctx, room)
	if m == nil {
		m = []protocol.Member{}
	}
	return protocol.MembersPage{Members: m}, look("list members", err)
}

// Messages returns a page of a room: the newest, those before a seq, or the oldest after one.
func (c *Chat) Messages(ctx context.Context, user protocol.UserID, room protocol.RoomID, before, after *protocol.Seq, limit int) (protocol.MessagesPage, error) {
	limit, err := page(limit, protocol.Limits.PageMax)
	switch {
	case err != nil:
		return protocol.MessagesPage{}, err
	case before != nil && *before < 0:
		return protocol.MessagesPage{}, protocol.RefuseField(protocol.BadRequest, "before")
	case after != nil && *after < 0:
		return protocol.MessagesPage{}, protocol.RefuseField(protocol.BadRequest, "after")
	}
	p, err := c.store.Messages(ctx, user, room, before, after, limit)
	return p, look("read messages", err)
}

// Changes returns the present state of what changed in a room after a rev, and, unless hides is negative, what the
// person deleted for himself after his deletion of that number.
func (c *Chat) Changes(ctx context.Context, user protocol.UserID, room protocol.RoomID, since protocol.Rev, hides int64, limit int) (protocol.ChangesPage, error) {
	if limit == 0 {
		limit = protocol.Limits.ChangesMax
	}
	limit, err := page(limit, protocol.Limits.ChangesMax)
	switch {
	case err != nil:
		return protocol.ChangesPage{}, err
	case since < 0:
		return protocol.ChangesPage{}, protocol.RefuseField(protocol.BadRequest, "since")
	}
	p, err := c.store.Changes(ctx, user, room, since, limit)
	if err == nil && hides >= 0 {
		p.HiddenIDs, p.Hides, err = c.store.HiddenSince(ctx, user, room, hides)
	}
	return p, look("read changes", err)
}

// Unread returns a person's rooms with something to read.
func (c *Chat) Unread(ctx context.Context, user protocol.UserID) (protocol.UnreadPage, error) {
	p, err := c.store.Unread(ctx, user)
	return p, look("count unread", err)
}

// page clamps a limit; none asked for is the default, a negative one is nonsense.
func page(limit, most int) (int, error) {
	switch {
	case limit < 0:
		return 0, protocol.RefuseField(protocol.BadRequest, "limit")
	case limit == 0:
		return protocol.Limits.PageDefault, nil
	}
	return min(limit, most), nil
}

func look(doing string, err error) error {
	if err == nil {
		return nil
	}
	return refuse(doing, err)
}
