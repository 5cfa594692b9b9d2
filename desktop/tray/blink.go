package main

import (
	"time"

	"sendjay/desktop/tray/icon"
)

// keyBlink is the setting of the page that lets the icon blink while something is unread.
const keyBlink = "blink"

const (
	// blinkEvery is slow enough for the corner of the eye, and far from what harms people with epilepsy.
	blinkEvery = time.Second
	// askMotionEvery is after how many turns the system is asked again whether anything may move.
	askMotionEvery = 60
)

// blink is the icon as it changes. It costs nothing while nothing is unread, and nothing for whoever does not want it.
type blink struct {
	timer   *time.Timer // nil while it rests
	turns   int
	refused int // for how many unread messages the system wants nothing to move
}

// blank reports whether the icon of s shows only its number just now, and keeps the change going.
func (a *app) blank(s icon.Status) bool {
	b := &a.blink
	if s.Unread == 0 {
		b.refused = 0
	}
	if !a.blinks(s) {
		if b.timer != nil {
			b.timer.Stop()
		}
		b.timer, b.turns = nil, 0
		return false
	}
	if b.timer == nil {
		ask := a.moves != nil && b.turns%askMotionEvery == 0
		var t *time.Timer
		t = time.AfterFunc(blinkEvery, func() {
			may := !ask || a.moves() // the system may take its time
			a.do(func() { a.turn(t, may) })
		})
		b.timer = t
	}
	return b.turns%2 == 1
}

// blinks reports whether the icon of s is to blink. A line that is down counts nothing, a person who wants quiet is
// not to be called, and one who is away does not see it.
func (a *app) blinks(s icon.Status) bool {
	if s.Unread == 0 || s.Quiet || s.Offline || s.Unread == a.blink.refused || a.locked || a.setting == nil || a.setting(keyBlink) != "true" {
		return false
	}
	mine := a.chosen()
	return !mine.Off && !mine.Quiet
}

// turn is the next change, unless the timer was stopped meanwhile.
func (a *app) turn(t *time.Timer, may bool) {
	if a.blink.timer != t {
		return
	}
	a.blink.timer = nil
	if may {
		a.blink.turns++
		return
	}
	n, _ := a.tally.total()
	a.blink.refused = icon.Status{Unread: n}.Canonical().Unread
}
