// Package jobs says what is cleaned when.
// It does not know how: the parts hand in what cleans.
// Every job may run on several nodes at once without harm, so that no node has to be the main one.
package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Job is done every so often, first after that time: a start is not the moment for it.
type Job struct {
	Name  string
	Every time.Duration
	Do    func(ctx context.Context) error
}

// Jobs runs in the background until Stop.
type Jobs struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// Start starts the jobs, each at its own pace, and none beside itself.
func Start(log *slog.Logger, all ...Job) *Jobs {
	ctx, cancel := context.WithCancel(context.Background())
	j := &Jobs{cancel: cancel}
	log = log.With("part", "jobs")
	for _, job := range all {
		j.done.Go(func() { job.repeat(ctx, log) })
	}
	return j
}

func (j Job) repeat(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(j.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := j.Do(ctx); err != nil && ctx.Err() == nil {
			log.Warn("job failed, comes again", "job", j.Name, "err", err)
		}
	}
}

// Stop ends the jobs and waits for them. It may be called twice.
func (j *Jobs) Stop() {
	j.cancel()
	j.done.Wait()
}
