package release

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"aead.dev/minisign"
)

func key(t *testing.T) (minisign.PublicKey, minisign.PrivateKey) {
	t.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public, private
}

func pack(t *testing.T, version string) []byte {
	t.Helper()
	f, err := Measure("sendjay", strings.NewReader("a program"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := Pack(version, map[string][]File{"linux/amd64": {f}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOnlyWhatAKnownKeySignedCounts(t *testing.T) {
	public, private := key(t)
	stranger, theirs := key(t)
	raw := pack(t, "v1.2.3")
	good := minisign.Sign(private, raw)
	for name, c := range map[string]struct {
		raw, signature []byte
		keys           Keys
		want           error
	}{
		"signed by the key":        {raw, good, Keys{public}, nil},
		"signed by a second key":   {raw, good, Keys{stranger, public}, nil},
		"signed by a stranger":     {raw, minisign.Sign(theirs, raw), Keys{public}, ErrSignature},
		"a key of somebody else":   {raw, good, Keys{stranger}, ErrSignature},
		"changed after signing":    {bytes.Replace(raw, []byte("v1.2.3"), []byte("v9.2.3"), 1), good, Keys{public}, ErrSignature},
		"another file's signature": {raw, minisign.Sign(private, []byte("else")), Keys{public}, ErrSignature},
		"no signature":             {raw, nil, Keys{public}, ErrSignature},
		"no key":                   {raw, good, nil, ErrNoKey},
		"something without end":    {make([]byte, MaxManifest+1), good, Keys{public}, ErrManifest},
	} {
		m, err := Open(c.raw, c.signature, c.keys)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil && m.Version != "v1.2.3" {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestASignedManifestStillHasToMakeSense(t *testing.T) {
	public, private := key(t)
	hash := strings.Repeat("ab", 32)
	for name, raw := range map[string]string{
		"no JSON":          `{`,
		"another product":  `{"product":"other","version":"v1.0.0","files":{"linux/amd64":[{"name":"sendjay","size":1,"sha256":"` + hash + `"}]}}`,
		"no version":       `{"product":"sendjay","version":"1.0","files":{"linux/amd64":[{"name":"sendjay","size":1,"sha256":"` + hash + `"}]}}`,
		"no files":         `{"product":"sendjay","version":"v1.0.0"}`,
		"a way out":        `{"product":"sendjay","version":"v1.0.0","files":{"linux/amd64":[{"name":"../sendjay","size":1,"sha256":"` + hash + `"}]}}`,
		"a way out, twice": `{"product":"sendjay","version":"v1.0.0","files":{"linux/../..":[{"name":"sendjay","size":1,"sha256":"` + hash + `"}]}}`,
		"the same twice":   `{"product":"sendjay","version":"v1.0.0","files":{"linux/amd64":[{"name":"a","size":1,"sha256":"` + hash + `"},{"name":"a","size":1,"sha256":"` + hash + `"}]}}`,
		"a size too large": `{"product":"sendjay","version":"v1.0.0","files":{"linux/amd64":[{"name":"sendjay","size":999999999999,"sha256":"` + hash + `"}]}}`,
		"half a hash":      `{"product":"sendjay","version":"v1.0.0","files":{"linux/amd64":[{"name":"sendjay","size":1,"sha256":"abab"}]}}`,
	} {
		if _, err := Open([]byte(raw), minisign.Sign(private, []byte(raw)), Keys{public}); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileIsWhatTheManifestSaysOfIt(t *testing.T) {
	f, err := Measure("sendjay", strings.NewReader("a program"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]error{"a program": nil, "a progra": ErrFile, "a program!": ErrFile, "b program": ErrFile} {
		if err := f.Check(strings.NewReader(text)); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestVersionsHaveAnOrderAndBuildsInBetweenAreNone(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		newer bool
	}{
		{"v1.2.4", "v1.2.3", true},
		{"v1.10.0", "v1.9.9", true},
		{"v1.2.3", "v1.2.3", false},
		{"v1.2.2", "v1.2.3", false},
		{"v2.0.0-beta.1", "v1.9.0", true},
		{"v2.0.0-beta.2", "v2.0.0-beta.10", false},
		{"v2.0.0-beta.1", "v2.0.0", false},
		{"1.2.3", "v1.0.0", false},
		{"v1.2", "v1.0.0", false},
	} {
		if got := Newer(c.a, c.b); got != c.newer {
			t.Errorf("%s after %s: %v", c.a, c.b, got)
		}
	}
	for version, valid := range map[string]bool{"v1.2.3": true, "v1.2.3-rc.1": true, "v1.2.3-4-g0a1b2c3": false, "v1.2.3-dirty": false, "dev": false, "": false, "v1.2.3+x": false} {
		if Valid(version) != valid {
			t.Errorf("%q valid: %v", version, !valid)
		}
	}
}

func TestKeysAreReadAsMinisignPrintsThem(t *testing.T) {
	one, _ := key(t)
	two, _ := key(t)
	keys, err := ParseKeys(one.String() + ", " + two.String() + "\n")
	if err != nil || len(keys) != 2 || !keys[0].Equal(one) || !keys[1].Equal(two) {
		t.Errorf("%v %v", keys, err)
	}
	if _, err := ParseKeys("RWQ"); err == nil {
		t.Error("half a key was taken")
	}
}

func FuzzNothingSignedMakesItFall(f *testing.F) {
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"product":"sendjay","version":"v1.0.0","files":{"a/b":[{}]}}`), []byte("x"))
	f.Fuzz(func(t *testing.T, raw, signature []byte) {
		if _, err := Open(raw, signature, Keys{public}); err == nil {
			t.Errorf("%q was taken with %q", raw, signature)
		}
		m, err := Open(raw, minisign.Sign(private, raw), Keys{public})
		if err == nil {
			if again, err := json.Marshal(m); err != nil || len(again) == 0 {
				t.Error(err)
			}
		}
	})
}
