package chat

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"sendjay/shared/protocol"
)

// Profile returns what a person says of himself.
func (c *Chat) Profile(ctx context.Context, who protocol.UserID) (protocol.Profile, error) {
	a, err := c.store.Account(ctx, who)
	if err != nil {
		return protocol.Profile{}, refuse("profile", err)
	}
	return protocol.Profile{Nick: protocol.Text(a.Nick), Job: protocol.Text(a.Job), Phone: protocol.Text(a.Phone), Absence: a.Absence}, nil
}

// SetProfile changes it, and those who share a room with the person hear of it.
func (c *Chat) SetProfile(ctx context.Context, who protocol.UserID, p protocol.Profile) (protocol.Profile, error) {
	if bad := p.Check(); bad != nil {
		return p, bad
	}
	if err := c.store.SetProfile(ctx, who, p, nil); err != nil {
		return p, refuse("set profile", err)
	}
	return p, c.Changed(ctx, who)
}

// Picture returns a person's picture and its kind.
func (c *Chat) Picture(ctx context.Context, who protocol.UserID) ([]byte, string, error) {
	picture, kind, err := c.store.Picture(ctx, who)
	if err != nil {
		return nil, "", refuse("picture", err)
	}
	return picture, kind, nil
}

// SetPicture changes a person's picture; without bytes there is none any more.
func (c *Chat) SetPicture(ctx context.Context, who protocol.UserID, picture []byte, kind string) (protocol.User, error) {
	version := ""
	if len(picture) > 0 {
		version = strings.ToLower(rand.Text()[:8])
	}
	if err := c.store.SetPicture(ctx, who, picture, kind, version); err != nil {
		return protocol.User{}, refuse("set picture", err)
	}
	if err := c.Changed(ctx, who); err != nil {
		return protocol.User{}, err
	}
	a, err := c.store.Account(ctx, who)
	if err != nil {
		return a.User, fmt.Errorf("set picture: %w", err)
	}
	return a.User, nil
}

// Changed tells those who share a room with a person, and his own devices, how he is now.
func (c *Chat) Changed(ctx context.Context, who protocol.UserID) error {
	a, err := c.store.Account(ctx, who)
	if err != nil {
		return refuse("changed", err)
	}
	to, err := c.store.Companions(ctx, who)
	if err != nil {
		return refuse("changed", err)
	}
	a.Admin, a.Role, a.MustChange = false, "", false
	c.out.Publish(Event{Push: protocol.Push{Ev: protocol.EvUser, Data: a.User}, To: to})
	return nil
}
