// Package state is what the device remembers: settings, drafts, the outbox, its id, what it last saw.
// It knows one file and how to survive its damage; it does not know what the values are for.
//
// Outbox and settings are on disk when the call returns. Drafts change with every key and are written
// together a moment later.
package state

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Bucket names a kind of thing.
type Bucket string

// The buckets.
const (
	Settings Bucket = "settings"
	Device   Bucket = "device"
	Drafts   Bucket = "drafts"
	Outbox   Bucket = "outbox"
	Queue    Bucket = "queue"
	Pages    Bucket = "pages"
	// Downloads is what is being brought to the downloads folder, and what was.
	Downloads Bucket = "downloads"
	// Verdicts is what was decided about messages, without any text.
	Verdicts Bucket = "verdicts"
	// Toasts is which notifications stand there.
	Toasts Bucket = "toasts"
)

// personal reports whether b belongs to the account that is signed in rather than to the device.
func (b Bucket) personal() bool { return b != Settings && b != Device }

// draftWait is what may be lost of a draft when the power fails.
const draftWait = 400 * time.Millisecond

// ErrBusy says that another process has this profile open.
var ErrBusy = errors.New("the profile is in use by another process")

// ErrNobody says that there is no account whose things could be kept.
var ErrNobody = errors.New("nobody is signed in")

// State is the open file of one profile.
type State struct {
	db    *bbolt.DB
	moved string
	aead  cipher.AEAD // set once by Seal, before anything is read
	seed  [32]byte    // of Key, set with it

	mu      sync.Mutex // guards the fields below
	account string
	drafts  map[string]json.RawMessage // not yet written; nil values are deletions
	timer   *time.Timer
	closed  bool
	failed  error // of the last write of drafts
}

// Open opens the profile in dir, which is created for this user alone. A damaged file is moved aside
// and a new one begun, with what the person wrote as far as it can be read; Moved then says where the old one is.
func Open(dir string) (*State, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	path := filepath.Join(dir, fileName)
	db, err := open(path)
	switch {
	case err == nil:
		return begin(db, "")
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, ErrBusy
	case !errors.Is(err, errDamaged):
		return nil, fmt.Errorf("profile: %w", err)
	}
	aside := path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000")
	if err := os.Rename(path, aside); err != nil {
		return nil, fmt.Errorf("profile: the damaged file cannot be moved aside: %w", err)
	}
	if db, err = open(path); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	salvage(aside, db)
	dropDamaged(path)
	return begin(db, aside)
}

// Look opens the profile in dir to read it, and leaves it as it is, also a damaged one.
func Look(dir string) (s *State, err error) {
	err = guard(func() error {
		db, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: true})
		if err == nil {
			s, err = begin(db, "")
		}
		return err
	})
	return s, err
}

// keptDamaged is how many damaged files stay for whoever wants to look at them.
const keptDamaged = 3

func dropDamaged(path string) {
	all, err := os.ReadDir(filepath.Dir(path)) // in the order of their names, which is that of their times
	if err != nil {
		return
	}
	all = slices.DeleteFunc(all, func(f os.DirEntry) bool { return !strings.HasPrefix(f.Name(), filepath.Base(path)+".damaged-") })
	for _, old := range all[:max(0, len(all)-keptDamaged)] {
		_ = os.RemoveAll(filepath.Join(filepath.Dir(path), old.Name()))
	}
}

func begin(db *bbolt.DB, moved string) (*State, error) {
	s := &State{db: db, moved: moved, drafts: map[string]json.RawMessage{}}
	if _, err := s.Load("account", &s.account); err != nil {
		_ = db.Close()
		return nil, err
	}
	return s, nil
}

// Moved returns where a damaged file was put, "" when all was well.
func (s *State) Moved() string { return s.moved }

// Close writes what waits and closes the file.
func (s *State) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	err := s.flush()
	s.mu.Unlock()
	return errors.Join(err, s.db.Close())
}

