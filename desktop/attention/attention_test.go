package attention

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/shared/protocol"
)

// person is the system with somebody in front of it.
type person struct {
	mu    sync.Mutex
	input time.Time
	knows bool
	// called is set where the system calls.
	called bool
	looks  []time.Time
	say    func(sign)
	ready  chan struct{}
}

func (p *person) idle() (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looks = append(p.looks, time.Now())
	return time.Since(p.input), p.knows
}

func (p *person) locked() (bool, bool) { return false, false }

func (p *person) calls() bool { return p.called }

func (p *person) watch(ctx context.Context, report func(sign)) {
	p.say = report
	close(p.ready)
	<-ctx.Done()
}

func (p *person) types() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.input = time.Now()
}

func (p *person) looked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.looks)
}

// run runs a day of a monitor in synthetic time.
func run(t *testing.T, knows bool, day func(m *Monitor, p *person, last func() protocol.Attention)) {
	synctest.Test(t, func(t *testing.T) {
		p := &person{knows: knows, input: time.Now(), ready: make(chan struct{})}
		var mu sync.Mutex
		var now protocol.Attention
		m := New(Config{signs: p, Changed: func(a protocol.Attention) {
			mu.Lock()
			defer mu.Unlock()
			if a == now {
				t.Errorf("the same record twice: %+v", a)
			}
			now = a
		}})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { m.Run(ctx) })
		<-p.ready
		day(m, p, func() protocol.Attention {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return now
		})
		cancel()
		running.Wait()
	})
}

func TestTheBucketsOfIdleTimeFollowTheInput(t *testing.T) {
	run(t, true, func(_ *Monitor, p *person, last func() protocol.Attention) {
		for _, want := range []int{60, 120, 180, 180, 300, 300, 420, 420} {
			time.Sleep(61 * time.Second)
			if got := last().Idle; got != want {
				t.Errorf("idle %d, want %d", got, want)
			}
		}
		p.types()
		time.Sleep(restBetween)
		if got := last().Idle; got != 0 {
			t.Errorf("idle %d after typing", got)
		}
	})
}

func TestTheSystemIsAskedSeldom(t *testing.T) {
	run(t, true, func(m *Monitor, p *person, last func() protocol.Attention) {
		time.Sleep(8 * time.Hour)
		last()
		if n := p.looked(); n > 8*60*4+2 {
			t.Errorf("%d looks in 8 hours of absence", n)
		}
		p.mu.Lock()
		for i := 1; i < len(p.looks); i++ {
			if d := p.looks[i].Sub(p.looks[i-1]); d < restBetween {
				t.Fatalf("looks %v apart", d)
			}
		}
		p.mu.Unlock()
		m.Need(false)
		last()
		before := p.looked()
		time.Sleep(8 * time.Hour)
		last()
		if n := p.looked() - before; n > 1 {
			t.Errorf("%d looks that nobody needs", n)
		}
	})
}

func TestASystemThatCallsIsNotAskedByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &person{knows: true, called: true, input: time.Now(), ready: make(chan struct{})}
		records := make(chan protocol.Attention, 16)
		m := New(Config{signs: p, Changed: func(a protocol.Attention) { records <- a }})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { m.Run(ctx) })
		<-p.ready
		synctest.Wait()
		before := p.looked()
		time.Sleep(8 * time.Hour)
		synctest.Wait()
		if n := p.looked() - before; n > 0 {
			t.Errorf("%d looks in 8 hours in which nobody called", n)
		}
		for _, c := range []struct {
			since time.Duration
			want  int
		}{{time.Minute, 60}, {2 * time.Minute, 120}, {3 * time.Minute, 180}, {5 * time.Minute, 300}, {time.Hour, 420}, {0, 0}} {
			p.mu.Lock()
			p.input = time.Now().Add(-c.since)
			p.mu.Unlock()
			p.say(inputMoved)
			synctest.Wait()
			if got := m.Now().Idle; got != c.want {
				t.Errorf("%v after the last input: idle %d, want %d", c.since, got, c.want)
			}
		}
		cancel()
		running.Wait()
	})
}

