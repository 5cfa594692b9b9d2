package chat

import "sendjay/shared/protocol"

// AskWhy passes a question on to the person's other devices: only they know what they decided.
func (c *Chat) AskWhy(by Person, r protocol.AskWhy) error {
	if by.Session == "" {
		return protocol.Refuse(protocol.BadRequest) // nobody could be answered
	}
	c.out.Publish(Event{
		Push: protocol.Push{Ev: protocol.EvWhy, Data: protocol.WhyAsked{Session: by.Session, AskWhy: r}},
		To:   []protocol.UserID{by.ID}, Skip: by.Session,
	})
	return nil
}

// AskWhether passes a question on to the person's other devices.
func (c *Chat) AskWhether(by Person, r protocol.AskWhether) error {
	if by.Session == "" {
		return protocol.Refuse(protocol.BadRequest) // nobody could be answered
	}
	c.out.Publish(Event{
		Push: protocol.Push{Ev: protocol.EvWhether, Data: protocol.WhetherAsked{Session: by.Session, AskWhether: r}},
		To:   []protocol.UserID{by.ID}, Skip: by.Session,
	})
	return nil
}

// Told passes the answer of one of the person's devices back.
func (c *Chat) Told(by Person, r protocol.Told) error {
	if by.Session == "" {
		return protocol.Refuse(protocol.BadRequest) // it is no device
	}
	c.out.Publish(Event{
		Push: protocol.Push{Ev: protocol.EvTold, Data: r},
		To:   []protocol.UserID{by.ID}, Skip: by.Session,
	})
	return nil
}

// Because passes the answer of one of the person's devices back.
func (c *Chat) Because(by Person, device protocol.Device, r protocol.Because) error {
	c.out.Publish(Event{
		Push: protocol.Push{Ev: protocol.EvBecause, Data: protocol.BecauseTold{Device: device, Because: r}},
		To:   []protocol.UserID{by.ID}, Skip: by.Session,
	})
	return nil
}
