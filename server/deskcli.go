package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os/user"
	"slices"
	"sync"
	"text/tabwriter"

	"sendjay/server/config"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// deskCommands are administration beside a live server, by their first word.
var deskCommands = map[string]func(d *deskCLI, ctx context.Context, words []string) error{
	"audit":   (*deskCLI).audit,
	"session": (*deskCLI).session,
	"feed":    (*deskCLI).feed,
	"limits":  (*deskCLI).limits,
	"log":     (*deskCLI).comings,
	"factor":  (*deskCLI).factor,
	"org":     (*deskCLI).org,
	"notice":  (*deskCLI).notice,
}

// deskCLI is one call of such a command.
type deskCLI struct {
	db   *store.Store
	c    config.Config
	json bool
	out  io.Writer
}

// byCLI is who the audit log says did it: whoever may run commands on the server, under his name there.
var byCLI = sync.OnceValue(func() string {
	who, err := user.Current()
	if err != nil || who.Username == "" {
		return "cli"
	}
	return "cli:" + who.Username
})

func deskCommand(ctx context.Context, name string, args, environ []string, stdout io.Writer) error {
	d := &deskCLI{out: stdout}
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool {
		d.json = d.json || a == "--json"
		return a == "--json"
	})
	c, words, err := config.Read(args, environ)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return &usageError{name + ": what? (try --help)"}
	}
	d.c = c
	if d.db, err = openStore(ctx, c, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	defer d.db.Close()
	return deskCommands[name](d, ctx, words)
}

// show prints v as JSON, or else each line as columns.
func (d *deskCLI) show(v any, lines [][]any) error {
	if d.json {
		return json.NewEncoder(d.out).Encode(v)
	}
	w := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	for _, l := range lines {
		for i, c := range l {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, c)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func (d *deskCLI) audit(ctx context.Context, words []string) error {
	switch words[0] {
	case "verify":
		last, head, broken, err := d.db.VerifyAudit(ctx)
		if err != nil {
			return err
		}
		if err := d.show(map[string]any{"lines": last, "hash": head, "broken": broken}, [][]any{{"lines", last}, {"hash", head}}); err != nil {
			return err
		}
		if broken > 0 {
			return fmt.Errorf("audit verify: line %d, or what stood there, was tampered with", broken)
		}
		return nil
	case "list":
		q := store.AuditQuery{Limit: 1000}
		if len(words) > 1 {
			q.Who = words[1]
		}
		if len(words) > 2 {
			q.Act = words[2]
		}
		lines, err := d.db.Audit(ctx, q)
		if err != nil {
			return err
		}
		var rows [][]any
		for _, l := range lines {
			rows = append(rows, []any{l.N, l.At, l.Who, l.Act, l.Target, l.About})
		}
		return d.show(lines, rows)
	}
	return &usageError{"audit " + words[0] + ": want verify or list"}
}

func (d *deskCLI) session(ctx context.Context, words []string) error {
	if len(words) != 2 || words[0] != "list" && words[0] != "end" {
		return &usageError{"session: want list ID or end ID"}
	}
	id := protocol.UserID(words[1])
	if words[0] == "end" {
		ended, err := d.db.EndSignIns(ctx, store.Act{Who: byCLI(), Act: "device.end", Target: words[1]}, id, "")
		if err != nil {
			return err
		}
		return d.show(map[string]any{"id": id, "ended": len(ended)}, [][]any{{"ended", len(ended)}})
	}
	all, err := d.db.SignIns(ctx, id)
	if err != nil {
		return err
	}
	out := []protocol.SignedDevice{}
	var rows [][]any
	for _, i := range all {
		x := protocol.SignedDevice{ID: i.ID, Device: i.Device, Agent: i.Agent, Address: i.Address, At: protocol.At(i.At), Used: protocol.At(i.Used)}
		out, rows = append(out, x), append(rows, []any{x.ID, x.Device, x.Address, x.Used, x.Agent})
	}
	return d.show(out, rows)
}

// factor takes a second factor away, also from the last owner, whom nobody else may help.
func (d *deskCLI) factor(ctx context.Context, words []string) error {
	if len(words) != 2 || words[0] != "off" {
		return &usageError{"factor: want off ID"}
	}
	dropped, err := d.db.DropFactor(ctx, store.Act{Who: byCLI(), Act: "factor.drop", Target: words[1]}, protocol.UserID(words[1]))
	if err == nil && !dropped {
		err = fmt.Errorf("factor off: %q has no second factor", words[1])
	}
	if err != nil {
		return err
	}
	return d.show(map[string]string{"id": words[1]}, [][]any{{"off", words[1]}})
}
