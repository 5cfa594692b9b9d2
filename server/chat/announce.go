package chat

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// announcement is the name under which the database keeps the last one.
const announcement = "announcement"

// Announce says a to everybody, now and when they come; an empty text takes the last one back.
func (c *Chat) Announce(ctx context.Context, by store.Act, a protocol.Announcement, everybody []protocol.UserID) error {
	a.ID = strings.ToLower(rand.Text()[:8])
	if err := c.store.Keep(ctx, by, announcement, a); err != nil {
		return refuse("announce", err)
	}
	c.out.Publish(Event{Push: protocol.Push{Ev: protocol.EvAnnounced, Data: a}, To: everybody})
	return nil
}

// byCommand begins the ids of what the command line announces: no node heard of it by itself.
const byCommand = "cli-"

// AnnounceBeside says a to everybody from beside the servers, who look for it every few seconds.
func AnnounceBeside(ctx context.Context, s interface {
	Keep(ctx context.Context, by store.Act, name string, v any) error
}, by store.Act, a protocol.Announcement,
) error {
	a.ID = byCommand + strings.ToLower(rand.Text()[:8])
	return s.Keep(ctx, by, announcement, a)
}

// AnnouncedBeside returns what the command line announced last, false when the last word was not its.
func (c *Chat) AnnouncedBeside(ctx context.Context) (protocol.Announcement, bool, error) {
	a, err := c.Announcement(ctx)
	return a, strings.HasPrefix(a.ID, byCommand), err
}

// Announcement returns the last one, unless its time is over.
func (c *Chat) Announcement(ctx context.Context) (protocol.Announcement, error) {
	var a protocol.Announcement
	err := c.store.Kept(ctx, announcement, &a)
	if a.Until != 0 && a.Until <= protocol.At(time.Now()) {
		return protocol.Announcement{}, err
	}
	return a, err
}
