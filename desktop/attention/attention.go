// Package attention is what this device knows of the person in front of it: the room in front of a
// focused window, the time since the last input, whether the computer is locked or asleep.
// It knows windows' reports and the system's signs; it does not know what follows from them.
//
// Where the system calls when somebody goes or comes back, it is not asked by the clock. Elsewhere it is asked at most once
// in 15 seconds, and not at all while the computer is locked or nobody needs to know.
package attention

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sendjay/shared/protocol"
)

// restBetween is the least time between two looks at the clock of inputs that nobody asked for.
const restBetween = 15 * time.Second

// freshFor is how long a look counts as new.
const freshFor = time.Second

// signs is what a system can tell. Each system has its own; see signs_*.go.
type signs interface {
	// idle returns the time since the last input, false when that cannot be known.
	idle() (time.Duration, bool)
	// locked returns whether the computer is locked, false when only signals tell.
	locked() (locked, known bool)
	// calls reports whether watch tells when idle passes one of ages, and when somebody is back after that.
	calls() bool
	// watch reports changes until ctx ends.
	watch(ctx context.Context, report func(sign))
}

// sign is something the system said.
type sign int

const (
	lockedNow sign = iota
	unlockedNow
	asleep
	awake
	networkBack
	proxyMoved
	inputMoved // somebody is away for one of ages by now, or is back
	fullNow    // the window in front fills the screen
	fullNoMore
)

// Config sets up a Monitor. Changed is needed.
type Config struct {
	// Changed is called with every new record, from one goroutine.
	Changed func(protocol.Attention)
	// Woke is called when the computer wakes up, finds its network again, or is told of another proxy.
	Woke func()
	Log  *slog.Logger

	signs signs // for tests
}

// Monitor merges what windows and system say into the device's one record.
type Monitor struct {
	Config
	poke chan struct{}

	mu      sync.Mutex // guards the fields below
	windows map[int64]seen
	reports int64
	quiet   time.Time
	unable  bool
	shut    bool // locked
	asleep  bool
	full    bool // the window in front fills the screen
	held    bool // the system shows no notifications
	byFull  bool // full counts as held
	needed  bool
	input   time.Time // of the last input, as of looked
	knows   bool      // whether the system tells about inputs
	calls   bool      // whether it calls when the age of the last input begins to count
	tells   bool      // whether it tells about the lock when asked
	looked  time.Time
	last    protocol.Attention
	owed    bool // it was handed out, and not reported yet
}

type seen struct {
	protocol.Attention
	at int64
}

// New returns a Monitor. The record is needed until Need says otherwise.
func New(c Config) *Monitor {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "attention")
	if c.signs == nil {
		c.signs = systemSigns(c.Log)
	}
	return &Monitor{Config: c, poke: make(chan struct{}, 1), windows: map[int64]seen{}, needed: true}
}

// Report takes what a window says. Its Idle counts only where the system cannot tell; Locked and Quiet never do.
func (m *Monitor) Report(window int64, a protocol.Attention) {
	m.mu.Lock()
	m.reports++
	m.windows[window] = seen{a, m.reports}
	m.mu.Unlock()
	m.wake()
}

// Gone forgets a window.
func (m *Monitor) Gone(window int64) {
	m.mu.Lock()
	delete(m.windows, window)
	m.mu.Unlock()
	m.wake()
}

// Pause sets the end of do-not-disturb, the zero time for none.
func (m *Monitor) Pause(until time.Time) {
	m.mu.Lock()
	m.quiet = until
	m.mu.Unlock()
	m.wake()
}

// Unable says whether notifications cannot be shown here.
func (m *Monitor) Unable(is bool) {
	m.mu.Lock()
	m.unable = is
	m.mu.Unlock()
	m.wake()
}

// Hold says whether the system shows no notifications, and whether a window that fills the screen counts as that. One of
// our own does not: whoever looks at it shall be told there.
func (m *Monitor) Hold(bySystem, byFull bool) {
	m.mu.Lock()
	m.held, m.byFull = bySystem, byFull
	m.mu.Unlock()
	m.wake()
}

// Need says whether somebody wants to know: the server, while the line is up.
func (m *Monitor) Need(needed bool) {
	m.mu.Lock()
	m.needed = needed
	m.mu.Unlock()
	m.wake()
}

