package main

import (
	"context"
	"log/slog"
	"time"
)

// envWatched says that a tray was started by its watcher, and why. It is taken out of the environment at once,
// because browsers and windows inherit that, and start trays of their own.
const envWatched = "SENDJAY_WATCHED"

// birth is why a tray starts.
type birth string

// The births. The first one does what the command line says; the others take up what was there before.
const (
	first   birth = "first"
	again   birth = "again"   // the one before has crashed
	renewed birth = "renewed" // the one before has made room for another version
)

// How a crashed tray is started again: at once the first time, and less and less eagerly. One that crashes
// maxFalls times within fallsCount is given up.
const (
	firstRest  = time.Second
	longRest   = 30 * time.Second
	maxFalls   = 5
	fallsCount = 10 * time.Minute
)

// ending is how a tray ended.
type ending struct {
	code    int
	crashed bool
	err     error // it could not be started
}

// watcher starts the tray, and starts it again when it has crashed. It never does after an end that somebody
// wanted: quitting, the end of the session, an error that was said.
type watcher struct {
	log *slog.Logger
	// run runs one tray to its end.
	run func(ctx context.Context, as birth) ending
	// gaveUp tells the person that there will be no further try.
	gaveUp func()
}

// watch returns the exit code of the last tray.
func (w *watcher) watch(ctx context.Context) int {
	as := first
	var falls []time.Time
	for {
		end := w.run(ctx, as)
		switch {
		case ctx.Err() != nil && !end.crashed:
			return end.code
		case ctx.Err() != nil:
			return 0 // the session is ending, and not everything ends in good order then
		case end.err != nil:
			w.log.Error("it cannot be started", "error", end.err)
			return exitFailed
		case end.code == exitRenew && !end.crashed:
			as = renewed
			continue
		case !end.crashed:
			return end.code
		}
		now := time.Now()
		falls = append(falls, now)
		for now.Sub(falls[0]) > fallsCount {
			falls = falls[1:]
		}
		if len(falls) >= maxFalls {
			w.log.Error("it crashed too often and is left alone now", "crashes", len(falls), "code", end.code)
			w.gaveUp()
			return exitFailed
		}
		rest := min(firstRest<<(len(falls)-1), longRest)
		w.log.Warn("it crashed and is started again", "code", end.code, "after", rest)
		select {
		case <-time.After(rest):
		case <-ctx.Done():
			return 0
		}
		as = again
	}
}
