package main

import (
	"runtime"
	"time"
)

// keyOverFull is the setting of the page that lets notifications come also while a window fills the screen. Without it they
// wait: slides and films are shown to others, and Windows and GNOME hold everything back by themselves then.
const keyOverFull = "overFull"

// heldAgain is how soon a system that does not call is asked whether it shows notifications again.
const heldAgain = 15 * time.Second

// hold takes over whether the system shows no notifications just now, and what the person wants of full screens.
func (a *app) hold() {
	if a.holds == nil || a.corner == nil {
		return
	}
	a.holds(a.corner.Abilities().Held, a.setting == nil || a.setting(keyOverFull) != "true")
}

// holding looks whether the screen is held just before something is decided, where nobody calls.
func (a *app) holding() {
	if runtime.GOOS != "windows" {
		return
	}
	a.hold()
	if !a.corner.Abilities().Held || a.heldEnd != nil {
		return
	}
	a.heldEnd = time.AfterFunc(heldAgain, func() {
		a.do(func() {
			a.heldEnd = nil
			a.holding()
		})
	})
}
