//go:build !windows

package keyring

import (
	"os"
	"strings"
)

// machine returns what stays the same on this machine and differs on others.
func machine() string {
	for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if raw, err := os.ReadFile(path); err == nil {
			return strings.TrimSpace(string(raw))
		}
	}
	name, _ := os.Hostname()
	return name
}
