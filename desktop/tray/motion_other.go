//go:build !linux && !windows

package main

// moves reports whether the person lets things move on this system. macOS tells it in the settings of the display,
// which only a program with windows of its own hears.
func moves() bool { return true }
