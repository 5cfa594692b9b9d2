package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"sendjay/server/ldap/ldaptest"
	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func TestScriptsOfTheOriginalGoOnDelivering(t *testing.T) {
	s := servertest.Start(t, "--origins=https://erp.example.com")
	sum := sha256.Sum256([]byte("secret"))
	if err := s.Store.AddFeedKey(t.Context(), store.Act{Who: "cli"}, store.FeedKey{ID: "k", Name: "erp", Hash: hex.EncodeToString(sum[:])}); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"token": {"secret"}}
	for i := range 1500 {
		for name, v := range map[string]string{"DTKEY": "20260101", "USER_ID": fmt.Sprintf("e%04d", i), "USER_NM": "사람", "ORG_CD": "A10", "ORG_NM": "영업"} {
			form.Set(fmt.Sprintf("user[%d][%s]", i, name), v)
		}
	}
	head := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://erp.example.com"}
	post := func(path, body string) reply {
		return call{method: "POST", path: path, head: head, body: body}.to(t, s)
	}
	var got struct{ Code, Msg, Dtkey string }
	r := post("/org/interfaceToUser", form.Encode())
	r.ok(t, &got)
	if got.Code != "0" || got.Dtkey != "20260101" || r.Header.Get("Access-Control-Allow-Origin") != "https://erp.example.com" {
		t.Errorf("%+v %v", got, r.Header)
	}
	post("/org/interfaceToDept", "token=secret&dept[0][ORG_CD]=A10&dept[0][ORG_NM]=x&dept[0][SEQ]=A10&dept[0][LVL]=1").ok(t, &got)
	if len(got.Dtkey) != 14 {
		t.Errorf("%+v", got)
	}
	post("/org/interfaceToDept", "token=wrong&dept[0][ORG_CD]=A10&dept[0][ORG_NM]=x&dept[0][SEQ]=A10&dept[0][LVL]=1").refused(t, 401, protocol.Unauthenticated)
	post("/org/interfaceToDept", "token=secret").refused(t, 400, protocol.BadRequest)
	head["Origin"] = "https://elsewhere.example.com"
	if r := post("/org/interfaceToDept", "token=secret"); r.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a page elsewhere may read the answer")
	}
	sets, err := s.Store.FeedSets(t.Context())
	if err != nil || len(sets.Users) != 1 || sets.Users[0].Rows != 1500 || len(sets.Orgs) != 1 {
		t.Errorf("%+v %v", sets, err)
	}
}

func TestPeopleComeFromTheDirectory(t *testing.T) {
	s, d := withDirectory(t)
	admin := staff(t, s, "admin", protocol.Administrator)
	team := d.Folder("영업팀", d.Folder("본사", ldaptest.Base))
	for i := range 30 {
		d.Person(fmt.Sprintf("s%02d", i), fmt.Sprintf("영업 %02d", i), team)
	}
	take := func() protocol.FeedPick {
		t.Helper()
		var taken protocol.FeedTaken
		postTo(admin, "/admin/feed/directory", "").to(t, s).ok(t, &taken)
		return protocol.FeedPick{Orgs: taken.Key, Users: taken.Key}
	}
	pick := func(p protocol.FeedPick) string { return `{"orgs":"` + p.Orgs + `","users":"` + p.Users + `"}` }
	var plan protocol.FeedPlan
	postTo(admin, "/admin/feed/apply", pick(take())).to(t, s).ok(t, &plan)
	if plan.Join != 32 || plan.Units != 3 {
		t.Fatalf("%+v", plan)
	}
	var in protocol.SignedIn
	login("s07", ldaptest.Secret, "desktop").to(t, s).ok(t, &in)
	if in.User.Name != "영업 07" || in.User.OrgName != "영업팀" {
		t.Errorf("%+v", in.User)
	}
	var card protocol.Card
	if get(admin, "/users/kim").to(t, s).ok(t, &card); card.Mail != "kim@example.com" {
		t.Errorf("%+v", card)
	}
	t.Run("who vanishes leaves, but not many at once unasked", func(t *testing.T) {
		for i := range 20 {
			d.Remove(fmt.Sprintf("uid=s%02d,%s", i, team))
		}
		p := take()
		postTo(admin, "/admin/feed/apply", pick(p)).to(t, s).refused(t, 413, protocol.TooLarge)
		if err := s.Node.BringUpToDate(t.Context(), protocol.FeedDirectory); err != nil {
			t.Fatal(err)
		}
		var schedule protocol.FeedSchedule
		get(admin, "/admin/feed/schedule").to(t, s).ok(t, &schedule)
		if schedule.Last == nil || !schedule.Last.Guarded || schedule.Last.Plan.Leave != 20 || !schedule.Directory {
			t.Errorf("%+v", schedule.Last)
		}
		var told protocol.Announcement
		if get(admin, "/announcement").to(t, s).ok(t, &told); !strings.Contains(string(told.Text), "20") {
			t.Errorf("%+v", told)
		}
		told = protocol.Announcement{}
		if get(s.SignIn("s27", protocol.Desktop), "/announcement").to(t, s).ok(t, &told); told.Text != "" {
			t.Errorf("%+v", told)
		}
		postTo(admin, "/admin/feed/apply", `{"orgs":"`+p.Orgs+`","users":"`+p.Users+`","force":true}`).to(t, s).ok(t, &plan)
		login("s07", ldaptest.Secret, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
		c := call{method: "GET", path: "/api/v1/me", head: bearer(in.AccessToken)}
		c.to(t, s).refused(t, 401, protocol.Unauthenticated)
	})
	t.Run("a silent directory changes nothing", func(t *testing.T) {
		d.Stop()
		postTo(admin, "/admin/feed/directory", "").to(t, s).refused(t, 503, protocol.Unavailable)
		login("s27", ldaptest.Secret, "desktop").to(t, s).refused(t, 503, protocol.Unavailable)
	})
}
