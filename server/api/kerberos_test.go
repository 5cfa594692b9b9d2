package api_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"

	"sendjay/server/ldap/ldaptest"
	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/kdctest"
	"sendjay/shared/protocol"
)

// shown signs in with what somebody shows.
func shown(token []byte, device protocol.Device) call {
	c := call{method: "POST", path: "/api/v1/auth/kerberos", body: fmt.Sprintf(`{"device":%q}`, device)}
	if token != nil {
		c.head = map[string]string{"Authorization": "Negotiate " + base64.StdEncoding.EncodeToString(token)}
	}
	return c
}

func withKerberos(c *kdctest.Centre, more ...string) []string {
	return append([]string{"--kerberos-keytab=" + c.Keytab, "--kerberos-service=" + kdctest.Service + "@" + kdctest.Realm}, more...)
}

func TestKerberos(t *testing.T) {
	c := kdctest.Start(t, "kim", "Lee", "gone", "nobody", "chief", "kim/admin")
	s := servertest.Start(t, withKerberos(c, "--kerberos-label-en=Office computer")...)
	s.Add("kim", "lee", "gone")
	account(t, s, store.Account{User: protocol.User{ID: "chief", Role: protocol.Owner}, PasswordHash: servertest.Hashed()})
	if err := s.Store.SetActive(t.Context(), "gone", false); err != nil {
		t.Fatal(err)
	}
	t.Run("who shows no ticket is asked for one, and nothing else", func(t *testing.T) {
		r := shown(nil, protocol.Web).to(t, s)
		if f := r.refused(t, 401, protocol.Unauthenticated); f.Field != "kerberos" || r.Header.Get("WWW-Authenticate") != "Negotiate" {
			t.Errorf("%+v %v", f, r.Header)
		}
	})
	t.Run("the ticket of the computer signs the browser in, with the cookies of the other ways", func(t *testing.T) {
		r := shown(c.Show("kim", kdctest.Service), protocol.Web).to(t, s)
		var in protocol.SignedIn
		r.ok(t, &in)
		if in.User.ID != "kim" || in.RefreshToken != "" || len(r.Cookies()) != 2 {
			t.Fatalf("%s %v", r.raw, r.Cookies())
		}
		for _, k := range r.Cookies() {
			if !k.HttpOnly || k.MaxAge <= 0 {
				t.Errorf("got %v", k)
			}
		}
		var me protocol.User
		call{path: "/api/v1/me", cookies: r.Cookies()}.to(t, s).ok(t, &me)
		if me.ID != "kim" {
			t.Errorf("got %+v", me)
		}
	})
	t.Run("signing in as somebody else ends what this browser had", func(t *testing.T) {
		first := shown(c.Show("kim", kdctest.Service), protocol.Web).to(t, s)
		second := shown(c.Show("Lee", kdctest.Service), protocol.Web)
		second.cookies = first.Cookies()
		second.to(t, s).ok(t, nil)
		call{path: "/api/v1/me", cookies: first.Cookies()}.to(t, s).refused(t, 401, protocol.Unauthenticated)
	})
	t.Run("a desktop gets its refresh token, and no cookies", func(t *testing.T) {
		r := shown(c.Show("kim", kdctest.Service), protocol.Desktop).to(t, s)
		var in, next protocol.SignedIn
		r.ok(t, &in)
		if in.RefreshToken == "" || len(r.Cookies()) != 0 {
			t.Fatalf("%s %v", r.raw, r.Cookies())
		}
		refresh(in.RefreshToken).to(t, s).ok(t, &next)
	})
	t.Run("the name counts in small letters", func(t *testing.T) {
		var in protocol.SignedIn
		shown(c.Show("Lee", kdctest.Service), protocol.Desktop).to(t, s).ok(t, &in)
		if in.User.ID != "lee" {
			t.Errorf("got %+v", in.User)
		}
	})
	twice := c.Show("kim", kdctest.Service)
	shown(twice, protocol.Desktop).to(t, s).ok(t, nil)
	for name, token := range map[string][]byte{
		"a ticket that was shown before":                      twice,
		"a ticket of somebody whose account is closed":        c.Show("gone", kdctest.Service),
		"a ticket of somebody without an account":             c.Show("nobody", kdctest.Service),
		"a ticket of an administrator who was made by hand":   c.Show("chief", kdctest.Service),
		"a ticket of somebody's second name":                  c.Show("kim/admin", kdctest.Service),
		"a ticket for another service":                        c.Show("kim", kdctest.Other),
		"a ticket of another realm":                           c.Forge(kdctest.Forged{Realm: "OTHER.EXAMPLE"}),
		"a ticket of a name that can be no id":                c.Forge(kdctest.Forged{Name: []string{"kim\x00lee"}}),
		"noise":                                               []byte("noise"),
		"the word Negotiate alone":                            {},
		"a password, as a browser sends it that asked for it": []byte("kim:" + servertest.Password),
	} {
		t.Run(name+" signs nobody in, and says no more than a wrong one", func(t *testing.T) {
			r := shown(token, protocol.Web).to(t, s)
			f := r.refused(t, 401, protocol.BadCredentials)
			if f.Field != "kerberos" || f.Message != shown([]byte("wrong"), protocol.Web).to(t, s).refused(t, 401, protocol.BadCredentials).Message {
				t.Errorf("got %+v", f)
			}
			// Asked again, a browser would ask the person for a password.
			if h := r.Header.Get("WWW-Authenticate"); strings.Contains(h, "Negotiate") || len(r.Cookies()) != 0 {
				t.Errorf("got %q %v", h, r.Cookies())
			}
		})
	}
	t.Run("a page elsewhere signs nobody in", func(t *testing.T) {
		for _, head := range []map[string]string{{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}} {
			from := shown(c.Show("kim", kdctest.Service), protocol.Web)
			maps.Copy(from.head, head)
			if r := from.to(t, s); len(r.Cookies()) != 0 {
				t.Errorf("%v: %v", head, r.Cookies())
			} else {
				r.refused(t, 403, protocol.Forbidden)
			}
		}
	})
	t.Run("which device it is has to be said", func(t *testing.T) {
		shown(c.Show("kim", kdctest.Service), "toaster").to(t, s).refused(t, 400, protocol.BadRequest)
	})
	t.Run("the sign-in page learns of it", func(t *testing.T) {
		var w protocol.Ways
		call{path: "/api/v1/auth/ways"}.to(t, s).ok(t, &w)
		if w.Kerberos == nil || w.Kerberos.Label.En != "Office computer" || w.Kerberos.Silent {
			t.Errorf("got %+v", w.Kerberos)
		}
	})
	t.Run("the ticket of somebody in a thousand groups has room", func(t *testing.T) {
		shown(make([]byte, 48_000), protocol.Web).to(t, s).refused(t, 401, protocol.BadCredentials)
	})
	t.Run("the log says why, and holds no ticket", func(t *testing.T) {
		log := s.Log.String()
		for _, why := range []string{"shown before", "account is closed", "nobody has this id", "made by hand", "no person", "another service", "realm does not count", "no id"} {
			if !strings.Contains(log, why) {
				t.Errorf("%q is not in the log", why)
			}
		}
		if strings.Contains(log, base64.StdEncoding.EncodeToString(twice)[:40]) || strings.Contains(log, servertest.Password) {
			t.Error("a ticket stands in the log")
		}
	})
	t.Run("an address that shows one bad ticket after the other has to wait", func(t *testing.T) {
		for range 200 {
			if r := shown([]byte("noise"), protocol.Web).to(t, s); r.StatusCode != 401 {
				if f := r.refused(t, 429, protocol.RateLimited); f.RetryAfter != 1 {
					t.Errorf("got %+v", f)
				}
				return
			}
		}
		t.Error("there is no end to it")
	})
}

