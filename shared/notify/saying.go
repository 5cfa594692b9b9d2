package notify

import "time"

const (
	// OneSoundFor is how long further lines of a room change the text of the notification that stands there
	// without another sound.
	OneSoundFor = 20 * time.Second
	// ShortGap is how long a line may be away as if it had never been.
	ShortGap = 3 * time.Second
	// SingleRooms is how many rooms are announced one by one after a longer break; more become one summary.
	SingleRooms = 3
	// NamedRooms is how many rooms a summary names, and NameRunes how long a name in it is: a notification shows a few
	// lines at most.
	NamedRooms = 3
	NameRunes  = 16
)

// Wording is what a notification shows of a message: one of the four variants of the original.
type Wording struct {
	HideBody   bool `json:"hideBody"`
	HideSender bool `json:"hideSender"`
	// Title is set where the room, and who wrote, stand in the notification; else it is called after the program.
	Title bool `json:"title"`
	// Body is set where the text stands in it; else it says that there is a new message.
	Body bool `json:"body"`
}

// Wordings is the table of the four.
var Wordings = []Wording{
	{HideBody: false, HideSender: false, Title: true, Body: true},
	{HideBody: true, HideSender: false, Title: true, Body: false},
	{HideBody: false, HideSender: true, Title: false, Body: true},
	{HideBody: true, HideSender: true, Title: false, Body: false},
}

// WordingOf returns the variant of a person's settings.
func WordingOf(hideBody, hideSender bool) Wording {
	for _, w := range Wordings {
		if w.HideBody == hideBody && w.HideSender == hideSender {
			return w
		}
	}
	panic("notify: a variant is missing")
}

// Loud reports whether a notification makes a sound: not one that only changes what stands there, within
// OneSoundFor of the last sound.
func Loud(standing bool, sinceSound time.Duration) bool {
	return !standing || sinceSound >= OneSoundFor
}
