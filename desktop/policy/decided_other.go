//go:build !windows

package policy

import "path/filepath"

// decided reads IT's files. On macOS they stand in the same place until managed preferences are read.
func decided(managed bool) (map[string]string, error) {
	if managed {
		return read(filepath.Join(folder, "managed"))
	}
	return read(filepath.Join(folder, "recommended"))
}
