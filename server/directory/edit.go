package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// deepest bounds the levels of an organisation.
const deepest = 20

// mostUnits bounds an organisation that is kept by hand.
const mostUnits = 5000

// WithUnit is the organisation with one more unit, the last below another, or at the top.
func WithUnit(orgs []store.OrgRow, n protocol.NewUnit) ([]store.OrgRow, error) {
	if bad := n.Check(); bad != nil {
		return nil, bad
	}
	if at(orgs, n.Code) >= 0 {
		return nil, protocol.RefuseField(protocol.Conflict, "code")
	}
	if len(orgs) >= mostUnits {
		return nil, protocol.RefuseField(protocol.TooLarge, "code")
	}
	return grafted(orgs, []store.OrgRow{{Code: n.Code, Name: strings.TrimSpace(string(n.Name))}}, n.Under)
}

// EditedUnit is the organisation with a unit called otherwise, or standing elsewhere with all that is below it.
func EditedUnit(orgs []store.OrgRow, code string, e protocol.EditUnit) ([]store.OrgRow, error) {
	if bad := e.Check(); bad != nil {
		return nil, bad
	}
	i := at(orgs, code)
	if i < 0 {
		return nil, protocol.Refuse(protocol.NotFound)
	}
	out := slices.Clone(orgs)
	if e.Name != nil {
		out[i].Name = strings.TrimSpace(string(*e.Name))
	}
	if e.Under == nil || *e.Under == above(out, i) {
		return numbered(out), nil
	}
	end := i + 1 + len(under(out, i))
	branch := slices.Clone(out[i:end])
	if slices.ContainsFunc(branch, func(o store.OrgRow) bool { return o.Code == *e.Under }) {
		return nil, protocol.RefuseField(protocol.Conflict, "under") // below itself
	}
	return grafted(slices.Delete(out, i, end), branch, *e.Under)
}

// WithoutUnit is the organisation without a unit below which there is none. Whether somebody is in it the store knows.
func WithoutUnit(orgs []store.OrgRow, code string) ([]store.OrgRow, error) {
	i := at(orgs, code)
	switch {
	case i < 0:
		return nil, protocol.Refuse(protocol.NotFound)
	case len(under(orgs, i)) > 0:
		return nil, protocol.RefuseField(protocol.Conflict, "units")
	}
	return numbered(slices.Delete(slices.Clone(orgs), i, i+1)), nil
}

func at(orgs []store.OrgRow, code string) int {
	return slices.IndexFunc(orgs, func(o store.OrgRow) bool { return o.Code == code })
}

// under is what stands below the unit at i: what follows it with a higher level.
func under(orgs []store.OrgRow, i int) []store.OrgRow {
	rest := orgs[i+1:]
	if n := slices.IndexFunc(rest, func(o store.OrgRow) bool { return o.Level <= orgs[i].Level }); n >= 0 {
		rest = rest[:n]
	}
	return rest
}

// above is the code of the unit right above the one at i, "" at the top.
func above(orgs []store.OrgRow, i int) string {
	for j := i - 1; j >= 0; j-- {
		if orgs[j].Level < orgs[i].Level {
			return orgs[j].Code
		}
	}
	return ""
}

// grafted puts a branch last below a unit, or at the top.
func grafted(orgs, branch []store.OrgRow, code string) ([]store.OrgRow, error) {
	level, place := 0, len(orgs)
	if code != "" {
		i := at(orgs, code)
		if i < 0 {
			return nil, protocol.RefuseField(protocol.NotFound, "under")
		}
		level, place = orgs[i].Level+1, i+1+len(under(orgs, i))
	} else if len(orgs) > 0 {
		level = orgs[0].Level // the top of what a company delivers need not be 0
		for _, o := range orgs {
			level = min(level, o.Level)
		}
	}
	by := level - branch[0].Level
	for i := range branch {
		if branch[i].Level += by; branch[i].Level > deepest {
			return nil, protocol.RefuseField(protocol.TooLarge, "under")
		}
	}
	return numbered(slices.Insert(slices.Clone(orgs), place, branch...)), nil
}

// numbered writes down the order that the units stand in.
func numbered(orgs []store.OrgRow) []store.OrgRow {
	for i := range orgs {
		orgs[i].Seq = fmt.Sprintf("%08d", i)
	}
	return orgs
}

// Rows returns the units that fit q by name or code, in the order sort names: place, name, code or people, with a
// minus the other way round. It says false for an order that there is not.
func (d *Directory) Rows(ctx context.Context, q, sort string) ([]protocol.UnitRow, bool, error) {
	p, err := d.now(ctx)
	if err != nil {
		return nil, false, err
	}
	f := flattener{}
	wanted := f.flat(q)
	out := []protocol.UnitRow{}
	for _, u := range p.units {
		if wanted != "" && !strings.Contains(f.flat(u.Name), wanted) && !strings.Contains(f.flat(u.Code), wanted) {
			continue
		}
		row := protocol.UnitRow{OrgUnit: u.OrgUnit, Path: []string{}}
		for _, above := range p.path(u.Under) {
			row.Path = append(row.Path, above.Name)
		}
		out = append(out, row)
	}
	by, back := strings.CutPrefix(sort, "-")
	order := map[string]func(a, b protocol.UnitRow) int{
		"name":   func(a, b protocol.UnitRow) int { return strings.Compare(a.Name, b.Name) },
		"code":   func(a, b protocol.UnitRow) int { return strings.Compare(a.Code, b.Code) },
		"people": func(a, b protocol.UnitRow) int { return cmp.Compare(a.People, b.People) },
	}
	switch {
	case order[by] != nil:
		slices.SortStableFunc(out, order[by])
	case by != "" && by != "place":
		return nil, false, nil
	}
	if back {
		slices.Reverse(out)
	}
	return out, true, nil
}
