package protocol

import "slices"

// User is a person as others see one.
type User struct {
	ID   UserID `json:"id"`
	Name string `json:"name"`
	// Nick is what the person calls himself, or says of himself.
	Nick    string `json:"nick,omitempty"`
	Org     string `json:"org,omitempty"`
	OrgName string `json:"orgName,omitempty"`
	Job     string `json:"job,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Mail    string `json:"mail,omitempty"`
	// Absence is set while the person is away, or will be.
	Absence *Absence `json:"absence,omitempty"`
	// Picture is the version of the person's picture, absent without one; see /users/{id}/picture.
	Picture string `json:"picture,omitempty"`
	// Admin and Role stand only in what is said to the person in question, and to administrators.
	Admin bool `json:"admin,omitempty"`
	Role  Role `json:"role,omitempty"`
	// MustChange is set while the password is a one-time password.
	MustChange bool `json:"mustChange,omitempty"`
	// MustEnrol is set while the rules demand a second factor and there is none.
	MustEnrol bool `json:"mustEnrol,omitempty"`
}

// Absence says why somebody is away, and when: days as "2026-01-31", "" for an open end.
type Absence struct {
	Code string `json:"code,omitempty"`
	// Name is what people read, such as "연차".
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Role is what somebody may do beside talking.
type Role string

// The roles: the help desk resets passwords and ends sessions, administrators keep accounts, organisation
// and settings, owners also say who is an administrator.
const (
	HelpDesk      Role = "helpdesk"
	Administrator Role = "admin"
	Owner         Role = "owner"
)

// Rank orders the roles: a higher one may do all that a lower one may.
func (r Role) Rank() int { return slices.Index([]Role{"", HelpDesk, Administrator, Owner}, r) }

// Reaches reports whether r may do what least may.
func (r Role) Reaches(least Role) bool { return r.Rank() >= least.Rank() }

// MessageType is the kind of a message.
type MessageType string

// The message types. A client sends talk and file; whether a file is an image or was sent before (flink)
// the server sees, and the others it writes itself.
const (
	Talk   MessageType = "talk"
	Invite MessageType = "invite"
	Leave  MessageType = "leave"
	File   MessageType = "file"
	Image  MessageType = "image"
	FLink  MessageType = "flink"
)

// System reports whether t is a line of the room itself, which nobody has to read.
func (t MessageType) System() bool { return t == Invite || t == Leave }

// Message is one message of a room as a member may see it.
type Message struct {
	ID         MessageID   `json:"id"`
	Room       RoomID      `json:"room"`
	Seq        Seq         `json:"seq"`
	Rev        Rev         `json:"rev"`
	Sender     UserID      `json:"sender"`
	SenderName string      `json:"senderName"`
	Type       MessageType `json:"type"`
	// Body is empty for a cancelled message.
	Body  string    `json:"body"`
	Reply MessageID `json:"reply,omitempty"`
	// Quote is the message replied to; missing where there is none any more, where it was said before I came, and in
	// lists of rooms.
	Quote *Quote  `json:"quote,omitempty"`
	At    Instant `json:"at"`
	// Edited is when it was last edited, missing when never.
	Edited Instant `json:"edited,omitempty"`
	// Mentions are those the text speaks to; Everybody stands for all members.
	Mentions []UserID `json:"mentions,omitempty"`
	// Forwarded is set for what was said elsewhere before.
	Forwarded bool `json:"forwarded,omitempty"`
	// Urgent is set for what its sender wants heard also while the others are not to be disturbed.
	Urgent bool `json:"urgent,omitempty"`
	// Reactions are the emoji under it, oldest first; missing in lists of rooms.
	Reactions []Reaction `json:"reactions,omitempty"`
	// Unread is the number of members who could read it and have not, without the sender and those whose accounts are
	// closed.
	Unread    int  `json:"unread"`
	Cancelled bool `json:"cancelled,omitempty"`
	// File is the file of a message of the types file, image and flink, missing once it is taken back.
	File *FileInfo `json:"file,omitempty"`
	// Hidden is set, in changes alone, for what I see no longer: I deleted it, or it was taken back before I read it.
	Hidden bool `json:"hidden,omitempty"`
	// Preview is the card of the first link; missing while there is none, and in lists of rooms.
	Preview *Preview `json:"preview,omitempty"`
	// People are those an invite or leave line speaks of.
	People []Person `json:"people,omitempty"`
}

// Person is an id with the name it had at the time.
type Person struct {
	ID   UserID `json:"id"`
	Name string `json:"name"`
}

// Member is a person in a room.
type Member struct {
	ID   UserID `json:"id"`
	Name string `json:"name"`
	// Read is the member's cursor: everything up to this seq is read.
	Read Seq `json:"read"`
	// From is the seq after which the member sees messages; 0 for those there from the start.
	From Seq `json:"from"`
	// Left is set in changes for somebody who is no longer a member.
	Left bool `json:"left,omitempty"`
	// Gone is set for somebody whose account is closed. Nobody waits for him to read.
	Gone bool `json:"gone,omitempty"`
}

// Room is a room as one of its members sees it.
type Room struct {
	ID RoomID `json:"id"`
	// Title is the name to show to this member: his own, else the one for all, else made of the others' names.
	Title string `json:"title"`
	// Named is set when somebody gave the room its title, Own when it was this member for himself.
	Named bool `json:"named,omitempty"`
	Own   bool `json:"own,omitempty"`
	// Name is the name given for all, also behind an own one.
	Name string `json:"name,omitempty"`
	// Self is set for a room that never had another member: notes to oneself.
	Self   bool   `json:"self,omitempty"`
	Master UserID `json:"master,omitempty"`
	// Members holds at most Limits.ListedMembers people in a list, all in GET /rooms/{id}.
	Members     []Member `json:"members"`
	MemberCount int      `json:"memberCount"`
	LastMessage *Message `json:"lastMessage,omitempty"`
	// Unread counts what others wrote after my cursor, without cancelled messages and lines of the room.
	Unread int `json:"unread"`
	Seq    Seq `json:"seq"`
	Rev    Rev `json:"rev"`
	Read   Seq `json:"read"`
	From   Seq `json:"from,omitempty"`
	// Notify says which messages this member wants to be told of; Muted is set when none.
	Notify Notify `json:"notify"`
	Muted  bool   `json:"muted,omitempty"`
	// Pinned is its place among this member's pinned rooms, ascending from 1, maybe with holes.
	Pinned      int  `json:"pinned,omitempty"`
	PanelHidden bool `json:"panelHidden,omitempty"`
	// MineVersion is the Version of RoomMine.
	MineVersion int64 `json:"mineVersion,omitempty"`
	// Notice is the message pinned on top, and NoticeRev the change that said so, also when it took one down.
	Notice    *Notice `json:"notice,omitempty"`
	NoticeRev Rev     `json:"noticeRev,omitempty"`
	// Hides counts how often I deleted messages here for myself.
	Hides int64   `json:"hides,omitempty"`
	At    Instant `json:"at"`
}

// Cursor is how far a member has read.
type Cursor struct {
	User UserID `json:"user"`
	Seq  Seq    `json:"seq"`
}

// Attention is what one device says of the person in front of it. It is sent when it changes.
type Attention struct {
	// Room is the room in front, "" for none.
	Room RoomID `json:"room"`
	// Focused is set while the window is visible and has the keyboard.
	Focused bool `json:"focused"`
	// Idle is the age bucket of the last input in seconds: 0, 60, 120, 180, 300 or 420.
	Idle int `json:"idle"`
	// Locked is set while the computer is locked or asleep.
	Locked bool `json:"locked"`
	// Quiet is the end of do-not-disturb, zero for none.
	Quiet Instant `json:"quiet"`
	// Unable is set while the device cannot show notifications of the system, so that another one does.
	Unable bool `json:"unable,omitempty"`
	// Held is set while nothing shall be shown on the device's screen: its system says so, or a program fills it.
	Held bool `json:"held,omitempty"`
}

// Level is how present a person is at a device.
type Level string

// The levels. Without one the device is offline.
const (
	// Here is somebody who used the device in the last minutes.
	Here Level = "online"
	// Away is a device that is connected, locked or unused for three minutes.
	Away Level = "away"
)

// Presence is how present a person is at each kind of device; all absent is offline.
type Presence struct {
	User    UserID `json:"user"`
	Web     Level  `json:"web,omitempty"`
	Desktop Level  `json:"desktop,omitempty"`
	Mobile  Level  `json:"mobile,omitempty"`
}

// DeviceAttention is the attention of another device of mine.
type DeviceAttention struct {
	Session SessionID `json:"session"`
	Device  Device    `json:"device"`
	// Gone is set when the device's session has ended.
	Gone bool `json:"gone,omitempty"`
	Attention
}
