//go:build !windows

package main

import "sendjay/desktop/engine"

// foundEngines finds none: the web engine is the system's own part here.
func foundEngines(string) []engine.Found { return nil }
