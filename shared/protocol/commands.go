package protocol

import "unicode"

// Class says what becomes of a command while the line is down; shared/delivery reads it.
type Class string

// The delivery classes of the design.
const (
	// Kept is blocked and reported, but kept locally until acknowledged: resend or delete.
	Kept Class = "kept"
	// Blocked is reported failed and not kept.
	Blocked Class = "blocked"
	// Buffered is kept and sent in order on reconnect, no question asked.
	Buffered Class = "buffered"
	// Volatile is dropped silently.
	Volatile Class = "volatile"
)

// Op names a command.
type Op string

// The commands.
const (
	OpPing          Op = "ping"
	OpRoomCreate    Op = "room.create"
	OpRoomInvite    Op = "room.invite"
	OpRoomLeave     Op = "room.leave"
	OpRoomKick      Op = "room.kick"
	OpRoomRename    Op = "room.rename"
	OpRoomMaster    Op = "room.master"
	OpRoomMine      Op = "room.mine"
	OpRoomOrder     Op = "room.order"
	OpMessageSend   Op = "message.send"
	OpMessageRead   Op = "message.read"
	OpMessageCancel Op = "message.cancel"
	OpMessageEdit   Op = "message.edit"
	OpMessageReact  Op = "message.react"
	OpMessageHide   Op = "message.hide"
	OpRoomNotice    Op = "room.notice"
	OpPreviewDrop   Op = "preview.drop"
	OpFileExtend    Op = "file.extend"
	OpAttention     Op = "attention.set"
	OpTyping        Op = "typing.set"
	OpWatch         Op = "presence.watch"
	OpWhy           Op = "alert.why"
	OpBecause       Op = "alert.because"
	OpWhether       Op = "alert.whether"
	OpTold          Op = "alert.told"
)

// Command is one line of the table of commands.
type Command struct {
	Op      Op
	Class   Class
	Request Request
	Reply   any
	About   string
}

// Request is the data of a command; Check holds the rules that need nothing but the request.
type Request interface{ Check() *Refusal }

// Commands is the table of everything a client may ask for over the socket, and as
// POST /api/v1/commands/{op}.
var Commands = []Command{
	{OpPing, Volatile, Ping{}, Done{}, "proves that the line is alive"},
	{OpRoomCreate, Blocked, CreateRoom{}, RoomCreated{}, "makes a room, or finds the one with the same members (up to 50)"},
	{OpRoomInvite, Buffered, InviteMembers{}, Invited{}, "brings people into a room; those already in it are passed over"},
	{OpRoomLeave, Buffered, LeaveRoom{}, Done{}, "leaves a room; my messages in it vanish for me"},
	{OpRoomKick, Blocked, KickMember{}, Done{}, "makes somebody leave; the master's right in a room of three or more"},
	{OpRoomRename, Blocked, RenameRoom{}, Done{}, "names a room for me alone, or for all: the master's right"},
	{OpRoomMaster, Blocked, HandOver{}, Done{}, "makes another member the master; the master's right"},
	{OpRoomMine, Buffered, SetMine{}, Done{}, "how a room notifies me, whether it is pinned and its panel hidden; heard by my devices"},
	{OpRoomOrder, Buffered, OrderRooms{}, Done{}, "the order of my pinned rooms"},
	{OpMessageSend, Kept, SendMessage{}, MessageSent{}, "sends a text; the same id again gives the same answer and no second copy"},
	{OpMessageRead, Buffered, ReadMessages{}, Done{}, "moves my read cursor; never backwards"},
	{OpMessageCancel, Blocked, CancelMessage{}, Done{}, "takes a message of mine back within the cancel window"},
	{OpMessageEdit, Blocked, EditMessage{}, Done{}, "gives a text of mine another wording within the edit window"},
	{OpMessageReact, Blocked, ReactMessage{}, Done{}, "puts my emoji under a message, or takes it away"},
	{OpMessageHide, Buffered, HideMessages{}, Done{}, "deletes messages for me alone, on all my devices"},
	{OpRoomNotice, Buffered, SetNotice{}, Done{}, "pins a message on top of a room, or takes it down; the master's right in a group, either one's in a pair"},
	{OpPreviewDrop, Blocked, DropPreview{}, Done{}, "takes the card of a link in a message of mine away"},
	{OpFileExtend, Blocked, ExtendFile{}, FileExtended{}, "lets a file of mine live on, as if it were sent now"},
	{OpAttention, Volatile, Attention{}, Done{}, "says what I am looking at on this device"},
	{OpTyping, Volatile, SetTyping{}, Done{}, "says that I am typing in a room, again every 3 s while I do, or that I no longer am; for sessions only"},
	{OpWatch, Volatile, WatchPresence{}, Presences{}, "names the people whose presence this session wants to hear of, in place of those before; answers how they are now"},
	{OpWhy, Volatile, AskWhy{}, Asked{}, "asks my other devices why they did, or did not, tell me of a message; answers how many were asked"},
	{OpBecause, Volatile, Because{}, Done{}, "answers alert.why to the device that asked"},
	{OpWhether, Volatile, AskWhether{}, Asked{}, "asks my other devices of which of these messages they have told me; answers how many were asked"},
	{OpTold, Volatile, Told{}, Done{}, "answers alert.whether to the device that asked: of which of them"},
}

