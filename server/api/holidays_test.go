package api_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func TestHolidaysAreTheCompanysAndReachEveryDevice(t *testing.T) {
	s := servertest.Start(t)
	kim, admin := s.Person("kim"), staff(t, s, "boss", protocol.Administrator)
	ws := dialled(t, s, kim)
	put := func(body string) call {
		return call{method: "PUT", path: "/api/v1/admin/holidays", body: body, head: bearer(admin.AccessToken)}
	}
	soon, later := time.Now().UTC().AddDate(0, 0, 3).Format(protocol.DateForm), time.Now().UTC().AddDate(0, 1, 0).Format(protocol.DateForm)
	all := protocol.Holidays{Holidays: []protocol.Holiday{{Date: "2020-01-01", Name: "신정"}, {Date: soon, Name: "창립기념일"}, {Date: later, Name: "Later"}}}
	coming := protocol.Holidays{Holidays: all.Holidays[1:]}

	var got protocol.Holidays
	get(kim, "/holidays").to(t, s).ok(t, &got)
	if got.Holidays == nil || len(got.Holidays) > 0 {
		t.Errorf("before anything was entered: %+v", got)
	}
	// In whatever order, and a date twice.
	put(fmt.Sprintf(`{"holidays":[{"date":%q,"name":"Later"},{"date":%q,"name":" 창립기념일 "},{"date":"2020-01-01","name":"신정"},{"date":%q,"name":"again"}]}`, later, soon, soon)).to(t, s).ok(t, &got)
	if !reflect.DeepEqual(got, all) {
		t.Errorf("answered %+v", got)
	}
	var heard protocol.Holidays
	if nextOf(t, ws, protocol.EvHolidays, &heard); !reflect.DeepEqual(heard, coming) {
		t.Errorf("heard %+v", heard)
	}
	for _, bad := range []string{
		`{"holidays":[{"date":"2026-02-30","name":"x"}]}`, `{"holidays":[{"date":"26-02-03","name":"x"}]}`, `{"holidays":[{"date":"","name":"x"}]}`,
		`{"holidays":[{"date":"2026-02-03","name":"  "}]}`, `{"holidays":{}}`, `[]`,
	} {
		put(bad).to(t, s).refused(t, 400, protocol.BadRequest)
	}
	put(`{"holidays":[{"date":"2026-02-03","name":"`+strings.Repeat("휴", 51)+`"}]}`).to(t, s).refused(t, 413, protocol.TooLarge)
	put(`{"holidays":[`+strings.TrimSuffix(strings.Repeat(`{"date":"2026-02-03","name":"x"},`, 401), ",")+`]}`).to(t, s).refused(t, 413, protocol.TooLarge)
	get(admin, "/admin/holidays").to(t, s).ok(t, &got)
	if !reflect.DeepEqual(got, all) {
		t.Errorf("kept %+v", got)
	}
	get(kim, "/holidays").to(t, s).ok(t, &got)
	if !reflect.DeepEqual(got, coming) {
		t.Errorf("kim gets %+v", got)
	}
	// Quiet hours may name them.
	chosen := call{method: "PUT", path: "/api/v1/me/settings", body: `{"quietHours":[{"days":[0,6,7],"from":"00:00","to":"00:00"}]}`, head: bearer(kim.AccessToken)}
	var mine protocol.NotifySettings
	chosen.to(t, s).ok(t, &mine)
	if len(mine.QuietHours) != 1 || !reflect.DeepEqual(mine.QuietHours[0].Days, []int{0, 6, 7}) {
		t.Errorf("chose %+v", mine)
	}
	var log protocol.AuditPage
	get(admin, "/admin/audit?act=holidays").to(t, s).ok(t, &log)
	if len(log.Lines) != 1 || log.Lines[0].Who != "boss" {
		t.Errorf("written down: %+v", log.Lines)
	}
}
