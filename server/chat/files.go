package chat

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// ShowPreview puts the card of a link under a message that has none and never had one.
func (c *Chat) ShowPreview(ctx context.Context, room protocol.RoomID, id protocol.MessageID, card protocol.PreviewID) error {
	if err := c.out.Admit(ctx, room); err != nil {
		return err
	}
	return look("show a preview", c.store.ShowPreview(ctx, room, id, card, c.shown))
}

// DropPreview takes the card of a message away for good. It is the sender's right; a second time does nothing.
func (c *Chat) DropPreview(ctx context.Context, by Person, m protocol.DropPreview) error {
	if err := c.out.Admit(ctx, m.Room); err != nil {
		return err
	}
	return look("drop a preview", c.store.DropPreview(ctx, m.Room, by.ID, m.ID, c.shown))
}

func (c *Chat) shown(x store.Shown) {
	c.stream.publish(changed(x.Room, x.Rev, protocol.MessageChanged{ID: x.ID, Room: x.Room, Seq: x.Seq, Preview: &x.Preview}))
}

// ExtendFile lets a file live on as if it were sent now, in every message that shows it. It is the right of the one
// who uploaded it, until it has expired; later it returns TooLate.
func (c *Chat) ExtendFile(ctx context.Context, by Person, m protocol.ExtendFile) (protocol.FileExtended, error) {
	if err := c.out.Admit(ctx, m.Room); err != nil {
		return protocol.FileExtended{}, err
	}
	var until protocol.Instant
	if c.limits.Load().FileLife > 0 {
		until = protocol.At(time.Now().Add(c.limits.Load().FileLife))
	}
	f, err := c.store.ExtendFile(ctx, m.Room, by.ID, m.ID, until, func(all []store.Extended) {
		for _, x := range all {
			c.stream.publish(changed(x.Room, x.Rev, protocol.MessageChanged{ID: x.ID, Room: x.Room, Seq: x.Seq, File: &x.File}))
		}
	})
	return protocol.FileExtended{File: f}, look("extend a file", err)
}

// Archive lists the files, pictures or links of a room, newest first.
func (c *Chat) Archive(ctx context.Context, user protocol.UserID, room protocol.RoomID, q store.ArchiveQuery) (protocol.ArchivePage, error) {
	switch {
	case !q.Kind.Known():
		return protocol.ArchivePage{}, protocol.RefuseField(protocol.BadRequest, "kind")
	case utf8.RuneCountInString(q.Name) > protocol.Limits.SearchRunes:
		return protocol.ArchivePage{}, protocol.RefuseField(protocol.TooLarge, "q")
	case !utf8.ValidString(q.Name) || strings.ContainsRune(q.Name, 0):
		return protocol.ArchivePage{}, protocol.RefuseField(protocol.BadRequest, "q")
	case q.From != "" && !q.From.Valid():
		return protocol.ArchivePage{}, protocol.RefuseField(protocol.BadRequest, "from")
	}
	p, err := c.store.Archive(ctx, user, room, q)
	return p, look("list the archive", err)
}
