// Package offer is which version of the desktop is offered to whom: the operator's folder, channels, rings.
// It knows files and signatures; it does not know sockets, nor who is asking but by id and unit.
//
// In the folder, versions/VERSION holds a release as it was signed, and offers.json what is offered of them. A
// release gets in only with a good signature and all its files, so what is offered can be fetched.
package offer

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// The errors that an operator can act on.
var (
	ErrNoVersion = errors.New("no such version was published")
	ErrKnown     = errors.New("this version was published before; another content needs another version")
	ErrOffer     = errors.New("want a channel (stable, early or lts) and a percentage from 1 to 100")
)

const (
	offersName = "offers.json"
	versions   = "versions"
	// The locks of the folder: while a release is taken in, and while what is offered is changed.
	takingName, changingName = ".taking", ".changing"
)

// Offers is the operator's folder.
type Offers struct {
	dir  string
	keys release.Keys

	taking   sync.Mutex // held while a release is taken in
	changing sync.Mutex // held while what is offered is changed

	mu    sync.Mutex // guards the fields below
	stamp string
	list  []protocol.UpdateOffer
	cache map[string]held
}

// held is a release that was read and found good.
type held struct {
	manifest       *release.Manifest
	raw, signature []byte
}

// New returns the offers of a folder, which need not be there. What keys did not sign is not offered.
func New(dir string, keys release.Keys) *Offers {
	return &Offers{dir: dir, keys: keys, cache: map[string]held{}}
}

// root opens the folder, nil when it is not there.
func (o *Offers) root() (*os.Root, error) {
	r, err := os.OpenRoot(o.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return r, err
}

// Stamp changes whenever something else is offered; "" while nothing is.
func (o *Offers) Stamp() string {
	info, err := os.Stat(path.Join(o.dir, offersName))
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %d", info.ModTime().UnixNano(), info.Size())
}

// List returns what is offered, as the operator wrote it.
func (o *Offers) List() ([]protocol.UpdateOffer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	stamp := o.Stamp()
	if stamp == o.stamp {
		return slices.Clone(o.list), nil
	}
	raw, err := os.ReadFile(path.Join(o.dir, offersName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []protocol.UpdateOffer
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fmt.Errorf("%s: %w", offersName, err)
		}
	}
	o.stamp, o.list = stamp, list
	clear(o.cache)
	return slices.Clone(list), nil
}

// Who is asking.
type Who struct {
	User              protocol.UserID
	Org               string
	Channel, Platform string
	Version           string // what he has
}

// For returns what is offered to who, nil for nothing newer than what he has.
func (o *Offers) For(who Who) (*protocol.Update, error) {
	list, err := o.List()
	if err != nil {
		return nil, err
	}
	var best *held
	for _, one := range list {
		if !reaches(one, who) || best != nil && !release.Newer(one.Version, best.manifest.Version) || release.Valid(who.Version) && !release.Newer(one.Version, who.Version) {
			continue
		}
		h, err := o.version(one.Version)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one.Version, err)
		}
		if len(h.manifest.Files[who.Platform]) > 0 {
			best = &h
		}
	}
	if best == nil {
		return nil, nil
	}
	return &protocol.Update{Version: best.manifest.Version, Manifest: string(best.raw), Signature: string(best.signature)}, nil
}

// reaches reports whether an offer is for who: by name or unit, or because his place in the row of all people is
// within the percentage. That place depends on the version, so that it is not always the same who go first.
func reaches(one protocol.UpdateOffer, who Who) bool {
	if one.Channel != who.Channel && (who.Channel != "early" || one.Channel != "stable") {
		return false
	}
	if slices.Contains(one.Users, who.User) || who.Org != "" && slices.Contains(one.Orgs, who.Org) {
		return true
	}
	sum := fnv.New32a()
	_, _ = io.WriteString(sum, one.Version+"\x00"+string(who.User))
	return int(sum.Sum32()%100) < one.Percent
}

// version returns a release whose signature is good.
func (o *Offers) version(name string) (held, error) {
	o.mu.Lock()
	h, is := o.cache[name]
	o.mu.Unlock()
	if is {
		return h, nil
	}
	if !release.Valid(name) {
		return held{}, ErrNoVersion
	}
	root, err := o.root()
	if err != nil {
		return held{}, err
	}
	if root == nil {
		return held{}, ErrNoVersion
	}
	defer func() { _ = root.Close() }()
	sub, err := root.OpenRoot(path.Join(versions, name))
	if errors.Is(err, fs.ErrNotExist) {
		return held{}, ErrNoVersion
	}
	if err != nil {
		return held{}, err
	}
	defer func() { _ = sub.Close() }()
	if h, err = read(sub.FS(), o.keys); err != nil {
		return held{}, err
	}
	o.mu.Lock()
	o.cache[name] = h
	o.mu.Unlock()
	return h, nil
}

func read(from fs.FS, keys release.Keys) (held, error) {
	raw, err := readSmall(from, release.ManifestName)
	if err != nil {
		return held{}, err
	}
	signature, err := readSmall(from, release.SignatureName)
	if err != nil {
		return held{}, err
	}
	m, err := release.Open(raw, signature, keys)
	return held{m, raw, signature}, err
}

func readSmall(from fs.FS, name string) ([]byte, error) {
	f, err := from.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, release.MaxManifest+1))
}

// Open opens a program of a published release. It exists only as the manifest names it.
func (o *Offers) Open(version, platform, name string) (*os.File, release.File, error) {
	h, err := o.version(version)
	if err != nil {
		return nil, release.File{}, err
	}
	for _, f := range h.manifest.Files[platform] {
		if f.Name != name {
			continue
		}
		root, err := o.root()
		if err != nil || root == nil {
			return nil, f, errors.Join(err, ErrNoVersion)
		}
		defer func() { _ = root.Close() }()
		file, err := root.Open(path.Join(versions, version, folderOf(platform), name))
		return file, f, err
	}
	return nil, release.File{}, ErrNoVersion
}

func folderOf(platform string) string { return strings.ReplaceAll(platform, "/", "-") }
