package main

import (
	"math"
	"runtime/debug"
	"sync"
	"time"

	"sendjay/shared/resident"
)

const (
	// collectAt is half the usual growth between two collections: measured, 2 MiB less at rest and no more work.
	collectAt = 50
	// drowsyAfter is how long nothing happens before the collector's clock is stopped.
	drowsyAfter = time.Minute
	// drowsyBytes is when it collects all the same. What wakes nobody, such as a file that passes through for a window,
	// leaves little behind.
	drowsyBytes = 32 << 20
)

// drowse lets a program that has nothing to do sleep. The runtime collects every two minutes, only because time has passed;
// after one collection at the beginning of a rest there is nothing to be found.
type drowse struct {
	mu    sync.Mutex // guards the fields below
	timer *time.Timer
	deep  bool
}

// stir is told whenever something happens.
func (d *drowse) stir() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer == nil {
		d.timer = time.AfterFunc(drowsyAfter, d.nod)
	}
	d.timer.Reset(drowsyAfter)
	if d.deep {
		d.deep = false
		debug.SetGCPercent(collectAt)
		debug.SetMemoryLimit(math.MaxInt64)
	}
}

func (d *drowse) nod() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deep = true
	debug.FreeOSMemory()
	debug.SetMemoryLimit(drowsyBytes)
	debug.SetGCPercent(-1)
	resident.Trim()
}
