package edge

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// cacheBytes bounds a cache on the disk: a UI is 4 MB, the answers that one person looks at are a few.
const cacheBytes = 64 << 20

// lain is a file of a cache.
type lain struct {
	path string
	size int64
	at   int64
}

// lying lists the files below dir, those that were written first first.
func lying(dir string) (all []lain, sum int64) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // what cannot be seen is not there
		}
		if info, err := d.Info(); err == nil {
			all = append(all, lain{path, info.Size(), info.ModTime().UnixNano()})
			sum += info.Size()
		}
		return nil
	})
	slices.SortFunc(all, func(a, b lain) int { return cmp.Compare(a.at, b.at) })
	return all, sum
}

// trim deletes files below dir, the oldest first, until those that are there take at most most bytes. Whatever keep
// names stays.
func trim(dir string, most int64, keep func(path string) bool) {
	all, sum := lying(dir)
	for _, f := range all {
		if sum <= most {
			return
		}
		if !keep(f.path) && os.Remove(f.path) == nil {
			sum -= f.size
			_ = os.Remove(filepath.Dir(f.path)) // which fails as long as there is something in it
		}
	}
}
