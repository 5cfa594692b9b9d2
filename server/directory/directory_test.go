package directory_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sendjay/server/directory"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// house is a store that holds one directory.
type house struct {
	all    store.Directory
	reads  int
	marked []protocol.UserID
}

func (h *house) PeopleVersion(context.Context) (int64, error) { return h.all.Version, nil }
func (h *house) Directory(context.Context) (store.Directory, error) {
	h.reads++
	return h.all, nil
}

func (h *house) Favourites(context.Context, protocol.UserID) ([]protocol.UserID, error) {
	return h.marked, nil
}

func (h *house) SetFavourite(_ context.Context, _, person protocol.UserID, _ bool) error {
	h.marked = append(h.marked, person)
	return nil
}

func (h *house) Recent(context.Context, protocol.UserID, int) ([]protocol.UserID, error) {
	return []protocol.UserID{"gone", "park", "nobody"}, nil
}

func person(id, name, org string) store.Account {
	return store.Account{User: protocol.User{ID: protocol.UserID(id), Name: name, Org: org, OrgName: "stale"}, Active: true}
}

func company() *house {
	kim := person("kim", "김서연", "A11")
	kim.Nick, kim.Phone, kim.Mail = "봄날", "010-2345-6789", "seoyeon@example.com"
	gone := person("gone", "박나감", "A11")
	gone.Active = false
	return &house{all: store.Directory{
		Version: 1,
		Orgs: []store.OrgRow{
			{Code: "A00", Name: "한빛", Seq: "A00", Level: 0},
			{Code: "A10", Name: "영업본부", Seq: "A10", Level: 1},
			{Code: "A11", Name: "국내영업팀", Seq: "A11", Level: 2},
			{Code: "A12", Name: "해외영업팀", Seq: "A12", Level: 2},
			{Code: "A20", Name: "개발본부", Seq: "A20", Level: 1},
			{Code: "B00", Name: "한빛물류", Seq: "B00", Level: 0},
		},
		People: []store.Account{kim, person("na", "나하늘", "Z99"), person("park", "박 지민", "A20"), gone, person("song", "송김서", "A12"), person("emma", "Emma Hwang", "")},
		Posts:  []store.Post{{User: "park", Org: "A11", Job: "자문"}, {User: "park", Org: "X", Job: "nowhere"}},
	}}
}

func codes(units []protocol.OrgUnit) string {
	var out []string
	for _, u := range units {
		out = append(out, fmt.Sprintf("%s:%d/%d/%d", u.Code, u.Units, u.People, u.Here))
	}
	return strings.Join(out, " ")
}

func ids(users []protocol.User) string {
	var out []string
	for _, u := range users {
		out = append(out, string(u.ID))
	}
	return strings.Join(out, " ")
}

