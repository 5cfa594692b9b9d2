//go:build !unix

package socket

// readNow is never called: without tryWrite's system calls there is no raw connection.
func (i *inbox) readNow(uintptr) bool { return true }
