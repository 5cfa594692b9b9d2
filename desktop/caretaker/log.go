package caretaker

import (
	"os"
	"sync"
)

// logBytes is how long a log grows before it becomes the old one, of which there is one.
const logBytes = 64 << 10

// Diary is a log of bounded length.
type Diary struct {
	path string

	mu   sync.Mutex // guards the fields below
	file *os.File
	size int64
}

// OpenDiary goes on with the log at path.
func OpenDiary(path string) (*Diary, error) {
	d := &Diary{path: path}
	return d, d.open()
}

func (d *Diary) open() error {
	f, err := os.OpenFile(d.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return err
	}
	d.file, d.size = f, info.Size()
	return nil
}

// Write writes a line of the log.
func (d *Diary) Write(text []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.size+int64(len(text)) > logBytes {
		_ = d.file.Close()
		if err := os.Rename(d.path, d.path+".1"); err != nil {
			_ = os.Remove(d.path)
		}
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	n, err := d.file.Write(text)
	d.size += int64(n)
	return n, err
}

// Close closes the log.
func (d *Diary) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.file.Close()
}
