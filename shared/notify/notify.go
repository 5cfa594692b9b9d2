// Package notify says when a device speaks up, and why.
// It is a table of lines and its reader: the facts come in, a verdict goes out. It knows no device,
// no toast and no clock.
// All devices of a person read the same table on the same facts, so they agree without asking each other.
package notify

import "sendjay/shared/protocol"

// Then is what a device does.
type Then string

// The verdicts, from silence to speech.
const (
	// Stay: nothing at all.
	Stay Then = "stay"
	// Badge: the number on the icon, no more.
	Badge Then = "badge"
	// Wait: speak after WaitSeconds, if it is still unread by then.
	Wait Then = "wait"
	// Speak: now.
	Speak Then = "speak"
)

// WaitSeconds is how long the other devices leave to the one that speaks.
const WaitSeconds = 3

// Fact is something that holds, or not, for one message on one device.
type Fact string

// Line is one line of the table: it holds when all of If and none of Unless hold.
type Line struct {
	Why    string `json:"why"`
	If     []Fact `json:"if"`
	Unless []Fact `json:"unless,omitempty"`
	Then   Then   `json:"then"`
}

// Lines is the table. It is read from the top; the first line that holds decides, the last always holds.
var Lines = []Line{
	{Why: "my own message", If: []Fact{"mine"}, Then: Stay},
	{Why: "somebody left", If: []Fact{"leave"}, Then: Stay},
	{Why: "taken back", If: []Fact{"cancelled"}, Then: Stay},
	{Why: "somebody else was invited", If: []Fact{"invite"}, Unless: []Fact{"invited"}, Then: Stay},
	{Why: "read already", If: []Fact{"read"}, Then: Stay},
	{Why: "being watched here", If: []Fact{"watchedHere"}, Then: Stay},
	{Why: "being watched on another device", If: []Fact{"watched"}, Then: Badge},
	{Why: "notifications are off", If: []Fact{"off"}, Then: Badge},
	{Why: "do not disturb", If: []Fact{"quiet"}, Then: Badge},
	{Why: "the room is muted", If: []Fact{"muted"}, Unless: []Fact{"mentioned"}, Then: Badge},
	{Why: "mentions only", If: []Fact{"mentionsOnly"}, Unless: []Fact{"mentioned"}, Then: Badge},
	{Why: "this device is locked", If: []Fact{"locked"}, Then: Badge},
	{Why: "the device in use", If: []Fact{"primary"}, Then: Speak},
	{Why: "another device is in use", If: []Fact{"primaryInUse"}, Then: Badge},
	{Why: "another device speaks first", Then: Wait},
}

// Device is what one of my devices says of me.
type Device struct {
	Kind protocol.Device `json:"kind"`
	// Self is the device that asks.
	Self    bool   `json:"self"`
	Session string `json:"session,omitempty"`
	protocol.Attention
}

// Situation is everything the table may ask about.
type Situation struct {
	Room      protocol.RoomID      `json:"room"`
	Type      protocol.MessageType `json:"type"`
	Mine      bool                 `json:"mine"`
	Cancelled bool                 `json:"cancelled"`
	Read      bool                 `json:"read"`
	// Invited: the invitation is mine. Mentioned: I am named, or it is a reply to me.
	Invited   bool `json:"invited"`
	Mentioned bool `json:"mentioned"`
	// Muted and MentionsOnly are my settings of the room, Off and Quiet those of mine.
	Muted        bool     `json:"muted"`
	MentionsOnly bool     `json:"mentionsOnly"`
	Off          bool     `json:"off"`
	Quiet        bool     `json:"quiet"`
	Devices      []Device `json:"devices"`
}

// Verdict is what to do, and the line that decided.
type Verdict struct {
	Then Then   `json:"then"`
	Why  string `json:"why"`
	// MarkRead is set when the person is reading the room on this device.
	MarkRead bool `json:"markRead"`
}

// Decide reads the table.
func Decide(s Situation) Verdict {
	f := facts(s)
	for _, l := range Lines {
		if holds(l, f) {
			return Verdict{Then: l.Then, Why: l.Why, MarkRead: f["watchedHere"] && !f["mine"] && !f["read"]}
		}
	}
	panic("notify: the last line of the table has to hold always")
}

func holds(l Line, f map[Fact]bool) bool {
	for _, fact := range l.If {
		if !f[fact] {
			return false
		}
	}
	for _, fact := range l.Unless {
		if f[fact] {
			return false
		}
	}
	return true
}

// The ages of the last input, in seconds, up to which somebody reads, and up to which he is present and idle.
const (
	readingWithin = 120
	presentWithin = 60
	idleWithin    = 180
)

// Level is how near a person is to a device.
type Level string

// The levels, nearest first.
const (
	Reading Level = "A"
	Present Level = "B"
	Idle    Level = "C"
	Gone    Level = "D"
)

// LevelOf returns how near the person is to d while a message of room arrives. Idle is the lower end of a
// bucket: 60 stands for 60 to 119 seconds.
func LevelOf(d Device, room protocol.RoomID) Level {
	switch {
	case d.Locked:
		return Gone
	case d.Focused && d.Room == room && room != "" && d.Attention.Idle < readingWithin:
		return Reading
	case d.Attention.Idle < presentWithin:
		return Present
	case d.Attention.Idle < idleWithin:
		return Idle
	}
	return Gone
}

// rank orders devices by how fit they are to speak: the one in front of the person, then desktop before
// web before others, present before idle before gone; what is locked comes last.
func rank(d Device, room protocol.RoomID) int {
	kind := map[protocol.Device]int{protocol.Desktop: 0, protocol.Web: 1}
	k, ok := kind[d.Kind]
	if !ok {
		k = 2
	}
	switch level := LevelOf(d, room); {
	case d.Locked:
		return 40 + k
	case d.Focused && (level == Reading || level == Present):
		return k
	case level == Reading || level == Present:
		return 10 + k
	case level == Idle:
		return 20 + k
	}
	return 30 + k
}

// primary is the device that speaks at once.
func primary(s Situation) Device {
	var best Device
	for i, d := range s.Devices {
		a, b := rank(d, s.Room), rank(best, s.Room)
		if i == 0 || a < b || a == b && (d.Attention.Idle < best.Attention.Idle || d.Attention.Idle == best.Attention.Idle && d.Session < best.Session) {
			best = d
		}
	}
	return best
}

func facts(s Situation) map[Fact]bool {
	p := primary(s)
	f := map[Fact]bool{
		"mine": s.Mine, "leave": s.Type == protocol.Leave, "invite": s.Type == protocol.Invite, "invited": s.Invited,
		"cancelled": s.Cancelled, "read": s.Read, "off": s.Off, "quiet": s.Quiet, "muted": s.Muted,
		"mentionsOnly": s.MentionsOnly, "mentioned": s.Mentioned,
		"primary":      p.Self || len(s.Devices) == 0,
		"primaryInUse": p.Focused || LevelOf(p, s.Room) == Present,
	}
	for _, d := range s.Devices {
		watched := LevelOf(d, s.Room) == Reading
		f["watched"] = f["watched"] || watched
		f["watchedHere"] = f["watchedHere"] || watched && d.Self
		f["locked"] = f["locked"] || d.Self && d.Locked
	}
	return f
}

// LastLook is asked of the device that is about to speak, also after waiting: has it been read, taken
// back, or come into view by now?
func LastLook(s Situation) bool {
	f := facts(s)
	return !f["read"] && !f["cancelled"] && !f["watchedHere"] && !f["watched"] && !f["off"] && !f["quiet"] && !f["locked"]
}
