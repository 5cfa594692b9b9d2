package api_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func TestALimitHoldsForTheNextOneWhoAsks(t *testing.T) {
	s := servertest.Start(t)
	admin, kim := staff(t, s, "admin", protocol.Administrator), s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	said := func(id string) {
		t.Helper()
		if status := kim.Do("message.send", protocol.SendMessage{ID: protocol.MessageID(id), Room: room, Type: protocol.Talk, Body: "hello"}, nil); status != 200 {
			t.Fatal(status)
		}
	}
	said("m1")
	if a := kim.Uploading(room, "a.bin", 2<<20); a.StatusCode != 201 {
		t.Fatalf("%+v", a)
	}
	var page protocol.LimitsPage
	put(admin, "/admin/limits", `{"limits":[{"name":"max-file","value":1048576},{"name":"edit-window","value":0}]}`).to(t, s).ok(t, &page)
	if len(page.Limits) < 10 {
		t.Errorf("%+v", page)
	}
	if a := kim.Uploading(room, "a.bin", 2<<20); a.StatusCode != 413 {
		t.Errorf("%+v", a)
	}
	if status := kim.Do("message.edit", protocol.EditMessage{Room: room, ID: "m1", Body: "other"}, nil); status != protocol.TooLate.Status() {
		t.Errorf("edited all the same: %d", status)
	}
	put(admin, "/admin/limits", `{"limits":[{"name":"max-file","preset":true},{"name":"edit-window","preset":true}]}`).to(t, s).ok(t, &page)
	if a := kim.Uploading(room, "a.bin", 2<<20); a.StatusCode != 201 {
		t.Errorf("%+v", a)
	}
	if f := put(admin, "/admin/limits", `{"limits":[{"name":"max-file","value":3}]}`).to(t, s).refused(t, 400, protocol.BadRequest); f.Field != "max-file" {
		t.Errorf("%+v", f)
	}
	if f := put(admin, "/admin/limits", `{"limits":[{"name":"previews","value":1}]}`).to(t, s).refused(t, 409, protocol.Conflict); f.Field != "previews" {
		t.Errorf("%+v", f) // given when the server was started
	}
}

func TestWhoCameAndWentIsWrittenDown(t *testing.T) {
	s := servertest.Start(t)
	admin := staff(t, s, "admin", protocol.Administrator)
	s.Add("kim", "=cmd")
	login("kim", "wrong", "web").to(t, s).refused(t, 401, protocol.BadCredentials)
	login("hunter2", "wrong", "web").to(t, s).refused(t, 401, protocol.BadCredentials)
	login("=cmd", "wrong", "web").to(t, s).refused(t, 401, protocol.BadCredentials)
	kim, lost := s.SignIn("kim", protocol.Desktop), s.SignIn("kim", protocol.Mobile)
	postTo(kim, "/auth/logout", "").to(t, s).ok(t, nil)
	drop(admin, "/admin/accounts/kim/devices").to(t, s).ok(t, nil)
	get(lost, "/me").to(t, s).refused(t, 401, protocol.Unauthenticated)

	want := map[protocol.ComingKind]int{protocol.CameIn: 3, protocol.WentOut: 1, protocol.WasEnded: 1, protocol.WasRefused: 3}
	var page protocol.ComingsPage
	for tries := time.Now().Add(20 * time.Second); ; {
		get(admin, "/admin/comings?limit=100").to(t, s).ok(t, &page)
		got := map[protocol.ComingKind]int{}
		for _, l := range page.Lines {
			got[l.Kind]++
		}
		same := true
		for k, n := range want {
			same = same && got[k] == n
		}
		if same {
			break
		}
		if time.Now().After(tries) {
			t.Fatalf("%v of %+v", got, page.Lines)
		}
	}
	for _, l := range page.Lines {
		if l.Kind == protocol.WasRefused && l.User == "" && strings.Contains(l.Why+l.Name+l.Agent, "hunter2") {
			t.Error("what may be a password stands in the log")
		}
		if l.Kind == protocol.WasEnded && l.Why != "by admin" {
			t.Errorf("%+v", l)
		}
	}
	get(admin, "/admin/comings?kind=refused&limit=2").to(t, s).ok(t, &page)
	if len(page.Lines) != 2 || !page.More {
		t.Fatalf("%+v", page)
	}
	get(admin, "/admin/comings?kind=refused&limit=2&cursor="+page.Lines[1].ID).to(t, s).ok(t, &page)
	if len(page.Lines) != 1 || page.More {
		t.Errorf("%+v", page)
	}
	for _, bad := range []string{"kind=x", "device=x", "sort=name", "since=x", "cursor=x"} {
		get(admin, "/admin/comings?"+bad).to(t, s).refused(t, 400, protocol.BadRequest)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(get(admin, "/admin/comings.csv?kind=refused&q=%3Dcmd").to(t, s).raw, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][2] != "'=cmd" {
		t.Errorf("%q %v", rows, err)
	}
}
