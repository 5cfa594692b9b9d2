//go:build !windows

package main

import "syscall"

// What the system says.
const (
	portTaken   = syscall.EADDRINUSE
	portBarred  = syscall.EACCES
	noSuchHost  = syscall.EADDRNOTAVAIL
	diskFull    = syscall.ENOSPC
	diskNoWrite = syscall.EROFS
)
