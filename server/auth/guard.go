package auth

import (
	"strings"
	"sync"
	"time"

	"sendjay/shared/protocol"
)

// Wrong passwords are counted per person and address: guessing stops, and nobody else is locked out by it.
// Several nodes tell each other of every wrong one, so that they count as one; while they cannot, each
// allows only its share of mostTries, the most that is promised for all together.
const (
	wrongTries = 20
	mostTries  = 40
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
	// nodes is among how many nodes that do not hear of each other the tries are shared; nil is one.
	nodes func() int

	mu   sync.Mutex // guards the field below
	seen map[pair]tries
}

func (g *guard) init() { g.seen = map[pair]tries{} }

// allowed is how many wrong tries in a row this node lets pass.
func (g *guard) allowed() float64 {
	if g.nodes == nil {
		return wrongTries
	}
	return float64(min(wrongTries, max(1, mostTries/max(1, g.nodes()))))
}

// left returns the wrong tries still held against p.
func (t tries) left(now time.Time) float64 {
	return max(0, t.wrong-now.Sub(t.at).Seconds()/forgiveEvery.Seconds())
}

// blocked returns how many seconds p has to wait, 0 when it may try.
func (g *guard) blocked(user protocol.UserID, address string) int {
	now, allowed := time.Now(), g.allowed()
	g.mu.Lock()
	defer g.mu.Unlock()
	over := g.seen[pairOf(user, address)].left(now) - (allowed - 1)
	if over <= 0 {
		return 0
	}
	return int(over*forgiveEvery.Seconds()) + 1
}

func (g *guard) failed(user protocol.UserID, address string) {
	now, allowed := time.Now(), g.allowed()
	g.mu.Lock()
	defer g.mu.Unlock()
	p := pairOf(user, address)
	g.seen[p] = tries{g.seen[p].left(now) + 1, now}
	if len(g.seen) <= guarded {
		return
	}
	for k, t := range g.seen {
		if t.left(now) < 1 || len(g.seen) > guarded/2 && k != p && t.left(now) <= allowed-1 {
			delete(g.seen, k)
		}
	}
}

func (g *guard) passed(user protocol.UserID, address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.seen, pairOf(user, address))
}
