package protocol

// AskWhy asks my other devices what they decided about a message.
type AskWhy struct {
	Room RoomID `json:"room"`
	Seq  Seq    `json:"seq"`
}

// Check wants a room and a message.
func (a AskWhy) Check() *Refusal {
	if a.Seq < 1 {
		return RefuseField(BadRequest, "seq")
	}
	return checkRoom(a.Room)
}

// Asked is the answer to a question that goes to the person's other devices; theirs come as events.
type Asked struct {
	// Devices is how many were asked. Each answers once, but for those that sleep. It is missing where the server, or
	// what stands between, is older than this number: then nobody knows.
	Devices *int `json:"devices,omitempty"`
}

// WhyAsked is the question as the other devices hear it, with the session that asks.
type WhyAsked struct {
	Session SessionID `json:"session"`
	AskWhy
}

// Because is what a device decided about a message, the newest last. It holds no text.
type Because struct {
	// To is the session that asked.
	To   SessionID `json:"to"`
	Room RoomID    `json:"room"`
	Seq  Seq       `json:"seq"`
	// Decided is empty when the device knows nothing of the message.
	Decided []Decided `json:"decided"`
}

// Decided is one verdict of the notification rule: what was done, and the line that decided.
type Decided struct {
	At   Instant `json:"at"`
	Then string  `json:"then"`
	Why  string  `json:"why"`
}

// Check keeps number and lengths.
func (b Because) Check() *Refusal {
	if b.To == "" || len(b.To) > Limits.IDBytes {
		return RefuseField(BadRequest, "to")
	}
	if len(b.Decided) > Limits.Verdicts {
		return RefuseField(TooLarge, "decided")
	}
	for _, d := range b.Decided {
		if len(d.Then) > Limits.IDBytes || len(d.Why) > 2*Limits.IDBytes {
			return RefuseField(TooLarge, "decided")
		}
	}
	return AskWhy{b.Room, b.Seq}.Check()
}

// BecauseTold is the answer of a device, with its kind.
type BecauseTold struct {
	Device Device `json:"device"`
	Because
}
