package main

// keySweep says that the web engine still holds what it has shown of somebody who is not here any more.
const keySweep = "window.sweep"

// sweep removes what the web engine has kept, once there is a reason and no window runs. The page empties its own copy when it
// is there; but it may not be, and an emptied one lies in the file until something else is written over it.
func (a *app) sweep() {
	if a.wipe == nil || a.memory.Recall(keySweep) == "" || a.engines() {
		return
	}
	if err := a.wipe(); err != nil {
		a.log.Info("what the window kept cannot be removed yet", "error", err)
		return
	}
	a.memory.Remember(keySweep, "")
}

// forgot is told that the person signs out here: nothing of him stays, also not what was written down without a name.
func (a *app) forgot() {
	a.leaving = true
	a.forgetNotes()
}

func (a *app) forgetNotes() {
	a.memory.Remember(keyTold, "")
	a.memory.Remember(keyMine, "")
}
