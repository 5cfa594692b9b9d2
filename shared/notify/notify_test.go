package notify

import (
	"fmt"
	"slices"
	"testing"

	"sendjay/shared/protocol"
)

// TestEveryRowDecidesAsWritten runs the cases that the browser's reader runs too. Row 0 is the first
// question of NOTIFICATIONS.md, which has no row of its own.
func TestEveryRowDecidesAsWritten(t *testing.T) {
	var all []struct {
		Row  int
		Name string
		Situation
		Want, Last, Sum map[protocol.Device]Verdict
	}
	cases(t, "cases.json", &all)
	rows := map[int]bool{}
	decided := map[string]bool{}
	for _, c := range all {
		rows[c.Row] = true
		t.Run(fmt.Sprintf("%d %s", c.Row, c.Name), func(t *testing.T) {
			if len(c.Want) != len(c.Devices) {
				t.Fatalf("%d devices, %d verdicts", len(c.Devices), len(c.Want))
			}
			for i, d := range c.Devices {
				s := c.Situation
				s.Devices = slices.Clone(c.Devices)
				s.Devices[i].Self = true
				got := Decide(s)
				decided[got.Why] = true
				if got != c.Want[d.Kind] {
					t.Errorf("%s: %+v, want %+v", d.Kind, got, c.Want[d.Kind])
				}
				if want, ok := c.Sum[d.Kind]; ok {
					if got := Sum(s); got != want {
						t.Errorf("%s, summary: %+v, want %+v", d.Kind, got, want)
					}
				}
				if want, ok := c.Last[d.Kind]; ok {
					if got := LastLook(s); got != want {
						t.Errorf("%s, last look: %+v, want %+v", d.Kind, got, want)
					}
				}
			}
		})
	}
	for _, row := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 21, 22} {
		if !rows[row] {
			t.Errorf("no case of row %d", row)
		}
	}
	for _, l := range Lines {
		if !decided[l.Why] {
			t.Errorf("no case is decided by %q", l.Why)
		}
	}
}

func TestLinesAskOnlyForFactsThatAreGathered(t *testing.T) {
	known := Facts(Situation{})
	for _, table := range [][]Line{Lines, LastLines, SumLines} {
		for _, l := range table {
			for _, name := range slices.Concat(l.If, l.Unless) {
				if _, ok := known[name]; !ok {
					t.Errorf("%q asks for %q, which nobody gathers", l.Why, name)
				}
			}
		}
		if last := table[len(table)-1]; len(last.If)+len(last.Unless) > 0 {
			t.Errorf("the last line %q does not always hold", last.Why)
		}
	}
	for _, l := range slices.Concat(LastLines, SumLines) {
		if l.Then == Wait {
			t.Errorf("the last look waits: %q", l.Why)
		}
	}
}

// TestWhatIsUrgentPassesQuietAndMutedAndNothingElse: an urgent message is decided as an ordinary one would be if nothing of
// that were set, and by the same line; one who lets it wait hears it as any other.
func TestWhatIsUrgentPassesQuietAndMutedAndNothingElse(t *testing.T) {
	const bits = 13
	for mix := range 1 << bits {
		on := func(bit int) bool { return mix>>bit&1 != 0 }
		at := func(first int) int { return []int{0, 60, 180, 420}[mix>>first&3] }
		s := Situation{
			Message: Message{Type: protocol.Talk, Mine: on(0), Read: on(1)},
			Room:    Room{ID: "sales"},
			Mine:    Mine{Off: on(2)},
			Devices: []Device{
				{Kind: protocol.Desktop, Self: on(3), Locked: on(4), Held: on(5), Unable: on(6), Idle: at(7)},
				{Kind: protocol.Web, Self: !on(3), Focused: on(9), Room: "sales", Idle: at(10)},
			},
		}
		if on(12) {
			s.Devices[1].Room = "lunch"
		}
		plain := []Verdict{Decide(s), LastLook(s), Sum(s)}
		hushed := s
		hushed.Devices = slices.Clone(s.Devices)
		hushed.Devices[0].Quiet, hushed.Mine.Quiet, hushed.Room.Muted, hushed.Room.MentionsOnly = true, true, true, true
		waits := hushed
		waits.Message.Urgent, waits.Mine.UrgentOff = true, true
		if Decide(waits) != Decide(hushed) || LastLook(waits) != LastLook(hushed) || Sum(waits) != Sum(hushed) {
			t.Fatalf("urgent to one who lets it wait is not as any other: %+v", waits)
		}
		hushed.Message.Urgent = true
		for i, got := range []Verdict{Decide(hushed), LastLook(hushed), Sum(hushed)} {
			if got.Why == "urgent" {
				got.Why = "primary device"
			}
			if got != plain[i] {
				t.Fatalf("table %d: urgent %+v, ordinary and not hushed %+v: %+v", i, got, plain[i], hushed)
			}
		}
	}
}

// TestSomebodySpeaksWheneverSomebodyMay goes through every mix of two devices: unless it is being read,
// or all are locked, exactly one device speaks or shows a banner at once.
func TestSomebodySpeaksWheneverSomebodyMay(t *testing.T) {
	var desktops, webs []Device
	for _, kind := range []protocol.Device{protocol.Desktop, protocol.Web} {
		for _, room := range []protocol.RoomID{"", "sales", "lunch"} {
			for _, idle := range []int{0, 60, 120, 180} {
				for bits := range 4 {
					d := Device{Kind: kind, Room: room, Idle: idle, Focused: bits&1 != 0, Locked: bits&2 != 0}
					if kind == protocol.Desktop {
						desktops = append(desktops, d)
					} else {
						webs = append(webs, d)
					}
				}
			}
		}
	}
	for _, d := range desktops {
		for _, w := range webs {
			both := []Device{d, w}
			loud, watched := 0, false
			for i := range both {
				s := Situation{Message: Message{Type: protocol.Talk}, Room: Room{ID: "sales"}, Devices: slices.Clone(both)}
				s.Devices[i].Self = true
				watched = watched || LevelOf(both[i], "sales", 0) == Reading
				if v := Decide(s); v.Then == Speak || v.Then == Banner {
					loud++
				}
			}
			want := 1
			if watched || (d.Locked && w.Locked) {
				want = 0
			}
			if loud != want {
				t.Errorf("%+v and %+v: %d speak, want %d", d, w, loud, want)
			}
		}
	}
}

func TestDoNotDisturbEndsByItself(t *testing.T) {
	a := protocol.Attention{Quiet: 1000}
	if !Report(protocol.Desktop, a, true, 999).Quiet || Report(protocol.Desktop, a, true, 1000).Quiet {
		t.Error("do not disturb does not end at its moment")
	}
}
