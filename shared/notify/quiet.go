package notify

import (
	"slices"
	"time"

	"sendjay/shared/protocol"
)

const dayMinutes = 24 * 60

// Calendar is what quiet hours are read against: the stretches of the week and the company's holidays.
type Calendar struct {
	Hours    []protocol.QuietHours
	Holidays []protocol.Holiday
}

// day is a day of the week, 0 for Sunday, and whether the company rests on it.
type day struct {
	week    int
	holiday bool
}

func (c Calendar) day(t time.Time) day {
	date := t.Format(protocol.DateForm)
	return day{int(t.Weekday()), slices.ContainsFunc(c.Holidays, func(h protocol.Holiday) bool { return h.Date == date })}
}

// among reports whether d is one of the days of a stretch.
func (d day) among(days []int) bool {
	return slices.Contains(days, d.week) || d.holiday && slices.Contains(days, protocol.HolidayDay)
}

// QuietAt reports whether the quiet hours cover a moment. A stretch whose end is not after its beginning goes on
// into the next day, so that one from 22:00 on Friday to 07:00 ends on Saturday, and one from 00:00 to 00:00 lasts a
// day.
func (c Calendar) QuietAt(t time.Time) bool {
	return len(c.Hours) > 0 && c.covers(c.day(t.AddDate(0, 0, -1)), c.day(t), t.Hour()*60+t.Minute())
}

func (c Calendar) covers(before, today day, minutes int) bool {
	for _, h := range c.Hours {
		from, ok1 := protocol.ClockMinutes(h.From)
		to, ok2 := protocol.ClockMinutes(h.To)
		if !ok1 || !ok2 {
			continue
		}
		late := minutes >= from
		switch {
		case from < to && late && minutes < to && today.among(h.Days):
			return true
		case from >= to && late && today.among(h.Days):
			return true
		case from >= to && minutes < to && before.among(h.Days):
			return true
		}
	}
	return false
}

// QuietEnd returns when the quiet time ends in which now lies, in the location of now: the zero time when it is
// not quiet, or not anything else within a week and as many days as there are holidays.
func (c Calendar) QuietEnd(now time.Time) time.Time {
	if !c.QuietAt(now) {
		return time.Time{}
	}
	t := now.Truncate(time.Minute)
	before, today := c.day(t.AddDate(0, 0, -1)), c.day(t)
	for range (8 + len(c.Holidays)) * dayMinutes {
		// Minute by minute, because the clocks change twice a year, and seldom enough asked for.
		next := t.Add(time.Minute)
		if next.Day() != t.Day() {
			before, today = today, c.day(next)
		}
		if t = next; !c.covers(before, today, t.Hour()*60+t.Minute()) {
			return t
		}
	}
	return time.Time{}
}
