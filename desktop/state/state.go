// Package state holds what the device remembers, in one bbolt file.
// It does not know why: values are JSON under a bucket and a key.
// What Put has returned is on disk. The file's lock makes sure that only one process per profile has it.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// The buckets.
const (
	Drafts   = "drafts"
	Settings = "settings"
	Outbox   = "outbox"
	Queue    = "queue"
	Device   = "device"
	Answers  = "answers"
)

var buckets = []string{Drafts, Settings, Outbox, Queue, Device, Answers}

// ErrBusy says that another process has the profile open.
var ErrBusy = errors.New("another Sendjay has this profile open")

// lockWait is how long a process that is just ending may take to let go of the file.
const lockWait = 300 * time.Millisecond

// State is an open file.
type State struct {
	db *bbolt.DB
	// Aside is the path to which a file that could not be read was moved, "" when all was well.
	Aside string
}

// Open opens the file in dir, which is made when it is missing. A damaged file is moved aside.
func Open(dir string) (*State, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the profile folder cannot be made: %w", err)
	}
	path := filepath.Join(dir, "sendjay.bolt")
	db, err := open(path)
	if err == nil {
		return &State{db: db}, nil
	}
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, ErrBusy
	}
	if errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("the profile %s cannot be written: %w", path, err)
	}
	aside := path + time.Now().UTC().Format(".damaged-20060102-150405")
	if renamed := os.Rename(path, aside); renamed != nil {
		return nil, errors.Join(err, renamed)
	}
	if db, err = open(path); err != nil {
		return nil, err
	}
	return &State{db: db, Aside: aside}, nil
}

// open opens the file and touches every page that the buckets need; bbolt panics on some kinds of damage.
func open(path string) (db *bbolt.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged: %v", p)
		}
		if err != nil && db != nil {
			_ = db.Close()
			db = nil
		}
	}()
	if db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, FreelistType: bbolt.FreelistMapType}); err != nil {
		return nil, err
	}
	return db, db.Update(func(tx *bbolt.Tx) error {
		for _, b := range buckets {
			bucket, err := tx.CreateBucketIfNotExists([]byte(b))
			if err != nil {
				return err
			}
			if err := bucket.ForEach(func(_, _ []byte) error { return nil }); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close closes the file.
func (s *State) Close() error { return s.db.Close() }

// Get returns the value under key, nil when there is none.
func (s *State) Get(bucket, key string) []byte {
	var out []byte
	_ = s.db.View(func(tx *bbolt.Tx) error {
		out = append(out, tx.Bucket([]byte(bucket)).Get([]byte(key))...)
		return nil
	})
	return out
}

// Put keeps value under key.
func (s *State) Put(bucket, key string, value []byte) error {
	return s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Put([]byte(key), value) })
}

// Delete forgets key.
func (s *State) Delete(bucket, key string) error {
	return s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Delete([]byte(key)) })
}

// All returns every value of a bucket.
func (s *State) All(bucket string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	_ = s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(k, v []byte) error {
			out[string(k)] = append(json.RawMessage(nil), v...)
			return nil
		})
	})
	return out
}

// Append keeps value under the next key of a bucket, which is in order of arrival.
func (s *State) Append(bucket string, value []byte) (key string, err error) {
	err = s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		n, err := b.NextSequence()
		if err != nil {
			return err
		}
		key = fmt.Sprintf("%020d", n)
		return b.Put([]byte(key), value)
	})
	return key, err
}

// First returns the first entry of a bucket in order of keys, "" when it is empty.
func (s *State) First(bucket string) (key string, value []byte) {
	_ = s.db.View(func(tx *bbolt.Tx) error {
		k, v := tx.Bucket([]byte(bucket)).Cursor().First()
		key, value = string(k), append([]byte(nil), v...)
		return nil
	})
	return key, value
}

// Forget empties every bucket but those given: signing out leaves nothing of the person.
func (s *State) Forget(but ...string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		for _, b := range buckets {
			kept := false
			for _, k := range but {
				kept = kept || k == b
			}
			if kept {
				continue
			}
			if err := tx.DeleteBucket([]byte(b)); err != nil {
				return err
			}
			if _, err := tx.CreateBucket([]byte(b)); err != nil {
				return err
			}
		}
		return nil
	})
}
