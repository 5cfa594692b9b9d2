package protocol

// Route is one line of the table of HTTP paths.
type Route struct {
	Method string
	Path   string
	// Query names the parameters.
	Query string
	// Takes and Answers are nil where there is no body.
	Takes, Answers any
	// Open is set where no sign-in is needed.
	Open  bool
	About string
}

// Routes is the table of the HTTP interface. A test of the server fails when it serves others.
var Routes = []Route{
	{"POST", "/api/v1/auth/login", "", Login{}, SignedIn{}, true, "signs a device in; the web gets cookies too"},
	{"POST", "/api/v1/auth/refresh", "", Refresh{}, SignedIn{}, true, "new tokens for a refresh token, from the body or the web's cookie"},
	{"POST", "/api/v1/auth/logout", "", nil, LoggedOut{}, false, "ends this device's sign-in: its tokens die, its socket closes with 4002"},
	{"GET", "/api/v1/auth/ways", "", nil, Ways{}, true, "how one may sign in here"},
	{"POST", "/api/v1/auth/ticket", "", TicketLogin{}, SignedIn{}, true, "signs a device in with a ticket that the company's portal signed; each serves once"},
	{"POST", "/api/v1/auth/portal", "", nil, nil, true, "the same for a form of the portal's pages (ticket, room): signs the browser in and sends it to the app"},
	{"GET", "/api/v1/auth/oidc", "room, vouch, port, state", nil, nil, true, "sends a browser to the OpenID provider, and afterwards to a room"},
	{"GET", "/api/v1/auth/oidc/callback", "code, state, iss, error", nil, nil, true, "takes a browser back from there, signs it in and sends it to the app"},
	{"POST", "/api/v1/auth/kerberos", "", KerberosLogin{}, SignedIn{}, true, "signs a device in with the Kerberos ticket in Authorization: Negotiate (RFC 4559); without one answers 401 and asks for it; each showing serves once"},
	{"POST", "/api/v1/auth/vouch", "", Vouch{}, Vouched{}, false, "a code for the desktop application that made the challenge, to sign in as me"},
	{"POST", "/api/v1/auth/vouched", "", VouchedLogin{}, SignedIn{}, true, "signs a desktop in with such a code; it serves once, within a minute"},
	{"POST", "/api/v1/auth/password", "", ChangePassword{}, nil, false, "a new password for myself; my other devices are signed out"},
	{"GET", "/api/v1/me", "", nil, User{}, false, "who I am"},
	{"GET", "/api/v1/me/factor", "", nil, Factor{}, false, "how it is with my second factor"},
	{"POST", "/api/v1/me/factor", "", BeginFactor{}, FactorSecret{}, false, "begins a second factor; conflict while I have one"},
	{"PUT", "/api/v1/me/factor", "", FactorCode{}, FactorCodes{}, false, "a code of the app confirms it: from now on signing in asks for one; ten recovery codes, said this once"},
	{"POST", "/api/v1/me/factor/codes", "", FactorCode{}, FactorCodes{}, false, "new recovery codes in the place of those that are left"},
	{"POST", "/api/v1/me/factor/off", "", FactorCode{}, nil, false, "gives my second factor up"},
	{"GET", "/api/v1/me/settings", "", nil, NotifySettings{}, false, "what I have chosen for all my devices"},
	{"PUT", "/api/v1/me/settings", "", NotifySettings{}, NotifySettings{}, false, "changes what is given and leaves the rest; answers with all"},
	{"GET", "/api/v1/users", "q, ids, cursor, limit", nil, UsersPage{}, false, "people who fit q by name, initial consonants, nickname, id, phone, mail or unit, the best first; or those with these ids, with commas"},
	{"GET", "/api/v1/users/{id}", "", nil, Card{}, false, "everything that colleagues see of a person"},
	{"GET", "/api/v1/users/{id}/picture", "v", nil, nil, false, "the picture of a person, 256 pixels wide; v is its version"},
	{"GET", "/api/v1/me/devices", "", nil, DevicesPage{}, false, "where I am signed in"},
	{"DELETE", "/api/v1/me/devices", "", nil, nil, false, "ends all my sign-ins but this one"},
	{"DELETE", "/api/v1/me/devices/{id}", "", nil, nil, false, "ends one of my sign-ins"},
	{"POST", "/org/interfaceToDept", "", nil, nil, true, "units as scripts for the original post them: a form or JSON with token (a feed key) and dept[] of DTKEY, ORG_CD, ORG_NM, SEQ, LVL; answers code and dtkey"},
	{"POST", "/org/interfaceToUser", "", nil, nil, true, "people likewise: user[] of DTKEY, USER_ID, USER_NM, ORG_CD, ORG_NM, JOB, TEL_NO, AB_CD, AB_NM"},
	{"POST", "/api/v1/feed", "", Feed{}, FeedTaken{}, true, "a data set from the company's own system; Authorization: Bearer with a key made by sendjay-server feed key"},
	{"GET", "/api/v1/holidays", "", nil, Holidays{}, false, "the days on which the company rests, from the day before yesterday on; quiet hours may name them"},
	{"GET", "/api/v1/announcement", "", nil, Announcement{}, false, "the last thing said to everybody"},
	{"GET", "/api/v1/me/profile", "", nil, Profile{}, false, "what I say of myself"},
	{"PUT", "/api/v1/me/profile", "", Profile{}, Profile{}, false, "changes what is given and leaves the rest; answers with all"},
	{"PUT", "/api/v1/me/picture", "", nil, User{}, false, "a picture of me, JPEG, PNG, GIF or WebP, up to 5 MiB, as the body; its middle is taken"},
	{"DELETE", "/api/v1/me/picture", "", nil, User{}, false, "no picture of me any more"},
	{"GET", "/api/v1/org", "under, all", nil, OrgPage{}, false, "the units right below a unit, or with all=1 everything below it"},
	{"GET", "/api/v1/org/{code}/users", "deep, cursor, limit", nil, UsersPage{}, false, "the people of a unit, with deep=1 of those below it too"},
	{"GET", "/api/v1/me/people", "", nil, Circle{}, false, "whom I marked, and whom I talked to last"},
	{"PUT", "/api/v1/me/people/{id}", "", nil, nil, false, "marks a person"},
	{"DELETE", "/api/v1/me/people/{id}", "", nil, nil, false, "takes the mark away"},
	{"GET", "/api/v1/rooms", "q, cursor, limit", nil, RoomsPage{}, false, "my rooms: the pinned ones in their order, then newest first; with q those whose name, or a member's, holds it"},
	{"GET", "/api/v1/rooms/{id}", "", nil, Room{}, false, "one room with all its members"},
	{"GET", "/api/v1/rooms/{id}/members", "", nil, MembersPage{}, false, "the members of a room"},
	{"GET", "/api/v1/rooms/{id}/messages", "before, after, limit", nil, MessagesPage{}, false, "the newest page, or what stands before or follows after a seq (exclusive)"},
	{"GET", "/api/v1/rooms/{id}/messages/{message}", "", nil, Message{}, false, "one message"},
	{"GET", "/api/v1/rooms/{id}/messages/{message}/readers", "", nil, ReadersPage{}, false, "who has read a message and who has not"},
	{"GET", "/api/v1/rooms/{id}/changes", "since, hides, limit", nil, ChangesPage{}, false, "everything needed to be current again"},
	{"GET", "/api/v1/rooms/{id}/archive", "kind, q, from, since, until, before, limit", nil, ArchivePage{}, false, "what was sent to a room: kind is files, images (with films) or links"},
	{"GET", "/api/v1/rooms/{id}/transcript", "as, seqs, lang, zone", nil, nil, false, "what I see of a room as a file: as is txt or html, seqs some messages only, such as 3-7,9; a setting can forbid it"},
	{"GET", "/api/v1/unread", "", nil, UnreadPage{}, false, "my rooms with something to read"},
	{"GET", "/api/v1/rooms/{id}/place", "at", nil, PlacePage{}, false, "where in a room the days begin: for each moment, with commas, the first message at or after it"},
	{"GET", "/api/v1/search", "q, room, from, since, until, before, limit", nil, SearchPage{}, false, "messages that hold every word, of one person, of a time; q may be empty when from is given; before is the next of the page before"},
	{"OPTIONS", "/api/v1/uploads/", "", nil, nil, false, "what the server can do for uploads (tus 1.0, https://tus.io)"},
	{"POST", "/api/v1/uploads/", "", nil, nil, false, "begins an upload; metadata: room, name"},
	{"HEAD", "/api/v1/uploads/{id}", "", nil, nil, false, "how many bytes of my upload are here; all of them means that message.send can show it"},
	{"PATCH", "/api/v1/uploads/{id}", "", nil, nil, false, "more bytes of my upload"},
	{"DELETE", "/api/v1/uploads/{id}", "", nil, nil, false, "gives my upload up"},
	{"GET", "/api/v1/files/{id}", "save", nil, nil, false, "a file of a message that I see; any range of it"},
	{"GET", "/api/v1/files/{id}/thumb", "", nil, nil, false, "a picture of it, 320 pixels at most"},
	{"GET", "/api/v1/files/{id}/screen", "", nil, nil, false, "a picture of it, 1,600 pixels at most"},
	{"GET", "/api/v1/previews/{id}", "", nil, nil, false, "the picture of a link's card, kept by us, so that nobody's address is told"},
	{"GET", "/api/v1/updates", "channel, platform, version", nil, Update{}, false, "the version of the desktop that is offered to me on this channel, when it is newer than mine"},
	{"GET", "/api/v1/updates/{version}/{os}/{arch}/{name}", "", nil, nil, false, "a program of a version; any range of it"},
	{"POST", "/api/v1/commands/{op}", "", nil, nil, false, "a command without a socket: takes and answers its data"},
	{"PUT", "/api/v1/line/{id}", "", nil, LineFrames{}, false, "opens the live session where no WebSocket gets through, under a name that the client makes; begins with the hello"},
	{"GET", "/api/v1/line/{id}", "after", nil, LineFrames{}, false, "what follows a frame; waits up to 20 s when there is nothing yet"},
	{"POST", "/api/v1/line/{id}", "", LineAsks{}, nil, false, "commands of that session, one request after the other; their answers come among the frames"},
	{"DELETE", "/api/v1/line/{id}", "", nil, nil, false, "closes that session"},
}
