package main

import "fyne.io/systray"

// runTray shows the icon until over is closed, after which nobody may change it: the library panics
// when it is asked to without its connection. ready runs once everything can be changed: started step by
// step, because what is set while the library puts itself on the bus would be lost.
func runTray(over <-chan struct{}, build, ready func()) {
	built := make(chan struct{})
	start, end := systray.RunWithExternalLoop(func() { build(); close(built) }, func() {})
	start()
	<-built
	ready()
	<-over
	end()
}
