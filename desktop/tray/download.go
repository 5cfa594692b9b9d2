package main

import (
	"strings"

	"sendjay/desktop/toast"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// roomOfDownloads begins what stands for the room in a notification about a file. None of it is a valid room id.
const roomOfDownloads = "/download/"

// The actions of such a notification.
const (
	actOpen = "open"
	actShow = "show"
)

// brought tells of a file that is there now, unless nothing shall disturb.
func (a *app) brought(d protocol.Download) {
	if !a.quiet.IsZero() || a.mine.NotifyOff {
		return
	}
	title := "Sendjay"
	if notify.WordingOf(a.mine.HideBody || a.preview != "full", a.mine.HideSender || a.preview == "none").Body {
		title = d.Name
	}
	t := toast.Toast{Room: protocol.RoomID(roomOfDownloads + d.ID), Title: title, Body: a.say("toast.downloaded"), Sound: toast.SoundNone, Click: a.say("toast.downloaded_show")}
	if d.Opens {
		t.Actions = append(t.Actions, toast.Action{Key: actOpen, Label: a.say("toast.downloaded_open")})
	}
	t.Actions = append(t.Actions, toast.Action{Key: actShow, Label: a.say("toast.downloaded_show")})
	a.corner.Show(t)
}

// acted is an action of a notification about a file; a click shows the file in its folder.
func (a *app) acted(room protocol.RoomID, action, token string) {
	switch {
	case room != noticeRoom:
	case action == actReadAll:
		a.readAll()
		return
	default:
		a.clicked(room, 0, token)
		return
	}
	id, ours := strings.CutPrefix(string(room), roomOfDownloads)
	if !ours {
		return
	}
	do := a.loads.Reveal
	if action == actOpen {
		do = a.loads.Open
	}
	go func() {
		if err := do(id); err != nil {
			a.log.Warn("a downloaded file cannot be shown", "error", err)
		}
	}()
}
