package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"time"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// doorOf returns the name of the door: a pipe, because Windows Server 2016 has no sockets by path.
func doorOf(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return `\\.\pipe\sendjay-` + hex.EncodeToString(sum[:12])
}

// openDoor opens the door of the profile in dir, which is ours alone. Only this person may knock.
func openDoor(dir string) (net.Listener, error) {
	who, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	return winio.ListenPipe(doorOf(dir), &winio.PipeConfig{SecurityDescriptor: "D:P(A;;GA;;;" + who.User.Sid.String() + ")"})
}

func goToDoor(dir string, within time.Duration) (net.Conn, error) {
	return winio.DialPipe(doorOf(dir), &within)
}
