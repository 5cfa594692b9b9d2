package protocol

import (
	"strings"
	"time"
	"unicode/utf8"
)

// The organisation and its people.

// OrgUnit is a company, a division or a team.
type OrgUnit struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Level int    `json:"level"`
	// Under is the unit above, "" for one at the top.
	Under string `json:"under,omitempty"`
	// Units counts the units directly below, People everybody here and below, Here those of this unit itself.
	Units  int `json:"units"`
	People int `json:"people"`
	Here   int `json:"here"`
}

// OrgPage answers GET /org.
type OrgPage struct {
	Units []OrgUnit `json:"units"`
	// Mine leads from the top down to my own unit; it stands in the answer for the top.
	Mine []OrgUnit `json:"mine,omitempty"`
}

// Post is a place that somebody holds in a unit.
type Post struct {
	Org     string `json:"org"`
	OrgName string `json:"orgName"`
	Job     string `json:"job,omitempty"`
}

// Card is everything that colleagues see of a person.
type Card struct {
	User
	// Path leads from the top to the person's unit.
	Path []OrgUnit `json:"path"`
	// Posts are held beside the main one.
	Posts []Post `json:"posts"`
	// Favourite is set when I marked the person.
	Favourite bool `json:"favourite"`
	// Gone is set for somebody who is no longer here.
	Gone bool `json:"gone,omitempty"`
}

// Circle answers GET /me/people: those I marked, and those I talked to last.
type Circle struct {
	Favourites []User `json:"favourites"`
	Recent     []User `json:"recent"`
}

// Profile is what a person says of himself. Who comes from the company's own system finds job, phone and absence
// overwritten by it.
type Profile struct {
	Nick  Text `json:"nick"`
	Job   Text `json:"job"`
	Phone Text `json:"phone"`
	// Absence is nil when there is none.
	Absence *Absence `json:"absence"`
}

// Check keeps the lengths and the days.
func (p Profile) Check() *Refusal {
	switch {
	case p.Nick.Runes() > Limits.NickRunes:
		return RefuseField(TooLarge, "nick")
	case !p.Nick.OneLine():
		return RefuseField(BadRequest, "nick")
	case p.Job.Runes() > Limits.JobRunes:
		return RefuseField(TooLarge, "job")
	case p.Phone.Runes() > Limits.PhoneRunes || strings.Trim(string(p.Phone), "0123456789+-() ") != "":
		return RefuseField(BadRequest, "phone")
	}
	return p.Absence.Check()
}

// Check keeps the lengths and the days; no absence is fine.
func (a *Absence) Check() *Refusal {
	if a == nil {
		return nil
	}
	switch {
	case a.Name == "" || utf8.RuneCountInString(a.Name) > Limits.JobRunes || !utf8.ValidString(a.Name):
		return RefuseField(BadRequest, "name")
	case len(a.Code) > Limits.AbsenceCode:
		return RefuseField(BadRequest, "code")
	case !isDay(a.From):
		return RefuseField(BadRequest, "from")
	case !isDay(a.To), a.From != "" && a.To != "" && a.To < a.From:
		return RefuseField(BadRequest, "to")
	}
	return nil
}

// isDay reports whether s is a day or "".
func isDay(s string) bool {
	if s == "" {
		return true
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
