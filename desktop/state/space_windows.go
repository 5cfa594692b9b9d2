package state

import (
	"errors"

	"golang.org/x/sys/windows"
)

// noSpace reports whether err is a full disk, which is no damage.
func noSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
