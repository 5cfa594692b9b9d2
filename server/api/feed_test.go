package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func TestPeopleComeFromTheCompanysOwnSystem(t *testing.T) {
	s := servertest.Start(t)
	admin := staff(t, s, "admin", protocol.Administrator)
	key := func(name, nets string) map[string]string {
		t.Helper()
		sum := sha256.Sum256([]byte(name))
		if err := s.Store.AddFeedKey(t.Context(), store.Act{Who: "cli", Act: "feed.key"}, store.FeedKey{ID: name, Name: name, Hash: hex.EncodeToString(sum[:]), Nets: nets}); err != nil {
			t.Fatal(err)
		}
		return bearer(name)
	}
	erp, elsewhere := key("erp", "127.0.0.0/8"), key("elsewhere", "10.0.0.0/8")
	var users []string
	for i := range 3000 { // a whole company in one call
		users = append(users, fmt.Sprintf(`{"id":"e%04d","name":"사람%d","org":"A10","job":"사원","phone":"010-0000-0000","absence":"연차"}`, i, i))
	}
	set := `{"key":"20260101","orgs":[{"code":"A10","name":"영업","seq":"A10","level":0}],"users":[` + strings.Join(users, ",") + `]}`
	feed := func(head map[string]string, body string) call {
		return call{method: "POST", path: "/api/v1/feed", head: head, body: body}
	}
	t.Run("only with a key, and only from where it may come", func(t *testing.T) {
		feed(bearer("wrong"), set).to(t, s).refused(t, 401, protocol.Unauthenticated)
		feed(nil, set).to(t, s).refused(t, 401, protocol.Unauthenticated)
		feed(bearer(admin.AccessToken), set).to(t, s).refused(t, 401, protocol.Unauthenticated)
		feed(elsewhere, set).to(t, s).refused(t, 401, protocol.Unauthenticated)
		var taken protocol.FeedTaken
		if feed(erp, set).to(t, s).ok(t, &taken); taken.Key != "20260101" || taken.Users != 3000 || taken.Orgs != 1 {
			t.Errorf("%+v", taken)
		}
	})
	t.Run("what does not fit the columns is refused with its place", func(t *testing.T) {
		for body, field := range map[string]string{
			`{"users":[{"id":"a","name":"x"},{"id":"a","name":"y"}]}`: "users[1]",
			`{"users":[{"id":"a b","name":"x"}]}`:                     "users[0]",
			`{"orgs":[{"code":"","name":"x"}]}`:                       "orgs[0]",
			`{}`:                                                      "key",
		} {
			if f := feed(erp, body).to(t, s).refused(t, 400, protocol.BadRequest); f.Field != field {
				t.Errorf("%s: %+v", body, f)
			}
		}
	})
	t.Run("nothing changes until it is applied; then leavers are out at once", func(t *testing.T) {
		var page protocol.UsersPage
		if get(admin, "/users?q=e0001").to(t, s).ok(t, &page); len(page.Users) != 0 {
			t.Errorf("%+v", page)
		}
		var plan protocol.FeedPlan
		postTo(admin, "/admin/feed/plan", `{"orgs":"20260101","users":"20260101"}`).to(t, s).ok(t, &plan)
		if plan.Join != 3000 {
			t.Errorf("%+v", plan)
		}
		postTo(admin, "/admin/feed/apply", `{"orgs":"20260101","users":"20260101"}`).to(t, s).ok(t, nil)
		if get(admin, "/users?q=e0001").to(t, s).ok(t, &page); len(page.Users) != 1 || page.Users[0].OrgName != "영업" || page.Users[0].Absence == nil {
			t.Errorf("%+v", page)
		}
		leaver := s.SignIn("e0002", protocol.Desktop)
		get(leaver, "/me").to(t, s).ok(t, nil)
		table := "아이디,이름,소속\n"
		for i := range 3000 {
			if i != 2 {
				table += fmt.Sprintf("e%04d,사람%d,A10\n", i, i)
			}
		}
		var taken protocol.FeedTaken
		call{method: "POST", path: "/api/v1/admin/feed/upload", head: map[string]string{"Authorization": "Bearer " + admin.AccessToken, "Content-Type": "text/csv"}, body: table}.to(t, s).ok(t, &taken)
		postTo(admin, "/admin/feed/apply", `{"users":"`+taken.Key+`"}`).to(t, s).ok(t, &plan)
		if plan.Leave != 1 {
			t.Errorf("%+v", plan)
		}
		get(leaver, "/me").to(t, s).refused(t, 401, protocol.Unauthenticated)
		postTo(admin, "/admin/feed/undo", "").to(t, s).ok(t, nil)
		if get(admin, "/users?q=e0002").to(t, s).ok(t, &page); len(page.Users) != 1 {
			t.Errorf("%+v", page)
		}
	})
}
