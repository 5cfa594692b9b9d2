package auth

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sendjay/shared/protocol"
)

func TestPortalKeys(t *testing.T) {
	first, second := []byte("the first of the portal's secrets"), []byte("the second of the portal's secrets")
	lay := func(t *testing.T, folder, name string, raw []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("a key laid beside the old one counts soon, one taken away no longer", func(t *testing.T) {
		folder := t.TempDir()
		lay(t, folder, "first.key", first)
		lay(t, folder, "README.txt", []byte("what the keys are for"))
		synctest.Test(t, func(t *testing.T) {
			_, m := world(t)
			a, err := New(t.Context(), Config{Store: m, Portal: Portal{Keys: folder, Issuer: "erp", Audience: "talk", Life: time.Minute}})
			if err != nil {
				t.Fatal(err)
			}
			try := func(kid string, secret []byte) error {
				now := time.Now()
				c := jwt.RegisteredClaims{Issuer: "erp", Audience: jwt.ClaimStrings{"talk"}, Subject: "kim", ID: rand.Text(), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Minute))}
				tok := jwt.NewWithClaims(jwt.SigningMethodHS256, c)
				tok.Header["kid"] = kid
				signed, err := tok.SignedString(secret)
				if err != nil {
					t.Fatal(err)
				}
				_, err = a.Ticket(t.Context(), signed, "127.0.0.1")
				return err
			}
			wants(t, try("first", first), "")
			wants(t, try("second", second), protocol.BadCredentials)
			lay(t, folder, "second.key", second)
			time.Sleep(rereadEvery)
			wants(t, try("first", first), "")
			wants(t, try("second", second), "")
			if err := os.Remove(filepath.Join(folder, "first.key")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(rereadEvery)
			wants(t, try("first", first), protocol.BadCredentials)
			wants(t, try("second", second), "")
			// A folder in disorder changes nothing.
			lay(t, folder, "third.key", []byte("short"))
			time.Sleep(rereadEvery)
			wants(t, try("second", second), "")
		})
	})
	t.Run("what is no key is refused at the start", func(t *testing.T) {
		for name, raw := range map[string]string{"short.key": "secret", "x.pem": "no PEM", "private.pem": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "x.txt": "nothing"} {
			folder := t.TempDir()
			lay(t, folder, name, []byte(raw))
			if _, err := readPortalKeys(folder); err == nil {
				t.Errorf("%s passes", name)
			}
		}
		if _, err := readPortalKeys(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
}
