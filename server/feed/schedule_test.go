package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/server/ldap"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// memory is a Store that counts applies.
type memory struct {
	kept    map[string][]byte
	sets    protocol.FeedSets
	users   []protocol.FeedUser
	applied []string
	refuse  error
}

func (m *memory) PutFeedOrgs(context.Context, store.Act, string, []protocol.FeedOrg) error {
	return nil
}

func (m *memory) PutFeedUsers(_ context.Context, _ store.Act, _ string, rows []protocol.FeedUser) error {
	m.users = rows
	return nil
}

func (m *memory) FeedSets(context.Context) (protocol.FeedSets, error) { return m.sets, nil }

func (m *memory) ApplyFeed(_ context.Context, _ store.Act, orgs, users string, force bool) (protocol.FeedPlan, []protocol.UserID, error) {
	if force {
		return protocol.FeedPlan{}, nil, errors.New("a schedule must not force")
	}
	if m.refuse != nil {
		return protocol.FeedPlan{Leave: 50, Guarded: true}, nil, m.refuse
	}
	m.applied = append(m.applied, orgs+" "+users)
	return protocol.FeedPlan{Join: 1}, []protocol.UserID{"gone"}, nil
}

func (m *memory) Kept(_ context.Context, name string, v any) error {
	if raw := m.kept[name]; raw != nil {
		return json.Unmarshal(raw, v)
	}
	return nil
}

func (m *memory) Keep(_ context.Context, _ store.Act, name string, v any) error {
	raw, err := json.Marshal(v)
	m.kept[name] = raw
	return err
}

// everyone is a directory.
type everyone struct {
	people []ldap.Entry
	err    error
}

func (e everyone) Everyone(context.Context) ([]ldap.Unit, []ldap.Entry, error) {
	return []ldap.Unit{{Code: "L1", Name: "본사", Level: 1}}, e.people, e.err
}

func clock(m *memory) (*Clock, *[]protocol.UserID) {
	var left []protocol.UserID
	return &Clock{Store: m, Log: slog.New(slog.DiscardHandler), Left: func(p []protocol.UserID) { left = append(left, p...) }}, &left
}

