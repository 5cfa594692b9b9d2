package protocol

// What the company's own system delivers: data sets of units and people, which change nothing until they are applied.

// FeedOrg is a unit of a data set.
type FeedOrg struct {
	Code string `json:"code"`
	Name string `json:"name"`
	// Seq orders the units as text; what follows a unit at a higher level is below it.
	Seq   string `json:"seq"`
	Level int    `json:"level"`
}

// FeedUser is a person of a data set.
type FeedUser struct {
	ID      UserID `json:"id"`
	Name    string `json:"name"`
	Org     string `json:"org"`
	OrgName string `json:"orgName,omitempty"`
	Job     string `json:"job,omitempty"`
	Phone   string `json:"phone,omitempty"`
	// Mail replaces the address that is there; a set without one leaves it.
	Mail string `json:"mail,omitempty"`
	// Posts are held beside the main one, such as "A20:자문,B10"; "-" takes them away, and a set without any leaves them.
	Posts       string `json:"posts,omitempty"`
	AbsenceCode string `json:"absenceCode,omitempty"`
	Absence     string `json:"absence,omitempty"`
}

// Feed delivers a whole data set. The same key again replaces it; without one it is the time.
type Feed struct {
	Key   string     `json:"key,omitempty"`
	Orgs  []FeedOrg  `json:"orgs,omitempty"`
	Users []FeedUser `json:"users,omitempty"`
}

// FeedTaken says under which key a data set was kept.
type FeedTaken struct {
	Key   string `json:"key"`
	Orgs  int    `json:"orgs"`
	Users int    `json:"users"`
}

// FeedSet is a data set that waits.
type FeedSet struct {
	Key  string `json:"key"`
	Rows int    `json:"rows"`
}

// FeedSets lists the newest data sets, and tells of the last apply.
type FeedSets struct {
	Orgs     []FeedSet `json:"orgs"`
	Users    []FeedSet `json:"users"`
	Applied  Instant   `json:"applied,omitempty"`
	Who      string    `json:"who,omitempty"`
	Last     *FeedPlan `json:"last,omitempty"`
	Undoable bool      `json:"undoable"`
}

// Delivery is a data set that was delivered, with who did.
type Delivery struct {
	Key string `json:"key"`
	// At and Who are missing for what was written straight into the tables.
	At  Instant `json:"at,omitempty"`
	Who string  `json:"who,omitempty"`
	// Orgs and Users count its units and people.
	Orgs  int `json:"orgs"`
	Users int `json:"users"`
	// Applied is when it was made true last.
	Applied Instant `json:"applied,omitempty"`
}

// DeliveriesPage answers GET /admin/feed/sets.
type DeliveriesPage struct {
	Sets  []Delivery `json:"sets"`
	Total int        `json:"total"`
	Next  string     `json:"next,omitempty"`
}

// FeedKey is what lets a system of the company deliver; the key itself is shown once.
type FeedKey struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Nets are the networks it may come from; none are all.
	Nets []string `json:"nets"`
	At   Instant  `json:"at,omitempty"`
	Used Instant  `json:"used,omitempty"`
	// Key stands in the answer to making it, and nowhere else.
	Key string `json:"key,omitempty"`
}

// FeedKeys answers GET /admin/feed/keys.
type FeedKeys struct {
	Keys []FeedKey `json:"keys"`
}

// NewFeedKey makes one.
type NewFeedKey struct {
	Name Text     `json:"name"`
	Nets []string `json:"nets,omitempty"`
}

// FeedPick names the sets to apply; "" leaves units, or people, as they are.
type FeedPick struct {
	Orgs  string `json:"orgs"`
	Users string `json:"users"`
	// Force applies although many would leave.
	Force bool `json:"force,omitempty"`
}

// FeedPlan is what applying does.
type FeedPlan struct {
	Units   int `json:"units"`
	Join    int `json:"join"`
	Leave   int `json:"leave"`
	Moved   int `json:"moved"`
	Renamed int `json:"renamed"`
	Changed int `json:"changed"`
	// Manual counts ids that were made by hand and are left alone.
	Manual int `json:"manual"`
	// Spared counts owners who stay although the set has them no more, because nobody would be left who may do everything.
	Spared int `json:"spared,omitempty"`
	// Leaving names the first of those who leave.
	Leaving []Person `json:"leaving,omitempty"`
	// Guarded is set when so many would leave that it has to be asked for twice.
	Guarded bool `json:"guarded"`
}

// FeedFrom says where a scheduled run takes people from.
type FeedFrom string

// The sources: the newest sets that were delivered, or the company's directory (LDAP).
const (
	FeedDelivered FeedFrom = "delivered"
	FeedDirectory FeedFrom = "directory"
)

// FeedSchedule applies feeds once a day. Where too many would leave nothing is applied.
type FeedSchedule struct {
	On bool `json:"on"`
	// At is a time of day such as 03:00, in Zone, such as Asia/Seoul.
	At   string   `json:"at"`
	Zone string   `json:"zone"`
	From FeedFrom `json:"from"`
	// Directory is set when there is one to take people from.
	Directory bool     `json:"directory"`
	Last      *FeedRun `json:"last,omitempty"`
}

// FeedRun is what came of the last scheduled run.
type FeedRun struct {
	At   Instant  `json:"at"`
	Plan FeedPlan `json:"plan"`
	// Error says why nothing was applied, "" when it was; Guarded that too many would have left.
	Error   Code `json:"error,omitempty"`
	Guarded bool `json:"guarded,omitempty"`
}