func TestALockedComputerIsNotAsked(t *testing.T) {
	run(t, true, func(_ *Monitor, p *person, last func() protocol.Attention) {
		p.say(lockedNow)
		if !last().Locked {
			t.Error("not locked")
		}
		before := p.looked()
		time.Sleep(time.Hour)
		if n := p.looked() - before; n > 0 {
			t.Errorf("%d looks at a locked computer", n)
		}
		p.types()
		p.say(unlockedNow)
		if a := last(); a.Locked || a.Idle != 0 {
			t.Errorf("after unlocking: %+v", a)
		}
	})
}

func TestASleepingComputerIsLockedAndWakesTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &person{knows: true, input: time.Now(), ready: make(chan struct{})}
		woke := 0
		m := New(Config{signs: p, Changed: func(protocol.Attention) {}, Woke: func() { woke++ }})
		for s, want := range map[sign]bool{asleep: true, awake: false} {
			m.hear(s)
			if got := m.Now().Locked; got != want {
				t.Errorf("%v: locked %v", s, got)
			}
		}
		m.hear(networkBack)
		if woke != 2 {
			t.Errorf("woke %d times", woke)
		}
	})
}

func TestTheNewestFocusedWindowCounts(t *testing.T) {
	run(t, true, func(m *Monitor, _ *person, last func() protocol.Attention) {
		m.Report(1, protocol.Attention{Room: "a", Focused: true, Idle: 180})
		m.Report(2, protocol.Attention{Room: "b", Focused: false})
		if a := last(); a.Room != "a" || !a.Focused || a.Idle != 0 {
			t.Errorf("%+v", a)
		}
		m.Report(2, protocol.Attention{Room: "b", Focused: true})
		if a := last(); a.Room != "b" {
			t.Errorf("%+v", a)
		}
		m.Report(2, protocol.Attention{Room: "b", Focused: false})
		if a := last(); a.Room != "a" {
			t.Errorf("%+v", a)
		}
		m.Gone(1)
		if a := last(); a.Room != "" || a.Focused {
			t.Errorf("%+v", a)
		}
	})
}

func TestWhereTheSystemDoesNotTellTheWindowsDo(t *testing.T) {
	run(t, false, func(m *Monitor, _ *person, last func() protocol.Attention) {
		m.Report(1, protocol.Attention{Idle: 120})
		m.Report(2, protocol.Attention{Idle: 60})
		if a := last(); a.Idle != 60 {
			t.Errorf("%+v", a)
		}
	})
}

func TestDoNotDisturbEndsByItself(t *testing.T) {
	run(t, false, func(m *Monitor, _ *person, last func() protocol.Attention) {
		m.Pause(time.Now().Add(30 * time.Minute))
		if a := last(); a.Quiet == 0 {
			t.Errorf("%+v", a)
		}
		time.Sleep(31 * time.Minute)
		if a := last(); a.Quiet != 0 {
			t.Errorf("%+v", a)
		}
	})
}

func TestAScreenIsHeldByItsSystemOrByWhoFillsItUnlessThatIsUs(t *testing.T) {
	run(t, false, func(m *Monitor, p *person, last func() protocol.Attention) {
		for _, c := range []struct {
			what string
			do   func()
			want bool
		}{
			{"the system holds", func() { m.Hold(true, true) }, true},
			{"and no longer", func() { m.Hold(false, true) }, false},
			{"a window fills the screen", func() { p.say(fullNow) }, true},
			{"the person wants to be told all the same", func() { m.Hold(false, false) }, false},
			{"or not", func() { m.Hold(false, true) }, true},
			{"the window is ours", func() { m.Report(1, protocol.Attention{Focused: true}) }, false},
			{"another one is in front", func() { m.Report(1, protocol.Attention{}) }, true},
			{"it fills the screen no more", func() { p.say(fullNoMore) }, false},
		} {
			if c.do(); last().Held != c.want {
				t.Errorf("%s: held %v", c.what, !c.want)
			}
		}
	})
}

func TestTheEndOfWhatWasHandedOutIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reported := 0
		m := New(Config{signs: &person{ready: make(chan struct{})}, Changed: func(a protocol.Attention) {
			if reported++; a.Held {
				t.Error("held is over")
			}
		}})
		m.Hold(true, true)
		if !m.Now().Held {
			t.Error("not held")
		}
		m.Hold(false, true)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { m.Run(ctx) })
		if synctest.Wait(); reported != 1 {
			t.Errorf("reported %d times", reported)
		}
		cancel()
		running.Wait()
	})
}
