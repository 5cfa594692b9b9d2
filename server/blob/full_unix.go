//go:build unix

package blob

import (
	"errors"
	"syscall"
)

// full reports whether err says that the disk, or somebody's share of it, is used up.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
