package protocol

// AskWhether asks my other devices of which messages they have told me, so that none is told twice. Each of them
// answers once; one that sleeps, or is older than this question, does not.
type AskWhether struct {
	// Ask is a number of the asker's own, which comes back with the answers.
	Ask int64 `json:"ask"`
	// Of are the messages, the last one of each room.
	Of []Place `json:"of"`
}

// Place is where a message stands.
type Place struct {
	Room RoomID `json:"room"`
	Seq  Seq    `json:"seq"`
}

// Check wants at least one message.
func (a AskWhether) Check() *Refusal {
	if len(a.Of) == 0 {
		return RefuseField(BadRequest, "of")
	}
	return checkPlaces(a.Of)
}

func checkPlaces(all []Place) *Refusal {
	if len(all) > Limits.Whether {
		return RefuseField(TooLarge, "of")
	}
	for _, p := range all {
		if r := AskWhy(p).Check(); r != nil {
			return r
		}
	}
	return nil
}

// WhetherAsked is the question as the other devices hear it, with the session that asks.
type WhetherAsked struct {
	Session SessionID `json:"session"`
	AskWhether
}

// Told says of which of the messages a device has told the person.
type Told struct {
	// To is the session that asked, and Ask the number of its question.
	To  SessionID `json:"to"`
	Ask int64     `json:"ask"`
	Of  []Place   `json:"of"`
}

// Check keeps number and lengths.
func (t Told) Check() *Refusal {
	if t.To == "" || len(t.To) > Limits.IDBytes {
		return RefuseField(BadRequest, "to")
	}
	return checkPlaces(t.Of)
}
