package feed

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"sendjay/server/store"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

// Store is what a schedule needs of the database.
type Store interface {
	PutFeedOrgs(ctx context.Context, by store.Act, key string, rows []protocol.FeedOrg) error
	PutFeedUsers(ctx context.Context, by store.Act, key string, rows []protocol.FeedUser) error
	FeedSets(ctx context.Context) (protocol.FeedSets, error)
	ApplyFeed(ctx context.Context, by store.Act, orgKey, userKey string, force bool) (protocol.FeedPlan, []protocol.UserID, error)
	Kept(ctx context.Context, name string, v any) error
	Keep(ctx context.Context, by store.Act, name string, v any) error
}

// The names under which the database keeps when, and what came of it last.
const (
	scheduleSetting = "feed schedule"
	runSetting      = "feed run"
)

// byClock is who the audit log says did it.
const byClock = "schedule"

// Clock applies what was delivered, or what the directory says, once a day.
type Clock struct {
	Store     Store
	Directory Directory // nil when there is none
	// Left is told who left.
	Left func(people []protocol.UserID)
	// Warn is told of a run that applied nothing.
	Warn func(ctx context.Context, run protocol.FeedRun)
	Log  *slog.Logger
}

// Schedule returns when feeds are applied, and what came of it last.
func (c *Clock) Schedule(ctx context.Context) (protocol.FeedSchedule, error) {
	s := protocol.FeedSchedule{At: "03:00", Zone: "Asia/Seoul", From: protocol.FeedDelivered, Directory: c.Directory != nil}
	if err := c.Store.Kept(ctx, scheduleSetting, &s); err != nil {
		return s, err
	}
	s.Directory, s.Last = c.Directory != nil, nil
	var run protocol.FeedRun
	err := c.Store.Kept(ctx, runSetting, &run)
	if run.At != 0 {
		s.Last = &run
	}
	return s, err
}

// SetSchedule changes it.
func (c *Clock) SetSchedule(ctx context.Context, by store.Act, s protocol.FeedSchedule) (protocol.FeedSchedule, error) {
	if _, err := time.Parse("15:04", s.At); err != nil || len(s.At) != 5 {
		return s, protocol.RefuseField(protocol.BadRequest, "at")
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		return s, protocol.RefuseField(protocol.BadRequest, "zone")
	}
	if s.From != protocol.FeedDelivered && s.From != protocol.FeedDirectory || s.From == protocol.FeedDirectory && c.Directory == nil {
		return s, protocol.RefuseField(protocol.BadRequest, "from")
	}
	s.Last, s.Directory = nil, false
	by.About = s
	if err := c.Store.Keep(ctx, by, scheduleSetting, s); err != nil {
		return s, err
	}
	return c.Schedule(ctx)
}

// due reports whether a run stands out: the time of day has come, in the schedule's zone, since the last one.
func due(s protocol.FeedSchedule, now time.Time) bool {
	zone, err := time.LoadLocation(s.Zone)
	at, bad := time.Parse("15:04", s.At)
	if err != nil || bad != nil || !s.On {
		return false
	}
	here := now.In(zone)
	today := time.Date(here.Year(), here.Month(), here.Day(), at.Hour(), at.Minute(), 0, 0, zone)
	if here.Before(today) {
		today = today.AddDate(0, 0, -1)
	}
	// A schedule that was just turned on, or a server that was off for days, does not catch up at noon.
	return now.Sub(today) < 6*time.Hour && (s.Last == nil || s.Last.At.Time().Before(today))
}

// Tick runs what is due. It is called every minute, at one node.
func (c *Clock) Tick(ctx context.Context) error {
	s, err := c.Schedule(ctx)
	if err != nil || !due(s, time.Now()) {
		return err
	}
	return c.Run(ctx, s.From)
}

