package protocol

import "strings"

// DeskRoute is a line of the HTTP interface for those who look after others.
type DeskRoute struct {
	Route
	// For is the least role that may ask.
	For Role
}

const desk = "/api/v1/admin/"

// DeskRoutes is the table of administration. Whoever lacks the role is answered forbidden.
var DeskRoutes = []DeskRoute{
	{Route{"GET", desk + "accounts", "q, state, sort, cursor, limit", nil, AccountsPage{}, false, "accounts; state is active, closed, locked, manual, synced, staff, empty (no password) or signedin, sort name, id, org, state or used, with a minus the other way round"}, HelpDesk},
	{Route{"POST", desk + "accounts", "", NewAccount{}, OneTime{}, false, "a new account; without a password one is made that serves once"}, Administrator},
	{Route{"POST", desk + "passwords", "", nil, OneTimes{}, false, "passwords that serve once for active people without one, at most 500 at a time; asked again until none are left"}, Administrator},
	{Route{"GET", desk + "accounts/{id}", "", nil, Account{}, false, "one account"}, HelpDesk},
	{Route{"PUT", desk + "accounts/{id}", "", EditAccount{}, Account{}, false, "changes what is given; closing an account ends its sessions"}, Administrator},
	{Route{"POST", desk + "accounts/{id}/password", "", nil, OneTime{}, false, "a new password that serves once; ends the sessions, lifts a lock and a second factor"}, HelpDesk},
	{Route{"DELETE", desk + "accounts/{id}/factor", "", nil, nil, false, "takes somebody's second factor away, who lost it; not_found when there is none"}, HelpDesk},
	{Route{"POST", desk + "accounts/{id}/unlock", "", nil, nil, false, "lets somebody try again who typed too many wrong passwords"}, HelpDesk},
	{Route{"GET", desk + "accounts/{id}/devices", "", nil, DevicesPage{}, false, "where somebody is signed in"}, HelpDesk},
	{Route{"DELETE", desk + "accounts/{id}/devices", "", nil, nil, false, "ends all of somebody's sign-ins"}, HelpDesk},
	{Route{"DELETE", desk + "accounts/{id}/devices/{device}", "", nil, nil, false, "ends one sign-in"}, HelpDesk},
	{Route{"GET", desk + "org", "q, sort (place, name, code, people, with - the other way round), cursor, limit", nil, UnitsPage{}, false, "the units of the organisation, with the way to each"}, Administrator},
	{Route{"POST", desk + "org", "", NewUnit{}, nil, false, "a new unit, last below another or at the top; conflict for a code that is taken"}, Administrator},
	{Route{"PUT", desk + "org/{code}", "", EditUnit{}, nil, false, "another name, or another place with all that is below; conflict for a place below itself"}, Administrator},
	{Route{"DELETE", desk + "org/{code}", "", nil, nil, false, "a unit goes in which nobody is and below which there is none; conflict else"}, Administrator},
	{Route{"GET", desk + "audit", "who, act, target, since, until, sort (-at, at: the oldest first), before, limit", nil, AuditPage{}, false, "what was done to accounts and settings, newest first; who and target are parts of ids or names, act is how it begins, before is the n of the last line of the page before"}, Administrator},
	{Route{"GET", desk + "audit.csv", "who, act, target, since, until", nil, nil, false, "the same as a table, up to 100,000 lines"}, Administrator},
	{Route{"GET", desk + "comings", "q, kind, device, since, until, sort, cursor, limit", nil, ComingsPage{}, false, "who signed in and out, was refused and was connected; kind is signin, signout, ended, refused or conn, sort at or -at"}, Administrator},
	{Route{"GET", desk + "comings.csv", "q, kind, device, since, until, sort", nil, nil, false, "the same as a table, up to 100,000 lines"}, Administrator},
	{Route{"GET", desk + "policy", "", nil, Policy{}, false, "the rules for passwords and sign-in"}, Administrator},
	{Route{"PUT", desk + "policy", "", Policy{}, Policy{}, false, "changes what is given and leaves the rest"}, Administrator},
	{Route{"GET", desk + "limits", "", nil, LimitsPage{}, false, "the limits that may be changed while the server runs"}, Administrator},
	{Route{"PUT", desk + "limits", "", SetLimits{}, LimitsPage{}, false, "changes limits, all of them or none; conflict for one that the server's own settings fix"}, Administrator},
	{Route{"GET", desk + "holidays", "", nil, Holidays{}, false, "the days on which the company rests, those that are over too"}, Administrator},
	{Route{"PUT", desk + "holidays", "", Holidays{}, Holidays{}, false, "others in their place"}, Administrator},
	{Route{"POST", desk + "notice", "", Announcement{}, nil, false, "a notice to everybody; an empty text takes the last one back"}, Administrator},
	{Route{"GET", desk + "feed", "", nil, FeedSets{}, false, "the data sets that wait, and the last apply"}, Administrator},
	{Route{"GET", desk + "feed/sets", "q, sort (at, key, who, people, with - the other way round), cursor, limit", nil, DeliveriesPage{}, false, "the data sets that were delivered, and by whom"}, Administrator},
	{Route{"DELETE", desk + "feed/sets/{key}", "", nil, nil, false, "removes a data set; what it made true stays so"}, Administrator},
	{Route{"GET", desk + "feed/keys", "", nil, FeedKeys{}, false, "the keys by which systems of the company deliver"}, Administrator},
	{Route{"POST", desk + "feed/keys", "", NewFeedKey{}, FeedKey{}, false, "makes a key, which is shown this once"}, Administrator},
	{Route{"DELETE", desk + "feed/keys/{id}", "", nil, nil, false, "makes a key worthless at once"}, Administrator},
	{Route{"POST", desk + "feed/upload", "", Feed{}, FeedTaken{}, false, "a data set, as JSON, or as a CSV table (text/csv) or a workbook (XLSX) with a first line of names"}, Administrator},
	{Route{"POST", desk + "feed/directory", "", nil, FeedTaken{}, false, "reads everybody of the company's directory (LDAP) into a data set; not_found when there is none"}, Administrator},
	{Route{"GET", desk + "feed/schedule", "", nil, FeedSchedule{}, false, "when feeds are applied by themselves, and what came of it last"}, Administrator},
	{Route{"PUT", desk + "feed/schedule", "", FeedSchedule{}, FeedSchedule{}, false, "changes what is given and leaves the rest"}, Administrator},
	{Route{"POST", desk + "feed/plan", "", FeedPick{}, FeedPlan{}, false, "what applying would do"}, Administrator},
	{Route{"POST", desk + "feed/apply", "", FeedPick{}, FeedPlan{}, false, "makes data sets true, all or nothing; refused with too_large when many would leave, unless forced"}, Administrator},
	{Route{"POST", desk + "feed/undo", "", nil, nil, false, "takes the last apply back"}, Administrator},
	{Route{"GET", desk + "updates", "", nil, UpdatesPage{}, false, "which versions of the desktop are offered to whom"}, HelpDesk},
	{Route{"POST", desk + "updates/upload", "", nil, UpdatesPage{}, false, "takes a version in, a zip file of its folder as it was signed; offered to nobody yet. bad_request names signature, files or archive, conflict key (none is known), version (it is here already) or busy"}, Administrator},
	{Route{"PUT", desk + "updates/{version}", "", UpdateOffer{}, UpdatesPage{}, false, "offers a version on a channel, in place of what was offered of it there"}, Administrator},
	{Route{"DELETE", desk + "updates/{version}", "", nil, UpdatesPage{}, false, "offers a version to nobody any more; whoever has it keeps it"}, Administrator},
	{Route{"GET", desk + "health", "", nil, Health{}, false, "how the server is"}, HelpDesk},
}

