package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"syscall"
	"time"
)

// folder keeps each blob as a file, in one of many folders so that none gets too large. Others on the
// machine may not read them.
type folder struct {
	root *os.Root

	mu     sync.Mutex // guards the field below
	synced map[string]bool
}

const (
	growing    = "growing"
	whole      = "whole"
	putting    = "put." // begins no key that grows: those have no point
	ownFolder  = 0o700
	ownFile    = 0o600
	copyBuffer = 256 << 10
)

func openFolder(dir string) (Store, error) {
	if err := os.MkdirAll(dir, ownFolder); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{root: root, synced: map[string]bool{}}
	for _, d := range []string{growing, whole} {
		if err := root.MkdirAll(d, ownFolder); err != nil {
			return nil, errors.Join(err, root.Close())
		}
	}
	return f, nil
}

// at is where a key stands. Keys end in what tells them apart, so the last two letters choose the folder.
func at(key string) string {
	stem, _, _ := strings.Cut(key, ".")
	return path.Join(whole, stem[max(0, len(stem)-2):], key)
}

func (f *folder) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	return f.put(ctx, key, r, syncClose, f.settle)
}

func (f *folder) Lay(ctx context.Context, key string, r io.Reader) (int64, error) {
	return f.put(ctx, key, r, (*os.File).Close, f.move)
}

func (f *folder) put(ctx context.Context, key string, r io.Reader, shut func(*os.File) error, settle func(from, key string) error) (int64, error) {
	if err := keyed(key); err != nil {
		return 0, err
	}
	temp := path.Join(growing, putting+strings.ToLower(rand.Text()))
	file, err := f.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, ownFile)
	if err != nil {
		return 0, told(err)
	}
	n, err := pour(ctx, file, r)
	err = errors.Join(err, shut(file))
	if err == nil {
		err = settle(temp, key)
	}
	if err != nil {
		_ = f.root.Remove(temp)
		return 0, told(err)
	}
	return n, nil
}

// move brings a finished file to its place.
func (f *folder) move(from, key string) error {
	to := at(key)
	if err := f.root.MkdirAll(path.Dir(to), ownFolder); err != nil {
		return err
	}
	return f.root.Rename(from, to)
}

// settle is move, so that the file is there after a power cut too.
func (f *folder) settle(from, key string) error {
	if err := f.move(from, key); err != nil {
		return err
	}
	to := at(key)
	return errors.Join(f.syncDir(path.Dir(to)), f.syncIn(path.Dir(to)))
}

// syncIn syncs that a folder stands in the one above it, once: every sync that is not made is one for which nobody who
// commits a message waits.
func (f *folder) syncIn(dir string) error {
	f.mu.Lock()
	done := f.synced[dir]
	f.mu.Unlock()
	if done {
		return nil
	}
	if err := f.syncDir(path.Dir(dir)); err != nil {
		return err
	}
	f.mu.Lock()
	f.synced[dir] = true
	f.mu.Unlock()
	return nil
}

func (f *folder) syncDir(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, fs.ErrPermission) {
		err = nil // some systems cannot sync a folder
	}
	return errors.Join(err, d.Close())
}

func (f *folder) Open(_ context.Context, key string) (*Blob, error) {
	if err := keyed(key); err != nil {
		return nil, err
	}
	file, err := f.root.Open(at(key))
	if err != nil {
		return nil, told(err)
	}
	st, err := file.Stat()
	if err != nil {
		return nil, errors.Join(told(err), file.Close())
	}
	return &Blob{file, st.Size(), st.ModTime()}, nil
}

func (f *folder) Remove(_ context.Context, key string) error {
	if err := keyed(key); err != nil {
		return err
	}
	for _, p := range []string{at(key), path.Join(growing, key)} {
		if err := f.root.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return told(err)
		}
	}
	return nil
}