// Find returns the line of op.
func Find(op Op) (Command, bool) {
	for _, c := range Commands {
		if c.Op == op {
			return c, true
		}
	}
	return Command{}, false
}

// Done answers a command that has nothing to say. Queued is set by the tray for a command it keeps
// until the line is back.
type Done struct {
	Queued bool `json:"queued,omitempty"`
}

// Ping asks for a sign of life.
type Ping struct{}

// Check accepts every ping.
func (Ping) Check() *Refusal { return nil }

// CreateRoom asks for a room of these people and me.
type CreateRoom struct {
	Members []UserID `json:"members"`
	Title   Text     `json:"title,omitempty"`
}

// Check keeps the number of members and the length of the title.
func (c CreateRoom) Check() *Refusal {
	if len(c.Members) > Limits.RoomMembers {
		return RefuseField(TooLarge, "members")
	}
	if c.Title.Runes() > Limits.TitleRunes {
		return RefuseField(TooLarge, "title")
	}
	if !c.Title.OneLine() {
		return RefuseField(BadRequest, "title")
	}
	return checkUsers(c.Members)
}

// RoomCreated answers CreateRoom.
type RoomCreated struct {
	Room    Room `json:"room"`
	Existed bool `json:"existed"`
}

// InviteMembers brings people into a room.
type InviteMembers struct {
	Room    RoomID   `json:"room"`
	Members []UserID `json:"members"`
}

// Check wants a room and at least one person.
func (c InviteMembers) Check() *Refusal {
	switch {
	case !c.Room.Valid():
		return RefuseField(BadRequest, "room")
	case len(c.Members) == 0:
		return RefuseField(BadRequest, "members")
	case len(c.Members) > Limits.RoomMembers:
		return RefuseField(TooLarge, "members")
	}
	return checkUsers(c.Members)
}

// Invited answers InviteMembers with those who were not members before.
type Invited struct {
	Added []UserID `json:"added"`
}

// LeaveRoom leaves a room.
type LeaveRoom struct {
	Room RoomID `json:"room"`
}

// Check wants a room.
func (c LeaveRoom) Check() *Refusal { return checkRoom(c.Room) }

// KickMember makes somebody leave.
type KickMember struct {
	Room RoomID `json:"room"`
	User UserID `json:"user"`
}

// Check wants a room and a person.
func (c KickMember) Check() *Refusal {
	if !c.User.Valid() {
		return RefuseField(BadRequest, "user")
	}
	return checkRoom(c.Room)
}

// SendMessage sends a text to a room.
type SendMessage struct {
	ID    MessageID   `json:"id"`
	Room  RoomID      `json:"room"`
	Type  MessageType `json:"type"`
	Body  Text        `json:"body"`
	Reply MessageID   `json:"reply,omitempty"`
	// File is a file I have uploaded to this room, or one that I may see and pass on; Body is then what I
	// say about it, if anything.
	File FileID `json:"file,omitempty"`
	// Mentions are those the text speaks to by "@name"; Everybody stands for all members.
	Mentions []UserID `json:"mentions,omitempty"`
	// Forwarded is set for what was said elsewhere before.
	Forwarded bool `json:"forwarded,omitempty"`
	// Urgent asks to be heard also where nobody is to be disturbed. Only so many are taken in an hour, see
	// Server.Urgent, from a live session, and none that is forwarded; an edit makes nothing urgent.
	Urgent bool `json:"urgent,omitempty"`
}

