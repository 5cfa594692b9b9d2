//go:build !linux

package main

import "fyne.io/systray"

// runTray shows the icon until over is closed. It has to be called on the main thread.
func runTray(over <-chan struct{}, build, ready func()) {
	systray.Run(func() {
		build()
		go func() {
			ready()
			<-over
			systray.Quit()
		}()
	}, func() {})
}
