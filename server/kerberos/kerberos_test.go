package kerberos_test

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/chksumtype"
	"github.com/jcmturner/gokrb5/v8/types"

	"sendjay/server/kerberos"
	"sendjay/shared/kdctest"
)

func open(t testing.TB, keytab string, realms ...string) *kerberos.Service {
	t.Helper()
	s, err := kerberos.Open(kerberos.Config{Keytab: keytab, Service: kdctest.Service + "@" + kdctest.Realm, Realms: realms, Skew: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var here = netip.MustParseAddr("127.0.0.1")

func TestWhoseATicketIs(t *testing.T) {
	c := kdctest.Start(t, "kim", "kim/admin")
	s := open(t, c.Keytab)
	prove := func(token []byte) (kerberos.Proof, error) { return s.Prove(token, here) }
	t.Run("one that the centre gave is its owner's, and each showing has a mark of its own", func(t *testing.T) {
		token := c.Show("kim", kdctest.Service)
		one, err := prove(token)
		if err != nil || one.Name != "kim" || one.Realm != kdctest.Realm || !one.Until.After(time.Now()) {
			t.Fatalf("%+v %v", one, err)
		}
		again, _ := prove(token)
		other, err := prove(c.Show("kim", kdctest.Service))
		if err != nil || again.Mark != one.Mark || other.Mark == one.Mark {
			t.Errorf("%+v %+v %+v %v", one, again, other, err)
		}
	})
	t.Run("an honest forgery passes, so that those below are refused for the one thing that is wrong with them", func(t *testing.T) {
		if p, err := prove(c.Forge(kdctest.Forged{})); err != nil || p.Name != "kim" {
			t.Fatalf("%+v %v", p, err)
		}
		if _, err := open(t, c.Keytab, "OTHER.EXAMPLE").Prove(c.Forge(kdctest.Forged{Realm: "OTHER.EXAMPLE"}), here); err != nil {
			t.Error(err)
		}
	})
	good := c.Forge(kdctest.Forged{})
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	for name, one := range map[string]struct {
		token []byte
		why   string
	}{
		"one for another service":                        {c.Show("kim", kdctest.Other), "another service"},
		"one for another service under our name":         {c.Forge(kdctest.Forged{Keytab: c.OtherKeytab}), "integrity"},
		"one of a realm that does not count":             {c.Forge(kdctest.Forged{Realm: "OTHER.EXAMPLE"}), "realm does not count"},
		"one of somebody's second name":                  {c.Show("kim/admin", kdctest.Service), "no person"},
		"one that is over":                               {c.Forge(kdctest.Forged{From: -2 * time.Hour, Until: -time.Hour}), "expired"},
		"one that does not count yet":                    {c.Forge(kdctest.Forged{From: time.Hour, Until: 2 * time.Hour}), "not yet valid"},
		"one whose bearer's clock is slow":               {c.Forge(kdctest.Forged{Says: func(a *types.Authenticator) { a.CTime = a.CTime.Add(-10 * time.Minute) }}), "skew"},
		"one whose bearer's clock is fast":               {c.Forge(kdctest.Forged{Says: func(a *types.Authenticator) { a.CTime = a.CTime.Add(10 * time.Minute) }}), "skew"},
		"one whose bearer says that he is somebody else": {c.Forge(kdctest.Forged{Says: func(a *types.Authenticator) { a.CName.NameString = []string{"lee"} }}), "CName"},
		"one whose bearer says that he is of our realm": {
			c.Forge(kdctest.Forged{Realm: "OTHER.EXAMPLE", Says: func(a *types.Authenticator) { a.CRealm = kdctest.Realm }}), "another realm",
		},
		"one that was made for another protocol": {c.Forge(kdctest.Forged{Says: func(a *types.Authenticator) { a.Cksum.CksumType = chksumtype.CRC32 }}), "another protocol"},
		"one with a bit changed":                 {flipped, "authenticator"},
		"half of one":                            {good[:len(good)/2], "cannot be read"},
		"NTLM":                                   {append([]byte("NTLMSSP\x00"), make([]byte, 32)...), "NTLM"},
		"nothing":                                {nil, "0 bytes"},
		"noise":                                  {bytes.Repeat([]byte{0x60, 0x82}, 400), "cannot be read"},
		"more than any ticket has":               {make([]byte, 1<<20), "bytes"},
	} {
		t.Run(name+" does not count", func(t *testing.T) {
			p, err := prove(one.token)
			if why, ok := errors.AsType[*kerberos.Bad](err); !ok || !strings.Contains(why.Error(), one.why) || p != (kerberos.Proof{}) {
				t.Errorf("%+v %v", p, err)
			}
		})
	}
	t.Run("no byte that a stranger changes brings the server down or lets him in as another", func(t *testing.T) {
		for i := range good {
			for _, to := range []byte{0, 1, 0x7f, 0x80, 0xff} {
				torn := bytes.Clone(good)
				torn[i] = to
				if p, err := prove(torn); err == nil && p.Name != "kim" {
					t.Fatalf("byte %d: %+v", i, p)
				} else if _, ok := errors.AsType[*kerberos.Bad](err); err != nil && !ok {
					t.Fatalf("byte %d: %v", i, err)
				}
			}
		}
	})
}

func TestAKeytab(t *testing.T) {
	c := kdctest.Start(t, "kim")
	for name, file := range map[string]string{"of another service": c.OtherKeytab, "that is none": c.Config, "that is not there": filepath.Join(t.TempDir(), "no.keytab")} {
		t.Run("one "+name+" is said at the start", func(t *testing.T) {
			_, err := kerberos.Open(kerberos.Config{Keytab: file, Service: kdctest.Service + "@" + kdctest.Realm})
			if err == nil || !strings.Contains(err.Error(), filepath.Base(file)) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("no byte that is wrong in one brings the server down", func(t *testing.T) {
		raw, err := os.ReadFile(c.Keytab)
		if err != nil {
			t.Fatal(err)
		}
		torn := filepath.Join(t.TempDir(), "torn.keytab")
		for i := range min(len(raw), 120) {
			changed := bytes.Clone(raw)
			changed[i] = 0xff
			if err := os.WriteFile(torn, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			_, _ = kerberos.Open(kerberos.Config{Keytab: torn, Service: kdctest.Service + "@" + kdctest.Realm})
		}
	})
}

func FuzzProve(f *testing.F) {
	c := kdctest.Start(f, "kim")
	s := open(f, c.Keytab)
	f.Add(c.Forge(kdctest.Forged{}))
	f.Add([]byte("NTLMSSP\x00"))
	f.Fuzz(func(t *testing.T, token []byte) {
		if p, err := s.Prove(token, here); err == nil && p.Name != "kim" {
			t.Errorf("%+v", p)
		} else if _, ok := errors.AsType[*kerberos.Bad](err); err != nil && !ok {
			t.Error(err)
		}
	})
}
