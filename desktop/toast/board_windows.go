package toast

import (
	"log/slog"
	"sync"

	"github.com/gen2brain/beeep"

	"sendjay/shared/protocol"
)

// Board shows notifications by the notification platform of Windows. A click opens a sendjay: address, which also
// starts the program where it does not run; so nothing is heard here. Where the platform is not there, beeep shows
// and can do nothing else.
type Board struct {
	cfg  Config
	jobs chan func(*platform)
	stop sync.Once
	done sync.WaitGroup

	mu    sync.Mutex // guards the fields below
	about Abilities
	told  bool
}

// New returns a board.
func New(c Config) *Board {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	beeep.AppName = "Sendjay"
	b := &Board{cfg: c, jobs: make(chan func(*platform), 64)}
	b.done.Go(b.run)
	return b
}

// run keeps the platform on its thread.
func (b *Board) run() {
	p, err := newPlatform()
	if err != nil {
		b.cfg.Log.Warn("notifications can only be shown, neither replaced nor withdrawn", "error", err)
		b.tell(Abilities{Service: "beeep"})
	} else {
		b.ask(p)
	}
	for job := range b.jobs {
		job(p)
	}
}

// ask finds out whether anything would be shown.
func (b *Board) ask(p *platform) {
	if p.allowed() {
		b.tell(Abilities{Service: "Windows", Withdraw: true, Click: true, Sound: true, Stay: true, Held: held()})
	} else {
		b.tell(Abilities{})
	}
}

func (b *Board) tell(now Abilities) {
	b.mu.Lock()
	changed := !b.told || b.about != now
	b.about, b.told = now, true
	b.mu.Unlock()
	if changed && b.cfg.Able != nil {
		b.cfg.Able(now)
	}
}

// Show shows t, in place of what the room showed before.
func (b *Board) Show(t Toast) {
	t = t.plain()
	b.do(func(p *platform) {
		var err error
		switch {
		case p != nil:
			b.ask(p)
			err = p.show(document(t, b.cfg.Open), tagOf(t.Room))
		case !t.Silent: // it would stand beside the one that it only updates
			if err = beeep.Notify(t.Title, t.Body, b.cfg.Picture); err != nil {
				b.tell(Abilities{})
			}
		}
		if err != nil {
			b.cfg.Log.Warn("a notification was not shown; badge and icon still change", "error", err)
		}
	})
}

// Withdraw takes the notification of room away, out of the notification centre too.
func (b *Board) Withdraw(room protocol.RoomID) {
	b.do(func(p *platform) {
		if p != nil {
			_ = p.remove(tagOf(room)) // an error means that it is gone already
		}
	})
}

// WithdrawAll takes all notifications away.
func (b *Board) WithdrawAll() {
	b.do(func(p *platform) {
		if p != nil {
			_ = p.clear()
		}
	})
}

// do hands a job over; behind a platform that hangs, what is more than the queue holds is not waited for.
func (b *Board) do(job func(*platform)) {
	select {
	case b.jobs <- job:
	default:
	}
}

// Abilities says what works here. Windows calls nobody when a presentation begins, so it is asked now.
func (b *Board) Abilities() Abilities {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.about.Held = b.about.Service != "" && held()
	return b.about
}

// Close ends the board after what was asked before.
func (b *Board) Close() {
	b.stop.Do(func() {
		close(b.jobs)
		b.done.Wait()
	})
}
