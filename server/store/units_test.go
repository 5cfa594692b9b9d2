package store_test

import (
	"errors"
	"testing"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestPeopleFollowTheNameOfTheirUnitWhichStaysWhileTheyAreThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim")
		by := store.Act{Who: "boss", Act: "org.edit", Target: "A10"}
		to := func(rows ...store.OrgRow) error {
			return s.ChangeOrgs(t.Context(), by, func([]store.OrgRow) ([]store.OrgRow, error) { return rows, nil })
		}
		if err := to(store.OrgRow{Code: "A10", Name: "영업", Seq: "1"}); err != nil {
			t.Fatal(err)
		}
		org := "A10"
		if err := s.EditAccount(t.Context(), by, "kim", protocol.EditAccount{Org: &org}); err != nil {
			t.Fatal(err)
		}
		if err := to(store.OrgRow{Code: "A10", Name: "국내영업", Seq: "1"}, store.OrgRow{Code: "A20", Name: "개발", Seq: "2"}); err != nil {
			t.Fatal(err)
		}
		if a, err := s.Account(t.Context(), "kim"); err != nil || a.OrgName != "국내영업" {
			t.Errorf("%+v %v", a, err)
		}
		if err := to(store.OrgRow{Code: "A20", Name: "개발", Seq: "2"}); !errors.Is(err, store.ErrInhabited) {
			t.Errorf("somebody is in it: %v", err)
		}
		if err := to(store.OrgRow{Code: "A10", Name: "국내영업", Seq: "1"}); err != nil {
			t.Errorf("nobody is in the other: %v", err)
		}
		// Two who add a unit at the same instant.
		errs := make(chan error, 2)
		for _, code := range []string{"B10", "B20"} {
			go func() {
				errs <- s.ChangeOrgs(t.Context(), by, func(was []store.OrgRow) ([]store.OrgRow, error) {
					return append(was, store.OrgRow{Code: code, Name: code, Seq: code}), nil
				})
			}()
		}
		if err := errors.Join(<-errs, <-errs); err != nil {
			t.Fatal(err)
		}
		if rows, err := s.OrgUnits(t.Context()); err != nil || len(rows) != 3 {
			t.Errorf("%+v %v", rows, err)
		}
	})
}
