package protocol

// EventName names an event.
type EventName string

// The events.
const (
	EvHello     EventName = "hello"
	EvMessage   EventName = "message.new"
	EvCancelled EventName = "message.cancelled"
	EvChanged   EventName = "message.changed"
	EvHidden    EventName = "message.hidden"
	EvNotice    EventName = "room.notice"
	EvReceipts  EventName = "receipts"
	EvMembers   EventName = "room.members"
	EvRoom      EventName = "room.changed"
	EvMine      EventName = "room.mine"
	EvAttention EventName = "attention"
	EvSettings  EventName = "me.settings"
	EvTyping    EventName = "typing"
	EvUser      EventName = "user.changed"
	EvAnnounced EventName = "announced"
	EvHolidays  EventName = "holidays"
	EvLimits    EventName = "limits"
	EvPresence  EventName = "presence"
	EvUpdates   EventName = "updates"
	EvWhy       EventName = "alert.why"
	EvWhether   EventName = "alert.whether"
	EvTold      EventName = "alert.told"
	EvBecause   EventName = "alert.because"
	EvReplaced  EventName = "replaced"
	EvLink      EventName = "link"
	EvOpen      EventName = "open"
	EvDownload  EventName = "download"
)

// Event is one line of the table of events.
type Event struct {
	Name EventName
	// Room is set when the event belongs to a room and carries its rev.
	Room bool
	// Local is set for events that only the tray's edge sends to its windows.
	Local bool
	Data  any
	About string
}

// Events is the table of everything a server says unasked.
var Events = []Event{
	{EvHello, false, false, Hello{}, "the first frame of every connection"},
	{EvMessage, true, false, Message{}, "a message was stored"},
	{EvCancelled, true, false, MessageCancelled{}, "a message was taken back; what quotes it quotes nothing, and it is pinned no longer"},
	{EvChanged, true, false, MessageChanged{}, "a message was edited, or somebody reacted to it; what quotes it quotes the new wording"},
	{EvHidden, false, false, MessageHidden{}, "I deleted messages for myself, on whatever device"},
	{EvNotice, true, false, NoticeChanged{}, "another message, or none, is pinned on top of the room"},
	{EvReceipts, true, false, Receipts{}, "members read on; coalesced, at most 250 ms late"},
	{EvMembers, true, false, MembersChanged{}, "people came or left, or their accounts were closed or opened again; the reader too, when it is about oneself"},
	{EvRoom, true, false, RoomWide{}, "the name for all or the master changed"},
	{EvMine, false, false, RoomMine{}, "I set up a room for myself, on whatever device"},
	{EvAttention, false, false, DeviceAttention{}, "another device of mine changed its attention or went away"},
	{EvSettings, false, false, NotifySettings{}, "I changed my settings, on whatever device"},
	{EvHolidays, false, false, Holidays{}, "an administrator changed the holidays of the company; these are the coming ones"},
	{EvAnnounced, false, false, Announcement{}, "an administrator says something to everybody; without a text the last one is taken back"},
	{EvLimits, false, false, LimitsChanged{}, "an administrator changed how long a message can be taken back or edited"},
	{EvUser, false, false, User{}, "somebody with whom I share a room or whom this session watches, or I myself, changed nickname, picture, absence or the like"},
	{EvTyping, false, false, Typing{}, "who is typing in a room of mine, in place of what was said before; nobody is 6 s after the last such event"},
	{EvPresence, false, false, Presences{}, "people whom this session watches came, went or went away from the screen; at most once a second"},
	{EvUpdates, false, false, UpdateNews{}, "the operator offers another version of the desktop"},
	{EvWhy, false, false, WhyAsked{}, "another device of mine asks why this one did, or did not, tell me of a message"},
	{EvBecause, false, false, BecauseTold{}, "the answer of another device of mine; it is meant for the session that it names"},
	{EvWhether, false, false, WhetherAsked{}, "another device of mine asks of which of these messages this one has told me"},
	{EvTold, false, false, Told{}, "the answer of another device of mine; it is meant for the session that it names"},
	{EvReplaced, false, false, Replaced{}, "a newer session took over; the close code 4001 follows"},
	{EvLink, false, true, Link{}, "the tray's own connection to the server changed"},
	{EvDownload, false, true, Download{}, "how far a file is that the tray brings to the downloads folder"},
	{EvOpen, false, true, OpenRoom{}, "show this room: a notification or a menu entry was clicked"},
}

// Hello is the first frame.
type Hello struct {
	User      User              `json:"user"`
	Device    Device            `json:"device"`
	Session   SessionID         `json:"session"`
	Server    Server            `json:"server"`
	Heartbeat int               `json:"heartbeat"`
	Attention []DeviceAttention `json:"attention"`
	// Native lists what the tray can do for its window; empty in a browser.
	Native []string `json:"native"`
	// Link is the state of the tray's own connection; nil in a browser.
	Link *Link `json:"link,omitempty"`
}

