//go:build unix

package socket

import "syscall"

// readNow reads what is there, and returns false when nothing is: then the runtime waits, and calls
// again. A buffer is held only while there is something in it.
func (i *inbox) readNow(fd uintptr) bool {
	i.take()
	for {
		n, err := syscall.Read(int(fd), i.buf[len(i.buf):cap(i.buf)])
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			if len(i.buf) == 0 {
				i.drop()
			}
			return false
		}
		i.err = err
		i.buf = i.buf[:len(i.buf)+max(n, 0)]
		return true
	}
}
