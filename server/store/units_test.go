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
		// Nobody is put where there is nothing, and who is in a unit that went need not leave it.
		gone, none, lost := "A99", "", "A10"
		for _, c := range []struct {
			e    protocol.EditAccount
			want error
		}{
			{protocol.EditAccount{Org: &gone}, store.ErrNoUnit},
			{protocol.EditAccount{Posts: []protocol.NewPost{{Org: "A10"}, {Org: gone}}}, store.ErrNoPostUnit},
			{protocol.EditAccount{Posts: []protocol.NewPost{{Org: "A10"}}}, nil},
			{protocol.EditAccount{Org: &none, Posts: []protocol.NewPost{}}, nil},
			{protocol.EditAccount{Org: &lost}, nil},
		} {
			if err := s.EditAccount(t.Context(), by, "kim", c.e); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v", c.e, err)
			}
		}
		if err := s.OpenAccount(t.Context(), by, store.Account{User: protocol.User{ID: "new", Name: "New", Org: gone}}); !errors.Is(err, store.ErrNoUnit) {
			t.Error(err)
		}
		if _, err := s.Account(t.Context(), "new"); !errors.Is(err, store.ErrNoUser) {
			t.Errorf("half an account: %v", err)
		}
		if err := s.OpenAccount(t.Context(), by, store.Account{User: protocol.User{ID: "new", Name: "New", Org: "A10"}}); err != nil {
			t.Error(err)
		}
		if a, err := s.Account(t.Context(), "new"); err != nil || a.OrgName != "국내영업" {
			t.Errorf("%+v %v", a, err)
		}
		for _, q := range []string{
			"UPDATE Z_USER_TBL SET ORG_CD='A77', ORG_NM='(구)영업' WHERE USER_ID='kim'",
			"INSERT INTO S_POST_TBL (USER_ID, ORG_CD, JOB) VALUES ('kim','A78','자문')",
		} {
			if err := s.Exec(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		held := "A77"
		if err := s.EditAccount(t.Context(), by, "kim", protocol.EditAccount{Org: &held, Posts: []protocol.NewPost{{Org: "A78", Job: "자문"}}}); err != nil {
			t.Error(err)
		}
		if a, err := s.Account(t.Context(), "kim"); err != nil || a.Org != "A77" || a.OrgName != "(구)영업" {
			t.Errorf("%+v %v", a, err)
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
