package link

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// kernelAlarm is a timer of the kernel, which is read like a socket. One of the runtime's own costs a resting program
// some sixty wake-ups each time it is due: the runtime's watcher wakes at that very time and looks every 20 µs until the
// thread that waits for sockets is awake too, whom the kernel may let sleep for a thousandth of its wait longer.
type kernelAlarm struct {
	bell chan struct{}
	file *os.File
	fd   int
}

// newAlarm returns an alarm whose clock goes on while the computer sleeps.
func newAlarm() alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return newClockAlarm() // a sandbox without them
	}
	a := &kernelAlarm{bell: make(chan struct{}, 1), file: os.NewFile(uintptr(fd), "alarm"), fd: fd}
	go a.wait()
	return a
}

// wait ends when the file is closed.
func (a *kernelAlarm) wait() {
	times := make([]byte, 8)
	for {
		if _, err := a.file.Read(times); err != nil {
			return
		}
		select {
		case a.bell <- struct{}{}:
		default:
		}
	}
}

func (a *kernelAlarm) rings() <-chan struct{} { return a.bell }

func (a *kernelAlarm) set(d time.Duration) {
	at := unix.NsecToTimespec(max(d, 1).Nanoseconds()) // 0 would be never
	_ = unix.TimerfdSettime(a.fd, 0, &unix.ItimerSpec{Value: at}, nil)
}

func (a *kernelAlarm) stop() { _ = a.file.Close() }
