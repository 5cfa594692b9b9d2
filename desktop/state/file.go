package state

import (
	"encoding/json"
	"errors"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// where returns the path of buckets that holds b now; s.mu is held.
func (s *State) where(b Bucket) ([][]byte, error) {
	if !b.personal() {
		return [][]byte{[]byte(b)}, nil
	}
	if s.account == "" {
		return nil, ErrNobody
	}
	return [][]byte{[]byte("account " + s.account), []byte(b)}, nil
}

// view reads b; a bucket that is not there yet is empty. s.mu is held.
func (s *State) view(b Bucket, read func(*bbolt.Bucket) error) error {
	path, err := s.where(b)
	if errors.Is(err, ErrNobody) {
		return nil
	}
	return guard(func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			in := tx.Bucket(path[0])
			for _, name := range path[1:] {
				if in != nil {
					in = in.Bucket(name)
				}
			}
			if in == nil {
				return nil
			}
			return read(in)
		})
	})
}

// update writes b and returns when it is on disk. s.mu is held.
func (s *State) update(b Bucket, write func(*bbolt.Bucket) error) error {
	path, err := s.where(b)
	if err != nil {
		return err
	}
	return guard(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			in, err := tx.CreateBucketIfNotExists(path[0])
			for _, name := range path[1:] {
				if err == nil {
					in, err = in.CreateBucketIfNotExists(name)
				}
			}
			if err != nil {
				return err
			}
			return write(in)
		})
	})
}

// draft keeps a draft in memory until the timer writes it with the others. s.mu is held.
func (s *State) draft(key string, value json.RawMessage) error {
	if s.account == "" {
		return ErrNobody
	}
	if s.closed {
		return bolterrors.ErrDatabaseNotOpen
	}
	s.drafts[key] = value
	if s.timer == nil {
		s.timer = time.AfterFunc(draftWait, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.failed = s.flush()
		})
	}
	err := s.failed
	s.failed = nil
	return err
}

// flush writes the waiting drafts; those that could not be written go on waiting. s.mu is held.
func (s *State) flush() error {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if len(s.drafts) == 0 {
		return nil
	}
	err := s.update(Drafts, func(in *bbolt.Bucket) error {
		for k, v := range s.drafts {
			var err error
			if v == nil {
				err = in.Delete([]byte(k))
			} else {
				err = in.Put([]byte(k), s.close(Drafts, v))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		clear(s.drafts)
	}
	return err
}
