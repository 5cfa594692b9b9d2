// Package notify says when a device speaks up, and why: a table and its reader.
// It knows no toast, no clock and no screen; gathering the facts and showing is each device's own business.
// All devices of a person run the same lines on the same facts, so they agree without asking.
// The browser runs src/rules/notify.ts on the generated table; testdata/cases.json is run by both.
package notify

import (
	"cmp"
	"slices"
	"time"

	"sendjay/shared/protocol"
)

// WaitFor is how long a device waits for a verdict of Wait before it looks again.
const WaitFor = 3 * time.Second

// Then is what a device does about a message.
type Then string

// The verdicts.
const (
	// Speak raises a notification of the operating system.
	Speak Then = "speak"
	// Banner shows it inside the window that the person looks at, without a system popup.
	Banner Then = "banner"
	// Wait looks again after WaitFor (LastLook).
	Wait Then = "wait"
	// Badge leaves it to the number on the icon.
	Badge Then = "badge"
	// Stay does nothing at all.
	Stay Then = "stay"
)

// Verdict is what to do, and the line that decided.
type Verdict struct {
	Then Then   `json:"then"`
	Why  string `json:"why"`
	// MarkRead tells this device to move the read cursor: after 1 s, or at once when at the bottom.
	MarkRead bool `json:"markRead,omitempty"`
	// Later keeps the message for the summary at unlock or at the end of the quiet time.
	Later bool `json:"later,omitempty"`
}

// Situation is everything that the lines ask about.
type Situation struct {
	Message Message `json:"message"`
	Room    Room    `json:"room"`
	Mine    Mine    `json:"mine"`
	// Devices are all my live ones, the newest report first, with this one marked Self.
	Devices []Device `json:"devices"`
}

// Message is what counts of the message.
type Message struct {
	Type      protocol.MessageType `json:"type"`
	Mine      bool                 `json:"mine,omitempty"`
	Cancelled bool                 `json:"cancelled,omitempty"`
	// InvitedMe is set for an invite line that names me.
	InvitedMe bool `json:"invitedMe,omitempty"`
	// Mentioned is set when I am named, Everybody when all are.
	Mentioned bool `json:"mentioned,omitempty"`
	Everybody bool `json:"everybody,omitempty"`
	ReplyToMe bool `json:"replyToMe,omitempty"`
	// Urgent is set when its sender wants it heard at once.
	Urgent bool `json:"urgent,omitempty"`
	// Read is set when my cursor has passed it.
	Read bool `json:"read,omitempty"`
	// Answered is set when another device reported a click on its notification.
	Answered bool `json:"answered,omitempty"`
}

// Room is what counts of the room.
type Room struct {
	ID           protocol.RoomID `json:"id"`
	Muted        bool            `json:"muted,omitempty"`
	MentionsOnly bool            `json:"mentionsOnly,omitempty"`
}

// Mine is what I have chosen.
type Mine struct {
	Off bool `json:"off,omitempty"`
	// Quiet is set within my quiet hours.
	Quiet bool `json:"quiet,omitempty"`
	// AwayAfter is after how many seconds without an input a device of mine counts as idle; 0 stands for PresentFor.
	AwayAfter int `json:"awayAfter,omitempty"`
	// UrgentOff lets urgent messages wait like all others.
	UrgentOff bool `json:"urgentOff,omitempty"`
}

// Device is one of my live devices and its newest attention record.
type Device struct {
	Kind    protocol.Device `json:"kind"`
	Self    bool            `json:"self,omitempty"`
	Room    protocol.RoomID `json:"room,omitempty"`
	Focused bool            `json:"focused,omitempty"`
	// Idle is the age bucket of the last input in seconds: 0, 60, 120, 180, 300 or 420.
	Idle   int  `json:"idle,omitempty"`
	Locked bool `json:"locked,omitempty"`
	// Quiet is set while do-not-disturb lasts.
	Quiet bool `json:"quiet,omitempty"`
	// Unable is set while the device cannot show notifications of the system.
	Unable bool `json:"unable,omitempty"`
	// Held is set while nothing shall be shown on its screen: somebody presents, or a program fills it.
	Held bool `json:"held,omitempty"`
}

