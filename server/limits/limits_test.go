package limits_test

import (
	"strings"
	"testing"

	"sendjay/server/config"
	"sendjay/server/limits"
	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestLimitsAreChangedKeptAndGivenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		start, _, err := config.Read([]string{"--edit-window=2h"}, []string{"SENDJAY_SESSIONS=2"})
		if err != nil {
			t.Fatal(err)
		}
		var told []config.Config
		here, err := limits.New(t.Context(), db, start, func(c config.Config) { told = append(told, c) })
		if err != nil {
			t.Fatal(err)
		}
		there, err := limits.New(t.Context(), db, config.Preset(), nil)
		if err != nil {
			t.Fatal(err)
		}
		set := func(l *limits.Limits, all ...protocol.SetLimit) error {
			_, err := l.Set(t.Context(), store.Act{Who: "admin", Act: "limits"}, protocol.SetLimits{Limits: all})
			return err
		}
		if err := set(here, protocol.SetLimit{Name: protocol.LimitMaxFile, Value: 5 << 20}, protocol.SetLimit{Name: protocol.LimitFileLife}, protocol.SetLimit{Name: protocol.LimitPreviews}); err != nil {
			t.Fatal(err)
		}
		if c := here.Now(); c.MaxFile != 5<<20 || c.FileLife != 0 || c.Previews || len(told) != 1 || told[0].MaxFile != 5<<20 {
			t.Errorf("%+v, told %d times", c, len(told))
		}
		if err := there.Reload(t.Context()); err != nil || there.Now().MaxFile != 5<<20 {
			t.Errorf("another node: %d %v", there.Now().MaxFile, err)
		}
		for _, one := range []protocol.SetLimit{
			{Name: "no such"},
			{Name: protocol.LimitMaxFile},
			{Name: protocol.LimitMaxFile, Value: 1},
			{Name: protocol.LimitPreviews, Value: 2},
			{Name: protocol.LimitSearchWindow, Value: -1},
			{Name: protocol.LimitLiveFiles, Value: 1_000_001},
		} {
			if err := set(here, protocol.SetLimit{Name: protocol.LimitPersonSpace, Value: 1 << 30}, one); protocol.CodeOf(err) != protocol.BadRequest {
				t.Errorf("%+v: %v", one, err)
			}
		}
		for _, name := range []protocol.LimitName{protocol.LimitEditWindow, protocol.LimitSessions} {
			if err := set(here, protocol.SetLimit{Name: name, Value: 3600}); name == protocol.LimitEditWindow && protocol.CodeOf(err) != protocol.Conflict {
				t.Errorf("%s is fixed: %v", name, err)
			}
		}
		if err := set(there, protocol.SetLimit{Name: protocol.LimitSessions, Value: 5}); err != nil {
			t.Fatal(err)
		}
		if err := here.Reload(t.Context()); err != nil || here.Now().PerKind != 2 {
			t.Errorf("what the environment fixes stays: %d %v", here.Now().PerKind, err)
		}
		by := map[protocol.LimitName]protocol.TunedLimit{}
		for _, x := range here.Page().Limits {
			by[x.Name] = x
		}
		if x := by[protocol.LimitMaxFile]; x.Value != 5<<20 || x.Preset != 2<<30 || !x.Set || x.Fixed || x.Least != 1<<20 {
			t.Errorf("%+v", x)
		}
		if x := by[protocol.LimitSessions]; x.Set || !x.Fixed || x.Value != 2 {
			t.Errorf("%+v", x)
		}
		if err := set(here, protocol.SetLimit{Name: protocol.LimitMaxFile, Preset: true}); err != nil || here.Now().MaxFile != 2<<30 {
			t.Errorf("%d %v", here.Now().MaxFile, err)
		}
		lines, err := db.Audit(t.Context(), store.AuditQuery{Act: "limits", Limit: 10})
		if err != nil || len(lines) != 3 || !strings.Contains(lines[0].About, "5MB → 2GB") || !strings.Contains(lines[2].About, `"previews":"on → off"`) || lines[0].Target != "max-file" {
			t.Errorf("%+v %v", lines, err)
		}
	})
}

func TestALimitIsWrittenAsItIsRead(t *testing.T) {
	preset := config.Preset()
	for _, x := range config.Lives {
		for _, v := range []int64{x.Of(preset), x.Least, x.Most} {
			if !x.Good(v) {
				t.Errorf("%s: %d is not good", x.Name, v)
			}
			if got, err := x.Parse(x.Write(v)); err != nil || got != v {
				t.Errorf("%s: %q gives %d, want %d: %v", x.Name, x.Write(v), got, v, err)
			}
			if got := x.Of(x.Put(preset, v)); got != v {
				t.Errorf("%s: put %d, got %d", x.Name, v, got)
			}
		}
		if _, err := x.Parse("nonsense"); err == nil {
			t.Errorf("%s takes nonsense", x.Name)
		}
	}
}
