package main

import (
	"fyne.io/systray"

	"sendjay/desktop/tray/icon"
)

func setIcon(s icon.Status) { systray.SetIcon(icon.ICO(s)) }
