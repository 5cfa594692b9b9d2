package store_test

import (
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
)

func TestTickets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Now()
		use := func(name string, until time.Time) bool {
			t.Helper()
			first, err := s.UseTicket(t.Context(), name, until)
			if err != nil {
				t.Fatal(err)
			}
			return first
		}
		if !use("one", now.Add(time.Minute)) || use("one", now.Add(time.Hour)) || !use("One", now.Add(-time.Minute)) {
			t.Error("a ticket is used once, and another one is another one")
		}
		if err := s.ForgetTickets(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if use("one", now.Add(time.Minute)) || !use("One", now.Add(time.Minute)) {
			t.Error("only what could be used no longer is forgotten")
		}
	})
}
