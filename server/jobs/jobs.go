// Package jobs says what is cleaned when.
// It does not know how: the parts hand in what cleans.
// What concerns all nodes is done by the one that holds the lease. A node that cannot keep it stops what it
// is doing before another one may have it; one that ends gives it back, and from one that died it passes on
// when its time is over.
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
	// Local is set for what every node does for itself.
	Local bool
}

// Lease takes or keeps what only one node may have, for a while; for no time it gives it back.
type Lease func(ctx context.Context, keep time.Duration) (bool, error)

// The lease is asked for three times before it would pass on, and counts as lost a little before it does.
const (
	leaseLife   = 15 * time.Second
	leaseEvery  = leaseLife / 3
	leaseMargin = leaseLife / 5
)

// Jobs runs in the background until Stop.
type Jobs struct {
	log    *slog.Logger
	lease  Lease
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu   sync.Mutex // guards the fields below
	held context.Context
	drop context.CancelFunc // ends held
}

// Start starts the jobs, each at its own pace, and none beside itself. Without a lease this node does all.
func Start(log *slog.Logger, lease Lease, all ...Job) *Jobs {
	ctx, cancel := context.WithCancel(context.Background())
	j := &Jobs{log: log.With("part", "jobs"), lease: lease, cancel: cancel}
	if lease == nil {
		j.held, j.drop = ctx, func() {}
	} else {
		j.done.Go(func() { j.hold(ctx) })
	}
	for _, job := range all {
		j.done.Go(func() { j.repeat(ctx, job) })
	}
	return j
}

// Holder reports whether this node does what one node does for all.
func (j *Jobs) Holder() bool { return j.holding() != nil }

// holding returns what ends when the lease does, nil when it is not ours.
func (j *Jobs) holding() context.Context {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.held
}

// hold takes the lease whenever it can be had, and keeps it.
func (j *Jobs) hold(ctx context.Context) {
	tick := time.NewTicker(leaseEvery)
	defer tick.Stop()
	over := time.NewTimer(leaseLife)
	over.Stop()
	defer over.Stop()
	for {
		asked := time.Now()
		mine, err := j.lease(ctx, leaseLife)
		switch {
		case mine:
			over.Reset(time.Until(asked.Add(leaseLife - leaseMargin)))
			j.take(ctx)
		case err == nil:
			j.lose()
		default:
			j.log.Debug("the lease cannot be asked for", "err", err)
		}
	waiting:
		for {
			select {
			case <-ctx.Done():
				j.lose()
				back, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
				_, _ = j.lease(back, 0) // else it passes on by itself
				cancel()
				return
			case <-over.C:
				j.lose()
			case <-tick.C:
				break waiting
			}
		}
	}
}

func (j *Jobs) take(ctx context.Context) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.held == nil {
		j.held, j.drop = context.WithCancel(ctx)
		j.log.Info("the jobs of all nodes are done here")
	}
}

func (j *Jobs) lose() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.held != nil {
		j.drop()
		j.held, j.drop = nil, nil
		j.log.Info("the jobs of all nodes are no longer done here")
	}
}

func (j *Jobs) repeat(ctx context.Context, job Job) {
	tick := time.NewTicker(job.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		under := ctx
		if !job.Local {
			if under = j.holding(); under == nil {
				continue
			}
		}
		if err := job.Do(under); err != nil && under.Err() == nil {
			j.log.Warn("job failed, comes again", "job", job.Name, "err", err)
		}
	}
}

// Stop ends the jobs and waits for them. It may be called twice.
func (j *Jobs) Stop() {
	j.cancel()
	j.done.Wait()
}
