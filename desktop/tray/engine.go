package main

import (
	"path/filepath"

	"sendjay/desktop/engine"
	"sendjay/desktop/toast"
)

// chooseEngine says which web engine a window would start with now.
func (a *app) chooseEngine() engine.Choice {
	if a.runtimes == nil {
		return engine.Choice{}
	}
	return engine.Choose(a.runtimes(), a.flaws, engine.ReadFell(a.memory.Recall(keyFell)))
}

// startEngine chooses for a window that is about to start. What speaks against the engine the person hears once of each
// version.
func (a *app) startEngine() engine.Choice {
	c := a.chooseEngine()
	if c.Why != "" {
		a.log.Warn("the web engine is not the one it should be", "version", c.Version, "folder", c.Folder, "why", c.Why)
	}
	if v := c.Version.String(); c.Flawed && a.memory.Recall(keyAware) != v {
		a.memory.Remember(keyAware, v)
		a.corner.Show(toast.Toast{Room: noticeRoom, Title: a.say("tray.engine_flawed"), Body: a.say("tray.engine_flawed_hint", "version", v)})
	}
	return c
}

// anotherEngine remembers that a version has failed again and again on this computer, and reports whether a window can
// go on with another one.
func (a *app) anotherEngine(failed engine.Choice) bool {
	if failed.Version == (engine.Version{}) {
		return false
	}
	fell := engine.ReadFell(a.memory.Recall(keyFell)).With(failed.Version)
	a.memory.Remember(keyFell, fell.String())
	next := a.chooseEngine()
	a.log.Error("a version of the web engine has failed here and is avoided from now on", "version", failed.Version, "folder", failed.Folder, "next", next.Version)
	return next.Version != engine.Version{} && !fell.Has(next.Version)
}

// engineLines are what the diagnostics say of it.
func (a *app) engineLines() []string {
	if a.runtimes == nil {
		return nil
	}
	var lines []string
	if c := a.chooseEngine(); c.Version != (engine.Version{}) {
		lines = append(lines, c.String())
	}
	if fell := a.memory.Recall(keyFell); fell != "" {
		lines = append(lines, "failed on this computer: "+fell)
	}
	return lines
}

// engineData is the folder of an engine's storage. No two versions may be at work in one, and an older one does not
// understand what a newer one has left there; all of them lie in the folder of the evergreen and go with it.
func engineData(dir string, c engine.Choice) string {
	if c.Version == (engine.Version{}) || c.Kind == engine.Evergreen {
		return dir
	}
	return filepath.Join(dir, c.Version.String())
}
