package protocol

import "strings"

// The organisation as administration keeps it by hand.

// UnitRow is a unit with the way to it.
type UnitRow struct {
	OrgUnit
	// Path names the units above, from the top, the unit itself left out.
	Path []string `json:"path"`
}

// UnitsPage answers GET /admin/org.
type UnitsPage struct {
	Units []UnitRow `json:"units"`
	Total int       `json:"total"`
	Next  string    `json:"next,omitempty"`
}

// NewUnit asks for a unit, as the last one below another, or at the top.
type NewUnit struct {
	Code  string `json:"code"`
	Name  Text   `json:"name"`
	Under string `json:"under,omitempty"`
}

// EditUnit changes what is given. Whoever is given another place goes there with all that is below, as the last one.
type EditUnit struct {
	Name  *Text   `json:"name,omitempty"`
	Under *string `json:"under,omitempty"`
}

// The widths of the columns.
const (
	unitCodeBytes = 20
	unitNameRunes = 50
)

// Check keeps the widths of the columns.
func (n NewUnit) Check() *Refusal {
	if n.Code == "" || len(n.Code) > unitCodeBytes || strings.ContainsAny(n.Code, " \t\r\n/\"':,;\x00") || !Text(n.Code).OneLine() {
		return RefuseField(BadRequest, "code")
	}
	return EditUnit{Name: &n.Name}.Check()
}

// Check keeps the widths of the columns.
func (e EditUnit) Check() *Refusal {
	switch {
	case e.Name == nil:
	case strings.TrimSpace(string(*e.Name)) == "" || !e.Name.OneLine():
		return RefuseField(BadRequest, "name")
	case e.Name.Runes() > unitNameRunes:
		return RefuseField(TooLarge, "name")
	}
	return nil
}

// noPosts takes all posts away where nothing leaves them.
const noPosts = "-"

// PostsOf reads posts as they are written in one cell: "A20:자문,B10". It is nil for an empty one, which leaves them.
func PostsOf(cell string) []NewPost {
	if cell = strings.TrimSpace(cell); cell == "" {
		return nil
	}
	out := []NewPost{}
	for post := range strings.FieldsFuncSeq(strings.TrimPrefix(cell, noPosts), func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		org, job, _ := strings.Cut(post, ":")
		if org = strings.TrimSpace(org); org != "" {
			out = append(out, NewPost{org, Text(strings.TrimSpace(job))})
		}
	}
	return out
}

// CheckPosts keeps the widths of the columns, and one post in a unit.
func CheckPosts(posts []NewPost) *Refusal { return checkPosts(posts) }
