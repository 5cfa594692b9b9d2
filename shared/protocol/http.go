package protocol

// The bodies of the HTTP interface under /api/v1.

// Login asks for a session.
type Login struct {
	UserID   UserID `json:"userId"`
	Password string `json:"password"`
	Device   Device `json:"device"`
	// Code is asked for, by unauthenticated with the field code, from those who have a second factor.
	Code string `json:"code,omitempty"`
}

// SignedIn answers Login and Refresh. RefreshToken stands for desktop and mobile; the web gets cookies.
type SignedIn struct {
	AccessToken  string `json:"accessToken"`
	ExpiresIn    int    `json:"expiresIn"`
	RefreshToken string `json:"refreshToken,omitempty"`
	User         User   `json:"user"`
}

// Refresh asks for new tokens. The web sends an empty body and its cookie.
type Refresh struct {
	RefreshToken string `json:"refreshToken"`
	// Attempt is a name that the client makes: the same token with the same attempt within 60 s gives the
	// same answer again, so that a lost answer signs nobody out. Without it, using a token twice does.
	Attempt string `json:"attempt,omitempty"`
}

// ChangePassword sets a new password for myself.
type ChangePassword struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// RoomsPage answers GET /rooms.
type RoomsPage struct {
	Rooms []Room `json:"rooms"`
	Next  string `json:"next,omitempty"`
}

// MembersPage answers GET /rooms/{id}/members.
type MembersPage struct {
	Members []Member `json:"members"`
}

// MessagesPage answers GET /rooms/{id}/messages, ascending by seq.
type MessagesPage struct {
	Messages []Message `json:"messages"`
	More     bool      `json:"more"`
}

// ReadersPage answers GET /rooms/{id}/messages/{message}/readers: who has read a message and who has not, in name
// order, without its sender and those who came later.
type ReadersPage struct {
	Read   []Person `json:"read"`
	Unread []Person `json:"unread"`
}

// ChangesPage answers GET /rooms/{id}/changes: the present state of everything that changed after
// `since`. Page on from Rev while More is set.
type ChangesPage struct {
	Rev      Rev       `json:"rev"`
	More     bool      `json:"more"`
	Seq      Seq       `json:"seq"`
	Unread   int       `json:"unread"`
	Messages []Message `json:"messages"`
	Cursors  []Cursor  `json:"cursors"`
	Members  []Member  `json:"members"`
	// Room and Mine are the present state, whether they changed or not.
	Room RoomWide `json:"room"`
	Mine RoomMine `json:"mine"`
	// From is the seq after which I see messages now.
	From Seq `json:"from,omitempty"`
	// HiddenIDs are what I deleted for myself after the deletion asked for with `hides`, up to Hides.
	HiddenIDs []MessageID `json:"hiddenIds,omitempty"`
	Hides     int64       `json:"hides,omitempty"`
	// Notice is what is pinned on top now; NoticeRev tells whether that is news.
	Notice    *Notice `json:"notice,omitempty"`
	NoticeRev Rev     `json:"noticeRev,omitempty"`
}

// ArchivePage answers GET /rooms/{id}/archive, newest first.
type ArchivePage struct {
	Messages []Message `json:"messages"`
	// Next is the `before` of the next page, missing at the end. A page may be empty and not the last.
	Next Seq `json:"next,omitempty"`
}

// UnreadPage answers GET /unread: my rooms with something to read.
type UnreadPage struct {
	// Total leaves muted rooms out.
	Total int          `json:"total"`
	Rooms []UnreadRoom `json:"rooms"`
	// Invited are rooms that I was brought into and have not looked at, where nobody has written since.
	Invited []Invitation `json:"invited,omitempty"`
}

// Invitation is a room into which I was brought; Seq is that of the line that says so.
type Invitation struct {
	ID  RoomID `json:"id"`
	Seq Seq    `json:"seq"`
}

// UnreadRoom is a room with something to read.
type UnreadRoom struct {
	ID     RoomID `json:"id"`
	Title  string `json:"title"`
	Unread int    `json:"unread"`
	Seq    Seq    `json:"seq"`
	Rev    Rev    `json:"rev"`
	Notify Notify `json:"notify,omitempty"`
	Muted  bool   `json:"muted,omitempty"`
	// Personal is the newest unread message of which I want to hear although the room is muted, or set to mentions:
	// one that speaks to me or answers me. It is missing where there is none, and in other rooms.
	Personal Seq `json:"personal,omitempty"`
	// Urgent is the newest unread message of the last day that is urgent, missing where there is none, and where I let
	// those wait like all others.
	Urgent Seq `json:"urgent,omitempty"`
}

// UsersPage answers GET /users.
type UsersPage struct {
	Users []User `json:"users"`
	Next  string `json:"next,omitempty"`
}

// SearchPage answers GET /search: in one room newest first, over all rooms those that fit best first.
type SearchPage struct {
	Messages []Message `json:"messages"`
	// Contexts holds for each message the part where the words stand.
	Contexts []TextContext `json:"contexts"`
	// Rooms are those of the messages.
	Rooms []RoomName `json:"rooms"`
	// Count is how many there are in all, on the first page of a search in one room; CountMore is set when
	// there are more than were counted.
	Count     int  `json:"count,omitempty"`
	CountMore bool `json:"countMore,omitempty"`
	// Since is where the search window begins; nothing older is looked at.
	Since Instant `json:"since"`
	Next  string  `json:"next,omitempty"`
}

// TextContext is a part of a text.
type TextContext struct {
	Parts []TextPart `json:"parts"`
}

// TextPart is a piece of a text, marked where it is what was looked for.
type TextPart struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit,omitempty"`
}

// RoomName is what a room is called, and the first of its members.
type RoomName struct {
	ID          RoomID   `json:"id"`
	Title       string   `json:"title"`
	MemberCount int      `json:"memberCount"`
	Members     []Person `json:"members"`
}

// PlacePage answers GET /rooms/{id}/place.
type PlacePage struct {
	// Seqs holds for each moment asked for the first message at or after it that I may see, 0 for none.
	Seqs []Seq `json:"seqs"`
}

// Refused is the body of every refusal over HTTP.
type Refused struct {
	Error Fault `json:"error"`
}

// LineFrames is what a session without a WebSocket gets: the frames that follow After, as text, exactly as a
// WebSocket would carry them. Frames that were lost on the way are asked for again by the After before them.
type LineFrames struct {
	// After is the number of the frame before the first; the first of a session has number 1.
	After  int64    `json:"after"`
	Frames []string `json:"frames"`
	// Close is set once the session is over and its last frame is among these.
	Close CloseCode `json:"close,omitempty"`
}

// LineAsks carries commands, as text, exactly as a WebSocket would. Their ids rise: one that does not was here before
// and is passed over, so that asks whose answer was lost can be sent again.
type LineAsks struct {
	Frames []string `json:"frames"`
}
