package main

import (
	"fmt"
	"testing"
	"time"

	"sendjay/shared/protocol"
)

// TestTheDevicesOfAPersonAgree lives through the table of NOTIFICATIONS.md with the real tray on a real session bus, a
// real browser and the real server. Of every message each device is asked why. Each act builds on what was before.
func TestTheDevicesOfAPersonAgree(t *testing.T) {
	t.Parallel()
	d := withDevices(t)
	d.inBrowser(`rests(180)`, awayFromIt)
	d.atComputer()
	d.hushed()
	d.reworded()
	d.atBrowser()
}

// act is a part of the story; the log says where it came to.
func (d *devices) act(name string, live func()) {
	d.t.Log(time.Now().Format("05.000"), name)
	live()
}

// awayFromIt is what the browser says when nobody has used it for long.
var awayFromIt = protocol.Attention{Idle: 180}

// inFront is the script that brings a room to the front of the page.
func inFront(id protocol.RoomID) string { return fmt.Sprintf(`location.hash = "#/room/%s"`, id) }
