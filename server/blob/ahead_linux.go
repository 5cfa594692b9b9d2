package blob

import (
	"os"

	"golang.org/x/sys/unix"
)

// aheadBytes is how much of a file is written to before the system is asked to begin with bringing it to the disk.
const aheadBytes = 8 << 20

// ahead writes to a file and has the system bring it to the disk meanwhile. Left to itself it begins late, and then
// the sync in the end takes long, also for those who commit a message in that moment.
type ahead struct {
	*os.File
	from, to int64
}

// aheadOf is for what is added to a file of at bytes.
func aheadOf(f *os.File, at int64) *ahead { return &ahead{f, at, at} }

func (a *ahead) Write(p []byte) (int, error) {
	n, err := a.File.Write(p)
	a.to += int64(n)
	if a.to-a.from >= aheadBytes {
		// A hint: where the system does not take it, the sync does all.
		_ = unix.SyncFileRange(int(a.Fd()), a.from, a.to-a.from, unix.SYNC_FILE_RANGE_WRITE)
		a.from = a.to
	}
	return n, err
}
