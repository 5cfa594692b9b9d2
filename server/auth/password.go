package auth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"sendjay/shared/protocol"
)

// argon2id as OWASP's cheat sheet recommends it for servers: 19 MiB, two passes, one lane.
const (
	argonTime   = 2
	argonMemory = 19 << 10 // KiB
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
	// waitingHashes bounds the queue: beyond it somebody would wait longer than a browser does.
	waitingHashes = 500
	// cleanAfter is how long nobody hashes before the memory goes back.
	cleanAfter = 2 * time.Second
)

// parallelHashes bounds memory: each takes argonMemory while it runs.
func parallelHashes() int { return min(max(runtime.GOMAXPROCS(0), 1), 4) }

// PasswordLeast is the least number of characters of a password that a person chooses.
const PasswordLeast = 8

// Acceptable says why a password may not be used, nil when it may.
func Acceptable(id protocol.UserID, password string) error {
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0) || len(password) > protocol.Limits.PasswordBytes:
		return fmt.Errorf("the password has to be text of at most %d bytes", protocol.Limits.PasswordBytes)
	case utf8.RuneCountInString(password) < PasswordLeast:
		return fmt.Errorf("the password needs %d characters or more", PasswordLeast)
	case strings.EqualFold(password, string(id)):
		return errors.New("the password is the id")
	}
	return nil
}

// Hash returns the argon2id hash of a password in its usual text form.
func Hash(password string) string { return hashWith(password, argonTime, argonMemory) }

// HashMade is Hash for a password that a machine made. Guessing 80 random bits is hopeless without slowing it
// down, and a first start does not have to wait for it.
func HashMade(password string) string { return hashWith(password, 1, 64) }

func hashWith(password string, passes, memory uint32) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, passes, memory, argonLanes, argonKey)
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, argonLanes, b.EncodeToString(salt), b.EncodeToString(key))
}

// matches compares password with a hash; against "" it works as long and says no.
func matches(password, hash string) bool {
	var version, memory, passes int
	var lanes uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		argon2.IDKey([]byte(password), make([]byte, argonSalt), argonTime, argonMemory, argonLanes, argonKey)
		return false
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil || version != argon2.Version ||
		memory < 1 || memory > 256<<10 || passes < 1 || passes > 100 || lanes < 1 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || err2 != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

func (a *Auth) hash(ctx context.Context, password string) (hash string, err error) {
	err = a.slot(ctx, a.hashing, func() { hash = Hash(password) })
	return hash, err
}

// slot runs f when one of the few places is free.
func (a *Auth) slot(ctx context.Context, places chan struct{}, f func()) error {
	defer a.waiting.Add(-1)
	if a.waiting.Add(1) > waitingHashes {
		return &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: 5}
	}
	select {
	case places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		<-places
		a.cleaner.Reset(cleanAfter)
	}()
	f()
	return nil
}

// Legacy returns a function that turns the original's stored password, "iv:cipher" in hex under
// AES-256-CBC, into a hash of ours; "" where the key does not fit.
func Legacy(key []byte) func(stored string) string {
	if len(key) == 0 {
		return nil
	}
	return func(stored string) string {
		plain, err := decryptLegacy(key, stored)
		if err != nil || plain == "" {
			return ""
		}
		return Hash(plain)
	}
}

func decryptLegacy(key []byte, stored string) (string, error) {
	wrong := errors.New("not a password of the original under this key")
	left, right, ok := strings.Cut(stored, ":")
	iv, err := hex.DecodeString(left)
	text, err2 := hex.DecodeString(right)
	if !ok || err != nil || err2 != nil || len(iv) != aes.BlockSize || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return "", wrong
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(text, text)
	pad := int(text[len(text)-1])
	if pad == 0 || pad > aes.BlockSize || pad > len(text) {
		return "", wrong
	}
	for _, b := range text[len(text)-pad:] {
		if int(b) != pad {
			return "", wrong
		}
	}
	plain := string(text[:len(text)-pad])
	if !utf8.ValidString(plain) {
		return "", wrong
	}
	return plain, nil
}
