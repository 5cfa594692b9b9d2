package offer

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/gofrs/flock"

	"sendjay/shared/release"
)

// The errors of Take that whoever brings a release can act on.
var (
	ErrArchive = errors.New("want a zip file that holds the folder of a version")
	ErrBusy    = errors.New("another version is being taken in")
)

// MaxArchive bounds what Take reads.
const MaxArchive = 1 << 30

// Take takes a signed release in that comes as a zip file of its folder. Nothing of it is unpacked before its
// signature was found good, and nothing but what the manifest names.
func (o *Offers) Take(from io.Reader) (*release.Manifest, error) {
	if !o.taking.TryLock() {
		return nil, ErrBusy
	}
	defer o.taking.Unlock()
	if len(o.keys) == 0 {
		return nil, release.ErrNoKey
	}
	free, err := o.alone(takingName, func(l *flock.Flock) error {
		is, err := l.TryLock()
		if err == nil && !is {
			err = ErrBusy
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	defer free()
	at := filepath.Join(o.dir, versions)
	if err := os.MkdirAll(at, 0o755); err != nil {
		return nil, err
	}
	held, err := os.CreateTemp(at, "archive-*.zip")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(held.Name()) }()
	defer func() { _ = held.Close() }()
	size, err := io.Copy(held, from)
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(held, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArchive, err)
	}
	folder, err := folderIn(archive)
	if err != nil {
		return nil, err
	}
	return o.take(folder)
}

// folderIn returns where the manifest lies: on top, or in the one folder there is.
func folderIn(archive *zip.Reader) (fs.FS, error) {
	if _, err := fs.Stat(archive, release.ManifestName); err == nil {
		return archive, nil
	}
	found, err := fs.Glob(archive, "*/"+release.ManifestName)
	if err != nil || len(found) != 1 {
		return nil, ErrArchive
	}
	return fs.Sub(archive, path.Dir(found[0]))
}

// Version is a release that is here. Its programs are proved when it comes in and when it is offered, not for
// every list.
type Version struct {
	Name      string
	Platforms []string
	Size      int64
	Fault     error
}

// Versions lists what is here, the newest first.
func (o *Offers) Versions() ([]Version, error) {
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	var all []Version
	for _, name := range names {
		v := Version{Name: name}
		h, err := o.version(name)
		if v.Fault = err; err == nil {
			for platform, files := range h.manifest.Files {
				v.Platforms = append(v.Platforms, platform)
				for _, f := range files {
					v.Size += f.Size
				}
			}
		}
		all = append(all, v)
	}
	return all, nil
}

// Signs reports whether a key is known that releases have to be signed with.
func (o *Offers) Signs() bool { return len(o.keys) > 0 }
