package protocol

// What can be done with messages beside sending, reading and cancelling.

// Everybody stands among Mentions for all members of the room.
const Everybody UserID = "*"

// Quote is the message replied to, as it reads now: an edit shows in it, a cancel empties it. Who came after that
// message sees the reply without it.
type Quote struct {
	ID         MessageID   `json:"id"`
	Seq        Seq         `json:"seq"`
	Sender     UserID      `json:"sender"`
	SenderName string      `json:"senderName"`
	Type       MessageType `json:"type"`
	// Body is the first Limits.QuoteRunes of the text.
	Body      string `json:"body"`
	Cancelled bool   `json:"cancelled,omitempty"`
	// File is the file of what is quoted, missing where there is none.
	File *FileInfo `json:"file,omitempty"`
}

// Reaction is one emoji under a message.
type Reaction struct {
	Emoji Emoji `json:"emoji"`
	Count int   `json:"count"`
	// Users are the first Limits.ReactionUsers of them, oldest first.
	Users []UserID `json:"users"`
	// Mine is set when I am one of them. Events leave it out: they say who reacted.
	Mine bool `json:"mine,omitempty"`
}

// Notice is the message pinned on top of a room, as it reads now. Every member sees it who was there when it was said.
type Notice struct {
	ID         MessageID   `json:"id"`
	Seq        Seq         `json:"seq"`
	Sender     UserID      `json:"sender"`
	SenderName string      `json:"senderName"`
	Type       MessageType `json:"type"`
	// Body is the first Limits.NoticeRunes of the text.
	Body string `json:"body"`
	// By is who pinned it, and At when.
	By     UserID  `json:"by"`
	ByName string  `json:"byName"`
	At     Instant `json:"at"`
}

// EditMessage gives a text of mine another wording, within the edit window.
type EditMessage struct {
	Room     RoomID    `json:"room"`
	ID       MessageID `json:"id"`
	Body     Text      `json:"body"`
	Mentions []UserID  `json:"mentions,omitempty"`
}

// Check keeps ids and length, as for a new message.
func (c EditMessage) Check() *Refusal {
	switch {
	case !c.ID.Valid():
		return RefuseField(BadRequest, "id")
	case blank(string(c.Body)):
		return RefuseField(BadRequest, "body")
	case c.Body.Runes() > Limits.TextRunes:
		return RefuseField(TooLarge, "body")
	}
	if bad := checkMentions(c.Mentions); bad != nil {
		return bad
	}
	return checkRoom(c.Room)
}

// ReactMessage puts my emoji under a message, or takes it away. A second time does nothing.
type ReactMessage struct {
	Room  RoomID    `json:"room"`
	ID    MessageID `json:"id"`
	Emoji Emoji     `json:"emoji"`
	On    bool      `json:"on"`
}

// Check wants a message and one emoji.
func (c ReactMessage) Check() *Refusal {
	switch {
	case !c.ID.Valid():
		return RefuseField(BadRequest, "id")
	case !c.Emoji.Valid():
		return RefuseField(BadRequest, "emoji")
	}
	return checkRoom(c.Room)
}

// HideMessages deletes messages for me alone: these, or all there are. Who hides what he has not read has read it.
type HideMessages struct {
	Room RoomID      `json:"room"`
	IDs  []MessageID `json:"ids,omitempty"`
	All  bool        `json:"all,omitempty"`
}

// Check wants ids or all.
func (c HideMessages) Check() *Refusal {
	switch {
	case !c.All && len(c.IDs) == 0:
		return RefuseField(BadRequest, "ids")
	case len(c.IDs) > Limits.HideIDs:
		return RefuseField(TooLarge, "ids")
	}
	for _, id := range c.IDs {
		if !id.Valid() {
			return RefuseField(BadRequest, "ids")
		}
	}
	return checkRoom(c.Room)
}

// SetNotice pins a message on top of a room, or, with an empty id, takes the pinned one down.
type SetNotice struct {
	Room RoomID    `json:"room"`
	ID   MessageID `json:"id"`
}

// Check wants a room, and a message or none.
func (c SetNotice) Check() *Refusal {
	if c.ID != "" && !c.ID.Valid() {
		return RefuseField(BadRequest, "id")
	}
	return checkRoom(c.Room)
}

// MessageChanged says what changed about a message: one of the four is set.
type MessageChanged struct {
	ID   MessageID `json:"id"`
	Room RoomID    `json:"room"`
	Seq  Seq       `json:"seq"`
	// Edit is the new wording.
	Edit *Edited `json:"edit,omitempty"`
	// Reacted says who did what, and what stands under the message now.
	Reacted *Reacted `json:"reacted,omitempty"`
	// Preview is the card of its link, with an empty id when it is gone: taken away, or the wording has another link.
	Preview *Preview `json:"preview,omitempty"`
	// File is its file, which lives longer now.
	File *FileInfo `json:"file,omitempty"`
}

// Edited is the new wording of a message.
type Edited struct {
	Body     string   `json:"body"`
	Mentions []UserID `json:"mentions,omitempty"`
	At       Instant  `json:"at"`
}

// Reacted is one change of the emoji under a message.
type Reacted struct {
	User      UserID     `json:"user"`
	Emoji     Emoji      `json:"emoji"`
	On        bool       `json:"on"`
	Reactions []Reaction `json:"reactions"`
}

// MessageHidden tells my devices what I deleted for myself, or what went by its age.
type MessageHidden struct {
	Room RoomID      `json:"room"`
	IDs  []MessageID `json:"ids,omitempty"`
	// From is the seq after which I see messages: it moves when I delete all.
	From Seq `json:"from"`
	// Hides is the number of this deletion; one who missed some asks for the changes since his.
	Hides int64 `json:"hides"`
}

// NoticeChanged says what is pinned on top of the room now; nothing when Notice is missing.
type NoticeChanged struct {
	Notice *Notice `json:"notice,omitempty"`
}

func checkMentions(ids []UserID) *Refusal {
	if len(ids) > Limits.Mentions {
		return RefuseField(TooLarge, "mentions")
	}
	for _, id := range ids {
		if !id.Valid() {
			return RefuseField(BadRequest, "mentions")
		}
	}
	return nil
}
