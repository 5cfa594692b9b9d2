package store_test

import (
	"errors"
	"fmt"
	"testing"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestFeedsAreAppliedAsAWholeAndTakenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "hand")
		by := store.Act{Who: "erp", Act: "feed.put"}
		orgs := []protocol.FeedOrg{{Code: "A00", Name: "한빛", Seq: "A00"}, {Code: "A10", Name: "영업", Seq: "A10", Level: 1}, {Code: "A20", Name: "개발", Seq: "A20", Level: 1}}
		users := []protocol.FeedUser{{ID: "hand", Name: "Not theirs", Org: "A10"}}
		for i := range 300 {
			users = append(users, protocol.FeedUser{ID: protocol.UserID(fmt.Sprintf("u%03d", i)), Name: fmt.Sprintf("사람%03d", i), Org: "A10"})
		}
		put := func(key string, o []protocol.FeedOrg, u []protocol.FeedUser) {
			t.Helper()
			if err := errors.Join(s.PutFeedOrgs(t.Context(), by, key, o), s.PutFeedUsers(t.Context(), by, key, u)); err != nil {
				t.Fatal(err)
			}
		}
		users[5].Posts = "A20:자문,A00"
		users[5].Mail, users[6].Mail = "u004@hanbit.example", "u005@hanbit.example"
		put("1", orgs, users[:2])
		put("1", orgs, users) // the same key again replaces
		plan, err := s.PlanFeed(t.Context(), "1", "1")
		if err != nil || plan.Join != 300 || plan.Units != 3 || plan.Manual != 1 || plan.Leave != 0 {
			t.Fatalf("%+v %v", plan, err)
		}
		if _, _, err := s.ApplyFeed(t.Context(), by, "1", "1", false); err != nil {
			t.Fatal(err)
		}
		hand, err := s.Account(t.Context(), "hand")
		if err != nil || hand.Name != "Nhand" || hand.Synced {
			t.Errorf("an account made by hand: %+v %v", hand, err)
		}
		// 4 leave, 2 move, 1 is renamed, 1 joins; the unit of the others is gone, one renamed.
		next := append([]protocol.FeedUser{}, users[5:]...)
		next[0].Org, next[1].Org, next[2].Name = "A20", "A20", "새 이름"
		next = append(next, protocol.FeedUser{ID: "new", Name: "새 사람", Org: "A20"})
		next[0].Posts, next[1].Posts = "-", "A00;"
		posts := func(when string, want ...string) {
			t.Helper()
			all, err := s.Directory(t.Context())
			got := map[protocol.UserID]string{}
			for _, p := range all.Posts {
				got[p.User] += p.Org + p.Job + " "
			}
			if err != nil || got["u004"] != want[0] || got["u005"] != want[1] || when != "as the first set says" && got["u006"] != "A20감사, 자문: 1;2 " {
				t.Errorf("%s: %v %v", when, got, err)
			}
		}
		posts("as the first set says", "A00 A20자문 ", "")
		if err := s.EditAccount(t.Context(), by, "u006", protocol.EditAccount{Posts: []protocol.NewPost{{Org: "A20", Job: "감사, 자문: 1;2"}}}); err != nil {
			t.Fatal(err)
		}
		next[0].Mail, next[1].Mail = "", "new@hanbit.example"
		mails := func(when string, want ...string) {
			t.Helper()
			for i, id := range []protocol.UserID{"u004", "u005", "u006"} {
				if a, err := s.Account(t.Context(), id); err != nil || a.Mail != want[i] {
					t.Errorf("%s the address of %s is %q, want %q, %v", when, id, a.Mail, want[i], err)
				}
			}
		}
		mails("at first", "u004@hanbit.example", "u005@hanbit.example", "")
		put("2", []protocol.FeedOrg{orgs[0], {Code: "A20", Name: "연구", Seq: "A20", Level: 1}}, next)
		plan, err = s.PlanFeed(t.Context(), "", "2")
		if err != nil || plan.Join != 1 || plan.Leave != 4 || plan.Moved != 2 || plan.Renamed != 1 || len(plan.Leaving) != 4 || plan.Guarded {
			t.Fatalf("%+v %v", plan, err)
		}
		_, left, err := s.ApplyFeed(t.Context(), by, "2", "2", false)
		if err != nil || len(left) != 4 {
			t.Fatalf("%v %v", left, err)
		}
		for id, want := range map[protocol.UserID]string{"u000": "false (구)영업", "u004": "true 연구", "u100": "true (구)영업", "new": "true 연구"} {
			a, err := s.Account(t.Context(), id)
			if got := fmt.Sprint(a.Active, " ", a.OrgName); err != nil || got != want {
				t.Errorf("%s is %q, want %q, %v", id, got, want, err)
			}
		}
		posts("one is taken away, one comes", "", "A00 ")
		mails("a set that says none leaves it, one that says another brings it:", "u004@hanbit.example", "new@hanbit.example", "")
		put("3", orgs, users[:50])
		if _, _, err := s.ApplyFeed(t.Context(), by, "3", "3", false); !errors.Is(err, store.ErrGuard) {
			t.Errorf("247 leave at once: %v", err)
		}
		if _, err := s.UndoFeed(t.Context(), by); err != nil {
			t.Fatal(err)
		}
		posts("after undoing", "A00 A20자문 ", "")
		mails("after undoing", "u004@hanbit.example", "u005@hanbit.example", "")
		for id, want := range map[protocol.UserID]string{"u000": "true 영업", "u004": "true 영업", "new": "false 연구"} {
			a, err := s.Account(t.Context(), id)
			if got := fmt.Sprint(a.Active, " ", a.OrgName); err != nil || got != want {
				t.Errorf("after undoing %s is %q, want %q, %v", id, got, want, err)
			}
		}
		if _, err := s.UndoFeed(t.Context(), by); !errors.Is(err, store.ErrUndone) {
			t.Errorf("undone twice: %v", err)
		}
		if _, _, err := s.ApplyFeed(t.Context(), by, "", "no such", false); !errors.Is(err, store.ErrNoSet) {
			t.Errorf("no such set: %v", err)
		}
		if _, _, broken, err := s.VerifyAudit(t.Context()); err != nil || broken != 0 {
			t.Errorf("%d %v", broken, err)
		}
	})
}

