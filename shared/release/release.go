// Package release is what a version of the desktop consists of, and who says so: a manifest, its signature, the
// order of versions. It knows minisign and hashes; it does not know where the files lie or how they travel.
//
// Nothing of a manifest counts before its signature was found good, and a file is what the manifest says of it.
package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"aead.dev/minisign"
	"golang.org/x/mod/semver"
)

// The names of a release's own files, and what it may hold.
const (
	ManifestName  = "manifest.json"
	SignatureName = "manifest.json.minisig"

	// MaxManifest and MaxFile bound what is read of a stranger.
	MaxManifest = 64 << 10
	MaxFile     = 256 << 20
	maxFiles    = 16
	product     = "sendjay"
)

// The errors of Open and Check.
var (
	ErrNoKey     = errors.New("no key is known that could have signed it")
	ErrSignature = errors.New("the signature is not one of the known key")
	ErrManifest  = errors.New("the manifest makes no sense")
	ErrFile      = errors.New("the file is not the one of the manifest")
)

// File is one program of a release.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Manifest says what belongs to a version, by platform such as linux/amd64.
type Manifest struct {
	Product string            `json:"product"`
	Version string            `json:"version"`
	Files   map[string][]File `json:"files"`
}

// Keys are those that may sign. The zero value trusts nobody.
type Keys []minisign.PublicKey

// ParseKeys reads public keys as minisign prints them, with blanks or commas between.
func ParseKeys(text string) (Keys, error) {
	var keys Keys
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' }) {
		var k minisign.PublicKey
		if err := k.UnmarshalText([]byte(one)); err != nil {
			return nil, fmt.Errorf("%q is no public key of minisign: %w", one, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// Open returns the manifest that raw holds, if one of the keys has signed it.
func Open(raw, signature []byte, keys Keys) (*Manifest, error) {
	if len(keys) == 0 {
		return nil, ErrNoKey
	}
	if len(raw) > MaxManifest || len(signature) > MaxManifest {
		return nil, ErrManifest
	}
	good := false
	for _, k := range keys {
		good = good || minisign.Verify(k, raw, signature)
	}
	if !good {
		return nil, ErrSignature
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	return &m, m.check()
}

// namePattern keeps a file inside its folder on every system.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,60}(\.exe)?$`)

// Platform reports whether text is one such as linux/amd64.
func Platform(text string) bool { return platformPattern.MatchString(text) }

var platformPattern = regexp.MustCompile(`^[a-z0-9]{1,16}/[a-z0-9]{1,16}$`)

func (m *Manifest) check() error {
	if m.Product != product {
		return fmt.Errorf("%w: it is for %q", ErrManifest, m.Product)
	}
	if !Valid(m.Version) {
		return fmt.Errorf("%w: %q is no version such as v1.2.3", ErrManifest, m.Version)
	}
	for platform, files := range m.Files {
		if !Platform(platform) || len(files) == 0 || len(files) > maxFiles {
			return fmt.Errorf("%w: platform %q", ErrManifest, platform)
		}
		seen := map[string]bool{}
		for _, f := range files {
			sum, err := hex.DecodeString(f.SHA256)
			if !namePattern.MatchString(f.Name) || seen[f.Name] || f.Size <= 0 || f.Size > MaxFile || err != nil || len(sum) != sha256.Size {
				return fmt.Errorf("%w: file %q", ErrManifest, f.Name)
			}
			seen[f.Name] = true
		}
	}
	if len(m.Files) == 0 {
		return fmt.Errorf("%w: it names no file", ErrManifest)
	}
	return nil
}

// Check reads all of r and reports whether it is f.
func (f File) Check(r io.Reader) error {
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(r, f.Size+1))
	if err != nil {
		return err
	}
	if n != f.Size || hex.EncodeToString(sum.Sum(nil)) != strings.ToLower(f.SHA256) {
		return ErrFile
	}
	return nil
}

// Measure returns what a manifest has to say of a program.
func Measure(name string, r io.Reader) (File, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return File{Name: name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// Pack returns the bytes of a manifest, to be signed.
func Pack(version string, files map[string][]File) ([]byte, error) {
	m := &Manifest{Product: product, Version: version, Files: files}
	if err := m.check(); err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	return append(raw, '\n'), err
}

// between is what git puts behind the last tag of a build that is no release.
var between = regexp.MustCompile(`(-\d+-g[0-9a-f]+|-dirty)$`)

// Valid reports whether version is one of a release: v1.2.3, or v1.2.3-beta.1.
func Valid(version string) bool {
	return version != "" && len(version) <= 64 && semver.Canonical(version) == version && !between.MatchString(version)
}

// Newer reports whether version a follows on b. What is no version follows on nothing.
func Newer(a, b string) bool { return Valid(a) && semver.Compare(a, b) > 0 }
