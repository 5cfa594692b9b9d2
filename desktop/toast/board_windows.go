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

	stands map[protocol.RoomID]Toast // belongs to the goroutine of run

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
	b := &Board{cfg: c, jobs: make(chan func(*platform), 64), stands: map[protocol.RoomID]Toast{}}
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
			if err = p.show(document(t, b.cfg.Open), tagOf(t.Room)); err == nil {
				b.stands[t.Room] = t
				b.tellStands()
			}
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
			if _, stood := b.stands[room]; stood {
				delete(b.stands, room)
				b.tellStands()
			}
		}
	})
}

// WithdrawAll takes all notifications away.
func (b *Board) WithdrawAll() {
	b.do(func(p *platform) {
		if p != nil {
			_ = p.clear()
			clear(b.stands)
			b.tellStands()
		}
	})
}

// TakeOver takes up what a program before this one has shown, and calls found with what of it is still there. A click needs
// nobody, so it stays as it is; what stands there and is not known any more is taken away, for nobody would ever do so.
func (b *Board) TakeOver(all []Standing, found func([]Standing)) {
	b.do(func(p *platform) {
		if p == nil {
			found(nil)
			return
		}
		tags, err := p.tags()
		if err != nil {
			b.cfg.Log.Info("what stands in the notification centre cannot be had", "error", err)
			_ = p.clear() // better than what stays for ever
		}
		still, strange := left(all, tags)
		for _, tag := range strange {
			_ = p.remove(tag)
		}
		b.stands = still
		found(b.standing())
		b.tellStands()
	})
}

func (b *Board) standing() (all []Standing) {
	for _, t := range b.stands {
		all = append(all, Standing{Toast: t})
	}
	return sorted(all)
}

// tellStands says what stands there.
func (b *Board) tellStands() {
	if b.cfg.Stands != nil {
		b.cfg.Stands(b.standing())
	}
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
