package chat

import (
	"context"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// holidays is the name under which the database keeps them.
const holidays = "holidays"

// oldHolidays is for how long a holiday that is over may still matter: its night goes on into the next day, and
// somewhere it is still that day.
const oldHolidays = 48 * time.Hour

// Holidays returns the days on which the company rests, those long ago too.
func (c *Chat) Holidays(ctx context.Context) (protocol.Holidays, error) {
	var h protocol.Holidays
	err := c.store.Kept(ctx, holidays, &h)
	return h.Tidy(), err
}

// ComingHolidays returns those that a device can still be asked about.
func (c *Chat) ComingHolidays(ctx context.Context) (protocol.Holidays, error) {
	h, err := c.Holidays(ctx)
	return coming(h), err
}

func coming(h protocol.Holidays) protocol.Holidays {
	return h.Since(time.Now().UTC().Add(-oldHolidays).Format(protocol.DateForm))
}

// SetHolidays keeps others in their place, and the devices of everybody hear of it.
func (c *Chat) SetHolidays(ctx context.Context, by store.Act, h protocol.Holidays, everybody []protocol.UserID) (protocol.Holidays, error) {
	if bad := h.Check(); bad != nil {
		return h, bad
	}
	h = h.Tidy()
	by.About = map[string]any{"holidays": len(h.Holidays)}
	if err := c.store.Keep(ctx, by, holidays, h); err != nil {
		return h, refuse("set holidays", err)
	}
	c.out.Publish(Event{Push: protocol.Push{Ev: protocol.EvHolidays, Data: coming(h)}, To: everybody})
	return h, nil
}
