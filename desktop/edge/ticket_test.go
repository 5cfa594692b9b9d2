package edge_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/link"
	"sendjay/desktop/policy"
	"sendjay/desktop/ticket"
	"sendjay/shared/kdctest"
	"sendjay/shared/protocol"
)

// kerberos is what the sign-in page learns of tickets.
func (p *page) kerberos() *protocol.KerberosWay {
	p.t.Helper()
	var out protocol.Ways
	if err := json.Unmarshal([]byte(p.want(200, "GET", "/api/v1/auth/ways", "")), &out); err != nil {
		p.t.Fatal(err)
	}
	return out.Kerberos
}

func TestADeviceSignsInByTheTicketOfItsComputer(t *testing.T) {
	c := kdctest.Start(t, "kim", "lee")
	server := desktoptest.NewServer(t, []string{"kim", "lee"}, "SENDJAY_KERBEROS_KEYTAB="+c.Keytab, "SENDJAY_KERBEROS_SERVICE="+kdctest.Service+"@"+kdctest.Realm)
	t.Setenv("KRB5_CONFIG", c.Config)
	cache := c.Kinit("kim")
	t.Setenv("KRB5CCNAME", "FILE:"+cache)
	dir := t.TempDir()
	named := beginShowing(t, dir, server.URL, policy.Hosts{"127.0.0.1"}.Have)
	named.until(protocol.Online) // by itself
	p := named.open()
	if text := p.want(200, "GET", "/api/v1/me", ""); !strings.Contains(text, `"kim"`) {
		t.Fatal(text)
	}
	if k := p.kerberos(); k == nil || !k.Silent || k.Browser {
		t.Errorf("%+v", k)
	}

	// Who signed out is asked, also after a start.
	p.want(200, "POST", "/api/v1/auth/logout", "")
	named.until(protocol.SignedOut)
	p = named.open()
	if k := p.kerberos(); k == nil || k.Silent {
		t.Errorf("after signing out: %+v", k)
	}
	named.stop()
	again := beginShowing(t, dir, server.URL, policy.Hosts{"127.0.0.1"}.Have)
	again.until(protocol.SignedOut)
	p = again.open()
	if k := p.kerberos(); k == nil || k.Silent {
		t.Errorf("after a start: %+v", k)
	}
	if again.Me() != nil {
		t.Fatal("in, unasked")
	}

	// Without a ticket nobody gets in, and hears why; with one he does.
	if err := os.Rename(cache, cache+".away"); err != nil {
		t.Fatal(err)
	}
	if text := p.want(401, "POST", "/api/v1/auth/kerberos", `{"device":"web"}`); !strings.Contains(text, `"unauthenticated"`) {
		t.Error(text)
	}
	if err := os.WriteFile(cache, []byte{5, 4, 0xff, 0xff, 0xff}, 0o600); err != nil {
		t.Fatal(err)
	}
	p.want(401, "POST", "/api/v1/auth/kerberos", `{"device":"web"}`)
	if err := os.Rename(cache+".away", cache); err != nil {
		t.Fatal(err)
	}
	var in protocol.SignedIn
	if err := json.Unmarshal([]byte(p.want(200, "POST", "/api/v1/auth/kerberos", `{"device":"web"}`)), &in); err != nil || in.User.ID != "kim" || in.AccessToken+in.RefreshToken != "" {
		t.Errorf("%+v %v", in, err)
	}
	again.until(protocol.Online)

	// Where IT named no server nothing is shown; the browser of the machine may know better.
	stranger := beginShowing(t, t.TempDir(), server.URL, policy.Hosts{"talk.example"}.Have)
	stranger.Browse = func(string) error { return nil }
	stranger.until(protocol.SignedOut)
	p = stranger.open()
	if k := p.kerberos(); k == nil || k.Silent || !k.Browser {
		t.Errorf("not named: %+v", k)
	}
	if text := p.want(403, "POST", "/api/v1/auth/kerberos", `{"device":"web"}`); !strings.Contains(text, `"forbidden"`) {
		t.Error(text)
	}
}

// beginShowing does so where the computer's ticket is shown to some servers.
func beginShowing(t *testing.T, dir, server string, shows func(string) bool) *tray {
	t.Helper()
	return beginLinked(t, dir, link.Config{Server: server, Ticket: ticket.For, Shows: shows}, 0)
}
