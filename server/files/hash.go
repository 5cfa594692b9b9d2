package files

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"time"

	"github.com/zeebo/blake3"

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
		return contentHash()
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

// pieceSum is the sum over one piece, nil where there is none to compare with. It is the one that browsers can make,
// and takes longer than carrying the piece: so it is made behind.
type pieceSum struct{ *behind }

func sumOf(sum []byte) *pieceSum {
	if sum == nil {
		return nil
	}
	return &pieceSum{sumBehind(sha256.New())}
}

// is says whether all that was written has this sum; nothing is written afterwards.
func (p *pieceSum) is(sum []byte) bool {
	p.wait()
	return bytes.Equal(p.Sum(nil), sum)
}

// contentHash is the hash by which bytes that came twice are kept once. It is safe against those who look for two
// files with one hash, as SHA-256 is, and where the processor has nothing made for that one, several times as fast.
func contentHash() hash.Hash { return blake3.New() }

// named is a hash as the database keeps it. Older rows have a SHA-256 in hex, which is never one of these.
func named(h hash.Hash) string {
	return protocol.FileSum + hex.EncodeToString(h.Sum(nil))[:hexDigits]
}

// hexDigits are as many as fit the column: 240 of 256 bits.
const hexDigits = 60

func hashAll(r io.Reader) (string, error) {
	h := contentHash()
	if _, err := io.CopyBuffer(h, r, make([]byte, 256<<10)); err != nil {
		return "", err
	}
	return named(h), nil
}
