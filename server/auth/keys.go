package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// claims is what an access token says.
type claims struct {
	Device protocol.Device `json:"dev"`
	SignIn string          `json:"sid"`
	jwt.RegisteredClaims
}

// keyring holds the signing keys. The newest signs, all verify.
type keyring struct {
	mu     sync.RWMutex // guards the fields below
	newest store.Key
	oldest store.Key
	all    map[string][]byte
	asked  time.Time
}

// reloadEvery bounds how often an unknown key id makes us look for a key of another node.
const reloadEvery = 2 * time.Second

// keyAge is when a key stops signing. It goes on verifying: tokens under it are short-lived anyhow.
const keyAge = 90 * 24 * time.Hour

func (k *keyring) load(ctx context.Context, s Store) error {
	keys, err := s.Keys(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		if err := makeKey(ctx, s, time.Now()); err != nil {
			return err
		}
		// Another node may have done the same at this instant: both read the same order back.
		if keys, err = s.Keys(ctx); err != nil {
			return err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.newest, k.oldest = keys[0], keys[len(keys)-1]
	k.all = make(map[string][]byte, len(keys))
	for _, key := range keys {
		k.all[key.ID] = key.Secret
	}
	return nil
}

func makeKey(ctx context.Context, s Store, now time.Time) error {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return s.AddKey(ctx, store.Key{ID: rand.Text()[:12], Secret: secret, At: now})
}

// renew makes a new key when the newest is too old, by another node's count too.
func (k *keyring) renew(ctx context.Context, s Store, now time.Time) error {
	if err := k.load(ctx, s); err != nil {
		return err
	}
	k.mu.RLock()
	old := now.Sub(k.newest.At) > keyAge
	k.mu.RUnlock()
	if !old {
		return nil
	}
	if err := makeKey(ctx, s, now); err != nil {
		return err
	}
	return k.load(ctx, s)
}

func (k *keyring) sign(user protocol.User, signIn string, device protocol.Device, life time.Duration) (string, error) {
	k.mu.RLock()
	key := k.newest
	k.mu.RUnlock()
	now := time.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{Device: device, SignIn: signIn, RegisteredClaims: jwt.RegisteredClaims{
		Subject: string(user.ID), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)), ID: rand.Text()[:10],
	}})
	t.Header["kid"] = key.ID
	return t.SignedString(key.Secret)
}

var errKey = errors.New("unknown key")

func (k *keyring) verify(ctx context.Context, s Store, token string) (*claims, error) {
	var c claims
	parse := func() error {
		_, err := jwt.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
			id, _ := t.Header["kid"].(string)
			k.mu.RLock()
			defer k.mu.RUnlock()
			if secret, ok := k.all[id]; ok {
				return secret, nil
			}
			return nil, errKey
		}, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
		return err
	}
	err := parse()
	if errors.Is(err, errKey) && k.mayAsk() && k.load(ctx, s) == nil {
		c = claims{}
		err = parse()
	}
	if err == nil && (!c.Device.Known() || c.SignIn == "" || c.Subject == "") {
		err = errors.New("incomplete token")
	}
	return &c, err
}

func (k *keyring) mayAsk() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.asked) < reloadEvery {
		return false
	}
	k.asked = time.Now()
	return true
}

// seal signs what we hand out and get back, for one purpose.
func (k *keyring) seal(purpose, payload string) string {
	k.mu.RLock()
	secret := k.oldest.Secret
	k.mu.RUnlock()
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(purpose + "\x00" + payload))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// successor is the refresh token that follows this one. It is made from the token itself, so that the
// same request sent twice can be answered twice without keeping the token anywhere.
func (k *keyring) successor(token, attempt string) string {
	id, _, _ := strings.Cut(token, ".")
	if attempt == "" {
		attempt = rand.Text()
	}
	return id + "." + k.seal("refresh", token+"\x00"+attempt)
}
