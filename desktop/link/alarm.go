package link

import "time"

// alarm rings once after a while. A stray ring is possible: whoever hears it looks at the clock.
type alarm interface {
	rings() <-chan struct{}
	// set lets it ring after d, and at no other time that was set before.
	set(d time.Duration)
	// stop ends it for good.
	stop()
}

// clockAlarm is a timer of the runtime.
type clockAlarm struct {
	bell  chan struct{}
	timer *time.Timer
}

func newClockAlarm() *clockAlarm {
	a := &clockAlarm{bell: make(chan struct{}, 1)}
	a.timer = time.AfterFunc(time.Hour, func() {
		select {
		case a.bell <- struct{}{}:
		default:
		}
	})
	return a
}

func (a *clockAlarm) rings() <-chan struct{} { return a.bell }

func (a *clockAlarm) set(d time.Duration) { a.timer.Reset(d) }

func (a *clockAlarm) stop() { a.timer.Stop() }