// Report turns the attention of a device into what the lines ask about; now ends do-not-disturb.
func Report(kind protocol.Device, a protocol.Attention, self bool, now protocol.Instant) Device {
	return Device{
		Kind: kind, Self: self, Room: a.Room, Focused: a.Focused,
		Idle: a.Idle, Locked: a.Locked, Quiet: a.Quiet > now, Unable: a.Unable, Held: a.Held,
	}
}

// Level says how close the person is to a device.
type Level string

// The levels of NOTIFICATIONS.md.
const (
	Reading Level = "A"
	Present Level = "B"
	Idle    Level = "C"
	Gone    Level = "D"
)

// How many seconds after the last input a device still is at a level. Reading does not depend on what the person has
// chosen: it marks as read.
const (
	ReadingFor = 120
	PresentFor = 60  // unless Mine says otherwise
	IdleFor    = 120 // after that
)

// LevelOf returns the level of d for a message of room, for a person who is idle after so many seconds.
func LevelOf(d Device, room protocol.RoomID, awayAfter int) Level {
	present := cmp.Or(awayAfter, PresentFor)
	switch {
	case d.Locked:
		return Gone
	case d.Focused && d.Room == room && d.Idle < ReadingFor:
		return Reading
	case d.Idle < present:
		return Present
	case d.Idle < present+IdleFor:
		return Idle
	}
	return Gone
}

// Rank is one place in the order in which the primary device is chosen.
type Rank struct {
	Level Level `json:"level"`
	// Kind is "" for any.
	Kind protocol.Device `json:"kind"`
	// Focused asks for a window of ours in front of the person.
	Focused bool `json:"focused"`
}

// Order is how the primary device is chosen: the first rank that some device has, there the newest.
// A locked device is never primary, nor is one that cannot show notifications, unless the person looks at its
// page, which can. The first rank is row 2 and row 4 of the cases: who looks at one of our
// windows is told there.
var Order = []Rank{
	{Level: Present, Focused: true},
	{Level: Present, Kind: protocol.Desktop},
	{Level: Present, Kind: protocol.Web},
	{Level: Present},
	{Level: Idle, Kind: protocol.Desktop},
	{Level: Idle, Kind: protocol.Web},
	{Level: Idle},
	{Level: Gone, Kind: protocol.Desktop},
	{Level: Gone, Kind: protocol.Web},
	{Level: Gone},
}

// Primary returns the index of the device that speaks at once, -1 when there is none.
func Primary(devices []Device, room protocol.RoomID, awayAfter int) int {
	for _, r := range Order {
		i := slices.IndexFunc(devices, func(d Device) bool {
			return !d.Locked && (!d.Unable || d.Kind == protocol.Web && d.Focused) && LevelOf(d, room, awayAfter) == r.Level && (r.Kind == "" || d.Kind == r.Kind) && (!r.Focused || d.Focused)
		})
		if i >= 0 {
			return i
		}
	}
	return -1
}

// Told reports whether the device that has decided so about a message, the newest verdict last, has told the person of it.
// One that is about to, or that left it to another, has not.
func Told(decided []protocol.Decided) bool {
	if len(decided) == 0 {
		return false
	}
	switch Then(decided[len(decided)-1].Then) {
	case Speak, Banner:
		return true
	case Wait, Badge, Stay:
	}
	return false
}

// Decide reads Lines from the top; the first that holds decides.
func Decide(s Situation) Verdict { return read(Lines, Facts(s)) }

// LastLook decides once more just before a device speaks: at once after Speak, after WaitFor for Wait.
// The situation is the one of now. It never answers Wait.
func LastLook(s Situation) Verdict { return read(LastLines, Facts(s)) }

// Sum decides whether this device speaks once of what was kept back.
func Sum(s Situation) Verdict { return read(SumLines, Facts(s)) }

func read(lines []Line, f map[Fact]bool) Verdict {
	for _, l := range lines {
		if l.holds(f) {
			return Verdict{Then: l.Then, Why: l.Why, MarkRead: l.MarkRead, Later: l.Later}
		}
	}
	panic("notify: the last line of a table always holds")
}

func (l Line) holds(f map[Fact]bool) bool {
	for _, name := range l.If {
		if !f[name] {
			return false
		}
	}
	for _, name := range l.Unless {
		if f[name] {
			return false
		}
	}
	return true
}
