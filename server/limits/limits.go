// Package limits knows which limits hold now: those the server was started with, and what administrators changed since.
// It does not know what the parts do with them.
// What the settings of the start give by flag, environment or file is theirs to change, not an administrator's.
package limits

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"sendjay/server/config"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Store is what limits needs of the database.
type Store interface {
	Kept(ctx context.Context, name string, v any) error
	Change(ctx context.Context, name string, f func(old []byte) (any, store.Act, error)) error
}

// Limits is the limits of one server.
type Limits struct {
	store Store
	start config.Config
	// tell is called with what holds now, one call at a time, whenever it changed.
	tell func(config.Config)

	mu  sync.Mutex // guards set, and orders the calls of tell
	set map[protocol.LimitName]int64
}

// setting is the name under which the database keeps them.
const setting = "limits"

// New reads what administrators have changed. Tell, unless nil, hears of what changes from then on.
func New(ctx context.Context, s Store, start config.Config, tell func(config.Config)) (*Limits, error) {
	l := &Limits{store: s, start: start, set: map[protocol.LimitName]int64{}}
	err := l.Reload(ctx)
	l.tell = tell
	return l, err
}

// Now returns the settings with the limits that hold.
func (l *Limits) Now() config.Config {
	l.mu.Lock()
	defer l.mu.Unlock()
	return over(l.start, l.set)
}

// over returns c with what is set, as far as that is free to be set and good.
func over(c config.Config, set map[protocol.LimitName]int64) config.Config {
	for _, x := range config.Lives {
		if v, ok := set[x.Name]; ok && x.Good(v) && !c.Fixed(x.Name) {
			c = x.Put(c, v)
		}
	}
	return c
}

// Page lists them.
func (l *Limits) Page() protocol.LimitsPage {
	now, preset := l.Now(), config.Preset()
	l.mu.Lock()
	defer l.mu.Unlock()
	page := protocol.LimitsPage{Limits: []protocol.TunedLimit{}}
	for _, x := range config.Lives {
		fixed := l.start.Fixed(x.Name)
		_, set := l.set[x.Name]
		page.Limits = append(page.Limits, protocol.TunedLimit{
			Name: x.Name, Kind: x.Kind, Value: x.Of(now), Preset: x.Of(preset), Least: x.Least, Most: x.Most, Zero: x.Zero,
			Fixed: fixed, Set: set && !fixed,
		})
	}
	return page
}

// Set changes limits, all of them or none, and writes down what they were before.
func (l *Limits) Set(ctx context.Context, by store.Act, in protocol.SetLimits) (protocol.LimitsPage, error) {
	seen := map[protocol.LimitName]bool{}
	for _, s := range in.Limits {
		x, known := config.LiveOf(s.Name)
		switch {
		case !known || seen[s.Name] || !s.Preset && !x.Good(s.Value):
			return protocol.LimitsPage{}, protocol.RefuseField(protocol.BadRequest, string(s.Name))
		case l.start.Fixed(s.Name):
			return protocol.LimitsPage{}, protocol.RefuseField(protocol.Conflict, string(s.Name))
		}
		seen[s.Name] = true
	}
	if len(in.Limits) == 0 {
		return protocol.LimitsPage{}, protocol.RefuseField(protocol.BadRequest, "limits")
	}
	if err := l.store.Change(ctx, setting, func(old []byte) (any, store.Act, error) {
		set := map[protocol.LimitName]int64{}
		if len(old) > 0 {
			if err := json.Unmarshal(old, &set); err != nil {
				return nil, by, err
			}
		}
		before := over(l.start, set)
		for _, s := range in.Limits {
			if set[s.Name] = s.Value; s.Preset {
				delete(set, s.Name)
			}
		}
		by := by
		by.Target, by.About = told(before, over(l.start, set), seen)
		return set, by, nil
	}); err != nil {
		return protocol.LimitsPage{}, err
	}
	if err := l.Reload(ctx); err != nil {
		return protocol.LimitsPage{}, err
	}
	return l.Page(), nil
}

// told says which limits were touched and, of each, what it was and is.
func told(before, after config.Config, touched map[protocol.LimitName]bool) (target string, about map[string]string) {
	about = map[string]string{}
	for _, x := range config.Lives {
		if touched[x.Name] {
			about[string(x.Name)] = x.Write(x.Of(before)) + " → " + x.Write(x.Of(after))
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(about)), " "), about
}

// Reload reads what was changed elsewhere: at another node, or by the command line.
func (l *Limits) Reload(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	set := map[protocol.LimitName]int64{}
	if err := l.store.Kept(ctx, setting, &set); err != nil {
		return err
	}
	if maps.Equal(set, l.set) {
		return nil
	}
	l.set = set
	if l.tell != nil {
		l.tell(over(l.start, set))
	}
	return nil
}
