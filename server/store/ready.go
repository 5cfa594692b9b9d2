package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"sendjay/server/store/sqlite"
)

const (
	// roomBytes is what has to fit on the disk for the embedded database to count as one that can be written.
	roomBytes = 256 << 10
	// fullFor is how long a commit that found no room speaks against us, whatever smaller ones still found some. No
	// longer, for who is sent nobody writes nothing, and would never hear that there is room again.
	fullFor = 30 * time.Second
)

// fullness remembers when a commit last found no room.
type fullness struct{ at atomic.Pointer[time.Time] }

func (f *fullness) heard(err error, now time.Time) {
	e, lite := errors.AsType[*sqlite.Error](err)
	// A disk that is used up is the first; what a quota or a limit does, or a broken disk, the second.
	if errors.Is(err, ErrFull) || lite && e.Code() == sqlite3.SQLITE_IOERR_WRITE {
		f.at.Store(&now)
	}
}

func (f *fullness) stands(now time.Time) bool {
	at := f.at.Load()
	return at != nil && now.Sub(*at) < fullFor
}

// Ping asks the database for a sign of life, and whether it can be written; ErrFull says that there is no room.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.read.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return s.d.translate(err)
	}
	if s.full.stands(s.now()) {
		return ErrFull
	}
	return s.d.room()
}

// room reports whether something can be written beside the database.
func (d *lite) room() error { return room(filepath.Dir(d.path)) }

// room is left to the machine of the database.
func (maria) room() error { return nil }

// probe begins the names of the files by which room is looked for.
const probe = ".probe-"

func room(dir string) error {
	f, err := os.CreateTemp(dir, probe+"*")
	if err != nil {
		return noRoom(err)
	}
	_, err = f.Write(make([]byte, roomBytes))
	err = errors.Join(err, f.Close())
	if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return noRoom(err)
}

// leftProbes removes what a program that ended in the middle of looking has left.
func leftProbes(dir string) {
	all, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, f := range all {
		if strings.HasPrefix(f.Name(), probe) {
			_ = os.Remove(filepath.Join(dir, f.Name()))
		}
	}
}

func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
