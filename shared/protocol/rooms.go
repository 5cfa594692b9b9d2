package protocol

// Notify says which messages of a room a member wants to be told of.
type Notify string

// What a member can want.
const (
	NotifyAll      Notify = "all"
	NotifyMentions Notify = "mentions"
	NotifyNone     Notify = "none"
)

// Known reports whether n is one of the choices.
func (n Notify) Known() bool { return n == NotifyAll || n == NotifyMentions || n == NotifyNone }

// For says who sees a new name.
type For string

// Who sees it.
const (
	ForMe  For = "me"
	ForAll For = "all"
)

// RenameRoom gives a room a name, for all or for me alone. An empty one goes back to what stood there
// before: the name for all, else the members' names.
type RenameRoom struct {
	Room  RoomID `json:"room"`
	Title Text   `json:"title"`
	For   For    `json:"for"`
}

// Check keeps the length of the name.
func (c RenameRoom) Check() *Refusal {
	switch {
	case c.For != ForMe && c.For != ForAll:
		return RefuseField(BadRequest, "for")
	case c.Title.Runes() > Limits.TitleRunes:
		return RefuseField(TooLarge, "title")
	case !c.Title.OneLine():
		return RefuseField(BadRequest, "title")
	}
	return checkRoom(c.Room)
}

// HandOver makes another member the master.
type HandOver struct {
	Room RoomID `json:"room"`
	User UserID `json:"user"`
}

// Check wants a room and a person.
func (c HandOver) Check() *Refusal {
	if !c.User.Valid() {
		return RefuseField(BadRequest, "user")
	}
	return checkRoom(c.Room)
}

// SetMine changes how I have set up a room for myself. What is absent stays.
type SetMine struct {
	Room   RoomID  `json:"room"`
	Notify *Notify `json:"notify,omitempty"`
	// Pinned puts the room behind my other pinned ones, or takes it from them.
	Pinned      *bool `json:"pinned,omitempty"`
	PanelHidden *bool `json:"panelHidden,omitempty"`
}

// Check wants a room, and a choice that exists.
func (c SetMine) Check() *Refusal {
	if c.Notify != nil && !c.Notify.Known() {
		return RefuseField(BadRequest, "notify")
	}
	return checkRoom(c.Room)
}

// OrderRooms puts my pinned rooms into this order. Those not named follow as they were; a room that is
// not pinned is passed over.
type OrderRooms struct {
	Rooms []RoomID `json:"rooms"`
}

// Check keeps the number of rooms.
func (c OrderRooms) Check() *Refusal {
	if len(c.Rooms) > Limits.PinnedRooms {
		return RefuseField(TooLarge, "rooms")
	}
	for _, r := range c.Rooms {
		if !r.Valid() {
			return RefuseField(BadRequest, "rooms")
		}
	}
	return nil
}

// RoomWide is what all members of a room share beside its messages and members.
type RoomWide struct {
	// Name is the name given for all, "" for none.
	Name   string `json:"name"`
	Master UserID `json:"master"`
}

// RoomMine is how one member has set up a room for himself. It says all of it; of two the one with the
// higher Version is true.
type RoomMine struct {
	Room    RoomID `json:"room"`
	Version int64  `json:"version"`
	// Name is the name that only I see, "" for none.
	Name   string `json:"name"`
	Notify Notify `json:"notify"`
	// Pinned is its place among my pinned rooms, ascending from 1, maybe with holes; 0 for not pinned.
	Pinned      int  `json:"pinned"`
	PanelHidden bool `json:"panelHidden"`
}
