package api_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"aead.dev/minisign"

	"sendjay/server/offer"
	"sendjay/server/servertest"
	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

func TestAnAdministratorBringsAndOffersVersionsOfTheDesktop(t *testing.T) {
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := "--update-key=" + public.String()
	s := servertest.Start(t, key)
	kim, desk, admin := s.Person("kim"), staff(t, s, "desk", protocol.HelpDesk), staff(t, s, "admin", protocol.Administrator)
	bring := func(version string, key minisign.PrivateKey) call {
		return call{method: "POST", path: "/api/v1/admin/updates/upload", body: archive(t, version, key).String(), head: bearer(admin.AccessToken)}
	}
	put := func(version, body string) call {
		return call{method: "PUT", path: "/api/v1/admin/updates/" + version, body: body, head: bearer(admin.AccessToken)}
	}
	gets := func() string {
		var u protocol.Update
		get(kim, "/updates?channel=stable&platform=linux/amd64&version=v1.0.0").to(t, s).ok(t, &u)
		return u.Version
	}
	var page protocol.UpdatesPage
	get(desk, "/admin/updates").to(t, s).ok(t, &page)
	if !page.Signs || page.Versions == nil || len(page.Versions)+len(page.Offers) > 0 {
		t.Errorf("at first %+v", page)
	}
	_, stranger, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		call  call
		field string
	}{
		"another's signature": {bring("v1.1.0", stranger), "signature"},
		"no archive":          {call{method: "POST", path: "/api/v1/admin/updates/upload", body: "hello", head: bearer(admin.AccessToken)}, "archive"},
	} {
		if got := c.call.to(t, s); got.StatusCode != 400 || faultOf(t, got.raw).Field != c.field {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.raw)
		}
	}
	bring("v1.1.0", private).to(t, s).ok(t, &page)
	if want := []protocol.UpdateVersion{{Version: "v1.1.0", Platforms: []string{"linux/amd64"}, Bytes: 12}}; !reflect.DeepEqual(page.Versions, want) || len(page.Offers) > 0 {
		t.Errorf("taken in: %+v", page)
	}
	bring("v1.1.0", private).to(t, s).refused(t, 409, protocol.Conflict)
	if got := gets(); got != "" {
		t.Errorf("offered at once: %s", got)
	}
	put("v1.1.0", `{"channel":"nightly","percent":100}`).to(t, s).refused(t, 400, protocol.BadRequest)
	put("v1.1.0", `{"channel":"stable","percent":0}`).to(t, s).refused(t, 400, protocol.BadRequest)
	put("v9.9.9", `{"channel":"stable","percent":100}`).to(t, s).refused(t, 404, protocol.NotFound)
	put("v1.1.0", `{"version":"v9.9.9","channel":"stable","users":["kim"]}`).to(t, s).ok(t, &page)
	if len(page.Offers) != 1 || page.Offers[0].Version != "v1.1.0" || gets() != "v1.1.0" {
		t.Errorf("offered %+v, kim gets %q", page.Offers, gets())
	}
	back := call{method: "DELETE", path: "/api/v1/admin/updates/v1.1.0", head: bearer(admin.AccessToken)}
	page = protocol.UpdatesPage{}
	if back.to(t, s).ok(t, &page); len(page.Offers) > 0 || len(page.Versions) != 1 || gets() != "" {
		t.Errorf("withdrawn: %+v, kim gets %q", page, gets())
	}
	back.to(t, s).refused(t, 404, protocol.NotFound)
	var log protocol.AuditPage
	get(admin, "/admin/audit?act=update.").to(t, s).ok(t, &log)
	var acts []string
	for _, l := range log.Lines {
		acts = append(acts, l.Act+" "+l.Target)
	}
	if want := []string{"update.withdraw v1.1.0", "update.offer v1.1.0", "update.take v1.1.0"}; !reflect.DeepEqual(acts, want) {
		t.Errorf("written down: %q", acts)
	}
}

func faultOf(t *testing.T, raw string) protocol.Fault {
	t.Helper()
	var r protocol.Refused
	if err := json.Unmarshal([]byte(raw), &r); err != nil {
		t.Fatal(err)
	}
	return r.Error
}

// archive is a release as its builder hands it over.
func archive(t *testing.T, version string, key minisign.PrivateKey) *bytes.Buffer {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "linux-amd64"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "linux-amd64", "sendjay"), []byte("no program\n\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := offer.Pack(dir, version); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, release.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, release.SignatureName), minisign.Sign(key, raw), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}
