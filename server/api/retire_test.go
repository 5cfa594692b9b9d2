package api_test

import (
	"strings"
	"testing"
	"time"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func TestMessagesGoByTheirAgeWithTheirFilesAndTheLogSaysSo(t *testing.T) {
	s := servertest.Start(t)
	admin, kim := staff(t, s, "admin", protocol.Administrator), s.Person("kim")
	lee := s.Person("lee")
	room := kim.Room("lee")
	file := kim.Upload(room, "old.txt", []byte("an old file"))
	if _, err := kim.SendFile(room, file, ""); err != nil {
		t.Fatal(err)
	}
	path := "/files/" + string(file)
	if a := lee.Ask("GET", path, nil); a.StatusCode != 200 {
		t.Fatal(a.StatusCode)
	}
	if err := s.Node.RetireBefore(t.Context(), time.Now().Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if a := lee.Ask("GET", path, nil); a.StatusCode != 200 {
		t.Errorf("what is young went: %d", a.StatusCode)
	}
	if err := s.Node.RetireBefore(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if a := lee.Ask("GET", path, nil); a.StatusCode != 404 {
		t.Errorf("the file is still there: %d", a.StatusCode)
	}
	var page protocol.MessagesPage
	get(lee, "/rooms/"+string(room)+"/messages").to(t, s).ok(t, &page)
	if len(page.Messages) != 0 {
		t.Errorf("%+v", page.Messages)
	}
	var log protocol.AuditPage
	get(admin, "/admin/audit?act=messages").to(t, s).ok(t, &log)
	if len(log.Lines) != 1 || !strings.Contains(log.Lines[0].About, `"messages":1`) || !strings.Contains(log.Lines[0].About, `"rooms":1`) {
		t.Errorf("%+v", log.Lines)
	}
	for value, want := range map[string]int{"3600": 400, "86400": 200, "0": 200} {
		if status := put(admin, "/admin/limits", `{"limits":[{"name":"message-life","value":`+value+`}]}`).to(t, s).StatusCode; status != want {
			t.Errorf("%s s: %d", value, status)
		}
	}
}
