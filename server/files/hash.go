package files

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
	"time"

	"sendjay/shared/protocol"
)

// hashOf returns the hash of an upload's first at bytes, nil when it has to be made anew from all of them.
// Whoever has it gives it back with keep.
func (f *Files) hashOf(id protocol.FileID, at int64) hash.Hash {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.running[id]
	delete(f.running, id)
	switch {
	case at == 0:
		return sha256.New()
	case r == nil || r.at != at:
		return nil
	}
	return r.hash
}

func (f *Files) keep(id protocol.FileID, h hash.Hash, at int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running[id] = &running{h, at, time.Now()}
}

func (f *Files) forget(id protocol.FileID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.running, id)
}

// forgetOld drops the hashes of uploads that rest; they are made anew when they go on.
func (f *Files) forgetOld(before time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, r := range f.running {
		if r.seen.Before(before) {
			delete(f.running, id)
		}
	}
}

// pieceSum is the sum over one piece, nil where there is none to compare with.
type pieceSum struct{ hash.Hash }

func sumOf(sum []byte) *pieceSum {
	if sum == nil {
		return nil
	}
	return &pieceSum{sha256.New()}
}

func (p *pieceSum) is(sum []byte) bool { return bytes.Equal(p.Sum(nil), sum) }

func hashAll(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.CopyBuffer(h, r, make([]byte, 256<<10)); err != nil {
		return "", err
	}
	return hexOf(h), nil
}
