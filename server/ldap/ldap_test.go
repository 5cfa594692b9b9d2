package ldap_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"sendjay/server/ldap"
	"sendjay/server/ldap/ldaptest"
)

func client(t *testing.T, c ldap.Config) *ldap.Client {
	t.Helper()
	if c.Base == "" {
		c.Base = ldaptest.Base
	}
	if c.User == "" {
		c.User, c.Password = "cn=search,"+ldaptest.Base, "search-secret"
	}
	out, err := ldap.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// try signs in and returns the id.
func try(t *testing.T, c *ldap.Client, login, password string) (string, error) {
	t.Helper()
	p, err := c.Find(t.Context(), login)
	if err == nil {
		err = c.Prove(t.Context(), p, password)
	}
	return p.ID, err
}

func TestPeopleOfADirectorySignIn(t *testing.T) {
	d := ldaptest.Start(t)
	c := client(t, ldap.Config{URLs: []string{d.URL}, StartTLS: true, CA: d.CA})
	for _, login := range []string{"kim", "KIM", `EXAMPLE\kim`, "kim@corp.example.com", "kim@example.com"} {
		if id, err := try(t, c, login, ldaptest.Secret); id != "kim" || err != nil {
			t.Errorf("%s: %q, %v", login, id, err)
		}
	}
	for _, c := range []*ldap.Client{
		client(t, ldap.Config{URLs: []string{d.Safe}, CA: d.CA}),
		client(t, ldap.Config{URLs: []string{d.URL}}),
		client(t, ldap.Config{URLs: []string{d.Safe}, CA: d.CA, DN: "uid={login},ou=people," + ldaptest.Base}),
	} {
		if id, err := try(t, c, "kim", ldaptest.Secret); id != "kim" || err != nil {
			t.Errorf("%v: %q, %v", c.URLs, id, err)
		}
		if _, err := try(t, c, "kim", "wrong"); !errors.Is(err, ldap.ErrWrong) {
			t.Errorf("a wrong password: %v", err)
		}
	}
	t.Run("an empty password proves nothing, though the server would take it", func(t *testing.T) {
		d.Do(func(c *goldap.Conn) error { return c.UnauthenticatedBind("uid=kim,ou=people," + ldaptest.Base) })
		if _, err := try(t, c, "kim", ""); !errors.Is(err, ldap.ErrWrong) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nobody signs in by a pattern, a broken filter, or another one's place", func(t *testing.T) {
		byDN := client(t, ldap.Config{URLs: []string{d.URL}, DN: "uid={login},ou=people," + ldaptest.Base})
		byUPN := client(t, ldap.Config{URLs: []string{d.URL}, DN: "{login}@corp.example.com"})
		for _, login := range []string{
			"*", "k*", "kim)(uid=*", "*)(|(uid=*", "kim)(objectClass=*))(|(uid=x", "", " ", "k\x00m", strings.Repeat("x", 400), "ki\\6d",
			"kim,ou=people", "kim+cn=x", "lee,ou=people," + ldaptest.Base + "\x00", "()", "&",
		} {
			for _, c := range []*ldap.Client{c, byDN, byUPN} {
				if id, err := try(t, c, login, ldaptest.Secret); err == nil {
					t.Errorf("%q signed in as %q", login, id)
				}
			}
		}
	})
	t.Run("a name of two people lets nobody in", func(t *testing.T) {
		d.Folder("others", ldaptest.Base)
		d.Person("park", "박", "ou=others,"+ldaptest.Base, "mail", "lee@example.com")
		if _, err := try(t, c, "lee@example.com", ldaptest.Secret); !errors.Is(err, ldap.ErrNobody) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("somebody nobody knows", func(t *testing.T) {
		if _, err := try(t, c, "stranger", ldaptest.Secret); !errors.Is(err, ldap.ErrNobody) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAServerThatCannotBeTrustedOrReachedIsNoAnswer(t *testing.T) {
	d := ldaptest.Start(t)
	silence := func(t *testing.T, c *ldap.Client) {
		t.Helper()
		if _, err := try(t, c, "kim", ldaptest.Secret); err == nil || errors.Is(err, ldap.ErrNobody) || errors.Is(err, ldap.ErrWrong) {
			t.Errorf("got %v", err)
		}
	}
	t.Run("the wrong authority", func(t *testing.T) {
		other, _, _ := ldaptest.Authority(t, t.TempDir())
		silence(t, client(t, ldap.Config{URLs: []string{d.Safe}, CA: other}))
		silence(t, client(t, ldap.Config{URLs: []string{d.URL}, StartTLS: true, CA: other}))
		silence(t, client(t, ldap.Config{URLs: []string{d.Safe}}))
	})
	t.Run("a search account that is refused", func(t *testing.T) {
		silence(t, client(t, ldap.Config{URLs: []string{d.URL}, User: "cn=search," + ldaptest.Base, Password: "stale"}))
	})
	t.Run("a file that holds no authority", func(t *testing.T) {
		if _, err := ldap.New(ldap.Config{CA: d.CA + ".no"}); err == nil {
			t.Error("taken")
		}
	})
	t.Run("the next server is asked when the first is down or hangs", func(t *testing.T) {
		first := ldaptest.Start(t)
		c := client(t, ldap.Config{URLs: []string{first.URL, d.URL}, Within: time.Second})
		first.Stop()
		if id, err := try(t, c, "kim", ldaptest.Secret); id != "kim" || err != nil {
			t.Errorf("%q %v", id, err)
		}
		first.Run()
		first.Hang()
		c = client(t, ldap.Config{URLs: []string{first.URL, d.URL}, Within: time.Second})
		if id, err := try(t, c, "kim", ldaptest.Secret); id != "kim" || err != nil {
			t.Errorf("%q %v", id, err)
		}
	})
	t.Run("all are down", func(t *testing.T) {
		d.Stop()
		silence(t, client(t, ldap.Config{URLs: []string{d.URL, d.Safe}, CA: d.CA, Within: time.Second}))
	})
}

func TestEveryoneOfADirectory(t *testing.T) {
	d := ldaptest.Start(t)
	company := d.Folder("본사", ldaptest.Base)
	sales := d.Folder("영업팀", company)
	d.Folder("빈 팀", company)
	for i := range 1100 { // the server gives 500 at once, and 50 without paging
		d.Person(fmt.Sprintf("s%04d", i), fmt.Sprintf("영업 %04d", i), sales, "department", "Sales, West")
	}
	d.Person("gone", "떠난 이", sales, "userAccountControl", "514")
	d.Person("here", "있는 이", company, "userAccountControl", "512", "title", strings.Repeat("가", 60))
	t.Run("folders are units, pages are all read, disabled accounts stay out", func(t *testing.T) {
		units, people, err := client(t, ldap.Config{URLs: []string{d.URL}}).Everyone(t.Context())
		if err != nil || len(people) != 1103 {
			t.Fatalf("%d people, %v", len(people), err)
		}
		var names []string
		codes := map[string]string{}
		for _, u := range units {
			names = append(names, fmt.Sprintf("%d %s", u.Level, u.Name))
			codes[u.Name] = u.Code
			if len(u.Code) > 20 {
				t.Errorf("%q is too long a code", u.Code)
			}
		}
		if want := []string{"1 people", "1 본사", "2 영업팀"}; !slices.Equal(names, want) {
			t.Errorf("got %q, want %q", names, want)
		}
		for _, p := range people {
			switch {
			case p.ID == "gone":
				t.Error("a disabled account is here")
			case p.ID == "kim" && (p.Name != "김서연" || p.Job != "과장" || p.Phone != "02-123-4567" || p.Mail != "kim@example.com" || p.Unit != codes["people"]):
				t.Errorf("%+v", p)
			case p.ID == "s0742" && p.Unit != codes["영업팀"], p.ID == "here" && (p.Unit != codes["본사"] || len([]rune(p.Job)) != 50):
				t.Errorf("%+v", p)
			}
		}
		again, _, err := client(t, ldap.Config{URLs: []string{d.URL}}).Everyone(t.Context())
		if err != nil || !slices.Equal(units, again) {
			t.Errorf("the units differ the second time: %v", err)
		}
	})
	t.Run("an attribute can name the unit, others the rest", func(t *testing.T) {
		c := client(t, ldap.Config{URLs: []string{d.URL}, Map: ldap.Map{Unit: "department", Name: []string{"sn"}}, Everybody: "(uid=s*)"})
		units, people, err := c.Everyone(t.Context())
		if err != nil || len(people) != 1100 || len(units) != 1 || units[0].Name != "Sales, West" || people[0].Unit != units[0].Code {
			t.Errorf("%d people, %+v, %v", len(people), units, err)
		}
	})
	t.Run("the address comes from the attribute that is named, and is cut to what fits", func(t *testing.T) {
		d.Person("long", "긴 주소", company, "mail", strings.Repeat("a", 200)+"@example.com", "userPrincipalName", "long@corp.example.com")
		for _, c := range []struct{ attribute, want string }{{"userPrincipalName", "long@corp.example.com"}, {"mail", strings.Repeat("a", 100)}, {"carLicense", ""}} {
			_, people, err := client(t, ldap.Config{URLs: []string{d.URL}, Map: ldap.Map{Mail: []string{c.attribute}}, Everybody: "(uid=long)"}).Everyone(t.Context())
			if err != nil || len(people) != 1 || people[0].Mail != c.want {
				t.Errorf("%s: %+v %v", c.attribute, people, err)
			}
		}
	})
	t.Run("what cannot be read is an error, not nobody", func(t *testing.T) {
		for _, c := range []ldap.Config{{URLs: []string{d.URL}, Base: "ou=nowhere," + ldaptest.Base}, {URLs: []string{d.URL}, Base: "no base"}} {
			if _, people, err := client(t, c).Everyone(t.Context()); err == nil {
				t.Errorf("%d people of %s", len(people), c.Base)
			}
		}
	})
}
