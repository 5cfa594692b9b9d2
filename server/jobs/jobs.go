// Package jobs says what is cleaned when.
// It does not know how: the parts hand in what cleans.
package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// every is how often expired sign-ins are removed; they are refused long before.
const every = 6 * time.Hour

// Config sets up the jobs.
type Config struct {
	// Forget removes sign-ins that expired before t.
	Forget func(ctx context.Context, t time.Time) error
	Log    *slog.Logger
}

// Jobs runs in the background until Stop.
type Jobs struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// Start starts the jobs.
func Start(c Config) *Jobs {
	ctx, cancel := context.WithCancel(context.Background())
	j := &Jobs{cancel: cancel}
	log := c.Log.With("part", "jobs")
	j.done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := c.Forget(ctx, time.Now().Add(-24*time.Hour)); err != nil && ctx.Err() == nil {
					log.Warn("expired sign-ins stay", "err", err)
				}
			}
		}
	})
	return j
}

// Stop ends the jobs and waits for them.
func (j *Jobs) Stop() {
	j.cancel()
	j.done.Wait()
}
