package protocol

// ComingKind says what happened at the door.
type ComingKind string

// What happens at the door.
const (
	// CameIn: somebody signed in, in whatever way.
	CameIn ComingKind = "signin"
	// WentOut: somebody signed out himself.
	WentOut ComingKind = "signout"
	// WasEnded: a sign-in was ended by somebody, or something, else.
	WasEnded ComingKind = "ended"
	// WasRefused: a sign-in was refused.
	WasRefused ComingKind = "refused"
	// WasOn: a device was connected.
	WasOn ComingKind = "conn"
)

// Coming is one line of who came and went.
type Coming struct {
	// ID orders the lines; it is the cursor of the next page.
	ID      string     `json:"id"`
	At      Instant    `json:"at"`
	Kind    ComingKind `json:"kind"`
	User    UserID     `json:"user"`
	Name    string     `json:"name"`
	Device  Device     `json:"device"`
	Address string     `json:"address"`
	Agent   string     `json:"agent"`
	// Why is the code of a refusal, or what ended a sign-in.
	Why string `json:"why,omitempty"`
	// Seconds is how long a device was connected, -1 while it is, or where nobody saw it go.
	Seconds int `json:"seconds"`
}

// ComingsPage answers GET /admin/comings.
type ComingsPage struct {
	Lines []Coming `json:"lines"`
	More  bool     `json:"more"`
}
