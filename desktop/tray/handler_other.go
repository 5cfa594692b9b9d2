//go:build !windows

package main

import "log/slog"

// handleLinks has nothing to do here: the package says who opens sendjay: addresses.
func handleLinks(*slog.Logger) {}
