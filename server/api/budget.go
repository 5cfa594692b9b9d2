package api

import (
	"sync"

	"golang.org/x/time/rate"

	"sendjay/server/command"
)

// Queries of one signed-in device: bursts, such as opening the window, are fine; a loop is not.
const (
	queriesPerSecond = 50
	queriesBurst     = 300
	// remembered bounds the memory; the whole table is dropped when it is full.
	remembered = 20_000
)

// budgets counts the requests of each sign-in.
type budgets struct {
	mu   sync.Mutex // guards the field below
	seen map[string]*budget
}

// budget is what one sign-in may ask: queries, and commands without a socket.
type budget struct {
	queries  *rate.Limiter
	commands command.Budget
}

func (b *budgets) of(signIn string) *budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.seen[signIn]
	if one == nil {
		if b.seen == nil || len(b.seen) >= remembered {
			b.seen = map[string]*budget{}
		}
		one = &budget{queries: rate.NewLimiter(queriesPerSecond, queriesBurst)}
		b.seen[signIn] = one
	}
	return one
}

func (b *budgets) spend(signIn string) bool { return b.of(signIn).queries.Allow() }
