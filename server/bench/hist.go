package main

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// hist counts durations in buckets of about 3 %, from a microsecond to an hour.
type hist struct{ counts [32 * 32]atomic.Int64 }

func bucket(d time.Duration) int {
	us := uint64(max(d.Microseconds(), 0))
	if us < 32 {
		return int(us)
	}
	e := bits.Len64(us) - 6 // us>>e has six bits
	return min((e+1)*32+int(us>>e)-32, 32*32-1)
}

// upper is the longest duration in bucket i.
func upper(i int) time.Duration {
	if i < 32 {
		return time.Duration(i) * time.Microsecond
	}
	e := i/32 - 1
	return time.Duration((uint64(i%32+32)+1)<<e-1) * time.Microsecond
}

func (h *hist) add(d time.Duration) { h.counts[bucket(d)].Add(1) }

// join adds all that o has counted.
func (h *hist) join(o *hist) {
	for i := range h.counts {
		h.counts[i].Add(o.counts[i].Load())
	}
}

// at returns the duration that the share q of all did not exceed, in milliseconds.
func (h *hist) at(q float64) float64 {
	var all int64
	for i := range h.counts {
		all += h.counts[i].Load()
	}
	rest := int64(q * float64(all))
	for i := range h.counts {
		if rest -= h.counts[i].Load(); rest < 0 {
			return float64(upper(i).Microseconds()) / 1000
		}
	}
	return 0
}