// Run reads, applies, and keeps what came of it. Where too many would leave nothing is applied, and it says so.
func (c *Clock) Run(ctx context.Context, from protocol.FeedFrom) error {
	run := protocol.FeedRun{At: protocol.At(time.Now())}
	plan, err := c.apply(ctx, from)
	run.Plan = plan
	switch {
	case errors.Is(err, store.ErrGuard):
		run.Error, run.Guarded = protocol.TooLarge, true
	case errors.Is(err, store.ErrNoSet):
		run.Error = protocol.NotFound
	default:
		run.Error = protocol.CodeOf(err)
	}
	if err != nil {
		c.Log.Warn("people were not brought up to date", "from", from, "leave", plan.Leave, "err", err)
		if c.Warn != nil {
			c.Warn(ctx, run)
		}
	}
	return c.Store.Keep(context.WithoutCancel(ctx), store.Act{Who: byClock, Act: "feed.run", Target: string(from), About: run}, runSetting, run)
}

func (c *Clock) apply(ctx context.Context, from protocol.FeedFrom) (protocol.FeedPlan, error) {
	var orgs, users string
	if from == protocol.FeedDirectory {
		f, err := OfDirectory(ctx, c.Directory)
		if err != nil {
			return protocol.FeedPlan{}, err
		}
		f.Key = Key(time.Now())
		if err := Keep(ctx, c.Store, store.Act{Who: byClock, Act: "feed.put", Target: f.Key}, f); err != nil {
			return protocol.FeedPlan{}, err
		}
		orgs, users = f.Key, f.Key
		if len(f.Orgs) == 0 {
			orgs = ""
		}
	} else {
		sets, err := c.Store.FeedSets(ctx)
		if err != nil {
			return protocol.FeedPlan{}, err
		}
		if len(sets.Users) == 0 {
			return protocol.FeedPlan{}, store.ErrNoSet
		}
		users = sets.Users[0].Key
		if len(sets.Orgs) > 0 {
			orgs = sets.Orgs[0].Key
		}
	}
	plan, left, err := c.Store.ApplyFeed(ctx, store.Act{Who: byClock, Act: "feed.apply", Target: orgs + " " + users}, orgs, users, false)
	if err == nil && c.Left != nil {
		c.Left(left)
	}
	return plan, err
}

// Keep checks a data set and keeps it in place of the one with the same key.
func Keep(ctx context.Context, s Store, by store.Act, f protocol.Feed) error {
	if bad := Check(f); bad != nil {
		return bad
	}
	by.About = map[string]int{"orgs": len(f.Orgs), "users": len(f.Users)}
	if len(f.Orgs) > 0 {
		if err := s.PutFeedOrgs(ctx, by, f.Key, f.Orgs); err != nil {
			return err
		}
	}
	if len(f.Users) > 0 {
		return s.PutFeedUsers(ctx, by, f.Key, f.Users)
	}
	return nil
}

// Fetch reads the directory into a data set, which changes nothing until it is applied.
func (c *Clock) Fetch(ctx context.Context, by store.Act) (protocol.FeedTaken, error) {
	if c.Directory == nil {
		return protocol.FeedTaken{}, protocol.RefuseField(protocol.NotFound, "ldap")
	}
	f, err := OfDirectory(ctx, c.Directory)
	if err != nil {
		return protocol.FeedTaken{}, err
	}
	f.Key = Key(time.Now())
	by.Target = f.Key
	return protocol.FeedTaken{Key: f.Key, Orgs: len(f.Orgs), Users: len(f.Users)}, Keep(ctx, c.Store, by, f)
}

// Warning is what administrators are told, in both languages, of a run that applied nothing; nil after one that did.
func Warning(run *protocol.FeedRun) *protocol.Announcement {
	if run == nil || run.Error == "" {
		return nil
	}
	text := func(lang string) protocol.Text {
		if run.Guarded {
			return protocol.Text(locale.Of(lang).Say("admin.feed.tripped", "n", run.Plan.Leave))
		}
		return protocol.Text(locale.Of(lang).Say("admin.feed.failed"))
	}
	return &protocol.Announcement{ID: "feed-" + run.At.String(), Text: text("ko"), English: text("en"), By: "Sendjay", At: run.At}
}
