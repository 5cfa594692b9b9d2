package keyring

import (
	"os"
	"path/filepath"
)

// reachable reports whether there is a session bus. Without one the library would start a bus of its
// own and leave it behind.
func reachable() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	run := os.Getenv("XDG_RUNTIME_DIR")
	if run == "" {
		return false
	}
	at := filepath.Join(run, "bus")
	if _, err := os.Stat(at); err != nil {
		return false
	}
	return os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+at) == nil
}
