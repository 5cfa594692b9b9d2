package main

import (
	"context"
	"errors"
	"fmt"

	"sendjay/server/config"
	"sendjay/server/limits"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// limits shows and changes limits beside a live server, which follows within seconds.
func (d *deskCLI) limits(ctx context.Context, words []string) error {
	l, err := limits.New(ctx, d.db, d.c, nil)
	if err != nil {
		return err
	}
	var one protocol.SetLimit
	switch {
	case words[0] == "list" && len(words) == 1:
		return d.showLimits(l.Page())
	case words[0] == "set" && len(words) == 3:
		one.Name = protocol.LimitName(words[1])
	case words[0] == "reset" && len(words) == 2:
		one.Name, one.Preset = protocol.LimitName(words[1]), true
	default:
		return &usageError{"limits: want list, set NAME VALUE or reset NAME"}
	}
	live, known := config.LiveOf(one.Name)
	if !known {
		return &usageError{fmt.Sprintf("limits: there is no %q; limits list shows them", one.Name)}
	}
	if !one.Preset {
		if one.Value, err = live.Parse(words[2]); err != nil {
			return err
		}
	}
	page, err := l.Set(ctx, store.Act{Who: byCLI(), Act: "limits"}, protocol.SetLimits{Limits: []protocol.SetLimit{one}})
	if refusal, ok := errors.AsType[*protocol.Refusal](err); ok && refusal.Code == protocol.Conflict {
		return fmt.Errorf("limits: %s is fixed by the server's own settings", one.Name)
	}
	if err != nil {
		return err
	}
	return d.showLimits(page)
}

func (d *deskCLI) showLimits(page protocol.LimitsPage) error {
	var rows [][]any
	for _, x := range page.Limits {
		live, _ := config.LiveOf(x.Name)
		state := ""
		switch {
		case x.Fixed:
			state = "fixed by the settings of this command"
		case x.Set:
			state = "changed, preset " + live.Write(x.Preset)
		}
		rows = append(rows, []any{x.Name, live.Write(x.Value), live.Range(), state})
	}
	return d.show(page, rows)
}

// comingsShown is how many lines of who came and went a list has.
const comingsShown = 1000

// comings lists who came and went, newest first.
func (d *deskCLI) comings(ctx context.Context, words []string) error {
	if words[0] != "list" || len(words) > 2 {
		return &usageError{"log: want list, or list WHO"}
	}
	q := store.ComingsQuery{Limit: comingsShown}
	if len(words) == 2 {
		q.Q = words[1]
	}
	lines, err := d.db.Comings(ctx, q)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, l := range lines {
		rows = append(rows, []any{l.At, l.Kind, l.User, l.Device, l.Address, l.Seconds, l.Why, l.Agent})
	}
	return d.show(lines, rows)
}
