package store_test

import (
	"errors"
	"testing"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestTheAuditLogShowsTampering(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim")
		for range 3 {
			if err := s.Note(t.Context(), store.Act{Who: "admin", Act: "account.edit", Target: "kim", About: map[string]string{"name": "김"}}); err != nil {
				t.Fatal(err)
			}
		}
		off := false
		if err := s.EditAccount(t.Context(), store.Act{Who: "admin", Act: "account.close", Target: "kim"}, "kim", protocol.EditAccount{Active: &off}); err != nil {
			t.Fatal(err)
		}
		last, head, broken, err := s.VerifyAudit(t.Context())
		if err != nil || last != 4 || head == "" || broken != 0 {
			t.Fatalf("%d %s %d %v", last, head, broken, err)
		}
		lines, err := s.Audit(t.Context(), store.AuditQuery{Act: "account.", Target: "kim", Before: 4, Limit: 2})
		if err != nil || len(lines) != 2 || lines[0].N != 3 || lines[0].About != `{"name":"김"}` {
			t.Errorf("%+v %v", lines, err)
		}
		for _, q := range []store.AuditQuery{{Who: "ADM", Target: "nKI", Limit: 10}, {Who: "dmi", Target: "KI", Limit: 10}} {
			if lines, err := s.Audit(t.Context(), q); err != nil || len(lines) != 4 {
				t.Errorf("%+v finds %d lines, %v", q, len(lines), err)
			}
		}
		if lines, err := s.Audit(t.Context(), store.AuditQuery{Who: "%", Limit: 10}); err != nil || len(lines) != 0 {
			t.Errorf("a sign of the database's own finds %d lines, %v", len(lines), err)
		}
		for _, c := range []struct{ name, do, undo string }{
			{"a changed line", "UPDATE S_AUDIT_TBL SET WHO='x' WHERE N=2", "UPDATE S_AUDIT_TBL SET WHO='admin' WHERE N=2"},
			{"a line that tells of another time", "UPDATE S_AUDIT_TBL SET ATMS=ATMS+1 WHERE N=1", "UPDATE S_AUDIT_TBL SET ATMS=ATMS-1 WHERE N=1"},
		} {
			if err := s.Exec(t.Context(), c.do); err != nil {
				t.Fatal(err)
			}
			if _, _, broken, err := s.VerifyAudit(t.Context()); err != nil || broken == 0 {
				t.Errorf("%s is not noticed: %v", c.name, err)
			}
			if err := s.Exec(t.Context(), c.undo); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range []string{"4", "2"} { // at the end, then in the middle
			if err := s.Exec(t.Context(), "DELETE FROM S_AUDIT_TBL WHERE N="+n); err != nil {
				t.Fatal(err)
			}
			if _, _, broken, err := s.VerifyAudit(t.Context()); err != nil || broken == 0 {
				t.Errorf("line %s is gone unnoticed: %v", n, err)
			}
		}
	})
}

func TestAccountsAsAdministrationSeesThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		by := store.Act{Who: "admin", Act: "account.open"}
		if err := s.OpenAccount(t.Context(), by, store.Account{User: protocol.User{ID: "desk", Name: "Desk", Role: protocol.HelpDesk}, Active: true}); err != nil {
			t.Fatal(err)
		}
		if err := s.OpenAccount(t.Context(), by, store.Account{User: protocol.User{ID: "kim", Name: "Again"}}); !errors.Is(err, store.ErrTaken) {
			t.Errorf("an id twice: %v", err)
		}
		for range 3 {
			if _, err := s.Wrong(t.Context(), "lee"); err != nil {
				t.Fatal(err)
			}
		}
		for state, want := range map[string]string{"": "desk kim lee ", "locked": "lee ", "staff": "desk ", "closed": "", "manual": "desk kim lee "} {
			accounts, total, err := s.Desk(t.Context(), store.AccountQuery{State: state, Sort: "id", Limit: 10, LockAfter: 3})
			got := ""
			for _, a := range accounts {
				got += string(a.ID) + " "
			}
			if err != nil || got != want || total != len(accounts) {
				t.Errorf("%s: %s %d %v", state, got, total, err)
			}
		}
		for _, sort := range []string{"PWD", "--id", "name DESC"} {
			if _, _, err := s.Desk(t.Context(), store.AccountQuery{Sort: sort, Limit: 1}); !errors.Is(err, store.ErrQuery) {
				t.Errorf("an order of somebody's own, %q: %v", sort, err)
			}
		}
		for sort, want := range map[string]string{"": "desk kim lee ", "-name": "lee kim desk ", "-id": "lee kim desk ", "state": "lee desk kim ", "-state": "kim desk lee ", "-org": "lee kim desk ", "-used": "lee kim desk "} {
			accounts, _, err := s.Desk(t.Context(), store.AccountQuery{Sort: sort, Limit: 10, LockAfter: 3})
			got := ""
			for _, a := range accounts {
				got += string(a.ID) + " "
			}
			if err != nil || got != want {
				t.Errorf("in order of %q: %s %v", sort, got, err)
			}
		}
		accounts, total, err := s.Desk(t.Context(), store.AccountQuery{Q: "EE", Sort: "-used", Limit: 1})
		if err != nil || total != 1 || accounts[0].ID != "lee" {
			t.Errorf("%+v %d %v", accounts, total, err)
		}
		if last, _, broken, err := s.VerifyAudit(t.Context()); err != nil || last != 1 || broken != 0 {
			t.Errorf("a refused act is in the log: %d %d %v", last, broken, err)
		}
	})
}
