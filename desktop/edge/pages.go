package edge

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

const (
	pageBytes = 512 << 10
	keptPages = 60
)

// pages keeps the server's last answers for the time without a line. It is a cache: files without sync,
// the oldest go first, and signing out removes them all.
type pages struct {
	dir  string
	most int64 // of bytes, for all people together
	// seal and open are how a page lies on the disk.
	seal func([]byte) []byte
	open func([]byte) ([]byte, error)
	mu   sync.Mutex // guards the files
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

func (p *pages) at(account, name string) string {
	return filepath.Join(p.dir, digest(account), digest(name)+".json")
}

func (p *pages) get(account, name string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	raw, err := os.ReadFile(p.at(account, name))
	if err == nil {
		raw, err = p.open(raw)
	}
	if err != nil {
		return nil // not there, or of a key that is lost: a cache that is empty
	}
	return raw
}

func (p *pages) put(account, name string, content []byte) {
	if account == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	path := p.at(account, name)
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return // a cache that cannot be written is an empty one
	}
	if writeWhole(path, p.seal(content)) != nil {
		return
	}
	p.prune(filepath.Dir(path))
	trim(p.dir, p.most, func(other string) bool { return other == path })
}

// prune drops the oldest pages of a folder.
func (p *pages) prune(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) <= keptPages {
		return
	}
	type aged struct {
		name string
		at   int64
	}
	var all []aged
	for _, f := range entries {
		if info, err := f.Info(); err == nil {
			all = append(all, aged{f.Name(), info.ModTime().UnixNano()})
		}
	}
	slices.SortFunc(all, func(a, b aged) int { return cmp.Compare(a.at, b.at) })
	for _, old := range all[:max(0, len(all)-keptPages)] {
		_ = os.Remove(filepath.Join(dir, old.name))
	}
}

// clear removes what is kept for account, of whom nothing may stay here after the sign-out.
func (p *pages) clear(account string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return os.RemoveAll(filepath.Join(p.dir, digest(account)))
}

// writeWhole replaces a file, so that a reader finds the old or the new one.
func writeWhole(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
