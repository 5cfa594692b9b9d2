package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much the heap may grow before it is collected, in percent of what is in use. At rest little, because
// memory is counted there. When much is going on, collecting costs a tenth of the processor, most of it for
// looking through the stacks of all connections; then it may grow more, once it is worth speaking of.
const (
	growthAtRest = 75
	growthAtWork = 300
	workFrom     = 16 << 20
	workEvery    = time.Second
)

// cycle is garbage of its own: the collector finalizes it in every cycle.
type cycle struct {
	began  time.Time
	growth int
}

// paceHeap sets the growth of the heap by how soon one collection follows another.
func paceHeap() {
	debug.SetGCPercent(growthAtRest)
	runtime.SetFinalizer(&cycle{time.Now(), growthAtRest}, (*cycle).ended)
}

// growthAfter is how much the heap may grow next, when it took so long to grow by that much. Much is going on when it
// would have grown within workEvery by what it may at rest: a heap that may grow more is not collected later for
// having less to do.
func growthAfter(took time.Duration, growth int, live uint64) int {
	if live > workFrom && took*growthAtRest/time.Duration(growth) < workEvery {
		return growthAtWork
	}
	return growthAtRest
}

func (c *cycle) ended() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	growth := growthAfter(time.Since(c.began), c.growth, live[0].Value.Uint64())
	if growth != c.growth {
		debug.SetGCPercent(growth)
	}
	runtime.SetFinalizer(&cycle{time.Now(), growth}, (*cycle).ended)
}