func TestTheTree(t *testing.T) {
	d := directory.New(company())
	units := func(under string, all bool) protocol.OrgPage {
		t.Helper()
		p, err := d.Units(t.Context(), "kim", under, all)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	t.Run("the top comes first, with units and people counted, and the way to my own unit", func(t *testing.T) {
		top := units("", false)
		if got := codes(top.Units); got != "A00:2/3/0 B00:0/0/0 Z99:0/1/1" {
			t.Error(got)
		}
		if got := codes(top.Mine); got != "A00:2/3/0 A10:2/3/0 A11:0/2/2" {
			t.Error(got)
		}
	})
	t.Run("below a unit, or everything below it", func(t *testing.T) {
		if got := codes(units("A00", false).Units); got != "A10:2/3/0 A20:0/1/1" {
			t.Error(got)
		}
		if got := codes(units("A00", true).Units); got != "A10:2/3/0 A11:0/2/2 A12:0/1/1 A20:0/1/1" {
			t.Error(got)
		}
	})
	t.Run("somebody with two posts stands in both units and is counted once above them", func(t *testing.T) {
		users, more, err := d.InUnit(t.Context(), "A11", false, 0, 10)
		if err != nil || more || ids(users) != "kim park" {
			t.Errorf("%s %v %v", ids(users), more, err)
		}
		users, more, err = d.InUnit(t.Context(), "A00", true, 1, 1)
		if err != nil || !more || ids(users) != "park" {
			t.Errorf("%s %v %v", ids(users), more, err)
		}
	})
	t.Run("an unknown unit is not found", func(t *testing.T) {
		if _, err := d.Units(t.Context(), "kim", "Q", false); protocol.CodeOf(err) != protocol.NotFound {
			t.Error(err)
		}
		if _, _, err := d.InUnit(t.Context(), "Q", false, 0, 1); protocol.CodeOf(err) != protocol.NotFound {
			t.Error(err)
		}
	})
}

func TestFind(t *testing.T) {
	d := directory.New(company())
	for _, c := range []struct{ name, q, want string }{
		{"nothing asked is everybody who is here, by name", "", "kim na park song emma"},
		{"a name from its beginning comes before one that holds it", "김서", "kim song"},
		{"spaces do not matter", "박지민", "park"},
		{"nor do they in the question", "김 서연", "kim"},
		{"initial consonants", "ㄱㅅㅇ", "kim"},
		{"initial consonants in the middle", "ㅈㅁ", "park"},
		{"letters and initial consonants mixed", "김ㅅ", "kim song"},
		{"a nickname", "봄날", "kim"},
		{"a phone number without its lines", "01023456789", "kim"},
		{"a part of a phone number", "2345-67", "kim"},
		{"two digits are no phone number", "01", ""},
		{"a mail address", "seoyeon@", "kim"},
		{"a unit by the name it has now", "해외영업", "song"},
		{"a unit of a further post", "국내영업팀", "kim park"},
		{"two words that both fit", "국내영업 ㄱ", "kim"},
		{"upper case and lower case", "EMMA", "emma"},
		{"an id", "emm", "emma"},
		{"what a Mac types, in pieces", "김서연", "kim"},
		{"nobody", "없음", ""},
		{"somebody who is gone", "박나감", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			users, _, err := d.Find(t.Context(), c.q, 0, 10)
			if err != nil || ids(users) != c.want {
				t.Errorf("%q finds %q, want %q, %v", c.q, ids(users), c.want, err)
			}
		})
	}
}

func TestPeople(t *testing.T) {
	h := company()
	d := directory.New(h)
	t.Run("a card shows the way to the unit and further posts", func(t *testing.T) {
		c, err := d.Card(t.Context(), "kim", "park")
		if err != nil || codes(c.Path) != "A00:2/3/0 A20:0/1/1" || len(c.Posts) != 1 || c.Posts[0] != (protocol.Post{Org: "A11", OrgName: "국내영업팀", Job: "자문"}) || c.Favourite || c.Gone {
			t.Errorf("%+v %v", c, err)
		}
	})
	t.Run("an absence that is over is none", func(t *testing.T) {
		h.all.People[0].Absence = &protocol.Absence{Name: "연차", To: "2020-01-01"}
		h.all.People[2].Absence = &protocol.Absence{Name: "출장", To: "2999-01-01"}
		h.all.Version++
		if c, err := d.Card(t.Context(), "kim", "kim"); err != nil || c.Absence != nil {
			t.Errorf("%+v %v", c.Absence, err)
		}
		if c, err := d.Card(t.Context(), "kim", "park"); err != nil || c.Absence == nil {
			t.Errorf("%+v %v", c.Absence, err)
		}
	})
	t.Run("the circle leaves out who is gone", func(t *testing.T) {
		if err := d.Mark(t.Context(), "kim", "song", true); err != nil {
			t.Fatal(err)
		}
		c, err := d.Circle(t.Context(), "kim")
		if err != nil || ids(c.Favourites) != "song" || ids(c.Recent) != "park" {
			t.Errorf("%+v %v", c, err)
		}
		if err := d.Mark(t.Context(), "kim", "nobody", true); protocol.CodeOf(err) != protocol.NotFound {
			t.Error(err)
		}
	})
	t.Run("people are named by id, those gone too", func(t *testing.T) {
		users, err := d.These(t.Context(), []protocol.UserID{"gone", "nobody", "kim"})
		if err != nil || ids(users) != "gone kim" {
			t.Errorf("%s %v", ids(users), err)
		}
	})
	t.Run("roles are nobody else's business", func(t *testing.T) {
		h.all.People[0].Role, h.all.People[0].Admin = protocol.Owner, true
		h.all.Version++
		if c, _ := d.Card(t.Context(), "park", "kim"); c.Role != "" || c.Admin {
			t.Errorf("%+v", c)
		}
	})
}

