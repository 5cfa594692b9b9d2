package update

import (
	"fmt"
	"os"
)

// exchange puts the program that waits beside at into its place. A running program can be renamed but neither
// overwritten nor removed, so the old one steps aside.
func exchange(at string, had bool) error {
	if had {
		if err := os.Rename(at, at+oldMark); err != nil {
			return err
		}
	}
	if err := os.Rename(at+newMark, at); err != nil {
		if had {
			_ = os.Rename(at+oldMark, at)
		}
		return err
	}
	return nil
}

// stepAside makes a name free. A watcher of long ago may still run under it.
func stepAside(path string) error {
	if os.Remove(path) == nil {
		return nil
	}
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return nil
	}
	for n := 1; n < 100; n++ {
		other := fmt.Sprintf("%s-%d", path, n)
		if _, err := os.Stat(other); os.IsNotExist(err) || os.Remove(other) == nil {
			return os.Rename(path, other)
		}
	}
	return os.ErrExist
}

// putBack puts the old program back into its place.
func putBack(at string) error {
	if err := stepAside(at + oldMark + "-bad"); err != nil {
		return err
	}
	if err := os.Rename(at, at+oldMark+"-bad"); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Rename(at+oldMark, at)
}

// syncDir does nothing: the file system keeps a journal of names.
func syncDir(string) {}
