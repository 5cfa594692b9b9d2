//go:build !windows

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"time"
)

// doorOf returns the path of the door. A socket's path may have about 100 bytes, a profile's may be longer.
func doorOf(dir string) string {
	if run := os.Getenv("XDG_RUNTIME_DIR"); run != "" {
		sum := sha256.Sum256([]byte(dir))
		return filepath.Join(run, "sendjay-"+hex.EncodeToString(sum[:6]))
	}
	return filepath.Join(dir, "door")
}

// openDoor opens the door of the profile in dir, which is ours alone.
func openDoor(dir string) (net.Listener, error) {
	at := doorOf(dir)
	// Whoever left it behind is dead, or the lock would be taken.
	_ = os.Remove(at)
	door, err := net.Listen("unix", at)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(at, 0o600); err != nil {
		_ = door.Close()
		return nil, err
	}
	return door, nil
}

func goToDoor(dir string, within time.Duration) (net.Conn, error) {
	return net.DialTimeout("unix", doorOf(dir), within)
}
