package keyring

import (
	"os"

	"golang.org/x/sys/windows/registry"
)

// machine returns what stays the same on this machine and differs on others.
func machine() string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Cryptography`, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err == nil {
		defer func() { _ = key.Close() }()
		if id, _, err := key.GetStringValue("MachineGuid"); err == nil {
			return id
		}
	}
	name, _ := os.Hostname()
	return name
}
