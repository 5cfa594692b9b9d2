package command

import (
	"math"
	"sync"
	"time"

	"sendjay/shared/protocol"
)

// The limits per session. A person types a few messages a second at most; the bursts leave room for
// an outbox that goes up after a night offline, and for reading through many rooms.
const (
	sendsPerSecond  = 20
	sendBurst       = 200
	othersPerSecond = 50
	otherBurst      = 500
)

// Budget is what one session, or one script, may still ask. The zero value is a full one.
type Budget struct {
	mu            sync.Mutex // guards the fields below
	sends, others bucket
}

// bucket counts what was spent and not yet given back.
type bucket struct {
	spent float32
	at    int64 // milliseconds
}

// spend takes one op off the budget, or says when to come back.
func (b *Budget) spend(op protocol.Op) *protocol.Refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now().UnixMilli()
	wait := 0.0
	if op == protocol.OpMessageSend {
		wait = b.sends.take(now, sendsPerSecond, sendBurst)
	} else {
		wait = b.others.take(now, othersPerSecond, otherBurst)
	}
	if wait > 0 {
		return &protocol.Refusal{Code: protocol.RateLimited, RetryAfter: int(math.Ceil(wait))}
	}
	return nil
}

// take spends one and returns 0, or returns the seconds to wait.
func (b *bucket) take(now int64, perSecond, burst float32) float64 {
	if back := now - b.at; back > 0 {
		b.spent = max(0, b.spent-float32(back)*perSecond/1000)
	}
	b.at = now
	if b.spent+1 > burst {
		return float64((b.spent + 1 - burst) / perSecond)
	}
	b.spent++
	return 0
}