// Check keeps ids, type and length. An empty type is talk, or file where there is one; the others are the
// server's to write.
func (c SendMessage) Check() *Refusal {
	switch {
	case !c.ID.Valid():
		return RefuseField(BadRequest, "id")
	case !c.Room.Valid():
		return RefuseField(BadRequest, "room")
	case c.Type != "" && (c.File == "" && c.Type != Talk || c.File != "" && c.Type != File):
		return RefuseField(BadRequest, "type")
	case c.File != "" && !c.File.Valid():
		return RefuseField(BadRequest, "file")
	case c.Reply != "" && !c.Reply.Valid():
		return RefuseField(BadRequest, "reply")
	case c.File == "" && blank(string(c.Body)):
		return RefuseField(BadRequest, "body")
	case c.Body.Runes() > Limits.TextRunes:
		return RefuseField(TooLarge, "body")
	}
	return checkMentions(c.Mentions)
}

// MessageSent answers SendMessage, once the message is on disk.
type MessageSent struct {
	ID   MessageID `json:"id"`
	Room RoomID    `json:"room"`
	Seq  Seq       `json:"seq"`
	Rev  Rev       `json:"rev"`
	At   Instant   `json:"at"`
	// Quote is what a reply quotes; missing when the same id was stored before.
	Quote *Quote `json:"quote,omitempty"`
	// Type and File are told where the message shows a file.
	Type MessageType `json:"type,omitempty"`
	File *FileInfo   `json:"file,omitempty"`
}

// ReadMessages moves my read cursor.
type ReadMessages struct {
	Room RoomID `json:"room"`
	Seq  Seq    `json:"seq"`
}

// Check wants a room and no negative seq.
func (c ReadMessages) Check() *Refusal {
	if c.Seq < 0 {
		return RefuseField(BadRequest, "seq")
	}
	return checkRoom(c.Room)
}

// CancelMessage takes a message back.
type CancelMessage struct {
	Room RoomID    `json:"room"`
	ID   MessageID `json:"id"`
}

// Check wants a room and a message.
func (c CancelMessage) Check() *Refusal {
	if !c.ID.Valid() {
		return RefuseField(BadRequest, "id")
	}
	return checkRoom(c.Room)
}

// Check keeps the buckets of idle time.
func (a Attention) Check() *Refusal {
	switch a.Idle {
	case 0, 60, 120, 180, 300, 420:
	default:
		return RefuseField(BadRequest, "idle")
	}
	if a.Room != "" && !a.Room.Valid() {
		return RefuseField(BadRequest, "room")
	}
	return nil
}

// SetTyping says whether I am typing in a room.
type SetTyping struct {
	Room RoomID `json:"room"`
	On   bool   `json:"on"`
}

// Check wants a room.
func (c SetTyping) Check() *Refusal { return checkRoom(c.Room) }

// WatchPresence names those whose presence is on the screen.
type WatchPresence struct {
	Users []UserID `json:"users"`
}

// Check keeps the number of people.
func (c WatchPresence) Check() *Refusal {
	if len(c.Users) > Limits.Watched {
		return RefuseField(TooLarge, "users")
	}
	for _, id := range c.Users {
		if !id.Valid() {
			return RefuseField(BadRequest, "users")
		}
	}
	return nil
}

func checkRoom(r RoomID) *Refusal {
	if !r.Valid() {
		return RefuseField(BadRequest, "room")
	}
	return nil
}

func checkUsers(ids []UserID) *Refusal {
	for _, id := range ids {
		if !id.Valid() {
			return RefuseField(BadRequest, "members")
		}
	}
	return nil
}

// blank reports whether s shows nothing: only spaces, line ends, and signs that nobody sees, to which the fillers of
// Hangul belong.
func blank(s string) bool {
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0':
		default:
			return false
		}
	}
	return true
}
