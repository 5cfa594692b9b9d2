//go:build !linux && !windows

package toast

import (
	"log/slog"
	"sync"

	"github.com/gen2brain/beeep"

	"sendjay/shared/protocol"
)

// Board shows notifications through beeep: they appear, but can be neither replaced, withdrawn nor
// clicked.
type Board struct {
	cfg  Config
	jobs chan Toast
	stop sync.Once
	done sync.WaitGroup
}

// New returns a board.
func New(c Config) *Board {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	beeep.AppName = "Sendjay"
	b := &Board{cfg: c, jobs: make(chan Toast, 8)}
	b.done.Go(b.run)
	return b
}

// run exists because beeep sleeps and may start a shell.
func (b *Board) run() {
	warned := false
	for t := range b.jobs {
		if err := beeep.Notify(t.Title, t.Body, b.cfg.Picture); err != nil && !warned {
			warned = true
			b.cfg.Log.Warn("no notifications can be shown; badge and icon still change", "error", err)
		}
	}
}

// Show shows t. A text that only updates an older one is left out: it would stand beside it.
func (b *Board) Show(t Toast) {
	if t.Silent {
		return
	}
	select {
	case b.jobs <- t.plain():
	default: // more than a person could read
	}
}

// Withdraw cannot be done by beeep.
func (b *Board) Withdraw(protocol.RoomID) {}

// WithdrawAll cannot be done by beeep.
func (b *Board) WithdrawAll() {}

// TakeOver finds nothing: what beeep has shown cannot be found again.
func (b *Board) TakeOver(_ []Standing, found func([]Standing)) { found(nil) }

// Abilities says what works here.
func (b *Board) Abilities() Abilities { return Abilities{Service: "beeep"} }

// Close ends the board after what was asked before.
func (b *Board) Close() {
	b.stop.Do(func() { close(b.jobs) })
	b.done.Wait()
}
