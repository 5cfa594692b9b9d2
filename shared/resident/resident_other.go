//go:build !linux

package resident

// Trim does nothing where the system takes pages back by itself as it likes.
func Trim() {}

// TrimCode does nothing either.
func TrimCode() {}
