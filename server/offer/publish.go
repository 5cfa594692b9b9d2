package offer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// Pack measures the programs of a release, a folder per platform such as linux-amd64, and writes the manifest
// into it, to be signed.
func Pack(dir, version string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	folders, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	files := map[string][]release.File{}
	for _, folder := range folders {
		platform := strings.Replace(folder.Name(), "-", "/", 1)
		if !folder.IsDir() || !release.Platform(platform) {
			continue
		}
		programs, err := fs.ReadDir(root.FS(), folder.Name())
		if err != nil {
			return err
		}
		for _, p := range programs {
			f, err := root.Open(path.Join(folder.Name(), p.Name()))
			if err != nil {
				return err
			}
			one, err := release.Measure(p.Name(), f)
			_ = f.Close()
			if err != nil {
				return err
			}
			files[platform] = append(files[platform], one)
		}
	}
	raw, err := release.Pack(version, files)
	if err != nil {
		return err
	}
	return root.WriteFile(release.ManifestName, raw, 0o644)
}

// Publish takes a signed release in, or says why not. It offers it to nobody yet.
func (o *Offers) Publish(dir string) (*release.Manifest, error) {
	from, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }()
	o.taking.Lock()
	defer o.taking.Unlock()
	free, err := o.alone(takingName, (*flock.Flock).Lock)
	if err != nil {
		return nil, err
	}
	defer free()
	return o.take(from.FS())
}

func (o *Offers) take(from fs.FS) (m *release.Manifest, err error) {
	h, err := read(from, o.keys)
	if err != nil {
		return nil, err
	}
	at := filepath.Join(o.dir, versions, h.manifest.Version)
	if _, err := os.Stat(at); err == nil {
		return nil, fmt.Errorf("%s: %w", h.manifest.Version, ErrKnown)
	}
	// Beside its place first: a version is there as a whole or not at all.
	half := at + ".part"
	if err := os.RemoveAll(half); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(half, 0o755); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(half)
		}
	}()
	to, err := os.OpenRoot(half)
	if err != nil {
		return nil, err
	}
	defer func() { _ = to.Close() }()
	for platform, files := range h.manifest.Files {
		if err := to.Mkdir(folderOf(platform), 0o755); err != nil {
			return nil, err
		}
		for _, f := range files {
			name := path.Join(folderOf(platform), f.Name)
			if err := copyChecked(to, from, name, f); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for name, raw := range map[string][]byte{release.ManifestName: h.raw, release.SignatureName: h.signature} {
		if err := to.WriteFile(name, raw, 0o644); err != nil {
			return nil, err
		}
	}
	return h.manifest, os.Rename(half, at)
}

func copyChecked(to *os.Root, from fs.FS, name string, f release.File) error {
	in, err := from.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := to.Create(name)
	if err != nil {
		return err
	}
	err = f.Check(io.TeeReader(in, out))
	return errors.Join(err, out.Sync(), out.Close())
}

// Published returns the versions that are here, the newest first, each with what is wrong with it.
func (o *Offers) Published() (names []string, faults map[string]error, err error) {
	if names, err = o.names(); err != nil {
		return nil, nil, err
	}
	faults = map[string]error{}
	for _, name := range names {
		if err := o.verify(name); err != nil {
			faults[name] = err
		}
	}
	return names, faults, nil
}

// names returns the versions that are here, the newest first.
func (o *Offers) names() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(o.dir, versions))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if release.Valid(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if release.Newer(a, b) {
			return -1
		}
		return 1
	})
	return names, nil
}

// verify reads every byte of a version.
func (o *Offers) verify(name string) error {
	h, err := o.version(name)
	if err != nil {
		return err
	}
	for platform, files := range h.manifest.Files {
		for _, f := range files {
			file, _, err := o.Open(name, platform, f.Name)
			if err != nil {
				return err
			}
			err = f.Check(file)
			_ = file.Close()
			if err != nil {
				return fmt.Errorf("%s/%s: %w", folderOf(platform), f.Name, err)
			}
		}
	}
	return nil
}

// Channels are those that a device can be on. Who is on early gets what is stable, too.
var Channels = []string{"stable", "early", "lts"}

// Set offers a version, in place of what was offered of it on the channel.
func (o *Offers) Set(one protocol.UpdateOffer) error {
	if !slices.Contains(Channels, one.Channel) || one.Percent < 0 || one.Percent > 100 ||
		one.Percent == 0 && len(one.Orgs) == 0 && len(one.Users) == 0 {
		return ErrOffer
	}
	if err := o.verify(one.Version); err != nil {
		return err
	}
	return o.change(func(list []protocol.UpdateOffer) []protocol.UpdateOffer {
		list = slices.DeleteFunc(list, func(x protocol.UpdateOffer) bool {
			return x.Version == one.Version && x.Channel == one.Channel
		})
		return append(list, one)
	})
}

// Withdraw offers a version to nobody any more, and reports whether it was offered.
func (o *Offers) Withdraw(version string) (was bool, err error) {
	err = o.change(func(list []protocol.UpdateOffer) []protocol.UpdateOffer {
		before := len(list)
		list = slices.DeleteFunc(list, func(x protocol.UpdateOffer) bool { return x.Version == version })
		was = len(list) != before
		return list
	})
	return was, err
}

// alone takes a lock among all servers and commands that share the folder, and returns what gives it back. The
// system gives it back too when its holder is killed.
func (o *Offers) alone(name string, take func(*flock.Flock) error) (free func(), err error) {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(o.dir, name), flock.SetPermissions(0o644))
	if err := take(l); err != nil {
		return nil, err
	}
	return func() { _ = l.Close() }, nil
}

func (o *Offers) change(change func([]protocol.UpdateOffer) []protocol.UpdateOffer) error {
	o.changing.Lock()
	defer o.changing.Unlock()
	free, err := o.alone(changingName, (*flock.Flock).Lock)
	if err != nil {
		return err
	}
	defer free()
	list, err := o.List()
	if err != nil {
		return err
	}
	before := len(list)
	if list = change(list); len(list) == before && before == 0 {
		return nil // nothing was offered, and nothing is
	}
	raw, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	at := filepath.Join(o.dir, offersName)
	if err := os.WriteFile(at+".new", append(raw, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(at+".new", at)
}
