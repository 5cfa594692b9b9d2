package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

// forger is an OpenID provider that signs whatever a test wants it to say. An honest one is in oidctest.
type forger struct {
	url string

	mu    sync.Mutex
	keys  map[string]*rsa.PublicKey // what it says are its keys
	kid   string                    // and what it signs with
	key   *rsa.PrivateKey
	by    jwt.SigningMethod
	twist jwt.MapClaims // what differs from an honest token; nil takes one away
	nonce string
}

func newForger(t *testing.T) *forger {
	t.Helper()
	f := &forger{by: jwt.SigningMethodRS256}
	f.rotate(t, "first")
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": f.url, "authorization_endpoint": f.url + "/authorize", "token_endpoint": f.url + "/token", "jwks_uri": f.url + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		keys := make([]map[string]string, 0, len(f.keys))
		for id, k := range f.keys {
			keys = append(keys, map[string]string{
				"kty": "RSA", "kid": id, "use": "sig", "alg": "RS256",
				"n": base64.RawURLEncoding.EncodeToString(k.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.E)).Bytes()),
			})
		}
		answer(w, map[string]any{"keys": keys})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		f.mu.Lock()
		f.nonce = q.Get("nonce")
		f.mu.Unlock()
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {"c"}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": f.token()})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

// rotate gives the provider a new key in the place of all others.
func (f *forger) rotate(t *testing.T, id string) {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys, f.kid, f.key = map[string]*rsa.PublicKey{id: &k.PublicKey}, id, k
}

func (f *forger) token() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := jwt.MapClaims{
		"iss": f.url, "aud": "talk", "sub": "s-1", "preferred_username": "kim", "nonce": f.nonce,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	}
	maps.Copy(c, f.twist)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	tok := jwt.NewWithClaims(f.by, c)
	tok.Header["kid"] = f.kid
	var key any = f.key
	switch f.by {
	case jwt.SigningMethodHS256:
		key = f.key.N.Bytes() // what everybody knows of the provider, as if it were a secret
	case jwt.SigningMethodNone:
		key = jwt.UnsafeAllowNoneSignatureType
	}
	s, err := tok.SignedString(key)
	if err != nil {
		return err.Error()
	}
	return s
}

func (f *forger) says(by jwt.SigningMethod, twist jwt.MapClaims) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by, f.twist = by, twist
}

func TestWhatAnOpenIDProviderMayNotSay(t *testing.T) {
	f := newForger(t)
	s := servertest.Start(t, "--public-url=https://talk.example.com", "--oidc-issuer="+f.url, "--oidc-client=talk")
	s.Add("kim")
	// enter goes to the provider and comes back with what it was given, and returns where that leads.
	enter := func(t *testing.T) string {
		t.Helper()
		begun := call{path: "/api/v1/auth/oidc"}.to(t, s)
		to := begun.Header.Get("Location")
		plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		got, err := plain.Get(to)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		back, err := url.Parse(got.Header.Get("Location"))
		if err != nil || back.Query().Get("state") == "" {
			t.Fatalf("%q leads to %q", to, got.Header.Get("Location"))
		}
		var kept []string
		for _, c := range begun.Cookies() {
			kept = append(kept, c.Name+"="+c.Value)
		}
		return call{path: back.RequestURI(), head: map[string]string{"Cookie": strings.Join(kept, "; ")}}.to(t, s).Header.Get("Location")
	}
	in := func(t *testing.T) {
		t.Helper()
		if at := enter(t); !strings.HasPrefix(at, "/?entered=1") {
			t.Errorf("led to %q", at)
		}
	}
	in(t)
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	for name, twist := range map[string]jwt.MapClaims{
		"another program":                        {"aud": "payroll"},
		"nobody in particular":                   {"aud": nil},
		"us among others, meant for another":     {"aud": []string{"talk", "payroll"}, "azp": "payroll"},
		"us among others, meant for nobody":      {"aud": []string{"talk", "payroll"}},
		"a time that is over":                    {"iat": ago(2 * time.Hour), "exp": ago(time.Hour)},
		"no end":                                 {"exp": nil},
		"a time that has not begun":              {"nbf": time.Now().Add(time.Hour).Unix()},
		"another issuer":                         {"iss": "https://login.example.com"},
		"another sign-in":                        {"nonce": "n"},
		"no sign-in":                             {"nonce": nil},
		"somebody whom nobody knows":             {"preferred_username": "nobody"},
		"somebody who is a list":                 {"preferred_username": []string{"kim"}},
		"a person with what cannot be in an id":  {"preferred_username": "kim'--"},
		"a person whose name is longer than any": {"preferred_username": strings.Repeat("k", 5000)},
	} {
		t.Run("a token for "+name+" signs nobody in", func(t *testing.T) {
			f.says(jwt.SigningMethodRS256, twist)
			if at := enter(t); !strings.Contains(at, "refused="+string(protocol.BadCredentials)) {
				t.Errorf("led to %q", at)
			}
		})
	}
	for _, by := range []jwt.SigningMethod{jwt.SigningMethodNone, jwt.SigningMethodHS256} {
		t.Run(fmt.Sprintf("a token signed with %s signs nobody in", by.Alg()), func(t *testing.T) {
			f.says(by, nil)
			if at := enter(t); !strings.Contains(at, "refused="+string(protocol.BadCredentials)) {
				t.Errorf("led to %q", at)
			}
		})
	}
	t.Run("a key that was rotated counts at once, one that is gone no longer, one that was never said never", func(t *testing.T) {
		f.says(jwt.SigningMethodRS256, nil)
		in(t)
		old := f.key
		f.rotate(t, "second")
		in(t)
		for _, kid := range []string{"first", "second", "third"} {
			f.mu.Lock()
			f.kid, f.key = kid, old
			f.mu.Unlock()
			if at := enter(t); !strings.Contains(at, "refused="+string(protocol.BadCredentials)) {
				t.Errorf("the old key as %q led to %q", kid, at)
			}
		}
	})
}
