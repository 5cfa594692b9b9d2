package toast

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var queryState = windows.NewLazySystemDLL("shell32.dll").NewProc("SHQueryUserNotificationState")

// The states of QUERY_USER_NOTIFICATION_STATE in which Windows shows no notification: a program fills the screen, one
// draws on all of it by Direct3D, somebody presents, the first hour of a new account.
const (
	busy         = 2
	direct3D     = 3
	presentation = 4
	quietTime    = 6
)

// held reports whether Windows shows nothing just now.
func held() bool {
	if queryState.Find() != nil {
		return false
	}
	var state int32
	if failed, _, _ := queryState.Call(uintptr(unsafe.Pointer(&state))); failed != 0 {
		return false
	}
	return state == busy || state == direct3D || state == presentation || state == quietTime
}
