package main

import "golang.org/x/sys/windows"

// What the system says. The names of package syscall are other numbers here, which no system call ever returns.
const (
	portTaken   = windows.WSAEADDRINUSE
	portBarred  = windows.WSAEACCES
	noSuchHost  = windows.WSAEADDRNOTAVAIL
	diskFull    = windows.ERROR_DISK_FULL
	diskNoWrite = windows.ERROR_WRITE_PROTECT
)
