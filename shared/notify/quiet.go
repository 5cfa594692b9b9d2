package notify

import (
	"slices"
	"time"

	"sendjay/shared/protocol"
)

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
)

// QuietAt reports whether the quiet hours cover a moment of the week: the day, 0 for Sunday, and the minutes
// since its midnight. A stretch whose end is not after its beginning goes on into the next day, so that one
// from 22:00 on Friday to 07:00 ends on Saturday, and one from 00:00 to 00:00 lasts a day.
func QuietAt(hours []protocol.QuietHours, day, minutes int) bool {
	for _, h := range hours {
		from, ok1 := protocol.ClockMinutes(h.From)
		to, ok2 := protocol.ClockMinutes(h.To)
		if !ok1 || !ok2 {
			continue
		}
		late := minutes >= from
		switch {
		case from < to && late && minutes < to && slices.Contains(h.Days, day):
			return true
		case from >= to && late && slices.Contains(h.Days, day):
			return true
		case from >= to && minutes < to && slices.Contains(h.Days, (day+6)%7):
			return true
		}
	}
	return false
}

// QuietEnd returns when the quiet time ends in which now lies, in the location of now: the zero time when it is
// not quiet, or never anything else.
func QuietEnd(hours []protocol.QuietHours, now time.Time) time.Time {
	at := func(t time.Time) bool { return QuietAt(hours, int(t.Weekday()), t.Hour()*60+t.Minute()) }
	if !at(now) {
		return time.Time{}
	}
	t := now.Truncate(time.Minute)
	for range weekMinutes + dayMinutes {
		// Minute by minute, because the clocks change twice a year, and seldom enough asked for.
		if t = t.Add(time.Minute); !at(t) {
			return t
		}
	}
	return time.Time{}
}