func TestTheLastOwnerStaysWhoeverWantsHimGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		by := store.Act{Who: "erp", Act: "feed.put"}
		for _, id := range []protocol.UserID{"one", "two"} {
			if err := s.AddAccount(t.Context(), store.Account{User: protocol.User{ID: id, Name: string(id), Role: protocol.Owner}, Active: true, Synced: true}); err != nil {
				t.Fatal(err)
			}
		}
		set := func(key string, ids ...protocol.UserID) {
			t.Helper()
			var rows []protocol.FeedUser
			for _, id := range ids {
				rows = append(rows, protocol.FeedUser{ID: id, Name: string(id)})
			}
			if err := s.PutFeedUsers(t.Context(), by, key, rows); err != nil {
				t.Fatal(err)
			}
		}
		set("1", "two", "kim")
		set("2", "kim")
		if plan, err := s.PlanFeed(t.Context(), "", "2"); err != nil || plan.Spared != 2 || plan.Leave != 0 || len(plan.Leaving) != 0 {
			t.Errorf("nobody would be left: %+v %v", plan, err)
		}
		if plan, left, err := s.ApplyFeed(t.Context(), by, "", "1", false); err != nil || plan.Spared != 0 || len(left) != 1 || left[0] != "one" {
			t.Errorf("one of two leaves: %+v %v %v", plan, left, err)
		}
		if plan, left, err := s.ApplyFeed(t.Context(), by, "", "2", false); err != nil || plan.Spared != 1 || len(left) != 0 {
			t.Errorf("the last one stays: %+v %v %v", plan, left, err)
		}
		no, yes, none := false, true, protocol.Role("")
		for _, e := range []protocol.EditAccount{{Active: &no}, {Role: &none}} {
			if err := s.EditAccount(t.Context(), by, "two", e); !errors.Is(err, store.ErrLastOwner) {
				t.Errorf("%+v: %v", e, err)
			}
		}
		// Two owners who close each other at the same instant.
		if err := s.EditAccount(t.Context(), by, "one", protocol.EditAccount{Active: &yes}); err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 2)
		for _, id := range []protocol.UserID{"one", "two"} {
			go func() { errs <- s.EditAccount(t.Context(), by, id, protocol.EditAccount{Active: &no}) }()
		}
		if a, b := <-errs, <-errs; (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), store.ErrLastOwner) {
			t.Errorf("%v and %v", a, b)
		}
	})
}

