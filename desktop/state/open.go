package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	fileName = "state.db"
	// lockWait is how long another process may hold the file before it counts as running.
	lockWait = 500 * time.Millisecond
)

// errDamaged marks a file that cannot be read.
var errDamaged = errors.New("damaged")

// open opens the file and touches every page of it, so that damage shows now and not in mid-use.
func open(path string) (*bbolt.DB, error) {
	before, err := os.Stat(path)
	begun := err == nil && before.Size() > 0
	var db *bbolt.DB
	var file held
	err = guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, FreelistType: bbolt.FreelistMapType, OpenFile: file.open})
		return err
	})
	switch {
	case err == nil:
	case errors.Is(err, bolterrors.ErrTimeout), errors.Is(err, os.ErrPermission), errors.Is(err, os.ErrNotExist), !begun:
		return nil, err
	default:
		file.let()
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	err = guard(func() error { return db.Update(walk) })
	if err == nil {
		return db, nil
	}
	file.shut(db)
	if errors.Is(err, os.ErrPermission) || noSpace(err) {
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", errDamaged, err)
}

// held is the file under a database. One that bbolt panics on it never closes, and Windows neither moves nor deletes
// a file that is open.
type held struct{ file *os.File }

func (h *held) open(name string, flag int, perm os.FileMode) (*os.File, error) {
	opened, err := os.OpenFile(name, flag, perm)
	h.file = opened
	return opened, err
}

func (h *held) let() {
	if h.file != nil {
		_ = h.file.Close()
	}
}

// shut closes a database that may be damaged: one that bbolt panics on keeps a lock inside it, and closing must not wait
// for that.
func (h *held) shut(db *bbolt.DB) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = guard(db.Close)
	}()
	select {
	case <-closed:
	case <-time.After(lockWait):
		h.let()
	}
}

// walk reads everything, and writes a little so that the list of free pages is read too.
func walk(tx *bbolt.Tx) error {
	if err := tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return walkBucket(b) }); err != nil {
		return err
	}
	b, err := tx.CreateBucketIfNotExists([]byte(Device))
	if err != nil {
		return err
	}
	return b.Put([]byte("opened"), mustJSON(time.Now().UTC().Format(time.RFC3339)))
}

func walkBucket(b *bbolt.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		if v == nil {
			return walkBucket(b.Bucket(k))
		}
		if !json.Valid(v) {
			return errDamaged
		}
		return nil
	})
}

// guard turns what bbolt does on a damaged file, panics and faults of memory, into an error.
func guard(do func() error) (err error) {
	defer func() {
		if bad := recover(); bad != nil {
			err = fmt.Errorf("%w: %v", errDamaged, bad)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	return do()
}
