package session

import "sendjay/shared/protocol"

// Attend keeps what s says of the person in front of it and tells the person's other devices.
// A session that has ended says nothing any more.
func (r *Registry) Attend(s *Session, a protocol.Attention) {
	r.mu.Lock()
	if !r.here(s) || s.attention != nil && *s.attention == a {
		r.mu.Unlock()
		return
	}
	before := level(s.attention)
	s.attention = &a
	rest := r.othersLocked(s)
	said := says(s)
	r.sayLocked(word{Attend: &attends{s.User, s.ID, a}})
	r.mu.Unlock()
	tell(rest, said)
	if level(&a) != before {
		r.presence.touch(s.User)
	}
}

// here reports whether s is open. The caller holds mu.
func (r *Registry) here(s *Session) bool {
	at := r.people[s.User]
	for at != nil && at != s {
		at = at.next
	}
	return at != nil
}

func says(s *Session) protocol.DeviceAttention {
	return protocol.DeviceAttention{Session: s.ID, Device: s.Device, Attention: *s.attention}
}

func goneFrom(s *Session) protocol.DeviceAttention {
	return protocol.DeviceAttention{Session: s.ID, Device: s.Device, Gone: true}
}

func tell(sessions []*Session, a protocol.DeviceAttention) {
	if len(sessions) == 0 {
		return
	}
	f := NewFrame(protocol.Push{Ev: protocol.EvAttention, Data: a})
	for _, s := range sessions {
		s.send(f)
	}
}
