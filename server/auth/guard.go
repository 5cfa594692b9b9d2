package auth

import (
	"strings"
	"sync"
	"time"

	"sendjay/shared/protocol"
)

// Wrong passwords are counted per person and address: guessing stops, and nobody else is locked out by it.
const (
	wrongTries = 20
	// forgiveEvery gives one try back.
	forgiveEvery = 30 * time.Second
	// guarded bounds the memory: beyond it half is forgotten, whoever has to wait excepted.
	guarded = 50_000
)

type pair struct {
	user    protocol.UserID
	address string
}

// pairOf cuts an id that is none, so that it takes no more memory than others.
func pairOf(user protocol.UserID, address string) pair {
	return pair{protocol.UserID(strings.Clone(string(user[:min(len(user), 2*protocol.Limits.UserIDBytes)]))), address}
}

type tries struct {
	wrong float64
	at    time.Time
}

// guard slows down guessing.
type guard struct {
	mu   sync.Mutex // guards the field below
	seen map[pair]tries
}

func (g *guard) init() { g.seen = map[pair]tries{} }

// left returns the wrong tries still held against p.
func (t tries) left(now time.Time) float64 {
	return max(0, t.wrong-now.Sub(t.at).Seconds()/forgiveEvery.Seconds())
}

// blocked returns how many seconds p has to wait, 0 when it may try.
func (g *guard) blocked(user protocol.UserID, address string) int {
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	over := g.seen[pairOf(user, address)].left(now) - (wrongTries - 1)
	if over <= 0 {
		return 0
	}
	return int(over*forgiveEvery.Seconds()) + 1
}

func (g *guard) failed(user protocol.UserID, address string) {
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	p := pairOf(user, address)
	g.seen[p] = tries{g.seen[p].left(now) + 1, now}
	if len(g.seen) <= guarded {
		return
	}
	for k, t := range g.seen {
		if t.left(now) < 1 || len(g.seen) > guarded/2 && k != p && t.left(now) <= wrongTries-1 {
			delete(g.seen, k)
		}
	}
}

func (g *guard) passed(user protocol.UserID, address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.seen, pairOf(user, address))
}