// AllRoutes returns every path of the HTTP interface.
func AllRoutes() []Route {
	all := Routes[:len(Routes):len(Routes)]
	for _, r := range DeskRoutes {
		all = append(all, r.Route)
	}
	return all
}

// Account is a person as administration sees one.
type Account struct {
	User
	Active bool `json:"active"`
	// Synced is set for people who come from the company's own system.
	Synced bool `json:"synced"`
	// Locked is set after too many wrong passwords, Factor when a second factor is asked for.
	Locked bool `json:"locked"`
	Factor bool `json:"factor"`
	// Devices counts the sign-ins that are alive; Used is when one was last used.
	Devices int     `json:"devices"`
	Used    Instant `json:"used,omitempty"`
}

// AccountsPage answers GET /admin/accounts.
type AccountsPage struct {
	Accounts []Account `json:"accounts"`
	Total    int       `json:"total"`
	Next     string    `json:"next,omitempty"`
}

// NewAccount asks for an account.
type NewAccount struct {
	ID       UserID `json:"id"`
	Name     Text   `json:"name"`
	Org      string `json:"org,omitempty"`
	Job      Text   `json:"job,omitempty"`
	Phone    Text   `json:"phone,omitempty"`
	Mail     Text   `json:"mail,omitempty"`
	Role     Role   `json:"role,omitempty"`
	Password string `json:"password,omitempty"`
}

