//go:build !linux && !windows

package main

import (
	"fyne.io/systray"

	"sendjay/desktop/tray/icon"
)

func setIcon(s icon.Status) { systray.SetIcon(icon.PNG(icon.Draw(s, icon.Size))) }
