package state

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"

	"go.etcd.io/bbolt"
)

// errSealed says that a value was sealed with a key that is not at hand.
var errSealed = errors.New("sealed with another key")

// sealed is a value at rest. It is JSON like every other, so that damage shows when the file is opened.
type sealed struct {
	Sealed []byte `json:"sealed"`
}

// ErrOtherKey says that the profile was sealed with another secret, which may be at hand again next time.
var ErrOtherKey = errors.New("the profile was sealed with a key that is not at hand")

// Seal keeps what belongs to a person under secret from now on, and seals what lies open from before. With
// another secret than before it does nothing: what is sealed counts as not there then, and is not lost.
func (s *State) Seal(secret string) error {
	mark := sha256.Sum256([]byte("sendjay mark\x00" + secret))
	var had []byte
	switch known, err := s.Load("sealed", &had); {
	case err != nil:
		return err
	case known && !bytes.Equal(had, mark[:8]):
		return ErrOtherKey
	case !known:
		if err := s.Save("sealed", mark[:8]); err != nil {
			return err
		}
	}
	key := sha256.Sum256([]byte("sendjay local state\x00" + secret))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.aead, s.seed = aead, sha256.Sum256([]byte("sendjay further keys\x00"+secret))
	return guard(func() error { return s.db.Update(s.sealAll) })
}

// Key returns a key for something else that is kept of the person on this computer, "" before Seal.
func (s *State) Key(of string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.aead == nil {
		return ""
	}
	key := sha256.Sum256(append(s.seed[:], of...))
	return base64.StdEncoding.EncodeToString(key[:])
}

// sealAll seals what still lies open; s.mu is held.
func (s *State) sealAll(tx *bbolt.Tx) error {
	return tx.ForEach(func(name []byte, account *bbolt.Bucket) error {
		if !bytes.HasPrefix(name, []byte("account ")) {
			return nil
		}
		return account.ForEachBucket(func(kind []byte) error {
			in := account.Bucket(kind)
			open := map[string][]byte{}
			if err := in.ForEach(func(k, v []byte) error {
				if v != nil && !isSealed(v) {
					open[string(k)] = bytes.Clone(v)
				}
				return nil
			}); err != nil {
				return err
			}
			for k, v := range open {
				if err := in.Put([]byte(k), s.close(Bucket(kind), v)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func isSealed(v []byte) bool { return bytes.HasPrefix(v, []byte(`{"sealed":`)) }

// close returns v as it lies on the disk; s.mu is held.
func (s *State) close(b Bucket, v []byte) []byte {
	if s.aead == nil || !b.personal() {
		return v
	}
	return mustJSON(sealed{s.SealBytes(v)})
}

// reveal returns what close was given, nil when it cannot be read; s.mu is held.
func (s *State) reveal(v []byte) []byte {
	if v == nil || !isSealed(v) {
		return bytes.Clone(v)
	}
	var in sealed
	if s.aead == nil || json.Unmarshal(v, &in) != nil {
		return nil
	}
	out, err := s.OpenBytes(in.Sealed)
	if err != nil {
		return nil
	}
	return out
}

// SealBytes seals what lies beside the state, in files of its own. Before Seal it returns v as it is.
func (s *State) SealBytes(v []byte) []byte {
	if s.aead == nil {
		return v
	}
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(v)+s.aead.Overhead())
	_, _ = rand.Read(nonce) // never fails
	return s.aead.Seal(nonce, nonce, v, nil)
}

// OpenBytes opens what SealBytes made of JSON.
func (s *State) OpenBytes(v []byte) ([]byte, error) {
	if s.aead == nil {
		if !json.Valid(v) {
			return nil, errSealed
		}
		return v, nil
	}
	n := s.aead.NonceSize()
	if len(v) < n {
		return nil, errSealed
	}
	out, err := s.aead.Open(nil, v[:n], v[n:], nil)
	if err != nil {
		return nil, errSealed
	}
	return out, nil
}

// Wipe forgets everything of the account at hand: drafts, what was not sent, what was decided.
func (s *State) Wipe() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.account == "" {
		return nil
	}
	clear(s.drafts)
	return guard(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			name := []byte("account " + s.account)
			if tx.Bucket(name) == nil {
				return nil
			}
			return tx.DeleteBucket(name)
		})
	})
}