func TestWhoDeliveredWhatIsListedAndCanBeRemoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		users := []protocol.FeedUser{{ID: "u1", Name: "하나"}, {ID: "u2", Name: "둘"}}
		for i := range 104 {
			by := store.Act{Who: "feed:erp", Act: "feed.put"}
			if i%2 == 1 {
				by.Who = "boss"
			}
			if err := s.PutFeedUsers(ctx, by, fmt.Sprintf("%03d", i), users[:1+i%2]); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Exec(ctx, "INSERT INTO Z_INTORG_TBL (DTKEY, ORG_CD, ORG_NM, SEQ, LVL) VALUES ('by hand', 'A', 'A', 'A', 0)"); err != nil {
			t.Fatal(err)
		}
		page := func(q store.DeliveryQuery) ([]protocol.Delivery, int) {
			t.Helper()
			sets, total, err := s.Deliveries(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			return sets, total
		}
		sets, total := page(store.DeliveryQuery{Sort: "-key", Limit: 3})
		if total != 101 || len(sets) != 3 || sets[0].Key != "by hand" || sets[0].Orgs != 1 || sets[0].At != 0 || sets[1].Key != "103" || sets[1].Users != 2 || sets[1].Who != "boss" {
			t.Errorf("%d %+v", total, sets) // the oldest have gone by themselves
		}
		if sets, total = page(store.DeliveryQuery{Q: "ERP", Sort: "key", Offset: 49, Limit: 3}); total != 50 || len(sets) != 1 || sets[0].Key != "102" {
			t.Errorf("%d %+v", total, sets)
		}
		if _, _, err := s.Deliveries(ctx, store.DeliveryQuery{Sort: "name"}); !errors.Is(err, store.ErrQuery) {
			t.Error(err)
		}
		if _, _, err := s.ApplyFeed(ctx, store.Act{Act: "feed.apply"}, "by hand", "103", false); err != nil {
			t.Fatal(err)
		}
		if sets, _ = page(store.DeliveryQuery{Q: "103", Limit: 1}); sets[0].Applied == 0 {
			t.Errorf("%+v", sets)
		}
		if _, err := s.UndoFeed(ctx, store.Act{Act: "feed.undo"}); err != nil {
			t.Fatal(err)
		}
		if sets, _ = page(store.DeliveryQuery{Q: "103", Limit: 1}); sets[0].Applied != 0 {
			t.Errorf("%+v", sets)
		}
		if err := s.DropFeed(ctx, store.Act{Act: "feed.drop"}, "103"); err != nil {
			t.Fatal(err)
		}
		if err := s.DropFeed(ctx, store.Act{Act: "feed.drop"}, "103"); !errors.Is(err, store.ErrNoSet) {
			t.Error(err)
		}
		if _, err := s.PlanFeed(ctx, "", "103"); !errors.Is(err, store.ErrNoSet) {
			t.Error(err)
		}
	})
}

func TestAMasterWhoLeavesWithAFeedPassesHisGroupOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		users := []protocol.FeedUser{{ID: "kim", Name: "김"}, {ID: "lee", Name: "이"}, {ID: "park", Name: "박"}}
		by := store.Act{Act: "feed.put"}
		for key, all := range map[string][]protocol.FeedUser{"1": users, "2": users[1:]} {
			if err := s.PutFeedUsers(ctx, by, key, all); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := s.ApplyFeed(ctx, by, "", "1", false); err != nil {
			t.Fatal(err)
		}
		group, pair := room(t, s, "kim", "lee", "park"), room(t, s, "kim", "lee")
		var told []store.WideChanged
		s.Passed(func(w store.WideChanged) { told = append(told, w) })
		if _, left, err := s.ApplyFeed(ctx, by, "", "2", false); err != nil || len(left) != 1 {
			t.Fatal(left, err)
		}
		if len(told) != 1 || told[0].Room != group || told[0].Wide.Master == "kim" || told[0].Wide.Master == "" {
			t.Fatalf("told %+v", told)
		}
		for id, want := range map[protocol.RoomID]protocol.UserID{group: told[0].Wide.Master, pair: "kim"} {
			if r, err := s.Room(ctx, "lee", id); err != nil || r.Master != want {
				t.Errorf("%s is the master of %s, want %s, %v", r.Master, id, want, err)
			}
		}
	})
}