func TestThePictureIsReadAnewOnlyWhenSomethingChanged(t *testing.T) {
	h := company()
	d := directory.New(h)
	look := func() {
		if _, _, err := d.Find(t.Context(), "", 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	look()
	look()
	look()
	if h.reads != 1 {
		t.Errorf("read %d times", h.reads)
	}
	h.all.Version++
	look()
	if h.reads != 2 {
		t.Errorf("read %d times after a change", h.reads)
	}
}

// BenchmarkDirectory shows what a company of 20,000 costs.
func BenchmarkDirectory(b *testing.B) {
	h := &house{all: store.Directory{Version: 1}}
	for c := range 4 {
		for div := range 20 {
			for team := range 15 {
				level := 2
				switch {
				case div == 0 && team == 0:
					level = 0
				case team == 0:
					level = 1
				}
				code := fmt.Sprintf("%c%02d%02d", 'A'+c, div, team)
				h.all.Orgs = append(h.all.Orgs, store.OrgRow{Code: code, Name: "부서" + code, Seq: code, Level: level})
			}
		}
	}
	family, given := []rune("김이박최정강조윤장임"), []rune("서연준호지민유진하늘민재은도현미래")
	for i := range 20_000 {
		name := string([]rune{family[i%10], given[i/10%17], given[i/170%17]})
		h.all.People = append(h.all.People, person(fmt.Sprintf("u%05d", i), name, h.all.Orgs[i%len(h.all.Orgs)].Code))
	}
	d := directory.New(h)
	b.Run("read anew", func(b *testing.B) {
		for b.Loop() {
			h.all.Version++
			_, _ = d.Units(b.Context(), "u00001", "", false)
		}
	})
	b.Run("open the tree", func(b *testing.B) {
		for b.Loop() {
			_, _ = d.Units(b.Context(), "u00001", "", false)
		}
	})
	for _, q := range []string{"ㄱㅅㅇ", "서연", "0102345", "없는사람"} {
		b.Run("find "+q, func(b *testing.B) {
			for b.Loop() {
				_, _, _ = d.Find(b.Context(), q, 0, 50)
			}
		})
	}
}

func TestNewsAreThoseWhoReadDifferently(t *testing.T) {
	h := company()
	d := directory.New(h)
	news := func() string {
		t.Helper()
		users, err := d.News(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, u := range users {
			names = append(names, u.Name)
		}
		return strings.Join(names, ",")
	}
	if got := news(); got != "" {
		t.Errorf("the first time: %s", got)
	}
	reads := h.reads
	if got := news(); got != "" || h.reads != reads {
		t.Errorf("nothing changed: %s, read %d times", got, h.reads-reads)
	}
	changed := company().all
	changed.Version, changed.People[1].Name, changed.People[4].Absence = 2, "나바다", &protocol.Absence{Name: "연차"}
	changed.People = append(changed.People, person("new", "신입", "A11"))
	h.all = changed
	if got := news(); got != "나바다,송김서" {
		t.Errorf("%s", got)
	}
	if got := news(); got != "" {
		t.Errorf("said twice: %s", got)
	}
}
