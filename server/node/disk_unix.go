//go:build !windows

package node

import "golang.org/x/sys/unix"

// disk is how much of the disk with this folder can still be written, and how large it is, in bytes.
func disk(folder string) (free, all int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * s.Bsize, int64(s.Blocks) * s.Bsize, nil //nolint:unconvert // Bsize has another type on other systems
}
