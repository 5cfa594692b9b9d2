package auth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"sendjay/shared/protocol"
)

func TestPasswords(t *testing.T) {
	t.Run("are kept as argon2id with our own salt", func(t *testing.T) {
		one, two := Hash("비밀번호 하나"), Hash("비밀번호 하나")
		if !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") || one == two {
			t.Errorf("%q %q", one, two)
		}
		if !matches("비밀번호 하나", one) || matches("비밀번호 둘", one) {
			t.Error("does not tell right from wrong")
		}
		if !matches("MADE", HashMade("MADE")) || matches("made", HashMade("MADE")) {
			t.Error("does not tell made ones apart")
		}
	})
	t.Run("a broken or absurd hash lets nobody in and costs no absurd memory", func(t *testing.T) {
		for _, hash := range []string{
			"", "plain", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=19456,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA",
			"$argon2id$v=19$m=64,t=1,p=0$AAAA$AAAA", "$argon2id$v=1$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$!$AAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAA$", "$2a$10$abcdefghijklmnopqrstuv",
		} {
			if matches("", hash) || matches("plain", hash) {
				t.Errorf("%q lets in", hash)
			}
		}
	})
	t.Run("too many at once are told to come back", func(t *testing.T) {
		a, _ := world(t)
		a.waiting.Store(waitingHashes)
		_, _, err := a.Login(t.Context(), creds("kim", password), home)
		wants(t, err, protocol.Unavailable)
		a.waiting.Store(0)
		login(t, a)
	})
	t.Run("whoever hangs up while waiting does not hash", func(t *testing.T) {
		a, _ := world(t)
		for range cap(a.hashing) {
			a.hashing <- struct{}{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := a.Login(ctx, creds("kim", password), home); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestPasswordsOfTheOriginal(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	store := func(plain string) string {
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		iv := []byte("sixteen bytes iv")
		pad := aes.BlockSize - len(plain)%aes.BlockSize
		text := []byte(plain + strings.Repeat(string(rune(pad)), pad))
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
		return hex.EncodeToString(iv) + ":" + hex.EncodeToString(text)
	}
	convert := Legacy(key)
	t.Run("become a hash that knows them", func(t *testing.T) {
		for _, plain := range []string{"sendjay1!", "한글 비밀번호", strings.Repeat("x", 16)} {
			if !matches(plain, convert(store(plain))) {
				t.Errorf("%q is lost", plain)
			}
		}
	})
	t.Run("under another key, cut or empty become none", func(t *testing.T) {
		good := store("sendjay1!")
		for _, bad := range []string{"", ":", "zz:zz", good[:40], good + "00", strings.Replace(good, ":", "", 1), store("")} {
			if got := convert(bad); got != "" {
				t.Errorf("%q became %q", bad, got)
			}
		}
		other := Legacy([]byte("another key of thirty-two bytes!"))
		if got := other(good); got != "" {
			t.Errorf("another key made %q", got)
		}
	})
	t.Run("without a key there is nothing to convert with", func(t *testing.T) {
		if Legacy(nil) != nil {
			t.Error("converts")
		}
	})
}

func FuzzLegacyPassword(f *testing.F) {
	f.Add("00112233445566778899aabbccddeeff:00112233445566778899aabbccddeeff")
	f.Add(":")
	key := []byte("0123456789abcdef0123456789abcdef")
	f.Fuzz(func(t *testing.T, stored string) {
		if plain, err := decryptLegacy(key, stored); err != nil && plain != "" {
			t.Fatal(plain)
		}
	})
}
