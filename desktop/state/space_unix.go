//go:build !windows

package state

import (
	"errors"
	"syscall"
)

// noSpace reports whether err is a full disk, which is no damage.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}
