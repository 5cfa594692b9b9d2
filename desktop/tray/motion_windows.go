package main

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var systemParameters = windows.NewLazySystemDLL("user32.dll").NewProc("SystemParametersInfoW")

// moves reports whether the person lets things move on this system.
func moves() bool {
	const getClientAreaAnimation = 0x1042
	var on int32
	ok, _, _ := systemParameters.Call(getClientAreaAnimation, 0, uintptr(unsafe.Pointer(&on)), 0)
	return ok == 0 || on != 0
}
