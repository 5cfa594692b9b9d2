//go:build !windows

package policy

import "path/filepath"

// decidedForAll reads the decisions that a person has no part in. Here that is all of them.
func decidedForAll() (map[string]string, error) { return decided(true) }

// decided reads IT's files. On macOS they stand in the same place until managed preferences are read.
func decided(managed bool) (map[string]string, error) {
	if managed {
		return read(filepath.Join(folder, "managed"))
	}
	return read(filepath.Join(folder, "recommended"))
}
