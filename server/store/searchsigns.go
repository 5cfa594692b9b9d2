package store

import (
	"hash/fnv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sendjay/shared/protocol"
)

// The search index says of each block of messages which pairs of characters may stand in it. Pairs find
// Korean inside compounds and before particles, and signs like % and _ are characters as any other. A block
// has one row with a Bloom filter, so that an indexed message costs about 20 bytes and a 64th of a write,
// where a row for each pair cost 20 writes all over a tree; a search passes over the blocks of its rooms and
// reads the messages of those that may hold its words.

// blockSize is how many messages of a room share a row of the index.
const blockSize = 64

// Twelve bits and five probes for each key let one block in two hundred be read in vain.
const (
	signBits   = 12
	signProbes = 5
	// signsMost bounds a row; a block of nothing but long texts is read in vain more often.
	signsMost = 16 << 10
)

// block is a run of blockSize messages of one room: those with seq n*blockSize+1 and on.
type block struct {
	room protocol.RoomID
	n    int64
}

func blockOf(room protocol.RoomID, seq protocol.Seq) block {
	return block{room, (int64(seq) - 1) / blockSize}
}

func (b block) first() int64 { return b.n*blockSize + 1 }
func (b block) last() int64  { return (b.n + 1) * blockSize }

// signs is the filter. An empty one may hold everything.
type signs []byte

func signsOf(keys map[uint64]struct{}) signs {
	out := make(signs, min(max(8, (len(keys)*signBits+7)/8), signsMost))
	for k := range keys {
		out.each(k, func(i int, bit byte) bool {
			out[i] |= bit
			return true
		})
	}
	return out
}

// may reports whether all keys may be in.
func (s signs) may(keys []uint64) bool {
	if len(s) == 0 {
		return true
	}
	for _, k := range keys {
		all := true
		s.each(k, func(i int, bit byte) bool {
			all = s[i]&bit != 0
			return all
		})
		if !all {
			return false
		}
	}
	return true
}

func (s signs) each(key uint64, f func(i int, bit byte) bool) {
	at, step := uint32(key), uint32(key>>32)|1
	for range signProbes {
		n := uint64(at) * uint64(len(s)*8) >> 32
		if !f(int(n>>3), 1<<(n&7)) {
			return
		}
		at += step
	}
}

// fold makes letters comparable: one form of each, small. It keeps the number of characters of the composed form.
func fold(s string) string { return strings.ToLower(norm.NFC.String(s)) }

// pairKeys hands out a key for each two characters of folded text that stand together without a space.
func pairKeys(folded string, f func(uint64)) {
	var last rune
	for _, r := range folded {
		if unicode.IsSpace(r) {
			last = 0
			continue
		}
		if last != 0 {
			f(mix(uint64(last)<<32 | uint64(r)))
		}
		last = r
	}
}

// senderKey is the key of everything that a person wrote.
func senderKey(u protocol.UserID) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(u))
	return mix(^h.Sum64())
}

// mix spreads the bits of x (the finisher of SplitMix64): neighbouring letters must not share bits of the filter.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
