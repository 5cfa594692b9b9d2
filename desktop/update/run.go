package update

import (
	"context"
	"math/rand/v2"
	"time"
)

// How calmly it is looked for versions: never within rest of the last look, unless a person asks, and after a
// while of this device's own, so that not all devices fetch at once.
const (
	rest      = time.Hour
	every     = 8 * time.Hour
	afterNews = 30 * time.Minute
	afterCame = 10 * time.Minute
)

// Wish says why somebody wants a look.
type Wish int

// The wishes. Came is a new line to the server, News the server's word that something else is offered, Asked a
// person's.
const (
	Came Wish = iota
	News
	Asked
)

// Run calls look when it is time, until ctx ends.
func Run(ctx context.Context, wishes <-chan Wish, look func(ctx context.Context, asked bool)) {
	var last time.Time
	next := time.NewTimer(jitter(every))
	defer next.Stop()
	due := time.Now().Add(every)
	sooner := func(wait time.Duration) {
		if at := time.Now().Add(wait); at.Before(due) {
			due = at
			next.Reset(wait)
		}
	}
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case w := <-wishes:
			switch w {
			case Asked:
				asked = true
			case News:
				sooner(max(jitter(afterNews), time.Until(last.Add(time.Minute))))
				continue
			default:
				if last.IsZero() {
					sooner(jitter(afterCame))
				} else {
					sooner(max(jitter(afterCame), time.Until(last.Add(rest))))
				}
				continue
			}
		case <-next.C:
		}
		look(ctx, asked)
		last = time.Now()
		wait := every/2 + jitter(every/2)
		due = last.Add(wait)
		next.Reset(wait)
	}
}

func jitter(d time.Duration) time.Duration { return rand.N(d) + 1 }
