package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

// staff makes somebody with a role and signs him in.
func staff(t *testing.T, s *servertest.Server, id protocol.UserID, role protocol.Role) *servertest.Person {
	t.Helper()
	if err := s.Store.AddAccount(t.Context(), store.Account{User: protocol.User{ID: id, Name: string(id), Role: role}, PasswordHash: servertest.Hashed(), Active: true}); err != nil {
		t.Fatal(err)
	}
	return s.SignIn(id, protocol.Desktop)
}

func postTo(p *servertest.Person, path, body string) call {
	return call{method: "POST", path: "/api/v1" + path, body: body, head: bearer(p.AccessToken)}
}

func drop(p *servertest.Person, path string) call {
	return call{method: "DELETE", path: "/api/v1" + path, head: bearer(p.AccessToken)}
}

func TestAccountsAreLookedAfter(t *testing.T) {
	s := servertest.Start(t)
	owner, admin, desk := staff(t, s, "owner", protocol.Owner), staff(t, s, "admin", protocol.Administrator), staff(t, s, "desk", protocol.HelpDesk)
	kim := s.Person("kim")
	t.Run("a new account gets a password that serves once", func(t *testing.T) {
		var made protocol.OneTime
		postTo(admin, "/admin/accounts", `{"id":"new","name":"새 직원","org":"A10"}`).to(t, s).ok(t, &made)
		var in protocol.SignedIn
		login("new", made.Password, "desktop").to(t, s).ok(t, &in)
		if !in.User.MustChange {
			t.Errorf("%+v", in)
		}
		postTo(admin, "/admin/accounts", `{"id":"new","name":"x"}`).to(t, s).refused(t, 409, protocol.Conflict)
		postTo(admin, "/admin/accounts", `{"id":"a b","name":"x"}`).to(t, s).refused(t, 400, protocol.BadRequest)
		postTo(admin, "/admin/accounts", `{"id":"no-name","name":" "}`).to(t, s).refused(t, 400, protocol.BadRequest)
	})
	t.Run("people without a password get one that serves once, and the others keep theirs", func(t *testing.T) {
		for _, id := range []protocol.UserID{"hr1", "hr2"} {
			if err := s.Store.AddAccount(t.Context(), store.Account{User: protocol.User{ID: id, Name: string(id)}, Active: true, Synced: true}); err != nil {
				t.Fatal(err)
			}
		}
		var page protocol.AccountsPage
		if get(desk, "/admin/accounts?state=empty").to(t, s).ok(t, &page); page.Total != 2 {
			t.Errorf("%+v", page)
		}
		var made protocol.OneTimes
		postTo(admin, "/admin/passwords", "").to(t, s).ok(t, &made)
		if len(made.People) != 2 || made.Left != 0 || made.People[0].Password == made.People[1].Password {
			t.Fatalf("%+v", made)
		}
		var in protocol.SignedIn
		if login("hr2", made.People[1].Password, "desktop").to(t, s).ok(t, &in); !in.User.MustChange {
			t.Errorf("%+v", in)
		}
		login("kim", servertest.Password, "desktop").to(t, s).ok(t, nil)
		if postTo(admin, "/admin/passwords", "").to(t, s).ok(t, &made); len(made.People) != 0 {
			t.Errorf("%+v", made)
		}
	})
	t.Run("nobody gains rights through another one", func(t *testing.T) {
		postTo(desk, "/admin/accounts/admin/password", "").to(t, s).refused(t, 403, protocol.Forbidden)
		postTo(admin, "/admin/accounts/owner/password", "").to(t, s).refused(t, 403, protocol.Forbidden)
		drop(desk, "/admin/accounts/owner/devices").to(t, s).refused(t, 403, protocol.Forbidden)
		put(admin, "/admin/accounts/kim", `{"role":"admin"}`).to(t, s).refused(t, 403, protocol.Forbidden)
		postTo(admin, "/admin/accounts", `{"id":"x","name":"x","role":"owner"}`).to(t, s).refused(t, 403, protocol.Forbidden)
		// What the screen does not offer is refused too, and what is not ours to change is passed over.
		postTo(desk, "/admin/accounts/owner/password", "").to(t, s).refused(t, 403, protocol.Forbidden)
		postTo(desk, "/admin/accounts/owner/unlock", "").to(t, s).refused(t, 403, protocol.Forbidden)
		drop(desk, "/admin/accounts/admin/factor").to(t, s).refused(t, 403, protocol.Forbidden)
		drop(admin, "/admin/accounts/owner/devices").to(t, s).refused(t, 403, protocol.Forbidden)
		put(desk, "/admin/accounts/desk", `{"role":"owner"}`).to(t, s).refused(t, 403, protocol.Forbidden)
		put(admin, "/admin/accounts/admin", `{"role":"owner"}`).to(t, s).refused(t, 403, protocol.Forbidden)
		put(admin, "/admin/accounts/owner", `{"name":"x"}`).to(t, s).refused(t, 403, protocol.Forbidden)
		postTo(admin, "/admin/accounts", `{"id":"x","name":"x","role":"helpdesk"}`).to(t, s).refused(t, 403, protocol.Forbidden)
		put(owner, "/admin/accounts/kim", `{"role":"root"}`).to(t, s).refused(t, 400, protocol.BadRequest)
		for _, path := range []string{"/me/profile", "/me/settings"} {
			put(kim, path, `{"role":"owner","admin":true,"active":true,"id":"owner","name":"x"}`).to(t, s)
		}
		var me protocol.User
		if get(kim, "/me").to(t, s).ok(t, &me); me.Role != "" || me.Admin || me.ID != "kim" || me.Name != "Kim" {
			t.Errorf("%+v", me)
		}
		put(owner, "/admin/accounts/owner", `{"role":""}`).to(t, s).refused(t, 409, protocol.Conflict)
		put(owner, "/admin/accounts/owner", `{"active":false}`).to(t, s).refused(t, 409, protocol.Conflict)
		put(owner, "/admin/accounts/kim", `{"role":"helpdesk"}`).to(t, s).ok(t, nil)
		put(owner, "/admin/accounts/kim", `{"role":""}`).to(t, s).ok(t, nil)
	})
	t.Run("a reset ends the sessions at once, and the old password", func(t *testing.T) {
		var fresh protocol.OneTime
		postTo(desk, "/admin/accounts/kim/password", "").to(t, s).ok(t, &fresh)
		get(kim, "/me").to(t, s).refused(t, 401, protocol.Unauthenticated)
		login("kim", servertest.Password, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
		login("kim", fresh.Password, "desktop").to(t, s).ok(t, nil)
	})
	t.Run("closing an account ends its sessions, and nothing of it is lost", func(t *testing.T) {
		lee := s.Person("lee")
		put(admin, "/admin/accounts/lee", `{"active":false}`).to(t, s).ok(t, nil)
		get(lee, "/me").to(t, s).refused(t, 401, protocol.Unauthenticated)
		var c protocol.Card
		if get(admin, "/users/lee").to(t, s).ok(t, &c); !c.Gone || c.Name != "Lee" {
			t.Errorf("%+v", c)
		}
		put(admin, "/admin/accounts/lee", `{"active":true}`).to(t, s).ok(t, nil)
		login("lee", servertest.Password, "desktop").to(t, s).ok(t, nil)
	})
	t.Run("who shares a room with somebody hears at once that his account is closed, and that it is open again", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		s.Add("jang", "yoon")
		jang, err := person.SignIn(ctx, s.URL, "jang", servertest.Password, protocol.Web)
		if err != nil {
			t.Fatal(err)
		}
		if err := jang.Connect(ctx); err != nil {
			t.Fatal(err)
		}
		defer jang.Hang()
		made, err := jang.CreateRoom(ctx, "", "yoon", "kim")
		if err != nil {
			t.Fatal(err)
		}
		room := made.Room.ID
		sent, err := jang.Send(ctx, person.NewMessage(room, "who reads this?"))
		if err != nil {
			t.Fatal(err)
		}
		if err := jang.Refetch(ctx, room); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			body   string
			unread int
		}{{`{"active":false}`, 1}, {`{"active":true}`, 2}, {`{"active":false}`, 1}} {
			put(admin, "/admin/accounts/yoon", c.body).to(t, s).ok(t, nil)
			if err := jang.Await(ctx, c.body, func() bool { return jang.Unread(room, sent.Seq) == c.unread }); err != nil {
				t.Fatal(err)
			}
			if differs, err := jang.Differs(ctx, room); err != nil || differs != "" {
				t.Errorf("%s: %s %v", c.body, differs, err)
			}
		}
	})
	t.Run("a lost device is refused at its next contact, the others go on", func(t *testing.T) {
		park := s.Person("park")
		lost := s.SignIn("park", protocol.Mobile)
		var all protocol.DevicesPage
		get(park, "/me/devices").to(t, s).ok(t, &all)
		if len(all.Devices) != 2 {
			t.Fatalf("%+v", all)
		}
		for _, d := range all.Devices {
			if !d.Here {
				drop(park, "/me/devices/"+d.ID).to(t, s).ok(t, nil)
				drop(admin, "/admin/accounts/kim/devices/"+d.ID).to(t, s).refused(t, 404, protocol.NotFound)
			}
		}
		var page protocol.AccountsPage
		if get(desk, "/admin/accounts?state=signedin&sort=id").to(t, s).ok(t, &page); !slices.ContainsFunc(page.Accounts, func(a protocol.Account) bool { return a.ID == "park" && a.Devices == 1 }) ||
			slices.ContainsFunc(page.Accounts, func(a protocol.Account) bool { return a.Devices == 0 }) {
			t.Errorf("%+v", page)
		}
		get(lost, "/me").to(t, s).refused(t, 401, protocol.Unauthenticated)
		refresh(lost.RefreshToken).to(t, s).refused(t, 401, protocol.Unauthenticated)
		get(park, "/me").to(t, s).ok(t, nil)
	})
	t.Run("too many wrong passwords lock an account until somebody unlocks it", func(t *testing.T) {
		s.Add("choi")
		put(admin, "/admin/policy", `{"lockAfter":3}`).to(t, s).ok(t, nil)
		for range 3 {
			login("choi", "wrong", "web").to(t, s).refused(t, 401, protocol.BadCredentials)
		}
		if f := login("choi", servertest.Password, "web").to(t, s).refused(t, 403, protocol.Forbidden); f.Field != "locked" {
			t.Errorf("%+v", f)
		}
		postTo(desk, "/admin/accounts/choi/unlock", "").to(t, s).ok(t, nil)
		login("choi", servertest.Password, "web").to(t, s).ok(t, nil)
		put(admin, "/admin/policy", `{"lockAfter":0,"passwordLeast":12,"passwordMixed":true}`).to(t, s).ok(t, nil)
		choi := s.SignIn("choi", protocol.Desktop)
		for password, status := range map[string]int{"short-Aa1": 400, "onlysmallletters": 400, "Mixed-and-long-1": 200} {
			if r := postTo(choi, "/auth/password", `{"old":"`+servertest.Password+`","new":"`+password+`"}`).to(t, s); r.StatusCode != status {
				t.Errorf("%s: %d %s", password, r.StatusCode, r.raw)
			}
			if status == 200 {
				break
			}
		}
		put(admin, "/admin/policy", `{"passwordLeast":4}`).to(t, s).refused(t, 400, protocol.BadRequest)
	})
	t.Run("everything that was done stands in the log, without a password", func(t *testing.T) {
		r := get(admin, "/admin/audit?limit=500").to(t, s)
		var page protocol.AuditPage
		r.ok(t, &page)
		acts := map[string]bool{}
		for _, l := range page.Lines {
			acts[l.Act] = true
		}
		for _, act := range []string{"account.open", "account.edit", "account.close", "account.reopen", "password.reset", "device.end", "account.lock", "account.unlock", "policy"} {
			if !acts[act] {
				t.Errorf("%s is missing", act)
			}
		}
		if strings.Contains(r.raw, "Mixed-and") || strings.Contains(r.raw, "argon2id") {
			t.Error("a password stands in the log")
		}
		csv := get(admin, "/admin/audit.csv?act=policy").to(t, s)
		if !strings.HasPrefix(csv.raw, "\ufeffn,at,who") || strings.Count(csv.raw, "\n") != 3 {
			t.Errorf("%q", csv.raw)
		}
		var h protocol.Health
		if get(desk, "/admin/health").to(t, s).ok(t, &h); h.Broken != 0 || h.Audit == 0 || h.People < 6 || len(h.Missing) != 0 ||
			!strings.HasPrefix(h.Database, "SQLite 3.") || h.Stored < 1<<16 || h.Free <= 0 || h.Free > h.Disk {
			t.Errorf("%+v", h)
		}
	})
	t.Run("units are kept by hand, and found with the way to them", func(t *testing.T) {
		for _, unit := range []string{`{"code":"H00","name":"한빛"}`, `{"code":"H10","name":"영업본부","under":"H00"}`, `{"code":"H11","name":"국내영업팀","under":"H10"}`} {
			postTo(admin, "/admin/org", unit).to(t, s).ok(t, nil)
		}
		put(admin, "/admin/accounts/kim", `{"org":"H11"}`).to(t, s).ok(t, nil)
		put(admin, "/admin/org/H11", `{"name":"특판팀"}`).to(t, s).ok(t, nil)
		var c protocol.Card
		if get(admin, "/users/kim").to(t, s).ok(t, &c); c.OrgName != "특판팀" || len(c.Path) != 3 {
			t.Errorf("%+v", c)
		}
		put(admin, "/admin/accounts/kim", `{"posts":[{"org":"H00","job":"자문"}]}`).to(t, s).ok(t, nil)
		put(admin, "/admin/accounts/kim", `{"job":"팀장"}`).to(t, s).ok(t, nil)
		c = protocol.Card{}
		if get(admin, "/users/kim").to(t, s).ok(t, &c); len(c.Posts) != 1 || c.Posts[0].OrgName != "한빛" || c.Posts[0].Job != "자문" {
			t.Errorf("%+v", c)
		}
		put(admin, "/admin/accounts/kim", `{"posts":[{"org":"H00"},{"org":"H00"}]}`).to(t, s).refused(t, 400, protocol.BadRequest)
		for field, call := range map[string]call{
			"org":   put(admin, "/admin/accounts/kim", `{"org":"H99","job":"이사"}`),
			"posts": put(admin, "/admin/accounts/kim", `{"posts":[{"org":"H99"}],"job":"이사"}`),
		} {
			if f := call.to(t, s).refused(t, 404, protocol.NotFound); f.Field != field {
				t.Errorf("%s: %+v", field, f)
			}
		}
		if f := postTo(admin, "/admin/accounts", `{"id":"lost","name":"미정","org":"H99"}`).to(t, s).refused(t, 404, protocol.NotFound); f.Field != "org" {
			t.Errorf("%+v", f)
		}
		get(admin, "/admin/accounts/lost").to(t, s).refused(t, 404, protocol.NotFound)
		if get(admin, "/users/kim").to(t, s).ok(t, &c); c.OrgName != "특판팀" || c.Job != "팀장" {
			t.Errorf("half a change: %+v", c)
		}
		put(admin, "/admin/accounts/kim", `{"posts":[]}`).to(t, s).ok(t, nil)
		c = protocol.Card{}
		if get(admin, "/users/kim").to(t, s).ok(t, &c); len(c.Posts) != 0 {
			t.Errorf("%+v", c)
		}
		put(admin, "/admin/org/H10", `{"under":"H11"}`).to(t, s).refused(t, 409, protocol.Conflict)
		if f := drop(admin, "/admin/org/H11").to(t, s).refused(t, 409, protocol.Conflict); f.Field != "people" {
			t.Errorf("%+v", f)
		}
		var page protocol.UnitsPage
		if get(admin, "/admin/org?q=특판&limit=1").to(t, s).ok(t, &page); page.Total != 1 || strings.Join(page.Units[0].Path, "/") != "한빛/영업본부" || page.Units[0].People != 1 {
			t.Errorf("%+v", page)
		}
		page = protocol.UnitsPage{}
		if get(admin, "/admin/org?q=h1&sort=-name&limit=1").to(t, s).ok(t, &page); page.Total != 2 || page.Next != "1" || page.Units[0].Code != "H11" {
			t.Errorf("%+v", page)
		}
		get(admin, "/admin/org?sort=colour").to(t, s).refused(t, 400, protocol.BadRequest)
		put(admin, "/admin/accounts/kim", `{"org":""}`).to(t, s).ok(t, nil)
		drop(admin, "/admin/org/H11").to(t, s).ok(t, nil)
	})
	t.Run("what is said to everybody is there for those who come later", func(t *testing.T) {
		postTo(admin, "/admin/notice", `{"text":"18시 점검"}`).to(t, s).ok(t, nil)
		var a protocol.Announcement
		if get(desk, "/announcement").to(t, s).ok(t, &a); a.Text != "18시 점검" || a.By != "admin" {
			t.Errorf("%+v", a)
		}
		soon := protocol.At(time.Now().Add(time.Second))
		postTo(admin, "/admin/notice", `{"text":"18시 점검","english":"Maintenance at 18","until":"`+soon.String()+`"}`).to(t, s).ok(t, nil)
		if get(desk, "/announcement").to(t, s).ok(t, &a); a.English != "Maintenance at 18" || a.Until != soon {
			t.Errorf("%+v", a)
		}
		for tries := time.Now().Add(20 * time.Second); a.Text != "" && time.Now().Before(tries); {
			a = protocol.Announcement{}
			get(desk, "/announcement").to(t, s).ok(t, &a)
		}
		if a.Text != "" {
			t.Error("its time is over")
		}
		postTo(admin, "/admin/notice", `{"text":"=HYPERLINK(\"http://evil.example\")"}`).to(t, s).ok(t, nil)
		if csv := get(admin, "/admin/audit.csv?act=announce").to(t, s); !strings.Contains(csv.raw, `,"'=HYPERLINK(`) || strings.Contains(csv.raw, `,"=`) {
			t.Errorf("a spreadsheet would calculate it: %q", csv.raw)
		}
		postTo(admin, "/admin/notice", `{"text":"x","until":"2020-01-01T00:00:00.000Z"}`).to(t, s).refused(t, 400, protocol.BadRequest)
		postTo(admin, "/admin/notice", `{"text":"x","english":"`+strings.Repeat("y", 501)+`"}`).to(t, s).refused(t, 413, protocol.TooLarge)
	})
}