func TestWithoutKerberos(t *testing.T) {
	s := servertest.Start(t)
	r := shown([]byte("anything"), protocol.Web).to(t, s)
	r.refused(t, 404, protocol.NotFound)
	var w protocol.Ways
	call{path: "/api/v1/auth/ways"}.to(t, s).ok(t, &w)
	if w.Kerberos != nil {
		t.Error("the sign-in page offers it")
	}
}

func TestKerberosBesideADirectory(t *testing.T) {
	c, d := kdctest.Start(t, "choi", "park"), ldaptest.Start(t)
	s := servertest.Start(t, withKerberos(c, "--kerberos-account=directory", "--kerberos-realms="+kdctest.Realm, "--passwords=admins",
		"--ldap="+d.URL, "--ldap-ca="+d.CA, "--ldap-base="+ldaptest.Base, "--ldap-filter=(uid={login})", "--ldap-id=employeeNumber")...)
	in := func(who string) reply { return shown(c.Show(who, kdctest.Service), protocol.Desktop).to(t, s) }
	d.Person("choi", "최유진", "ou=people,"+ldaptest.Base, "employeeNumber", "a1001")
	s.Add("a1001", "choi", "park")
	t.Run("the directory says whose account a name is", func(t *testing.T) {
		var out protocol.SignedIn
		in("choi").ok(t, &out)
		if out.User.ID != "a1001" {
			t.Errorf("got %+v", out.User)
		}
	})
	t.Run("whom it does not know is refused, also where an account has his name", func(t *testing.T) {
		in("park").refused(t, 401, protocol.BadCredentials)
	})
	t.Run("while it does not answer nobody is mistaken for somebody else", func(t *testing.T) {
		d.Stop()
		in("choi").refused(t, 503, protocol.Unavailable)
	})
}
