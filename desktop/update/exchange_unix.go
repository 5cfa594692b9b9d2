//go:build !windows

package update

import (
	"errors"
	"io/fs"
	"os"
)

// exchange puts the program that waits beside at into its place. There is one at every moment: the old one gets a
// second name first.
func exchange(at string, had bool) error {
	if had {
		if err := os.Link(at, at+oldMark); err != nil {
			// A file system without second names: for a moment there is none.
			if err := os.Rename(at, at+oldMark); err != nil {
				return err
			}
		}
	}
	return os.Rename(at+newMark, at)
}

// stepAside makes a name free.
func stepAside(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// putBack puts the old program back into its place.
func putBack(at string) error { return os.Rename(at+oldMark, at) }

// syncDir makes renamed files survive a power cut.
func syncDir(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
