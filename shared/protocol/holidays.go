package protocol

import (
	"slices"
	"strings"
	"time"
)

// HolidayDay stands among the days of quiet hours for the company's holidays, whatever day of the week they are.
const HolidayDay = 7

// DateForm is how a date without a time is written.
const DateForm = "2006-01-02"

// Holiday is a day on which the company rests.
type Holiday struct {
	// Date is "YYYY-MM-DD", the same everywhere.
	Date string `json:"date"`
	Name Text   `json:"name"`
}

// Holidays are in the order of their dates, each date once.
type Holidays struct {
	Holidays []Holiday `json:"holidays"`
}

// Tidy returns them in order without white space around the names; the first name of a date counts.
func (h Holidays) Tidy() Holidays {
	all := slices.Clone(h.Holidays)
	for i := range all {
		all[i].Name = Text(strings.TrimSpace(string(all[i].Name)))
	}
	slices.SortStableFunc(all, func(a, b Holiday) int { return strings.Compare(a.Date, b.Date) })
	all = slices.CompactFunc(all, func(a, b Holiday) bool { return a.Date == b.Date })
	if all == nil {
		all = []Holiday{}
	}
	return Holidays{all}
}

// Check keeps number and form.
func (h Holidays) Check() *Refusal {
	if len(h.Holidays) > Limits.Holidays {
		return RefuseField(TooLarge, "holidays")
	}
	for _, d := range h.Holidays {
		if _, err := time.Parse(DateForm, d.Date); err != nil {
			return RefuseField(BadRequest, "date")
		}
		if strings.TrimSpace(string(d.Name)) == "" {
			return RefuseField(BadRequest, "name")
		}
		if d.Name.Runes() > Limits.HolidayRunes {
			return RefuseField(TooLarge, "name")
		}
	}
	return nil
}

// Since leaves out what lies before a date.
func (h Holidays) Since(date string) Holidays {
	i := slices.IndexFunc(h.Holidays, func(d Holiday) bool { return d.Date >= date })
	if i < 0 {
		return Holidays{[]Holiday{}}
	}
	return Holidays{h.Holidays[i:]}
}
