package api_test

import (
	"strings"
	"testing"

	"sendjay/server/ldap/ldaptest"
	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// withDirectory starts a server beside a directory; further settings are flags.
func withDirectory(t *testing.T, more ...string) (*servertest.Server, *ldaptest.Server) {
	t.Helper()
	d := ldaptest.Start(t)
	return servertest.Start(t, append([]string{
		"--ldap=" + d.URL, "--ldap-ca=" + d.CA, "--ldap-base=" + ldaptest.Base, "--ldap-user=cn=search," + ldaptest.Base, "--ldap-password=search-secret",
	}, more...)...), d
}

func account(t *testing.T, s *servertest.Server, a store.Account) {
	t.Helper()
	a.Name, a.Active = string(a.ID), true
	if err := s.Store.AddAccount(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}

func TestPeopleSignInByTheDirectory(t *testing.T) {
	s, d := withDirectory(t)
	s.Add("kim", "lee", "park") // with passwords of ours, which do not count
	t.Run("the directory's password opens, ours does not, and the account decides who is here", func(t *testing.T) {
		var in protocol.SignedIn
		login("kim", ldaptest.Secret, "desktop").to(t, s).ok(t, &in)
		if in.User.ID != "kim" {
			t.Errorf("%+v", in.User)
		}
		login("kim@corp.example.com", ldaptest.Secret, "desktop").to(t, s).ok(t, &in)
		if in.User.ID != "kim" {
			t.Errorf("%+v", in.User)
		}
		login("kim", servertest.Password, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
		d.Person("outsider", "밖", "ou=people,"+ldaptest.Base)
		login("outsider", ldaptest.Secret, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
		login("kim", "", "desktop").to(t, s).refused(t, 400, protocol.BadRequest)
		login("k*", ldaptest.Secret, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
	})
	t.Run("a closed account stays closed", func(t *testing.T) {
		d.Person("park", "박", "ou=people,"+ldaptest.Base)
		if err := s.Store.SetActive(t.Context(), "park", false); err != nil {
			t.Fatal(err)
		}
		login("park", ldaptest.Secret, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
	})
	t.Run("administrators keep a way in of their own, and no namesake in the directory becomes one", func(t *testing.T) {
		account(t, s, store.Account{User: protocol.User{ID: "boss", Role: protocol.Owner}, PasswordHash: servertest.Hashed()})
		account(t, s, store.Account{User: protocol.User{ID: "desk", Role: protocol.HelpDesk}, PasswordHash: servertest.Hashed()})
		d.Person("boss", "사칭", "ou=people,"+ldaptest.Base)
		login("boss", servertest.Password, "desktop").to(t, s).ok(t, nil)
		login("boss", ldaptest.Secret, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
		login("desk", servertest.Password, "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
	})
	t.Run("a password that the directory keeps is not changed here", func(t *testing.T) {
		var in protocol.SignedIn
		login("kim", ldaptest.Secret, "desktop").to(t, s).ok(t, &in)
		c := call{method: "POST", path: "/api/v1/auth/password", body: `{"old":"` + servertest.Password + `","new":"a new and long one"}`, head: bearer(in.AccessToken)}
		if f := c.to(t, s).refused(t, 403, protocol.Forbidden); f.Field != "directory" {
			t.Errorf("%+v", f)
		}
	})
	t.Run("names are counted as one, however they are written", func(t *testing.T) {
		ways := []string{"lee", "LEE", "lee@example.com"}
		for i := range 60 {
			r := login(ways[i%len(ways)], "wrong", "desktop").to(t, s)
			if r.StatusCode == 429 {
				if i > 40 {
					t.Errorf("%d tries", i)
				}
				login("lee", ldaptest.Secret, "desktop").to(t, s).refused(t, 429, protocol.RateLimited)
				return
			}
			r.refused(t, 401, protocol.BadCredentials)
		}
		t.Error("no end of guessing")
	})
	t.Run("while it is down others wait and administrators come in", func(t *testing.T) {
		d.Stop()
		login("kim", ldaptest.Secret, "desktop").to(t, s).refused(t, 503, protocol.Unavailable)
		login("kim", servertest.Password, "desktop").to(t, s).refused(t, 503, protocol.Unavailable)
		login("boss", servertest.Password, "desktop").to(t, s).ok(t, nil)
		login("boss", "wrong", "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
		d.Run()
		login("kim", ldaptest.Secret, "desktop").to(t, s).ok(t, nil)
	})
	for _, word := range []string{ldaptest.Secret, "search-secret", servertest.Password} {
		if strings.Contains(s.Log.String(), word) {
			t.Errorf("%q stands in the log", word)
		}
	}
}

func TestWhoMayUseAPasswordOfOursBesideADirectory(t *testing.T) {
	for who, want := range map[string]string{"everyone": "200 200 200", "owner": "401 401 200", "nobody": "401 401 401"} {
		s, _ := withDirectory(t, "--local-passwords="+who)
		s.Add("kim")
		account(t, s, store.Account{User: protocol.User{ID: "admin", Role: protocol.Administrator}, PasswordHash: servertest.Hashed()})
		account(t, s, store.Account{User: protocol.User{ID: "boss", Role: protocol.Owner}, PasswordHash: servertest.Hashed()})
		var got []string
		for _, id := range []string{"kim", "admin", "boss"} {
			got = append(got, login(id, servertest.Password, "desktop").to(t, s).Status[:3])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", who, got, want)
		}
	}
}

func TestPasswordsForAdministratorsAloneMeansThoseOfTheDirectoryToo(t *testing.T) {
	s, d := withDirectory(t, "--passwords=admins", "--portal-keys="+newPortal(t).folder)
	s.Add("kim")
	account(t, s, store.Account{User: protocol.User{ID: "chief", Role: protocol.Administrator}}) // from HR: no password of ours
	d.Person("chief", "관리자", "ou=people,"+ldaptest.Base)
	if f := login("kim", ldaptest.Secret, "desktop").to(t, s).refused(t, 403, protocol.Forbidden); f.Field != "passwords" {
		t.Errorf("%+v", f)
	}
	login("kim", "wrong", "desktop").to(t, s).refused(t, 401, protocol.BadCredentials)
	login("chief", ldaptest.Secret, "desktop").to(t, s).ok(t, nil)
}