// Server says who answers.
type Server struct {
	Version string `json:"version"`
	Node    string `json:"node"`
	// UI is the build of the web UI; a window with another one may reload.
	UI string `json:"ui"`
	// CancelWindow and EditWindow are for how many seconds a message of mine can be taken back or edited.
	CancelWindow int `json:"cancelWindow"`
	EditWindow   int `json:"editWindow"`
	// Urgent is how many urgent messages a person may send in an hour, missing where there are none.
	Urgent int `json:"urgent,omitempty"`
	// Transcripts is set where a person may save the messages of a room as a file.
	Transcripts bool `json:"transcripts,omitempty"`
}

// MessageCancelled says that a message was taken back. It carries no text.
type MessageCancelled struct {
	ID   MessageID `json:"id"`
	Room RoomID    `json:"room"`
	Seq  Seq       `json:"seq"`
}

// Receipts holds the cursors that moved since the last such event of the room.
type Receipts struct {
	Cursors []Cursor `json:"cursors"`
}

// MembersChanged holds the members who came, left or changed, such as those who are gone.
type MembersChanged struct {
	Members []Member `json:"members"`
	Count   int      `json:"count"`
	// Master is who is the master afterwards, By who invited, left or made somebody leave.
	Master UserID `json:"master,omitempty"`
	By     UserID `json:"by,omitempty"`
	// Silent is set when no message tells of it; else one follows, or has come, with the same rev.
	Silent bool `json:"silent,omitempty"`
}

// Typing holds those who are typing in a room, the reader too when he is one of them; at most
// Limits.Typists, so that a crowd costs no more than a few.
type Typing struct {
	Room   RoomID   `json:"room"`
	People []Person `json:"people"`
}

// Presences holds how people are present.
type Presences struct {
	People []Presence `json:"people"`
}

// Replaced tells the older session who took over.
type Replaced struct {
	Device Device  `json:"device"`
	At     Instant `json:"at"`
	// Address is the network address of the newer session, Agent its own description.
	Address string `json:"address"`
	Agent   string `json:"agent"`
}

// LinkState is the state of a connection to the server.
type LinkState string

// The states of a connection.
const (
	Online     LinkState = "online"
	Connecting LinkState = "connecting"
	Offline    LinkState = "offline"
	SignedOut  LinkState = "signed_out"
	TakenOver  LinkState = "replaced"
)

// LinkWhy says why there is no line.
type LinkWhy string

// The reasons.
const (
	// WhyName: the server's name is not known in this network.
	WhyName LinkWhy = "name"
	// WhyRefused: nobody answers at the server's address.
	WhyRefused LinkWhy = "refused"
	// WhyCertificate: the server's certificate is not trusted here, or is not its own.
	WhyCertificate LinkWhy = "certificate"
	// WhyProxy: the proxy on the way does not answer or does not let us through.
	WhyProxy LinkWhy = "proxy"
	// WhyProxySignIn: the proxy on the way wants a name and a password.
	WhyProxySignIn LinkWhy = "proxy_sign_in"
	// WhyProxyTicket: the proxy on the way wants a Kerberos ticket, and took none of this computer.
	WhyProxyTicket LinkWhy = "proxy_ticket"
	// WhyProxyKind: the proxy on the way wants to know who asks in a way that we do not have, such as NTLM.
	WhyProxyKind LinkWhy = "proxy_kind"
	// WhyMoved: the server is at another address now.
	WhyMoved LinkWhy = "moved"
	// WhyBlocked: something on the way does not let a WebSocket through.
	WhyBlocked LinkWhy = "blocked"
)

// CertificateKind says what is wrong with a certificate, "" when no more is known than that it is not trusted.
type CertificateKind string

// The kinds.
const (
	// CertificateIssuer: whoever issued it is not trusted here.
	CertificateIssuer CertificateKind = "issuer"
	// CertificateChain: the server does not send the certificate of its issuer, which is not known here either.
	CertificateChain CertificateKind = "chain"
	// CertificateDate: it is not valid today, or the clock of this computer is wrong.
	CertificateDate CertificateKind = "date"
	// CertificateName: it is another server's.
	CertificateName CertificateKind = "name"
	// CertificatePinned: it has none of the keys that IT named for the server.
	CertificatePinned CertificateKind = "pinned"
)

// CertificateFault is what is wrong with the server's certificate.
type CertificateFault struct {
	Kind CertificateKind `json:"kind,omitempty"`
	// Issuer is who issued the last certificate that came, as it calls itself; only of CertificateIssuer and CertificateChain.
	Issuer string `json:"issuer,omitempty"`
}

// Link is the tray's own connection to the server.
type Link struct {
	State LinkState `json:"state"`
	// Why is set while there is no line for a reason that a person can do something about.
	Why LinkWhy `json:"why,omitempty"`
	// Certificate is set when Why is WhyCertificate.
	Certificate *CertificateFault `json:"certificate,omitempty"`
	// By is set when State is TakenOver.
	By *Replaced `json:"by,omitempty"`
	// Plain is set while the line goes over plain HTTP, because no WebSocket gets through.
	Plain bool `json:"plain,omitempty"`
}

// OpenRoom asks a window to show a room.
type OpenRoom struct {
	Room RoomID `json:"room"`
	// Seq is the message to go to, absent for the newest.
	Seq Seq `json:"seq,omitempty"`
}
