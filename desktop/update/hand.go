package update

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sendjay/shared/release"
)

// Hand is what was fetched here, to be given to somebody who puts it in place.
type Hand struct {
	Version             string
	Manifest, Signature []byte
	// Files are the programs of this kind of computer, in the order in which Take asks for them.
	Files []release.File

	dir string
}

// Hand returns what was fetched, once it is whole and proved.
func (u *Updater) Hand() (*Hand, error) {
	m, err := u.prove()
	if err != nil {
		return nil, err
	}
	h := &Hand{Version: m.Version, Files: m.Files[u.Platform], dir: u.staged()}
	if h.Manifest, err = os.ReadFile(filepath.Join(h.dir, release.ManifestName)); err != nil {
		return nil, err
	}
	h.Signature, err = os.ReadFile(filepath.Join(h.dir, release.SignatureName))
	return h, err
}

// Open returns what one of the programs reads.
func (h *Hand) Open(f release.File) (io.ReadCloser, error) {
	return os.Open(filepath.Join(h.dir, f.Name))
}

// Take keeps a version that a stranger hands over. Not one byte of a program is asked for before the manifest was
// proved, never more than that allows, and nothing stays of a program that is another.
func (u *Updater) Take(manifest, signature []byte, program func(release.File) (io.Reader, error)) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	m, err := u.believe(manifest, signature)
	if err != nil {
		return "", err
	}
	// What lay here before may be of any make.
	if err := u.forget(); err != nil {
		return m.Version, err
	}
	if err := u.begin(manifest, signature); err != nil {
		return m.Version, err
	}
	for _, f := range m.Files[u.Platform] {
		r, err := program(f)
		if err == nil {
			err = u.keep(f, r)
		}
		if err != nil {
			return m.Version, errors.Join(fmt.Errorf("%s of %s: %w", f.Name, m.Version, err), u.forget())
		}
	}
	return m.Version, nil
}

// keep writes what r reads, as far as it can be f.
func (u *Updater) keep(f release.File, r io.Reader) error {
	out, err := os.OpenFile(filepath.Join(u.staged(), f.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	err = f.Check(io.TeeReader(io.LimitReader(r, f.Size), out))
	return errors.Join(err, out.Close())
}
