package main

import (
	"io/fs"
	"os"
	"path/filepath"
)

// engineBytes is how much the web engines may leave on the disk. What lies there is a cache, of which they bound only
// parts themselves.
const engineBytes = 256 << 20

// tidyEngine removes what the web engines left in dir when it is more than most bytes. No engine may be at work there.
func tidyEngine(dir string, most int64) error {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // what cannot be seen is not there
		}
		if info, err := d.Info(); err == nil {
			sum += info.Size()
		}
		if sum > most {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil || sum <= most {
		return err
	}
	return os.RemoveAll(dir)
}

// engines reports whether any window's process is there.
func (a *app) engines() bool {
	if a.pane != nil && a.pane.proc != nil {
		return true
	}
	for _, p := range a.own {
		if p.proc != nil {
			return true
		}
	}
	return false
}

// tidyEngines is called before a window is started.
func (a *app) tidyEngines(dir string) {
	if a.engines() {
		return
	}
	if err := tidyEngine(dir, engineBytes); err != nil {
		a.log.Warn("the web engine's cache is too large and cannot be removed", "error", err)
	}
}
