package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"sendjay/server/api"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// feed delivers and applies data sets beside a live server.
func (d *deskCLI) feed(ctx context.Context, words []string) error {
	switch {
	case words[0] == "key" && len(words) >= 2:
		return d.feedKey(ctx, words[1], words[2:])
	case words[0] == "put" && len(words) == 2:
		return d.feedPut(ctx, words[1])
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
	return &usageError{"feed: want key, put, list, plan, apply, force or undo (try --help)"}
}

func (d *deskCLI) feedKey(ctx context.Context, name string, nets []string) error {
	for _, n := range nets {
		if _, err := netip.ParsePrefix(n); err != nil {
			return &usageError{fmt.Sprintf("feed key: %q is no network such as 10.0.0.0/8", n)}
		}
	}
	key := rand.Text()
	sum := sha256.Sum256([]byte(key))
	id := strings.ToLower(rand.Text()[:8])
	if err := d.db.AddFeedKey(ctx, store.Act{Who: byCLI(), Act: "feed.key", Target: name}, store.FeedKey{ID: id, Name: name, Hash: hex.EncodeToString(sum[:]), Nets: strings.Join(nets, ",")}); err != nil {
		return err
	}
	return d.show(map[string]string{"id": id, "key": key}, [][]any{{"key", key, "(shown this once)"}})
}

func (d *deskCLI) feedPut(ctx context.Context, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	f, err := api.FeedOfCSV(raw)
	if err != nil {
		return fmt.Errorf("feed put %s: %w", path, err)
	}
	f.Key = time.Now().Format("20060102150405")
	if err := api.CheckFeed(f); err != nil {
		return fmt.Errorf("feed put %s: %w", path, err)
	}
	by := store.Act{Who: byCLI(), Act: "feed.put", Target: f.Key}
	if len(f.Orgs) > 0 {
		err = d.db.PutFeedOrgs(ctx, by, f.Key, f.Orgs)
	} else {
		err = d.db.PutFeedUsers(ctx, by, f.Key, f.Users)
	}
	if err != nil {
		return err
	}
	return d.show(protocol.FeedTaken{Key: f.Key, Orgs: len(f.Orgs), Users: len(f.Users)}, [][]any{{"key", f.Key}, {"units", len(f.Orgs)}, {"people", len(f.Users)}})
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
		{"units", plan.Units}, {"join", plan.Join}, {"leave", plan.Leave}, {"moved", plan.Moved}, {"renamed", plan.Renamed}, {"changed otherwise", plan.Changed}, {"left alone, made by hand", plan.Manual},
	})
	if err != nil {
		err = fmt.Errorf("%d of them would leave at once: look at the sets again, or use feed force", plan.Leave)
	}
	return errors.Join(shown, err)
}