// EditAccount changes what is given.
type EditAccount struct {
	Name   *Text   `json:"name,omitempty"`
	Org    *string `json:"org,omitempty"`
	Job    *Text   `json:"job,omitempty"`
	Phone  *Text   `json:"phone,omitempty"`
	Mail   *Text   `json:"mail,omitempty"`
	Role   *Role   `json:"role,omitempty"`
	Active *bool   `json:"active,omitempty"`
	// Posts are those held beside the main one; an empty list takes them away.
	Posts []NewPost `json:"posts,omitempty"`
}

// NewPost is a place in a unit that somebody is to hold beside the main one.
type NewPost struct {
	Org string `json:"org"`
	Job Text   `json:"job,omitempty"`
}

// mostPosts bounds what one person can be at once.
const mostPosts = 20

// checkPosts keeps the widths of the columns, and one post in a unit.
func checkPosts(posts []NewPost) *Refusal {
	seen := map[string]bool{}
	for _, p := range posts {
		if p.Org == "" || len(p.Org) > Limits.UserIDBytes || seen[p.Org] || p.Job.Runes() > Limits.JobRunes || !p.Job.OneLine() {
			return RefuseField(BadRequest, "posts")
		}
		seen[p.Org] = true
	}
	if len(posts) > mostPosts {
		return RefuseField(TooLarge, "posts")
	}
	return nil
}

// Check keeps the lengths of the columns.
func (e EditAccount) Check() *Refusal {
	for _, f := range []struct {
		name string
		text *Text
		most int
	}{{"name", e.Name, Limits.JobRunes}, {"job", e.Job, Limits.JobRunes}, {"phone", e.Phone, Limits.PhoneRunes}, {"mail", e.Mail, Limits.NickRunes}} {
		if f.text != nil && f.text.Runes() > f.most {
			return RefuseField(TooLarge, f.name)
		}
		if f.text != nil && !f.text.OneLine() {
			return RefuseField(BadRequest, f.name)
		}
	}
	switch {
	case e.Name != nil && strings.TrimSpace(string(*e.Name)) == "":
		return RefuseField(BadRequest, "name")
	case e.Role != nil && e.Role.Rank() < 0:
		return RefuseField(BadRequest, "role")
	case e.Org != nil && len(*e.Org) > Limits.UserIDBytes:
		return RefuseField(BadRequest, "org")
	}
	return checkPosts(e.Posts)
}

