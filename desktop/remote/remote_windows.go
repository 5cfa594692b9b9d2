package remote

import "golang.org/x/sys/windows"

var systemMetrics = windows.NewLazySystemDLL("user32.dll").NewProc("GetSystemMetrics")

// Session reports whether this session is a remote one now: one session may be taken along from a desk to a remote
// screen and back.
func Session() bool {
	const remoteSession = 0x1000
	on, _, _ := systemMetrics.Call(remoteSession)
	return on != 0
}
