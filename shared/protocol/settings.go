package protocol

import "slices"

// NotifySettings is what a person has chosen for all devices: whether they speak up, when, and how much they say.
type NotifySettings struct {
	// NotifyOff keeps every device silent.
	NotifyOff bool `json:"notifyOff"`
	// HideBody keeps the text out of notifications, HideSender the room and who wrote.
	HideBody   bool `json:"hideBody"`
	HideSender bool `json:"hideSender"`
	// QuietHours are the times of the week without notifications, in the local time of each device.
	QuietHours []QuietHours `json:"quietHours"`
	// AwayAfter is after how many seconds without an input a device counts as idle: 60, 180 or 300; 0 stands for 60.
	AwayAfter int `json:"awayAfter,omitempty"`
	// UrgentOff lets urgent messages wait like all others.
	UrgentOff bool `json:"urgentOff,omitempty"`
	// Looks is nil until the person has chosen.
	Looks *Looks `json:"looks,omitempty"`
}

// Looks is how a person likes the pages of all devices.
type Looks struct {
	// Theme is "system", "light" or "dark", Lang "ko" or "en", Text "small", "normal", "large" or "larger".
	Theme string `json:"theme"`
	Lang  string `json:"lang"`
	Text  string `json:"text"`
	// Silent keeps devices from making a sound.
	Silent bool `json:"silent"`
}

// Check keeps the words.
func (l Looks) Check() *Refusal {
	switch {
	case !slices.Contains([]string{"", "system", "light", "dark"}, l.Theme):
		return RefuseField(BadRequest, "theme")
	case !slices.Contains([]string{"", "ko", "en"}, l.Lang):
		return RefuseField(BadRequest, "lang")
	case !slices.Contains([]string{"", "small", "normal", "large", "larger"}, l.Text):
		return RefuseField(BadRequest, "text")
	}
	return nil
}

// QuietHours is one stretch of the week. An end that is not after the beginning lies on the next day.
type QuietHours struct {
	// Days are the days on which it begins, 0 for Sunday; HolidayDay is for every holiday of the company.
	Days []int `json:"days"`
	// From and To are "HH:MM".
	From string `json:"from"`
	To   string `json:"to"`
}

// Check keeps number and form of the quiet hours, and the choices of the others.
func (s NotifySettings) Check() *Refusal {
	if s.Looks != nil {
		if bad := s.Looks.Check(); bad != nil {
			return bad
		}
	}
	if !slices.Contains([]int{0, 60, 180, 300}, s.AwayAfter) {
		return RefuseField(BadRequest, "awayAfter")
	}
	if len(s.QuietHours) > Limits.QuietHours {
		return RefuseField(TooLarge, "quietHours")
	}
	for _, q := range s.QuietHours {
		if _, ok := ClockMinutes(q.From); !ok {
			return RefuseField(BadRequest, "from")
		}
		if _, ok := ClockMinutes(q.To); !ok {
			return RefuseField(BadRequest, "to")
		}
		if len(q.Days) == 0 || len(q.Days) > HolidayDay+1 {
			return RefuseField(BadRequest, "days")
		}
		for _, d := range q.Days {
			if d < 0 || d > HolidayDay {
				return RefuseField(BadRequest, "days")
			}
		}
	}
	return nil
}

// ClockMinutes reads "HH:MM" as minutes since midnight.
func ClockMinutes(s string) (minutes int, ok bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	return h*60 + m, h < 24 && m < 60
}
