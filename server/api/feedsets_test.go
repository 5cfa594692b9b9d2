package api_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sendjay/server/servertest"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

func TestWhoDeliveredIsListedAndAKeyServesUntilItIsRemoved(t *testing.T) {
	s := servertest.Start(t)
	admin := staff(t, s, "admin", protocol.Administrator)
	for body, field := range map[string]string{`{"name":" "}`: "name", `{"name":"erp","nets":["10.0.0.1"]}`: "nets"} {
		if f := postTo(admin, "/admin/feed/keys", body).to(t, s).refused(t, 400, protocol.BadRequest); f.Field != field {
			t.Errorf("%s: %+v", body, f)
		}
	}
	var made protocol.FeedKey
	postTo(admin, "/admin/feed/keys", `{"name":"erp","nets":["127.0.0.0/8"]}`).to(t, s).ok(t, &made)
	deliver := call{method: "POST", path: "/api/v1/feed", head: bearer(made.Key), body: `{"key":"20260101","users":[{"id":"e1","name":"하나"}]}`}
	deliver.to(t, s).ok(t, nil)
	var keys protocol.FeedKeys
	get(admin, "/admin/feed/keys").to(t, s).ok(t, &keys)
	if len(keys.Keys) != 1 || keys.Keys[0].Name != "erp" || keys.Keys[0].Used == 0 || keys.Keys[0].Key != "" || len(keys.Keys[0].Nets) != 1 {
		t.Errorf("%+v", keys)
	}
	var page protocol.DeliveriesPage
	get(admin, "/admin/feed/sets?sort=who&q=erp").to(t, s).ok(t, &page)
	if page.Total != 1 || page.Sets[0].Who != "feed:erp" || page.Sets[0].Users != 1 || page.Sets[0].Key != "20260101" {
		t.Errorf("%+v", page)
	}
	get(admin, "/admin/feed/sets?sort=color").to(t, s).refused(t, 400, protocol.BadRequest)
	drop(admin, "/admin/feed/sets/20260101").to(t, s).ok(t, nil)
	get(admin, "/admin/feed/sets").to(t, s).ok(t, &page)
	if page.Total != 0 {
		t.Errorf("%+v", page)
	}
	drop(admin, "/admin/feed/keys/"+made.ID).to(t, s).ok(t, nil)
	deliver.to(t, s).refused(t, 401, protocol.Unauthenticated)
	var log protocol.AuditPage
	get(admin, "/admin/audit?act=feed.&sort=at").to(t, s).ok(t, &log)
	var acts []string
	for _, l := range log.Lines {
		acts = append(acts, l.Act)
	}
	if got := strings.Join(acts, " "); got != "feed.key feed.put feed.drop feed.unkey" {
		t.Errorf("the log says %s", got)
	}
	get(admin, "/admin/audit?sort=who").to(t, s).refused(t, 400, protocol.BadRequest)
}

func TestEveryActOfTheLogHasASentence(t *testing.T) {
	named := regexp.MustCompile(`"((?:account|password|device|factor|feed|messages|org)\.[a-z]+|room\.save)"|(?:Act: *|act\()"(policy|announce|limits)"`)
	acts := map[string]bool{}
	if err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range named.FindAllStringSubmatch(string(raw), -1) {
			acts[m[1]+m[2]] = true
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(acts) < 25 {
		t.Errorf("only %d acts were found", len(acts))
	}
	for act := range acts {
		if key := "admin.act." + act; locale.Of("ko").Say(key) == key {
			t.Errorf("no sentence for %s", act)
		}
	}
}
