package main

import (
	"slices"

	"sendjay/desktop/policy"
)

// keyAtSignIn says that the person has chosen whether to start at sign-in.
const keyAtSignIn = "at sign-in"

// settle brings the system in line with what IT decided and the person chose. A profile that was named is a
// trial beside the real one, and changes nothing of the system by itself.
func (a *app) settle(s policy.Settings, as birth) {
	if as == first {
		a.windowSeen(false)
	}
	a.atStartFixed = slices.Contains(s.Locked, "Autostart") && s.AtSignIn != ""
	if a.system == nil {
		a.atStartFixed = true
		return
	}
	if s.ProfileGiven {
		a.askSystem()
		return
	}
	if err := a.system.Links(); err != nil {
		a.log.Warn("links to sendjay: do not lead here", "error", err)
	}
	if s.AtSignIn != "" && (a.atStartFixed || a.memory.Recall(keyAtSignIn) == "") {
		if err := a.system.SetAtSignIn(s.AtSignIn == "on"); err != nil {
			a.log.Warn("the start at sign-in is not as IT wants it", "want", s.AtSignIn, "error", err)
		}
	} else if on, err := a.system.AtSignIn(); err == nil && on {
		_ = a.system.SetAtSignIn(true) // the program may have moved; what cannot be changed stays
	}
	a.askSystem()
}

// askSystem notes what the system does now.
func (a *app) askSystem() {
	if a.system == nil {
		return
	}
	on, err := a.system.AtSignIn()
	if err != nil {
		a.log.Info("the system does not say whether it starts us at sign-in", "error", err)
		a.atStartFixed = true
	}
	a.atStart = on
}

// toggleAtSignIn is the person's choice.
func (a *app) toggleAtSignIn() {
	if a.atStartFixed {
		return
	}
	a.askSystem() // it may have been changed outside
	if err := a.system.SetAtSignIn(!a.atStart); err != nil {
		a.log.Warn("the start at sign-in stays as it is", "error", err)
	}
	a.memory.Remember(keyAtSignIn, "chosen")
	a.askSystem()
}
