package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sendjay/server/directory"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// org keeps the units of the company by hand.
func (d *deskCLI) org(ctx context.Context, words []string) error {
	verb, rest := words[0], words[1:]
	if verb == "list" && len(rest) == 0 {
		return d.orgList(ctx)
	}
	var f func([]store.OrgRow) ([]store.OrgRow, error)
	by := store.Act{Who: byCLI()}
	switch {
	case verb == "add" && (len(rest) == 2 || len(rest) == 3):
		n := protocol.NewUnit{Code: rest[0], Name: protocol.Text(rest[1])}
		if len(rest) == 3 {
			n.Under = rest[2]
		}
		by.Act, by.About = "org.add", n
		f = func(all []store.OrgRow) ([]store.OrgRow, error) { return directory.WithUnit(all, n) }
	case verb == "rename" && len(rest) == 2:
		e := protocol.EditUnit{Name: (*protocol.Text)(&rest[1])}
		by.Act, by.About = "org.edit", e
		f = func(all []store.OrgRow) ([]store.OrgRow, error) { return directory.EditedUnit(all, rest[0], e) }
	case verb == "move" && len(rest) == 2:
		under := strings.TrimPrefix(rest[1], "-")
		e := protocol.EditUnit{Under: &under}
		by.Act, by.About = "org.edit", e
		f = func(all []store.OrgRow) ([]store.OrgRow, error) { return directory.EditedUnit(all, rest[0], e) }
	case verb == "remove" && len(rest) == 1:
		by.Act = "org.remove"
		f = func(all []store.OrgRow) ([]store.OrgRow, error) { return directory.WithoutUnit(all, rest[0]) }
	default:
		return &usageError{"org: want list, add CODE NAME [UNDER], rename CODE NAME, move CODE UNDER|- or remove CODE"}
	}
	by.Target = rest[0]
	err := d.db.ChangeOrgs(ctx, by, f)
	if refused, is := errors.AsType[*protocol.Refusal](err); is {
		err = whyUnit(refused)
	}
	if err != nil {
		return fmt.Errorf("org %s %s: %w", verb, rest[0], err)
	}
	return d.show(map[string]string{"code": rest[0]}, [][]any{{verb, rest[0]}})
}

// whyUnit says in words what is wrong with a unit.
func whyUnit(r *protocol.Refusal) error {
	switch [2]string{string(r.Code), r.Field} {
	case [2]string{string(protocol.Conflict), "code"}:
		return errors.New("there is such a unit already")
	case [2]string{string(protocol.Conflict), "under"}:
		return errors.New("a unit cannot stand below itself")
	case [2]string{string(protocol.Conflict), "units"}:
		return errors.New("there are units below it")
	case [2]string{string(protocol.NotFound), "under"}:
		return errors.New("there is no unit for it to stand below")
	case [2]string{string(protocol.NotFound), ""}:
		return errors.New("there is no such unit")
	case [2]string{string(protocol.BadRequest), "code"}:
		return errors.New("a code has 1 to 20 bytes, no space, slash, quote, colon or comma")
	case [2]string{string(protocol.BadRequest), "name"}, [2]string{string(protocol.TooLarge), "name"}:
		return errors.New("a name is one line of 1 to 50 characters")
	}
	return r
}

func (d *deskCLI) orgList(ctx context.Context) error {
	all, err := d.db.OrgUnits(ctx)
	if err != nil {
		return err
	}
	type unit struct {
		Code  string `json:"code"`
		Name  string `json:"name"`
		Level int    `json:"level"`
	}
	out := []unit{}
	var rows [][]any
	for _, o := range all {
		out = append(out, unit{o.Code, o.Name, o.Level})
		rows = append(rows, []any{strings.Repeat("  ", o.Level) + o.Name, o.Code})
	}
	return d.show(out, rows)
}
