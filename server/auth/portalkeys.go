package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// portalAlgs are the ways in which a ticket may be signed.
var portalAlgs = []string{"HS256", "RS256", "ES256", "EdDSA"}

// portalKey is a key of the portal with the one way in which it signs.
type portalKey struct {
	alg string
	key any
}

// portalKeys are the keys in a folder, by name. A file laid there counts within rereadEvery, one taken away counts
// no longer: so keys change without a restart.
type portalKeys struct {
	folder string
	log    *slog.Logger

	mu   sync.Mutex // guards the fields below
	all  map[string]portalKey
	read time.Time
}

const (
	rereadEvery  = 10 * time.Second
	leastSecret  = 32
	leastRSABits = 2048
	mostKeyBytes = 16 << 10
)

// load reads the folder. There must be a key in it, and nothing that looks like one and is none.
func (p *portalKeys) load() error {
	all, err := readPortalKeys(p.folder)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = time.Now()
	if err == nil {
		p.all = all
	}
	return err
}

func (p *portalKeys) key(id string) (portalKey, bool) {
	p.mu.Lock()
	old := time.Since(p.read) >= rereadEvery
	p.mu.Unlock()
	if old {
		if err := p.load(); err != nil {
			p.log.Warn("the portal's keys cannot be read anew; those known go on counting", "err", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := p.all[id]
	return k, ok
}

func readPortalKeys(folder string) (map[string]portalKey, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	all := map[string]portalKey{}
	for _, e := range entries {
		name, ext := strings.TrimSuffix(e.Name(), path.Ext(e.Name())), path.Ext(e.Name())
		if name == "" || ext != ".pem" && ext != ".key" {
			continue
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("%s: two keys of one name", name)
		}
		raw, err := root.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		k, err := readPortalKey(ext, raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		all[name] = k
	}
	if len(all) == 0 {
		return nil, errors.New("no NAME.pem and no NAME.key in it")
	}
	return all, nil
}

func readPortalKey(ext string, raw []byte) (portalKey, error) {
	if len(raw) > mostKeyBytes {
		return portalKey{}, errors.New("too long for a key")
	}
	if ext == ".key" {
		secret := bytes.TrimSpace(raw)
		if len(secret) < leastSecret {
			return portalKey{}, fmt.Errorf("a secret needs at least %d bytes", leastSecret)
		}
		return portalKey{"HS256", secret}, nil
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return portalKey{}, errors.New("no PEM")
	}
	var key any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "CERTIFICATE":
		var c *x509.Certificate
		if c, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = c.PublicKey
		}
	default:
		return portalKey{}, fmt.Errorf("want PUBLIC KEY or CERTIFICATE, not %s", block.Type)
	}
	if err != nil {
		return portalKey{}, err
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < leastRSABits {
			return portalKey{}, fmt.Errorf("an RSA key needs at least %d bits", leastRSABits)
		}
		return portalKey{"RS256", k}, nil
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return portalKey{}, errors.New("of elliptic curves only P-256")
		}
		return portalKey{"ES256", k}, nil
	case ed25519.PublicKey:
		return portalKey{"EdDSA", k}, nil
	}
	return portalKey{}, errors.New("want RSA, P-256 or Ed25519")
}