// ID returns the secret id of this device, made on first use.
func (s *State) ID() (string, error) {
	var id string
	if ok, err := s.Load("id", &id); ok || err != nil {
		return id, err
	}
	id = rand.Text()
	return id, s.Save("id", id)
}

// Account returns whose drafts, outbox and pages are at hand, "" for nobody's.
func (s *State) Account() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account
}

// SetAccount changes whose drafts, outbox and pages are at hand. What others left stays for them.
func (s *State) SetAccount(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == s.account {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	if err := s.put(Device, "account", mustJSON(name)); err != nil {
		return err
	}
	s.account = name
	return nil
}

// Load reads one of the device's own values into v and reports whether it is there.
func (s *State) Load(key string, v any) (bool, error) {
	raw, err := s.Get(Device, key)
	if raw == nil || err != nil {
		return false, err
	}
	return true, json.Unmarshal(raw, v)
}

// Save keeps one of the device's own values.
func (s *State) Save(key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.Put(Device, key, raw)
}

// Get returns the value of key, nil when there is none.
func (s *State) Get(b Bucket, key string) (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b == Drafts {
		if v, waits := s.drafts[key]; waits {
			return v, nil
		}
	}
	var out json.RawMessage
	err := s.view(b, func(in *bbolt.Bucket) error {
		out = s.reveal(in.Get([]byte(key)))
		return nil
	})
	return out, err
}

// All returns everything in b.
func (s *State) All(b Bucket) (map[string]json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]json.RawMessage{}
	err := s.view(b, func(in *bbolt.Bucket) error {
		return in.ForEach(func(k, v []byte) error {
			if open := s.reveal(v); open != nil {
				all[string(k)] = open
			}
			return nil
		})
	})
	if b == Drafts {
		for k, v := range s.drafts {
			if v == nil {
				delete(all, k)
			} else {
				all[k] = v
			}
		}
	}
	return all, err
}

// Put keeps value, which is JSON, under key.
func (s *State) Put(b Bucket, key string, value json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b == Drafts {
		return s.draft(key, bytes.Clone(value))
	}
	return s.put(b, key, value)
}

// Delete forgets key.
func (s *State) Delete(b Bucket, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b == Drafts {
		return s.draft(key, nil)
	}
	return s.update(b, func(in *bbolt.Bucket) error { return in.Delete([]byte(key)) })
}

// Append keeps value behind everything in b and returns its key. Keys sort as text in the order of Append.
func (s *State) Append(b Bucket, value json.RawMessage) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var key string
	err := s.update(b, func(in *bbolt.Bucket) error {
		n, err := in.NextSequence()
		if err != nil {
			return err
		}
		key = fmt.Sprintf("%016x", n)
		return in.Put([]byte(key), s.close(b, value))
	})
	return key, err
}

// Recall returns a text of the device, "" for one that was never remembered.
func (s *State) Recall(key string) string {
	var text string
	_, _ = s.Load("memo."+key, &text) // a value of another kind counts as none
	return text
}

// Remember keeps a text of the device; "" forgets it.
func (s *State) Remember(key, text string) error {
	if text == "" {
		return s.Delete(Device, "memo."+key)
	}
	return s.Save("memo."+key, text)
}

func (s *State) put(b Bucket, key string, value json.RawMessage) error {
	return s.update(b, func(in *bbolt.Bucket) error { return in.Put([]byte(key), s.close(b, value)) })
}

func mustJSON(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// PutAll keeps several values with one write.
func (s *State) PutAll(b Bucket, values map[string]json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.update(b, func(in *bbolt.Bucket) error {
		for key, value := range values {
			if err := in.Put([]byte(key), s.close(b, value)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Prune forgets the values of b that are old.
func (s *State) Prune(b Bucket, old func(json.RawMessage) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.update(b, func(in *bbolt.Bucket) error {
		var gone [][]byte
		if err := in.ForEach(func(k, v []byte) error {
			if open := s.reveal(v); open == nil || old(open) {
				gone = append(gone, bytes.Clone(k))
			}
			return nil
		}); err != nil {
			return err
		}
		for _, k := range gone {
			if err := in.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
}