func (f *folder) Append(ctx context.Context, key string, at int64, r io.Reader) (int64, error) {
	if err := keyed(key); err != nil {
		return 0, err
	}
	flags := os.O_WRONLY
	if at == 0 {
		flags |= os.O_CREATE
	}
	file, err := f.root.OpenFile(path.Join(growing, key), flags, ownFile)
	if err != nil {
		return 0, told(err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil && size != at {
		err = ErrOffset
	}
	if err != nil {
		return 0, errors.Join(told(err), file.Close())
	}
	n, err := pour(ctx, aheadOf(file, at), r)
	return n, told(errors.Join(err, file.Close()))
}

func (f *folder) Grown(_ context.Context, key string) (int64, error) {
	if err := keyed(key); err != nil {
		return 0, err
	}
	st, err := f.root.Stat(path.Join(growing, key))
	if err != nil {
		return 0, told(err)
	}
	return st.Size(), nil
}

func (f *folder) Cut(_ context.Context, key string, size int64) error {
	if err := keyed(key); err != nil {
		return err
	}
	file, err := f.root.OpenFile(path.Join(growing, key), os.O_WRONLY, ownFile)
	if err != nil {
		return told(err)
	}
	st, err := file.Stat()
	if err == nil && st.Size() > size {
		err = file.Truncate(size)
	}
	return told(errors.Join(err, file.Close()))
}

func (f *folder) Seal(_ context.Context, key string) error {
	if err := keyed(key); err != nil {
		return err
	}
	from := path.Join(growing, key)
	file, err := f.root.OpenFile(from, os.O_WRONLY, ownFile)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = f.root.Stat(at(key))
		return told(err)
	}
	if err != nil {
		return told(err)
	}
	if err := syncClose(file); err != nil {
		return told(err)
	}
	return told(f.settle(from, key))
}

func (f *folder) List(ctx context.Context, each func(Info) error) error {
	err := fs.WalkDir(f.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile
		case err != nil:
			return err
		case d.IsDir():
			return ctx.Err()
		}
		st, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return each(Info{Key: d.Name(), Size: st.Size(), Modified: st.ModTime(), Growing: strings.HasPrefix(p, growing+"/")})
	})
	return told(err)
}

func (f *folder) Tidy(ctx context.Context, before time.Time) error {
	all, err := fs.ReadDir(f.root.FS(), growing)
	if err != nil {
		return told(err)
	}
	for _, d := range all {
		if !strings.HasPrefix(d.Name(), putting) {
			continue
		}
		st, err := d.Info()
		if err == nil && st.ModTime().Before(before) {
			err = f.root.Remove(path.Join(growing, d.Name()))
		}
		if err = told(errors.Join(ctx.Err(), err)); err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
	}
	return nil
}

// pingBytes is what has to fit for a folder to count as one that can be written.
const pingBytes = 256 << 10

func (f *folder) Ping(context.Context) error {
	if _, err := f.root.Stat(whole); err != nil {
		return told(err)
	}
	temp := path.Join(growing, putting+strings.ToLower(rand.Text())) // Tidy removes what stays of it
	file, err := f.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, ownFile)
	if err != nil {
		return told(err)
	}
	_, err = file.Write(make([]byte, pingBytes))
	return told(errors.Join(err, file.Close(), f.root.Remove(temp)))
}

func (f *folder) Close() error { return f.root.Close() }

// pour copies until r ends or ctx does; what was copied stays.
func pour(ctx context.Context, w io.Writer, r io.Reader) (int64, error) {
	return io.CopyBuffer(onlyWriter{w}, patient{ctx, r}, make([]byte, copyBuffer))
}

// onlyWriter hides ReadFrom, which would take a buffer of its own.
type onlyWriter struct{ io.Writer }

// patient reads until its context ends.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

func syncClose(f *os.File) error { return errors.Join(f.Sync(), f.Close()) }

// told turns an error of the system into one of ours where we have one.
func told(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrMissing, err)
	case full(err):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
