package chat

import "sendjay/shared/protocol"

// AskWhy passes a question on to the person's other devices: only they know what they decided.
func (c *Chat) AskWhy(by Person, r protocol.AskWhy) error {
	return c.askOthers(by, protocol.EvWhy, protocol.WhyAsked{Session: by.Session, AskWhy: r})
}

// AskWhether passes a question on to the person's other devices.
func (c *Chat) AskWhether(by Person, r protocol.AskWhether) error {
	return c.askOthers(by, protocol.EvWhether, protocol.WhetherAsked{Session: by.Session, AskWhether: r})
}

// Told passes the answer of one of the person's devices back. Who has no session is no device.
func (c *Chat) Told(by Person, r protocol.Told) error {
	return c.askOthers(by, protocol.EvTold, r)
}

// Because passes the answer of one of the person's devices back.
func (c *Chat) Because(by Person, device protocol.Device, r protocol.Because) error {
	c.tellOthers(by, protocol.EvBecause, protocol.BecauseTold{Device: device, Because: r})
	return nil
}

// askOthers is tellOthers for what only a session may say: nobody else could be answered.
func (c *Chat) askOthers(by Person, ev protocol.EventName, data any) error {
	if by.Session == "" {
		return protocol.Refuse(protocol.BadRequest)
	}
	c.tellOthers(by, ev, data)
	return nil
}

// tellOthers reaches the person's other devices.
func (c *Chat) tellOthers(by Person, ev protocol.EventName, data any) {
	c.out.Publish(Event{Push: protocol.Push{Ev: ev, Data: data}, To: []protocol.UserID{by.ID}, Skip: by.Session})
}
