package directory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sendjay/server/directory"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func drawn(orgs []store.OrgRow) string {
	var out []string
	for _, o := range orgs {
		out = append(out, strings.Repeat("-", o.Level)+o.Code)
	}
	return strings.Join(out, " ")
}

func TestAnOrganisationIsKeptByHand(t *testing.T) {
	orgs := company().all.Orgs
	text := func(s string) *protocol.Text { return (*protocol.Text)(&s) }
	code := func(s string) *string { return &s }
	for _, c := range []struct {
		name string
		do   func() ([]store.OrgRow, error)
		want string // the organisation, or the refusal
	}{
		{"a unit comes last below another", func() ([]store.OrgRow, error) {
			return directory.WithUnit(orgs, protocol.NewUnit{Code: "A13", Name: "특판팀", Under: "A10"})
		}, "A00 -A10 --A11 --A12 --A13 -A20 B00"},
		{"or at the top", func() ([]store.OrgRow, error) {
			return directory.WithUnit(orgs, protocol.NewUnit{Code: "C00", Name: "새 회사"})
		}, "A00 -A10 --A11 --A12 -A20 B00 C00"},
		{"the first of all too", func() ([]store.OrgRow, error) {
			return directory.WithUnit(nil, protocol.NewUnit{Code: "C00", Name: "새 회사"})
		}, "C00"},
		{"a code is taken once", func() ([]store.OrgRow, error) {
			return directory.WithUnit(orgs, protocol.NewUnit{Code: "A11", Name: "x"})
		}, "conflict code"},
		{"nobody stands below a unit that is not there", func() ([]store.OrgRow, error) {
			return directory.WithUnit(orgs, protocol.NewUnit{Code: "x", Name: "x", Under: "Z"})
		}, "not_found under"},
		{"a code has no space, and a name says something", func() ([]store.OrgRow, error) {
			return directory.WithUnit(orgs, protocol.NewUnit{Code: "a b", Name: "x"})
		}, "bad_request code"},
		{"a name of blanks is none", func() ([]store.OrgRow, error) {
			return directory.EditedUnit(orgs, "A11", protocol.EditUnit{Name: text("  ")})
		}, "bad_request name"},
		{"a branch moves as a whole", func() ([]store.OrgRow, error) {
			return directory.EditedUnit(orgs, "A10", protocol.EditUnit{Under: code("B00")})
		}, "A00 -A20 B00 -A10 --A11 --A12"},
		{"to the top too", func() ([]store.OrgRow, error) {
			return directory.EditedUnit(orgs, "A10", protocol.EditUnit{Under: code("")})
		}, "A00 -A20 B00 A10 -A11 -A12"},
		{"but never below itself", func() ([]store.OrgRow, error) {
			return directory.EditedUnit(orgs, "A10", protocol.EditUnit{Under: code("A12")})
		}, "conflict under"},
		{"where it stands already it stays", func() ([]store.OrgRow, error) {
			return directory.EditedUnit(orgs, "A11", protocol.EditUnit{Under: code("A10"), Name: text("국내팀")})
		}, "A00 -A10 --A11 --A12 -A20 B00"},
		{"what has units below it stays", func() ([]store.OrgRow, error) { return directory.WithoutUnit(orgs, "A10") }, "conflict units"},
		{"what has none goes", func() ([]store.OrgRow, error) { return directory.WithoutUnit(orgs, "A12") }, "A00 -A10 --A11 -A20 B00"},
		{"what is not there does not", func() ([]store.OrgRow, error) { return directory.WithoutUnit(orgs, "Z") }, "not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := fmt.Sprint(orgs)
			got, err := c.do()
			said := drawn(got)
			if err != nil {
				refusal, _ := errors.AsType[*protocol.Refusal](err)
				said = strings.TrimSpace(string(refusal.Code) + " " + refusal.Field)
			}
			if said != c.want {
				t.Errorf("got %q, want %q", said, c.want)
			}
			if fmt.Sprint(orgs) != before {
				t.Error("what was given has changed")
			}
		})
	}
}

// Whatever is done, every unit stands right below the one that it was put under, and none is lost.
func TestWhateverIsDoneToAnOrganisationItStaysATree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var orgs []store.OrgRow
		parent := map[string]string{}
		pick := rapid.SampledFrom([]string{"", "a", "b", "c", "d", "e", "f", "g"})
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			code, under := pick.Draw(t, "code"), pick.Draw(t, "under")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0, 1:
				if next, err := directory.WithUnit(orgs, protocol.NewUnit{Code: code, Name: "x", Under: under}); err == nil {
					orgs, parent[code] = next, under
				}
			case 2:
				if next, err := directory.EditedUnit(orgs, code, protocol.EditUnit{Under: &under}); err == nil {
					orgs, parent[code] = next, under
				}
			case 3:
				if next, err := directory.WithoutUnit(orgs, code); err == nil {
					orgs = next
					delete(parent, code)
				}
			}
			var way []store.OrgRow
			for i, o := range orgs {
				for len(way) > 0 && way[len(way)-1].Level >= o.Level {
					way = way[:len(way)-1]
				}
				above := ""
				if len(way) > 0 {
					above = way[len(way)-1].Code
				}
				if want, ok := parent[o.Code]; !ok || want != above || len(way) != o.Level || i > 0 && orgs[i-1].Seq >= o.Seq {
					t.Fatalf("%s stands below %q, not %q: %s", o.Code, above, want, drawn(orgs))
				}
				way = append(way, o)
			}
			if len(orgs) != len(parent) {
				t.Fatalf("%d units of %d: %s", len(orgs), len(parent), drawn(orgs))
			}
		}
	})
}
