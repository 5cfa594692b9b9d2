package notify

import (
	"maps"
	"slices"

	"sendjay/shared/protocol"
)

// Fact is a statement about a situation that holds or does not.
type Fact string

type facts []Fact

// Line is one line of a table. It holds when every fact of If and none of Unless does.
type Line struct {
	Why      string `json:"why"`
	If       facts  `json:"if"`
	Unless   facts  `json:"unless"`
	Then     Then   `json:"then"`
	MarkRead bool   `json:"markRead"`
	Later    bool   `json:"later"`
}

// Lines is the order of questions when a message comes in.
var Lines = []Line{
	{Why: "my own message", If: facts{"mine"}, Then: Stay},
	{Why: "somebody left", If: facts{"leave"}, Then: Stay},
	{Why: "cancelled", If: facts{"cancelled"}, Then: Stay},
	{Why: "invitation of others", If: facts{"invite"}, Unless: facts{"invited me"}, Then: Stay},
	{Why: "read already", If: facts{"read"}, Then: Stay},

	{Why: "being read here", If: facts{"watched here"}, Then: Stay, MarkRead: true},
	{Why: "being read on another device", If: facts{"watched"}, Then: Badge},

	{Why: "notifications off", If: facts{"off"}, Then: Badge, Later: true},
	{Why: "quiet hours", If: facts{"quiet"}, Unless: facts{"urgent"}, Then: Badge, Later: true},
	{Why: "do not disturb", If: facts{"do not disturb"}, Unless: facts{"urgent"}, Then: Badge, Later: true},
	{Why: "presenting", If: facts{"held"}, Then: Badge, Later: true},
	{Why: "room muted", If: facts{"muted"}, Unless: facts{"personal", "urgent"}, Then: Badge},
	{Why: "mentions only", If: facts{"mentions only"}, Unless: facts{"personal", "everybody", "urgent"}, Then: Badge},

	{Why: "locked", If: facts{"locked"}, Then: Badge, Later: true},
	{Why: "looking at another room in the browser", If: facts{"primary", "facing", "web"}, Then: Banner},
	{Why: "no notifications possible", If: facts{"unable"}, Then: Badge},
	{Why: "urgent", If: facts{"primary", "urgent"}, Then: Speak},
	{Why: "primary device", If: facts{"primary"}, Then: Speak},
	{Why: "present at another device", If: facts{"primary present"}, Then: Badge},
	{Why: "nobody here", If: facts{"gone"}, Then: Badge},
	{Why: "another device goes first", Then: Wait},
}

// LastLines is the order of questions of the last look, just before a device speaks.
var LastLines = []Line{
	{Why: "read meanwhile", If: facts{"read"}, Then: Stay},
	{Why: "cancelled meanwhile", If: facts{"cancelled"}, Then: Stay},
	{Why: "being read here", If: facts{"watched here"}, Then: Stay, MarkRead: true},
	{Why: "being read on another device", If: facts{"watched"}, Then: Badge},
	{Why: "answered on another device", If: facts{"answered"}, Then: Badge},
	{Why: "notifications off", If: facts{"off"}, Then: Badge, Later: true},
	{Why: "quiet hours", If: facts{"quiet"}, Unless: facts{"urgent"}, Then: Badge, Later: true},
	{Why: "do not disturb", If: facts{"do not disturb"}, Unless: facts{"urgent"}, Then: Badge, Later: true},
	{Why: "presenting", If: facts{"held"}, Then: Badge, Later: true},
	{Why: "room muted", If: facts{"muted"}, Unless: facts{"personal", "urgent"}, Then: Badge},
	{Why: "mentions only", If: facts{"mentions only"}, Unless: facts{"personal", "everybody", "urgent"}, Then: Badge},
	{Why: "locked", If: facts{"locked"}, Then: Badge, Later: true},
	{Why: "looking at another room in the browser", If: facts{"primary", "facing", "web"}, Then: Banner},
	{Why: "no notifications possible", If: facts{"unable"}, Then: Badge},
	{Why: "urgent", If: facts{"primary", "urgent"}, Then: Speak},
	{Why: "primary device", If: facts{"primary"}, Then: Speak},
	{Why: "present at another device", If: facts{"primary present"}, Then: Badge},
	{Why: "still unread", Then: Speak},
}

// SumLines is the order of questions before a summary of what was kept back is shown: of nothing in particular,
// so the facts about message and room do not count, but for urgent: it asks for what of it is urgent.
var SumLines = []Line{
	{Why: "notifications off", If: facts{"off"}, Then: Badge, Later: true},
	{Why: "quiet hours", If: facts{"quiet"}, Unless: facts{"urgent"}, Then: Badge, Later: true},
	{Why: "do not disturb", If: facts{"do not disturb"}, Unless: facts{"urgent"}, Then: Badge, Later: true},
	{Why: "presenting", If: facts{"held"}, Then: Badge, Later: true},
	{Why: "locked", If: facts{"locked"}, Then: Badge, Later: true},
	{Why: "no notifications possible", If: facts{"unable"}, Then: Badge},
	{Why: "urgent", If: facts{"primary", "urgent"}, Then: Speak},
	{Why: "primary device", If: facts{"primary"}, Then: Speak},
	{Why: "another device goes first", Then: Badge},
}

// Facts says which statements hold in s. Both readers know exactly these names.
func Facts(s Situation) map[Fact]bool {
	f := map[Fact]bool{
		"mine":          s.Message.Mine,
		"leave":         s.Message.Type == protocol.Leave,
		"invite":        s.Message.Type == protocol.Invite,
		"invited me":    s.Message.InvitedMe,
		"cancelled":     s.Message.Cancelled,
		"read":          s.Message.Read,
		"answered":      s.Message.Answered,
		"personal":      s.Message.Mentioned || s.Message.ReplyToMe,
		"everybody":     s.Message.Everybody,
		"urgent":        s.Message.Urgent && !s.Mine.UrgentOff,
		"off":           s.Mine.Off,
		"quiet":         s.Mine.Quiet,
		"muted":         s.Room.Muted,
		"mentions only": s.Room.MentionsOnly,

		"watched": false, "watched here": false, "do not disturb": false, "locked": false, "web": false,
		"held": false, "unable": false, "facing": false, "gone": false, "primary": false, "primary present": false,
	}
	primary := Primary(s.Devices, s.Room.ID, s.Mine.AwayAfter)
	for i, d := range s.Devices {
		level := LevelOf(d, s.Room.ID, s.Mine.AwayAfter)
		if level == Reading {
			f["watched"] = true
		}
		if d.Quiet {
			f["do not disturb"] = true
		}
		if i == primary {
			// Where the person is counts: a screen that is held elsewhere does not silence the one in front of him, and while
			// his own is held no other leaps in.
			f["held"] = d.Held
			f["primary present"] = level == Present
		}
		if !d.Self {
			continue
		}
		f["watched here"] = level == Reading
		f["locked"] = d.Locked
		f["web"] = d.Kind == protocol.Web
		f["facing"] = d.Focused
		f["unable"] = d.Unable
		f["gone"] = level == Gone
		f["primary"] = i == primary
	}
	return f
}

// FactNames returns the names of all facts, sorted.
func FactNames() []Fact { return slices.Sorted(maps.Keys(Facts(Situation{}))) }
