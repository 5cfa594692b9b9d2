package chat

import (
	"context"

	"sendjay/shared/protocol"
)

// Settings returns what a person has chosen for all devices.
func (c *Chat) Settings(ctx context.Context, who protocol.UserID) (protocol.NotifySettings, error) {
	s, err := c.store.Settings(ctx, who)
	if err != nil {
		return s, refuse("settings", err)
	}
	return s, nil
}

// SetSettings changes them, and every device of the person hears of it.
func (c *Chat) SetSettings(ctx context.Context, who protocol.UserID, s protocol.NotifySettings) (protocol.NotifySettings, error) {
	if bad := s.Check(); bad != nil {
		return s, bad
	}
	if s.QuietHours == nil {
		s.QuietHours = []protocol.QuietHours{}
	}
	if err := c.store.SetSettings(ctx, who, s, func() {
		c.out.Publish(Event{Push: protocol.Push{Ev: protocol.EvSettings, Data: s}, To: []protocol.UserID{who}})
	}); err != nil {
		return s, refuse("set settings", err)
	}
	return s, nil
}
