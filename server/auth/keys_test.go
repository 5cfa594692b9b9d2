package auth

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sendjay/shared/protocol"
)

func TestAccessTokens(t *testing.T) {
	t.Run("carry kid and exp, and the device kind", func(t *testing.T) {
		a, _ := world(t)
		parts := strings.Split(login(t, a).AccessToken, ".")
		var head, body map[string]any
		for i, to := range []*map[string]any{&head, &body} {
			raw, err := base64.RawURLEncoding.DecodeString(parts[i])
			if err != nil || json.Unmarshal(raw, to) != nil {
				t.Fatal(parts[i])
			}
		}
		if head["kid"] == "" || head["alg"] != "HS256" || body["exp"] == nil || body["dev"] != "desktop" || body["sub"] != "kim" {
			t.Errorf("%v %v", head, body)
		}
	})
	t.Run("end with their time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, _ := world(t)
			in := login(t, a)
			time.Sleep(15*time.Minute + time.Second)
			_, err := a.Check(t.Context(), in.AccessToken)
			wants(t, err, protocol.Unauthenticated)
		})
	})
	t.Run("of another key, another method, without exp or kid: refused", func(t *testing.T) {
		a, _ := world(t)
		good := login(t, a).AccessToken
		who, err := a.Check(t.Context(), good)
		wants(t, err, "")
		key := a.keys.newest
		make := func(m jwt.SigningMethod, kid any, secret any, exp *jwt.NumericDate) string {
			x := jwt.NewWithClaims(m, claims{Device: protocol.Desktop, SignIn: who.SignIn, RegisteredClaims: jwt.RegisteredClaims{Subject: "kim", ExpiresAt: exp}})
			if kid != nil {
				x.Header["kid"] = kid
			}
			s, err := x.SignedString(secret)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		soon := jwt.NewNumericDate(time.Now().Add(time.Minute))
		if _, err := a.Check(t.Context(), make(jwt.SigningMethodHS256, key.ID, key.Secret, soon)); err != nil {
			t.Fatal("the test makes no good tokens:", err)
		}
		for name, bad := range map[string]string{
			"other key":    make(jwt.SigningMethodHS256, key.ID, []byte("guess"), soon),
			"none":         make(jwt.SigningMethodNone, key.ID, jwt.UnsafeAllowNoneSignatureType, soon),
			"other method": make(jwt.SigningMethodHS512, key.ID, key.Secret, soon),
			"no exp":       make(jwt.SigningMethodHS256, key.ID, key.Secret, nil),
			"no kid":       make(jwt.SigningMethodHS256, nil, key.Secret, soon),
			"odd kid":      make(jwt.SigningMethodHS256, 7, key.Secret, soon),
			"cut":          good[:len(good)-2],
			"empty":        "",
		} {
			if _, err := a.Check(t.Context(), bad); protocol.CodeOf(err) != protocol.Unauthenticated {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("under another node's new key are good, and unknown keys do not make us ask all the time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, m := world(t)
			before := login(t, a)
			time.Sleep(keyAge + time.Hour)
			other, err := New(t.Context(), Config{Store: m})
			wants(t, err, "")
			wants(t, other.Renew(t.Context()), "")
			if len(m.keys) != 2 || other.keys.newest.ID == a.keys.newest.ID {
				t.Fatalf("%d keys", len(m.keys))
			}
			in := login(t, other)
			_, err = a.Check(t.Context(), in.AccessToken)
			wants(t, err, "")
			asked := m.asked
			head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","kid":"nobody"}`))
			for range 50 {
				_, err = a.Check(t.Context(), head+in.AccessToken[strings.Index(in.AccessToken, "."):])
				wants(t, err, protocol.Unauthenticated)
			}
			if m.asked > asked+1 {
				t.Errorf("asked %d times", m.asked-asked)
			}
			// The chain of refresh tokens goes on over a change of keys.
			wants(t, a.Renew(t.Context()), "")
			if _, _, err := a.Refresh(t.Context(), before.RefreshToken, ""); protocol.CodeOf(err) != protocol.Unauthenticated {
				t.Error("a sign-in of long ago should have run out")
			}
			_, _, err = a.Refresh(t.Context(), in.RefreshToken, "x")
			wants(t, err, "")
			again, _, err := other.Refresh(t.Context(), in.RefreshToken, "x")
			wants(t, err, "")
			if again.RefreshToken == "" {
				t.Error("no token")
			}
		})
	})
	t.Run("a young key is kept", func(t *testing.T) {
		a, m := world(t)
		wants(t, a.Renew(t.Context()), "")
		if len(m.keys) != 1 {
			t.Errorf("%d keys", len(m.keys))
		}
	})
}

func FuzzAccessToken(f *testing.F) {
	f.Add("")
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJraW0ifQ.")
	f.Add("eyJhbGciOiJIUzI1NiIsImtpZCI6bnVsbH0.e30.AAAA")
	m := newMemory()
	a, err := New(f.Context(), Config{Store: m})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := a.Check(t.Context(), token); protocol.CodeOf(err) != protocol.Unauthenticated {
			t.Fatalf("%q: %v", token, err)
		}
		if _, _, err := a.Refresh(t.Context(), token, token); protocol.CodeOf(err) != protocol.Unauthenticated {
			t.Fatalf("%q: %v", token, err)
		}
	})
}
