// Package chat holds the rules of talking: who may send, read, cancel, invite, leave and kick, what
// the others hear of it, and what may be read back.
// It knows no sockets, no HTTP, no SQL and no JSON.
// What the others hear is published in the order in which it was committed, room by room, so that
// whoever follows the revs of a room misses nothing unnoticed.
package chat

import (
	"context"
	"sync/atomic"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Store is what chat needs of the database. Writes call then, unless it is nil and unless nothing
// changed, in commit order and before they return.
type Store interface {
	Send(ctx context.Context, m store.NewMessage, then func(store.Stored)) (store.Stored, error)
	Read(ctx context.Context, room protocol.RoomID, user protocol.UserID, seq protocol.Seq, then func(store.Moved)) (store.Moved, error)
	Cancel(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, window time.Duration, then func(store.Cancelled)) (store.Cancelled, error)
	Edit(ctx context.Context, room protocol.RoomID, user protocol.UserID, w store.Wording, window time.Duration, then func(store.Edited)) (store.Edited, error)
	React(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, emoji protocol.Emoji, on bool, then func(store.Reacted)) (store.Reacted, error)
	Hide(ctx context.Context, room protocol.RoomID, user protocol.UserID, ids []protocol.MessageID, all bool, then func(store.Hidden)) (store.Hidden, error)
	Notice(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, then func(store.Noticed)) (store.Noticed, error)
	CreateRoom(ctx context.Context, creator protocol.UserID, members []protocol.UserID, title string, then func(store.RoomMade)) (store.RoomMade, error)
	Invite(ctx context.Context, room protocol.RoomID, by protocol.UserID, people []protocol.UserID, then func(store.MembersMoved)) (store.MembersMoved, []protocol.UserID, error)
	Leave(ctx context.Context, room protocol.RoomID, user protocol.UserID, then func(store.MembersMoved)) (store.MembersMoved, error)
	Kick(ctx context.Context, room protocol.RoomID, by, user protocol.UserID, then func(store.MembersMoved)) (store.MembersMoved, error)
	SetSettings(ctx context.Context, user protocol.UserID, s protocol.NotifySettings, then func()) error
	Keep(ctx context.Context, by store.Act, name string, v any) error
	SetProfile(ctx context.Context, user protocol.UserID, p protocol.Profile, then func()) error
	SetPicture(ctx context.Context, user protocol.UserID, picture []byte, kind, version string) error
	Rename(ctx context.Context, room protocol.RoomID, by protocol.UserID, name string, then func(store.WideChanged)) error
	HandOver(ctx context.Context, room protocol.RoomID, by, user protocol.UserID, then func(store.WideChanged)) error
	SetMine(ctx context.Context, room protocol.RoomID, user protocol.UserID, change store.Mine, then func(protocol.RoomMine)) error
	Order(ctx context.Context, user protocol.UserID, rooms []protocol.RoomID, then func(protocol.RoomMine)) error
	ShowPreview(ctx context.Context, room protocol.RoomID, id protocol.MessageID, card protocol.PreviewID, then func(store.Shown)) error
	DropPreview(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, then func(store.Shown)) error
	ExtendFile(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, until protocol.Instant, then func([]store.Extended)) (protocol.FileInfo, error)
	Reader
}

// Reader is the reading half of Store.
type Reader interface {
	Members(ctx context.Context, room protocol.RoomID) ([]protocol.Member, error)
	IsMember(ctx context.Context, room protocol.RoomID, user protocol.UserID) (bool, error)
	Rooms(ctx context.Context, user protocol.UserID, q, cursor string, limit int) (protocol.RoomsPage, error)
	Room(ctx context.Context, user protocol.UserID, room protocol.RoomID) (protocol.Room, error)
	Messages(ctx context.Context, user protocol.UserID, room protocol.RoomID, before, after *protocol.Seq, limit int) (protocol.MessagesPage, error)
	Archive(ctx context.Context, user protocol.UserID, room protocol.RoomID, q store.ArchiveQuery) (protocol.ArchivePage, error)
	Changes(ctx context.Context, user protocol.UserID, room protocol.RoomID, since protocol.Rev, limit int) (protocol.ChangesPage, error)
	HiddenSince(ctx context.Context, user protocol.UserID, room protocol.RoomID, since int64) ([]protocol.MessageID, int64, error)
	Message(ctx context.Context, user protocol.UserID, room protocol.RoomID, id protocol.MessageID) (protocol.Message, error)
	Readers(ctx context.Context, user protocol.UserID, room protocol.RoomID, id protocol.MessageID) (protocol.ReadersPage, error)
	Unread(ctx context.Context, user protocol.UserID) (protocol.UnreadPage, error)
	Settings(ctx context.Context, user protocol.UserID) (protocol.NotifySettings, error)
	Account(ctx context.Context, id protocol.UserID) (store.Account, error)
	Kept(ctx context.Context, name string, v any) error
	Companions(ctx context.Context, user protocol.UserID) ([]protocol.UserID, error)
	Picture(ctx context.Context, user protocol.UserID) ([]byte, string, error)
	Search(ctx context.Context, user protocol.UserID, q store.SearchQuery) (protocol.SearchPage, error)
	Places(ctx context.Context, user protocol.UserID, room protocol.RoomID, at []protocol.Instant) ([]protocol.Seq, error)
}

// Publisher carries events to the live sessions.
type Publisher interface {
	// Admit waits until there is room for another event of this room. Called before the change is
	// made, so that nobody has to wait, or be refused, after it.
	Admit(ctx context.Context, room protocol.RoomID) error
	// Publish takes e and returns at once. Events of one room are delivered in the order of the calls.
	Publish(e Event)
	// Forget drops what is known of a room's members; they are looked up again.
	Forget(room protocol.RoomID)
}

// Event is something the members of a room hear of.
type Event struct {
	protocol.Push
	// Seq is set for a message: only members who may see it hear of it.
	Seq protocol.Seq
	// Past is the seq of an earlier message that the event shows: who came after that hears Less instead, the same
	// without it.
	Past protocol.Seq
	Less any
	// Skip is the session that knows already, because it asked.
	Skip protocol.SessionID
	// To is the audience when it is not the room's members.
	To []protocol.UserID
	// Moved are members who came (or came back) or left with this event.
	Moved []protocol.Member
	// MembersAt is the rev at which the room's members last changed, where the change had it at hand; 0 has
	// it looked up. Whoever has older members in mind looks them up too.
	MembersAt protocol.Rev
	// Placed, unless nil, is called once the event stands in the queues of those who hear it, and before
	// any later event of its room does. It must not wait.
	Placed func()
}

// Person is who asks, and over which live session; Session is empty for a script.
type Person struct {
	ID      protocol.UserID
	Name    string
	Session protocol.SessionID
	// Answer, unless nil, takes the answer to a new message at its place among the room's events. It
	// must not wait.
	Answer func(protocol.MessageSent)
}

// Config sets up a Chat.
type Config struct {
	Store Store
	Out   Publisher
	// CancelWindow is how long a sender may take a message back; 0 is 24 hours.
	CancelWindow time.Duration
	// SearchWindow is how far back a search looks; 0 is all of history.
	SearchWindow time.Duration
	// FileLife is how long a file stays after it was sent; 0 is for ever.
	FileLife time.Duration
	// EditWindow is how long a sender may edit a message; 0 is 24 hours.
	EditWindow time.Duration
	// Sent, unless nil, is told of each text that was stored or reads differently now. It must not wait.
	Sent func(room protocol.RoomID, id protocol.MessageID, body string)
	// Link finds the address in a text whose card stands under the message; nil where there are no cards.
	Link func(text string) string
	// ReceiptDelay is how long receipts are gathered; 0 is 200 ms. The wire promises 250.
	ReceiptDelay time.Duration
}

// The defaults of Config.
const (
	cancelWindow = 24 * time.Hour
	editWindow   = 24 * time.Hour
	receiptDelay = 200 * time.Millisecond
)

// Chat is the rules over one store and one publisher.
type Chat struct {
	store  Store
	out    Publisher
	limits atomic.Pointer[Limits]
	sent   func(room protocol.RoomID, id protocol.MessageID, body string)
	link   func(text string) string
	stream *stream
}

// Limits is what may be changed while people talk. Nothing can be taken back, or edited, where a window is 0.
type Limits struct {
	CancelWindow, EditWindow time.Duration
	// SearchWindow is 0 for all of history, FileLife is 0 where files never expire.
	SearchWindow, FileLife time.Duration
	// Urgent is how many urgent messages somebody may send in an hour, 0 for none.
	Urgent int
}

// SetLimits lets l hold from now on.
func (c *Chat) SetLimits(l Limits) { c.limits.Store(&l) }

// New returns a Chat.
func New(c Config) *Chat {
	if c.CancelWindow == 0 {
		c.CancelWindow = cancelWindow
	}
	if c.EditWindow == 0 {
		c.EditWindow = editWindow
	}
	if c.Sent == nil {
		c.Sent = func(protocol.RoomID, protocol.MessageID, string) {}
	}
	if c.ReceiptDelay == 0 {
		c.ReceiptDelay = receiptDelay
	}
	chat := &Chat{store: c.Store, out: c.Out, sent: c.Sent, link: c.Link, stream: newStream(c.Out, c.ReceiptDelay)}
	chat.SetLimits(Limits{CancelWindow: c.CancelWindow, EditWindow: c.EditWindow, SearchWindow: c.SearchWindow, FileLife: c.FileLife})
	return chat
}

// Heard is told that another node has changed a room.
func (c *Chat) Heard(room protocol.RoomID) { c.stream.heard(room) }

// Close publishes the receipts that still wait.
func (c *Chat) Close() { c.stream.close() }
