package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"sendjay/server/feed"
	"sendjay/server/node"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// feed delivers and applies data sets beside a live server.
func (d *deskCLI) feed(ctx context.Context, words []string) error {
	switch {
	case words[0] == "key" && len(words) >= 2:
		return d.feedKey(ctx, words[1], words[2:])
	case words[0] == "keys" && len(words) == 1:
		return d.feedKeys(ctx)
	case words[0] == "unkey" && len(words) == 2:
		if err := d.db.DropFeedKey(ctx, store.Act{Who: byCLI(), Act: "feed.unkey"}, words[1]); err != nil {
			return fmt.Errorf("feed unkey %s: there is no such key (feed keys lists them): %w", words[1], err)
		}
		return d.show(struct{}{}, [][]any{{"gone"}})
	case words[0] == "put" && len(words) == 2:
		return d.feedPut(ctx, words[1])
	case words[0] == "ldap" && len(words) == 1:
		return d.feedLDAP(ctx)
	case words[0] == "list" && len(words) == 1:
		sets, err := d.db.FeedSets(ctx)
		if err != nil {
			return err
		}
		var rows [][]any
		for _, s := range sets.Orgs {
			rows = append(rows, []any{"units", s.Key, s.Rows})
		}
		for _, s := range sets.Users {
			rows = append(rows, []any{"people", s.Key, s.Rows})
		}
		return d.show(sets, rows)
	case (words[0] == "plan" || words[0] == "apply" || words[0] == "force") && len(words) == 3:
		return d.feedApply(ctx, words[0], strings.TrimPrefix(words[1], "-"), strings.TrimPrefix(words[2], "-"))
	case words[0] == "undo" && len(words) == 1:
		_, err := d.db.UndoFeed(ctx, store.Act{Who: byCLI(), Act: "feed.undo"})
		if err != nil {
			return err
		}
		return d.show(struct{}{}, [][]any{{"undone"}})
	}
	return &usageError{"feed: want key, keys, unkey, put, ldap, list, plan, apply, force or undo (try --help)"}
}

func (d *deskCLI) feedKey(ctx context.Context, name string, nets []string) error {
	key, k, err := feed.NewKey(name, nets)
	if err != nil {
		return &usageError{fmt.Sprintf("feed key: want a name of up to 100 characters, and networks such as 10.0.0.0/8, not %q", strings.Join(nets, " "))}
	}
	if err := d.db.AddFeedKey(ctx, store.Act{Who: byCLI(), Act: "feed.key", Target: name}, k); err != nil {
		return err
	}
	return d.show(map[string]string{"id": k.ID, "key": key}, [][]any{{"key", key, "(shown this once)"}})
}

// feedKeys lists the keys.
func (d *deskCLI) feedKeys(ctx context.Context) error {
	keys, err := d.db.FeedKeys(ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, k := range keys {
		used := "never used"
		if k.Used != 0 {
			used = k.Used.String()
		}
		rows = append(rows, []any{k.ID, k.Name, cmp.Or(strings.Join(k.Nets, ","), "anywhere"), k.At, used})
	}
	return d.show(keys, rows)
}

func (d *deskCLI) feedPut(ctx context.Context, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	f, err := feed.Of(feed.CSV, raw)
	if err != nil {
		return fmt.Errorf("feed put %s: %w", path, err)
	}
	f.Key = feed.Key(time.Now())
	if err := feed.Keep(ctx, d.db, store.Act{Who: byCLI(), Act: "feed.put", Target: f.Key}, f); err != nil {
		return fmt.Errorf("feed put %s: %w", path, err)
	}
	return d.taken(protocol.FeedTaken{Key: f.Key, Orgs: len(f.Orgs), Users: len(f.Users)})
}

// feedLDAP reads the company's directory into a data set.
func (d *deskCLI) feedLDAP(ctx context.Context) error {
	log := slog.New(slog.DiscardHandler)
	company, err := node.OpenDirectory(d.c, log)
	if err != nil {
		return err
	}
	if company == nil {
		return &usageError{"feed ldap: there is no --ldap"}
	}
	clock := feed.Clock{Store: d.db, Directory: company, Log: log}
	taken, err := clock.Fetch(ctx, store.Act{Who: byCLI(), Act: "feed.put"})
	if err != nil {
		return fmt.Errorf("feed ldap: %w", err)
	}
	return d.taken(taken)
}

func (d *deskCLI) taken(f protocol.FeedTaken) error {
	return d.show(f, [][]any{{"key", f.Key}, {"units", f.Orgs}, {"people", f.Users}})
}

func (d *deskCLI) feedApply(ctx context.Context, verb, orgs, users string) error {
	var plan protocol.FeedPlan
	var err error
	if verb == "plan" {
		plan, err = d.db.PlanFeed(ctx, orgs, users)
	} else {
		plan, _, err = d.db.ApplyFeed(ctx, store.Act{Who: byCLI(), Act: "feed.apply", Target: orgs + " " + users}, orgs, users, verb == "force")
	}
	if err != nil && !errors.Is(err, store.ErrGuard) {
		return fmt.Errorf("feed %s: %w", verb, err)
	}
	shown := d.show(plan, [][]any{
		{"units", plan.Units}, {"join", plan.Join}, {"leave", plan.Leave}, {"moved", plan.Moved}, {"renamed", plan.Renamed}, {"changed otherwise", plan.Changed}, {"left alone, made by hand", plan.Manual}, {"stay, being the last owners", plan.Spared},
	})
	if err != nil {
		err = fmt.Errorf("%d of them would leave at once: look at the sets again, or use feed force", plan.Leave)
	}
	return errors.Join(shown, err)
}