func TestASchedule(t *testing.T) {
	run := func(name string, f func(t *testing.T, m *memory, c *Clock)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memory{kept: map[string][]byte{}, sets: protocol.FeedSets{Orgs: []protocol.FeedSet{{Key: "o2"}, {Key: "o1"}}, Users: []protocol.FeedSet{{Key: "u2"}}}}
				c, _ := clock(m)
				f(t, m, c)
			})
		})
	}
	// The bubble begins at midnight UTC of 2000-01-01, 09:00 in Seoul.
	set := func(t *testing.T, c *Clock, s protocol.FeedSchedule) {
		t.Helper()
		if _, err := c.SetSchedule(t.Context(), store.Act{}, s); err != nil {
			t.Fatal(err)
		}
	}
	pass := func(t *testing.T, c *Clock, d time.Duration) {
		t.Helper()
		for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Second) {
			if err := c.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	run("runs once a day at its time in its zone, with the newest sets", func(t *testing.T, m *memory, c *Clock) {
		set(t, c, protocol.FeedSchedule{On: true, At: "23:30", Zone: "Asia/Seoul", From: protocol.FeedDelivered})
		pass(t, c, 14*time.Hour+29*time.Minute)
		if len(m.applied) != 0 {
			t.Fatalf("too early: %v", m.applied)
		}
		pass(t, c, 2*time.Minute)
		if fmt.Sprint(m.applied) != "[o2 u2]" {
			t.Fatalf("got %v", m.applied)
		}
		pass(t, c, 47*time.Hour)
		if len(m.applied) != 2 {
			t.Errorf("%d runs", len(m.applied))
		}
		s, err := c.Schedule(t.Context())
		if err != nil || s.Last == nil || s.Last.Error != "" || s.Last.Plan.Join != 1 {
			t.Errorf("%+v %v", s, err)
		}
	})
	run("does not run while it is off, nor catch up long after its time", func(t *testing.T, m *memory, c *Clock) {
		set(t, c, protocol.FeedSchedule{At: "09:10", Zone: "Asia/Seoul", From: protocol.FeedDelivered})
		pass(t, c, time.Hour)
		time.Sleep(10 * time.Hour)
		set(t, c, protocol.FeedSchedule{On: true, At: "09:10", Zone: "Asia/Seoul", From: protocol.FeedDelivered})
		pass(t, c, time.Hour)
		if len(m.applied) != 0 {
			t.Errorf("got %v", m.applied)
		}
	})
	run("applies nothing when too many would leave, says so, and tries again the next day", func(t *testing.T, m *memory, c *Clock) {
		m.refuse = store.ErrGuard
		var warned []protocol.FeedRun
		c.Warn = func(_ context.Context, r protocol.FeedRun) { warned = append(warned, r) }
		set(t, c, protocol.FeedSchedule{On: true, At: "09:10", Zone: "Asia/Seoul", From: protocol.FeedDelivered})
		pass(t, c, time.Hour)
		if len(warned) != 1 || !warned[0].Guarded || warned[0].Plan.Leave != 50 || warned[0].Error != protocol.TooLarge {
			t.Fatalf("%+v", warned)
		}
		if a := Warning(&warned[0]); !strings.Contains(string(a.Text), "50명") || !strings.Contains(string(a.English), "50 people") {
			t.Errorf("%+v", a) // whoever is here reads it in the language of his screen
		}
		m.refuse = nil
		pass(t, c, 24*time.Hour)
		if len(m.applied) != 1 {
			t.Errorf("got %v", m.applied)
		}
	})
	run("takes people from the directory, and closes nobody when it is silent or empty", func(t *testing.T, m *memory, c *Clock) {
		refused(t, func() error {
			_, err := c.SetSchedule(t.Context(), store.Act{}, protocol.FeedSchedule{At: "09:10", Zone: "UTC", From: protocol.FeedDirectory})
			return err
		}(), protocol.BadRequest)
		c.Directory = everyone{err: errors.New("silent")}
		set(t, c, protocol.FeedSchedule{On: true, At: "09:10", Zone: "Asia/Seoul", From: protocol.FeedDirectory})
		for _, d := range []everyone{{err: errors.New("silent")}, {people: []ldap.Entry{{ID: "a b", Name: "no id"}}}} {
			c.Directory = d
			if err := c.Run(t.Context(), protocol.FeedDirectory); err != nil {
				t.Fatal(err)
			}
			if s, err := c.Schedule(t.Context()); err != nil || s.Last.Error == "" || len(m.applied) != 0 {
				t.Errorf("%+v %v", s.Last, err)
			}
		}
		c.Directory = everyone{people: []ldap.Entry{{ID: "kim", Name: "김서연", Unit: "L1"}, {ID: "not an id", Name: "x"}}}
		if err := c.Run(t.Context(), protocol.FeedDirectory); err != nil || len(m.applied) != 1 || len(m.users) != 1 || m.users[0].OrgName != "본사" {
			t.Errorf("%v %+v %v", m.applied, m.users, err)
		}
	})
	run("refuses what is no time and no zone", func(t *testing.T, _ *memory, c *Clock) {
		for _, s := range []protocol.FeedSchedule{{At: "25:00", Zone: "UTC"}, {At: "9:1", Zone: "UTC"}, {At: "09:00", Zone: "Mars/Base"}, {At: "09:00"}, {At: "09:00", Zone: "Local"}, {At: "09:00", Zone: "UTC", From: "x"}} {
			if s.From == "" {
				s.From = protocol.FeedDelivered
			}
			if _, err := c.SetSchedule(t.Context(), store.Act{}, s); protocol.CodeOf(err) != protocol.BadRequest {
				t.Errorf("%+v: %v", s, err)
			}
		}
	})
}
