package edge_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/shared/protocol"
)

// post asks the server as a browser does that is signed in with a token.
func post(t *testing.T, address, token string, in, out any) {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if text, err := io.ReadAll(got.Body); err != nil || got.StatusCode != http.StatusOK || json.Unmarshal(text, out) != nil {
		t.Fatalf("%s: %d %s %v", address, got.StatusCode, text, err)
	}
}

// goTo follows an address as a browser that was sent there by another site, and returns status and next address.
func goTo(t *testing.T, address string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	return got.StatusCode, got.Header.Get("Location")
}

func TestTheBrowserSignsTheDesktopIn(t *testing.T) {
	server := desktoptest.NewServer(t, []string{"kim"}, "SENDJAY_RATE_LIMITS=off")
	tr := begin(t, t.TempDir(), server.URL)
	opened := make(chan string, 1)
	tr.Browse = func(address string) error { opened <- address; return nil }
	p := tr.open()
	var ways protocol.Ways
	if err := json.Unmarshal([]byte(p.want(200, "GET", "/api/v1/auth/ways", "")), &ways); err != nil || ways.Passwords != "all" {
		t.Fatalf("%+v %v", ways, err)
	}
	ask := func() (number string, asked url.Values) {
		t.Helper()
		var out struct{ Number string }
		if err := json.Unmarshal([]byte(p.want(200, "POST", "/edge/v1/browser", "")), &out); err != nil {
			t.Fatal(err)
		}
		at, err := url.Parse(<-opened)
		if err != nil || at.Scheme+"://"+at.Host != server.URL || at.Path != "/" {
			t.Fatalf("opened %v, %v", at, err)
		}
		return out.Number, at.Query()
	}
	var kim protocol.SignedIn
	post(t, server.URL+"/api/v1/auth/login", "", protocol.Login{UserID: "kim", Password: desktoptest.Password, Device: protocol.Mobile}, &kim)
	vouch := func(challenge string) string {
		t.Helper()
		var out protocol.Vouched
		post(t, server.URL+"/api/v1/auth/vouch", kim.AccessToken, protocol.Vouch{Challenge: challenge}, &out)
		return out.Code
	}
	back := func(state, code string) (int, string) {
		t.Helper()
		return goTo(t, "http://"+tr.Address()+"/_vouched?"+url.Values{"state": {state}, "code": {code}}.Encode())
	}

	first, old := ask()
	number, asked := ask()
	if len(number) != 6 || !strings.EqualFold(number, asked.Get("vouch")[:6]) || !strings.HasSuffix(tr.Address(), ":"+asked.Get("port")) {
		t.Errorf("%s of %v", number, asked)
	}
	if text := p.want(200, "GET", "/edge/v1/browser/"+first, ""); !strings.Contains(text, "other") {
		t.Errorf("the one before: %s", text)
	}
	// A stranger's page knows no state; an old one counts no longer; somebody else's code has another verifier.
	for _, bad := range []string{"", "x", old.Get("state")} {
		if status, _ := back(bad, vouch(asked.Get("vouch"))); status != http.StatusForbidden {
			t.Errorf("state %q: %d", bad, status)
		}
	}
	if tr.Me() != nil {
		t.Fatal("somebody is in")
	}
	status, next := back(asked.Get("state"), vouch(asked.Get("vouch")))
	if status != http.StatusSeeOther || next != server.URL+"/?vouched=1" {
		t.Fatalf("%d to %q", status, next)
	}
	if text := p.want(200, "GET", "/edge/v1/browser/"+number, ""); !strings.Contains(text, `"in"`) {
		t.Errorf("the window hears %s", text)
	}
	if text := p.want(200, "GET", "/api/v1/me", ""); !strings.Contains(text, `"kim"`) {
		t.Error(text)
	}
	tr.until(protocol.Online)
	if status, _ := back(asked.Get("state"), vouch(asked.Get("vouch"))); status != http.StatusForbidden {
		t.Errorf("a second time: %d", status)
	}

	_, asked = ask()
	if status, _ := back(asked.Get("state"), vouch(strings.Repeat("c", 43))); status != http.StatusUnauthorized {
		t.Errorf("a code for another challenge: %d", status)
	}
	if text := p.want(200, "GET", "/api/v1/me", ""); !strings.Contains(text, `"kim"`) {
		t.Error("whoever was in is out")
	}
}