// Now returns the record of this moment.
func (m *Monitor) Now() protocol.Attention {
	m.look(freshFor)
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.record(time.Now())
	if a != m.last {
		// Who asks a counter may keep its alarm from going off. And what was decided by this record shall be followed by its
		// end, also when that comes before the record was reported.
		m.last, m.owed = a, true
		m.wake()
	}
	return a
}

func (m *Monitor) wake() {
	select {
	case m.poke <- struct{}{}:
	default:
	}
}

// look asks the system about inputs, unless it was asked within the last moment.
func (m *Monitor) look(unless time.Duration) {
	m.mu.Lock()
	if m.asleep || time.Since(m.looked) < unless {
		m.mu.Unlock()
		return
	}
	m.looked = time.Now()
	m.mu.Unlock()
	since, known := m.signs.idle()
	calls := m.signs.calls()
	shut, tells := m.signs.locked()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.input, m.knows, m.calls = time.Now().Add(-since), known, calls
	if m.tells = tells; tells {
		m.shut = shut
	}
}

// record makes the record; m.mu is held.
func (m *Monitor) record(now time.Time) protocol.Attention {
	a := protocol.Attention{Locked: m.shut || m.asleep, Unable: m.unable}
	if now.Before(m.quiet) {
		a.Quiet = protocol.At(m.quiet)
	}
	newest, idle := int64(0), -1
	for _, w := range m.windows {
		if w.Focused && w.at > newest {
			newest, a.Room, a.Focused = w.at, w.Room, true
		}
		if idle < 0 || w.Idle < idle {
			idle = w.Idle
		}
	}
	a.Held = m.held || m.full && m.byFull && !a.Focused
	switch {
	case m.knows:
		a.Idle = bucket(now.Sub(m.input))
	case idle > 0:
		a.Idle = idle
	}
	return a
}

// buckets are the ages of the last input that count, in seconds.
var buckets = []int{420, 300, 180, 120, 60, 0}

// ages are those at which it becomes another one, the first one first.
func ages() (all []time.Duration) {
	for _, b := range slices.Backward(buckets) {
		if b > 0 {
			all = append(all, time.Duration(b)*time.Second)
		}
	}
	return all
}

func bucket(d time.Duration) int {
	for _, b := range buckets {
		if d >= time.Duration(b)*time.Second {
			return b
		}
	}
	return 0
}

// Run reports changes until ctx ends.
func (m *Monitor) Run(ctx context.Context) {
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { m.signs.watch(ctx, m.hear) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.poke:
		case <-timer.C:
		}
		m.look(freshFor)
		m.mu.Lock()
		now := time.Now()
		a := m.record(now)
		changed := a != m.last || m.owed
		m.last, m.owed = a, false
		wait := m.rest(now)
		m.mu.Unlock()
		if wait > 0 {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
		if changed {
			m.Changed(a)
		}
	}
}

// rest returns when to look again, 0 for not by ourselves; m.mu is held.
func (m *Monitor) rest(now time.Time) time.Duration {
	wait := time.Duration(0)
	if m.needed && !m.asleep && (m.knows && !m.calls || m.tells) && (!m.shut || m.tells) {
		wait = restBetween
		if since := now.Sub(m.input); m.knows && since < 60*time.Second && !m.shut {
			wait = max(60*time.Second-since, restBetween)
		}
	}
	if now.Before(m.quiet) && (wait == 0 || m.quiet.Sub(now) < wait) {
		wait = m.quiet.Sub(now) + time.Millisecond
	}
	return wait
}

// hear takes a sign of the system.
func (m *Monitor) hear(s sign) {
	m.mu.Lock()
	switch s {
	case lockedNow:
		m.shut = true
	case unlockedNow:
		m.shut = false
		m.looked = time.Time{}
	case asleep:
		m.asleep = true
	case awake:
		m.asleep = false
		m.looked = time.Time{}
	case inputMoved:
		m.looked = time.Time{}
	case fullNow, fullNoMore:
		m.full = s == fullNow
	case networkBack, proxyMoved:
	}
	m.mu.Unlock()
	m.wake()
	if (s == awake || s == networkBack || s == proxyMoved) && m.Woke != nil {
		m.Woke()
	}
}
