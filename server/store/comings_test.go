package store_test

import (
	"fmt"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestWhoCameAndWentIsPagedFilteredAndForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		begin := time.Now().Add(-time.Hour).Truncate(time.Second)
		var came []store.Came
		for i := range 450 {
			at := begin.Add(time.Duration(i) * time.Second)
			c := store.Came{N: store.FirstComing(at), At: at, Kind: protocol.WasOn, User: "kim", From: protocol.Web, Address: "10.0.0.1", Seconds: -1}
			if i%3 == 0 {
				c.Kind, c.User, c.Address, c.Why = protocol.WasRefused, "", "10.9.0.7", "bad_credentials"
			}
			came = append(came, c)
		}
		if err := s.LogComings(t.Context(), came, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.LogComings(t.Context(), nil, []store.Went{{N: came[1].N, At: came[1].At.Add(75 * time.Second), Seconds: 75}}); err != nil {
			t.Fatal(err)
		}
		count := func(q store.ComingsQuery) (n int) {
			t.Helper()
			last := int64(0)
			for q.Limit = 100; ; n += 100 {
				page, err := s.Comings(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range page {
					var id int64
					if _, err := fmt.Sscan(l.ID, &id); err != nil || last != 0 && (id < last) == q.Oldest {
						t.Fatalf("%s after %d", l.ID, last)
					}
					last = id
				}
				if len(page) < 100 {
					return n + len(page)
				}
				q.After = last
			}
		}
		for name, c := range map[string]struct {
			q    store.ComingsQuery
			want int
		}{
			"all":                   {store.ComingsQuery{}, 450},
			"all, the oldest first": {store.ComingsQuery{Oldest: true}, 450},
			"of a kind":             {store.ComingsQuery{Kind: protocol.WasRefused}, 150},
			"of a device":           {store.ComingsQuery{Device: protocol.Desktop}, 0},
			"of an id":              {store.ComingsQuery{Q: "kim"}, 300},
			"of a name":             {store.ComingsQuery{Q: "nKI"}, 300},
			"from a network":        {store.ComingsQuery{Q: "10.9."}, 150},
			"of a time":             {store.ComingsQuery{Since: begin.Add(10 * time.Second), Until: begin.Add(20 * time.Second)}, 10},
			"what a LIKE would do":  {store.ComingsQuery{Q: "%"}, 0},
		} {
			if n := count(c.q); n != c.want {
				t.Errorf("%s: %d lines, want %d", name, n, c.want)
			}
		}
		first, err := s.Comings(t.Context(), store.ComingsQuery{Oldest: true, Limit: 3})
		if err != nil || first[1].Seconds != 75 || first[2].Seconds != -1 || first[1].Name != "Nkim" || first[0].Name != "" {
			t.Errorf("%+v %v", first, err)
		}
		for _, want := range []int{30, 10, 0} {
			if n, err := s.ForgetComings(t.Context(), begin.Add(40*time.Second), 30); err != nil || n != want {
				t.Errorf("forgot %d, want %d: %v", n, want, err)
			}
		}
		if n := count(store.ComingsQuery{}); n != 410 {
			t.Errorf("%d lines are left", n)
		}
	})
}

func TestAGroupPassesToTheOldestActiveMemberWhenItsMasterIsClosed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "master", "first", "second", "other")
		group := room(t, s, "master", "first", "second")
		pair := room(t, s, "master", "other")
		rev := send(t, s, group, "first", "m1", "hello").Message.Rev
		var told []store.WideChanged
		s.Passed(func(w store.WideChanged) { told = append(told, w) })
		off := false
		by := store.Act{Who: "admin", Act: "account.close"}
		closing := func(id protocol.UserID) {
			t.Helper()
			if err := s.EditAccount(t.Context(), by, id, protocol.EditAccount{Active: &off}); err != nil {
				t.Fatal(err)
			}
		}
		// Each closing is a change of the room, and so is what it passes on.
		closing("first") // no master, and from now on no heir
		closing("master")
		if len(told) != 1 || told[0].Room != group || told[0].Wide.Master != "second" || told[0].Rev != rev+3 {
			t.Fatalf("%+v", told)
		}
		r, err := s.Room(t.Context(), "second", group)
		if err != nil || r.Master != "second" || r.Rev != rev+3 {
			t.Errorf("%+v %v", r, err)
		}
		if r, err := s.Room(t.Context(), "other", pair); err != nil || r.Master != "master" {
			t.Errorf("a pair has no use for it: %+v %v", r, err)
		}
		closing("second") // nobody is left
		if len(told) != 1 {
			t.Errorf("%+v", told)
		}
		if got := send(t, s, group, "second", "m2", "goes on").Message.Rev; got != rev+5 {
			t.Errorf("the next rev is %d, want %d", got, rev+5)
		}
	})
}

func TestNamesAreFoundWithoutRegardToCaseInEveryAlphabet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for id, name := range map[protocol.UserID]string{"a": "Ångström", "b": "ИВАНОВ", "c": "Ünal"} {
			if err := s.AddAccount(t.Context(), store.Account{User: protocol.User{ID: id, Name: name}, Active: true}); err != nil {
				t.Fatal(err)
			}
		}
		for q, want := range map[string]protocol.UserID{"ång": "a", "ÅNGSTRÖM": "a", "иванов": "b", "ÜNAL": "c"} {
			found, n, err := s.Desk(t.Context(), store.AccountQuery{Q: q, Limit: 10})
			if err != nil || n != 1 || found[0].ID != want {
				t.Errorf("%s: %+v %v", q, found, err)
			}
		}
		made := room(t, s, "a", "b")
		send(t, s, made, "a", "m1", "hello")
		if page, err := s.Rooms(t.Context(), "a", "иван", "", 10); err != nil || len(page.Rooms) != 1 {
			t.Errorf("%+v %v", page, err)
		}
	})
}

func TestTwoWhoChangeOneSettingDoSoOneAfterTheOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		done := make(chan error, 8)
		for range cap(done) {
			go func() {
				done <- s.Change(t.Context(), "test", func(old []byte) (any, store.Act, error) {
					return string(old) + "x", store.Act{Who: "a", Act: "test", About: len(old)}, nil
				})
			}()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		lines, err := s.Audit(t.Context(), store.AuditQuery{Act: "test", Limit: 20})
		seen := map[string]bool{}
		for _, l := range lines {
			seen[l.About] = true
		}
		if err != nil || len(seen) != cap(done) {
			t.Errorf("%v %v", seen, err)
		}
	})
}
