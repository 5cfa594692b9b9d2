package notify

import (
	"cmp"
	"slices"
	"time"

	"sendjay/shared/protocol"
)

// Missed is a room with something to read, found after the line was away.
type Missed struct {
	Room         protocol.RoomID `json:"room"`
	Unread       int             `json:"unread"`
	Muted        bool            `json:"muted,omitempty"`
	MentionsOnly bool            `json:"mentionsOnly,omitempty"`
	// Personal is the newest message that is not read and mentions me or answers me, 0 for none.
	Personal protocol.Seq `json:"personal,omitempty"`
	// Urgent is the newest that is not read and is urgent, where urgent messages need not wait.
	Urgent protocol.Seq `json:"urgent,omitempty"`
	// Invited is set where nothing is to read, but I was brought into the room and have not looked at it.
	Invited bool `json:"invited,omitempty"`
	// Seq is the room's last message, Told the last one that this device has considered before, or that another device of
	// mine has told of.
	Seq  protocol.Seq `json:"seq"`
	Told protocol.Seq `json:"told,omitempty"`
}

// Apart returns what is considered of the room before its newest message, last: of a mention, an answer or something urgent I
// want to hear also where I want to hear nothing of what came after it. The oldest comes first.
func (m Missed) Apart(last protocol.Seq) (all []protocol.Seq) {
	for _, seq := range []protocol.Seq{min(m.Personal, m.Urgent), max(m.Personal, m.Urgent)} {
		if seq > m.Told && seq < last && !slices.Contains(all, seq) {
			all = append(all, seq)
		}
	}
	return all
}

// Digest is what to say after a break.
type Digest struct {
	// Live is set after a short break: every message counts as if it came just now.
	Live bool `json:"live,omitempty"`
	// Rooms are announced one by one.
	Rooms []protocol.RoomID `json:"rooms,omitempty"`
	// Count and Messages make one summary, when Count is not zero, of all rooms where nothing is urgent.
	Count    int `json:"count,omitempty"`
	Messages int `json:"messages,omitempty"`
}

// Kept is a room of which something was kept back.
type Kept struct {
	Unread       int  `json:"unread"`
	Muted        bool `json:"muted,omitempty"`
	MentionsOnly bool `json:"mentionsOnly,omitempty"`
	// Personal is set when something of it mentions me or answers me.
	Personal bool `json:"personal,omitempty"`
	// Urgent is set when something of it is urgent.
	Urgent bool `json:"urgent,omitempty"`
	// Invited is set where I was brought into the room and nothing is to read.
	Invited bool `json:"invited,omitempty"`
	// Name is what the room is called, "" where nobody shall read it.
	Name string `json:"name,omitempty"`
}

// Named is a room of a summary, and how many messages of it are counted.
type Named struct {
	Name     string `json:"name"`
	Messages int    `json:"messages"`
}

// Summary is what to say of all that was kept back: of Rooms none is nothing.
type Summary struct {
	Rooms    int `json:"rooms"`
	Messages int `json:"messages"`
	// Personal is in how many of the rooms somebody spoke to me.
	Personal int `json:"personal"`
	// Urgent is in how many of them something is urgent.
	Urgent int `json:"urgent"`
	// Names are the first rooms: where something is urgent, where somebody spoke to me, where most was said. More counts
	// those that are not among them.
	Names []Named `json:"names,omitempty"`
	More  int     `json:"more,omitempty"`
}

// Summarize counts what was kept back. Of a room of which a person wants to hear little, only what is personal
// or urgent counts, as one message.
func Summarize(kept []Kept) Summary {
	var s Summary
	named := func(k Kept) int {
		switch {
		case k.Urgent:
			return 0
		case k.Personal:
			return 1
		}
		return 2
	}
	var told []Kept
	for _, k := range kept {
		n := k.Unread
		switch {
		case n == 0 && !k.Invited:
			continue
		case n == 0:
			n = 1
		case !k.Muted && !k.MentionsOnly:
		case k.Personal, k.Urgent:
			n = 1
		default:
			continue
		}
		s.Rooms++
		s.Messages += n
		if k.Personal {
			s.Personal++
		}
		if k.Urgent {
			s.Urgent++
		}
		if k.Unread = n; k.Name != "" {
			told = append(told, k)
		}
	}
	slices.SortFunc(told, func(a, b Kept) int {
		return cmp.Or(cmp.Compare(named(a), named(b)), cmp.Compare(b.Unread, a.Unread), cmp.Compare(a.Name, b.Name))
	})
	for _, k := range told[:min(len(told), NamedRooms)] {
		s.Names = append(s.Names, Named{short(k.Name), k.Unread})
	}
	if len(s.Names) > 0 {
		s.More = s.Rooms - len(s.Names)
	}
	return s
}

// short keeps a name within NameRunes.
func short(name string) string {
	if all := []rune(name); len(all) > NameRunes {
		return string(all[:NameRunes-1]) + "…"
	}
	return name
}

// AfterBreak decides what a device of this kind says about what came while its line was away. What was read
// meanwhile is not there any more, what was told before is not told again, and a browser leaves it to title
// and badge. What is urgent is told by itself: it may have to be heard when a summary waits.
func AfterBreak(kind protocol.Device, away time.Duration, missed []Missed) Digest {
	if away < ShortGap {
		return Digest{Live: true}
	}
	if kind == protocol.Web {
		return Digest{}
	}
	var d Digest
	var urgent []protocol.RoomID
	rest, messages := 0, 0
	for _, m := range missed {
		if m.Unread == 0 && !m.Invited || m.Seq <= m.Told || (m.Muted || m.MentionsOnly) && max(m.Personal, m.Urgent) <= m.Told {
			continue
		}
		d.Rooms = append(d.Rooms, m.Room)
		if m.Urgent > m.Told {
			urgent = append(urgent, m.Room)
			continue
		}
		rest++
		messages += max(m.Unread, 1)
	}
	if len(d.Rooms) > SingleRooms {
		return Digest{Rooms: urgent, Count: rest, Messages: messages}
	}
	return d
}
