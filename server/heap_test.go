package main

import (
	"testing"
	"time"
)

func TestHeapGrowth(t *testing.T) {
	const much = workFrom + 1
	for _, c := range []struct {
		name   string
		took   time.Duration
		growth int
		live   uint64
		want   int
	}{
		{"a heap that soon grew by little may grow by more", workEvery / 2, growthAtRest, much, growthAtWork},
		{"one that slowly grew by little may not", 2 * workEvery, growthAtRest, much, growthAtRest},
		{"at the same pace a heap that may grow by more is no heap at rest", workEvery / 2 * growthAtWork / growthAtRest, growthAtWork, much, growthAtWork},
		{"one that slowly grew by more is at rest again", 2 * workEvery * growthAtWork / growthAtRest, growthAtWork, much, growthAtRest},
		{"a small heap grows by little, however soon", time.Millisecond, growthAtRest, workFrom, growthAtRest},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := growthAfter(c.took, c.growth, c.live); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}
