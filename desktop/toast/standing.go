package toast

import (
	"cmp"
	"slices"

	"sendjay/shared/protocol"
)

// sorted returns what stands there in the order of its rooms.
func sorted(all []Standing) []Standing {
	slices.SortFunc(all, func(x, y Standing) int { return cmp.Compare(x.Toast.Room, y.Toast.Room) })
	return all
}

// left compares what a program before this one has shown with the tags that stand there: what of it is still there, and which
// tags nobody will ever take away.
func left(shown []Standing, tags []string) (still map[protocol.RoomID]Toast, strange []string) {
	still = map[protocol.RoomID]Toast{}
	ours := map[string]Toast{}
	for _, s := range shown {
		ours[tagOf(s.Toast.Room)] = s.Toast
	}
	for _, tag := range tags {
		if t, is := ours[tag]; is {
			still[t.Room] = t
		} else {
			strange = append(strange, tag)
		}
	}
	return still, strange
}
