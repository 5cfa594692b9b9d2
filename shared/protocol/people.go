package protocol

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
