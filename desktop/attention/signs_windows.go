package attention

import (
	"log/slog"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32           = windows.NewLazySystemDLL("user32.dll")
	kernel32         = windows.NewLazySystemDLL("kernel32.dll")
	wtsapi32         = windows.NewLazySystemDLL("wtsapi32.dll")
	getLastInputInfo = user32.NewProc("GetLastInputInfo")
	getTickCount     = kernel32.NewProc("GetTickCount")
	querySession     = wtsapi32.NewProc("WTSQuerySessionInformationW")
	freeMemory       = wtsapi32.NewProc("WTSFreeMemory")
)

// windowsSigns asks the system for both answers, and is called by it when they change (watch_windows.go).
type windowsSigns struct{ log *slog.Logger }

func systemSigns(log *slog.Logger) signs { return windowsSigns{log} }

func (windowsSigns) idle() (time.Duration, bool) {
	info := struct{ size, ticks uint32 }{size: 8}
	if ok, _, _ := getLastInputInfo.Call(uintptr(unsafe.Pointer(&info))); ok == 0 {
		return 0, false
	}
	now, _, _ := getTickCount.Call()
	return time.Duration(uint32(now)-info.ticks) * time.Millisecond, true
}

// calls is false: Windows tells nobody about inputs without showing every single one of them to him.
func (windowsSigns) calls() bool { return false }

// sessionInfo is the beginning of WTSINFOEXW with level 1.
type sessionInfo struct {
	level, _       uint32
	session, state uint32
	flags          int32
}

func (windowsSigns) locked() (bool, bool) {
	const currentServer, currentSession, infoEx = 0, 0xFFFFFFFF, 25
	var info *sessionInfo
	var size uint32
	ok, _, _ := querySession.Call(currentServer, currentSession, infoEx, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)))
	if ok == 0 || info == nil {
		return false, false
	}
	defer func() { _, _, _ = freeMemory.Call(uintptr(unsafe.Pointer(info))) }()
	if size < uint32(unsafe.Sizeof(*info)) || info.level != 1 {
		return false, false
	}
	return info.flags == 0, info.flags == 0 || info.flags == 1
}
