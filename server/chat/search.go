package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Search returns messages that hold every word of q.Text, of one person, of a time, in one room or in all
// of the person's, and nothing that the person may not see or that is older than the search window. A text
// without two characters that stand together finds nothing: one syllable stands in half of everything.
func (c *Chat) Search(ctx context.Context, user protocol.UserID, q store.SearchQuery) (protocol.SearchPage, error) {
	q.Text = strings.TrimSpace(q.Text)
	limit, err := page(q.Limit, protocol.Limits.PageMax)
	n := utf8.RuneCountInString(q.Text)
	switch {
	case err != nil:
		return protocol.SearchPage{}, err
	case (n == 0 && q.From == "") || !utf8.ValidString(q.Text) || strings.ContainsRune(q.Text, 0):
		return protocol.SearchPage{}, protocol.RefuseField(protocol.BadRequest, "q")
	case n > protocol.Limits.SearchRunes:
		return protocol.SearchPage{}, protocol.RefuseField(protocol.TooLarge, "q")
	}
	q.Limit = limit
	if c.limits.Load().SearchWindow > 0 {
		q.Since = max(q.Since, protocol.At(time.Now().Add(-c.limits.Load().SearchWindow)))
	}
	if q.Room != "" {
		if err := c.member(ctx, user, q.Room); err != nil {
			return protocol.SearchPage{}, err
		}
	}
	out, err := c.store.Search(ctx, user, q)
	if errors.Is(err, store.ErrNoCursor) {
		return out, protocol.RefuseField(protocol.BadRequest, "before")
	}
	return out, look("search", err)
}

// Places returns for each moment, ascending, the first message at or after it that the person may see.
func (c *Chat) Places(ctx context.Context, user protocol.UserID, room protocol.RoomID, at []protocol.Instant) (protocol.PlacePage, error) {
	if len(at) == 0 || len(at) > protocol.Limits.Places || !slices.IsSorted(at) {
		return protocol.PlacePage{}, protocol.RefuseField(protocol.BadRequest, "at")
	}
	seqs, err := c.store.Places(ctx, user, room, at)
	return protocol.PlacePage{Seqs: seqs}, look("find days", err)
}