// OneTime is a password that serves once, to choose another. It is said this once.
type OneTime struct {
	ID       UserID `json:"id"`
	Password string `json:"password,omitempty"`
}

// OneTimes are those of many people; Left is how many still have none.
type OneTimes struct {
	People []OneTime `json:"people"`
	Left   int       `json:"left"`
}

// SignedDevice is one device that is signed in.
type SignedDevice struct {
	ID      string  `json:"id"`
	Device  Device  `json:"device"`
	Agent   string  `json:"agent"`
	Address string  `json:"address"`
	At      Instant `json:"at"`
	Used    Instant `json:"used"`
	// Here is set for the device that asks.
	Here bool `json:"here,omitempty"`
}

// DevicesPage lists where somebody is signed in, last used first.
type DevicesPage struct {
	Devices []SignedDevice `json:"devices"`
}

// AuditLine is one thing that was done. Hash covers it and the line before it.
type AuditLine struct {
	N       int64   `json:"n"`
	At      Instant `json:"at"`
	Who     string  `json:"who"`
	Address string  `json:"address,omitempty"`
	Act     string  `json:"act"`
	Target  string  `json:"target,omitempty"`
	About   string  `json:"about,omitempty"`
	Hash    string  `json:"hash"`
}

// AuditPage answers GET /admin/audit, newest first.
type AuditPage struct {
	Lines []AuditLine `json:"lines"`
	More  bool        `json:"more"`
	// People are those who did it or to whom it was done, with what they are called today.
	People []Named `json:"people,omitempty"`
}

// Named is a person and what he is called.
type Named struct {
	ID   UserID `json:"id"`
	Name string `json:"name"`
}

// Policy is the rules for passwords and sign-in.
type Policy struct {
	// PasswordLeast is the least number of characters, PasswordMixed asks for three of: small, large, digit, sign.
	PasswordLeast int  `json:"passwordLeast"`
	PasswordMixed bool `json:"passwordMixed"`
	// LockAfter locks an account after so many wrong passwords or codes in a row, wherever they came from; 0 never does.
	LockAfter int `json:"lockAfter"`
	// FactorStaff demands a second factor of everybody with a role.
	FactorStaff bool `json:"factorStaff"`
}

// Check keeps the numbers sensible.
func (p Policy) Check() *Refusal {
	switch {
	case p.PasswordLeast < 8 || p.PasswordLeast > 64:
		return RefuseField(BadRequest, "passwordLeast")
	case p.LockAfter < 0 || p.LockAfter > 100 || p.LockAfter > 0 && p.LockAfter < 3:
		return RefuseField(BadRequest, "lockAfter")
	}
	return nil
}

// Announcement is something said to everybody.
type Announcement struct {
	ID   string `json:"id"`
	Text Text   `json:"text"`
	// English is what those read who use the English interface; empty is the same text.
	English Text    `json:"english,omitempty"`
	By      string  `json:"by"`
	At      Instant `json:"at"`
	// Until is when nobody sees it any more; absent for never.
	Until Instant `json:"until,omitempty"`
}

// Health is how the server is.
type Health struct {
	Version  string   `json:"version"`
	Node     string   `json:"node"`
	Since    Instant  `json:"since"`
	Sessions int      `json:"sessions"`
	Memory   int64    `json:"memory"`
	People   int      `json:"people"`
	Active   int      `json:"active"`
	Missing  []string `json:"missing"`
	// Audit is the number of the last line of the audit log, Broken that of the first that was tampered with, 0 for none.
	Audit  int64 `json:"audit"`
	Broken int64 `json:"broken"`
	// Database names the product, Stored is how many bytes its tables take, Files how many the files that are kept have.
	Database string `json:"database"`
	Stored   int64  `json:"stored"`
	Files    int64  `json:"files"`
	// Free of Disk bytes can still be written where the server keeps its data; of several disks it is the fullest.
	Free int64 `json:"free"`
	Disk int64 `json:"disk"`
}
