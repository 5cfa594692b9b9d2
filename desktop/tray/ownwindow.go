package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

const (
	// maxOwn is how many rooms may have a window of their own at a time: each is a process with a web engine.
	maxOwn = 12
	// keptPlaces is of how many rooms the place of their window is remembered.
	keptPlaces = 100
	// firstOwn is the size of such a window before anybody has changed it.
	firstOwn = "480x720"
)

// keyOwn is where the places of the rooms' windows are remembered, the latest first.
const keyOwn = "window.rooms"

type roomPlace struct {
	Room  protocol.RoomID `json:"room"`
	Place string          `json:"place"`
}

// popOut opens the room's own window, or brings it to the front.
func (a *app) popOut(room protocol.RoomID) {
	p := a.own[room]
	if p == nil {
		if len(a.own) >= maxOwn {
			a.log.Info("a room gets no window of its own, there are enough", "windows", len(a.own))
			a.open(place{room: room}, "")
			return
		}
		p = a.frame(room)
		p.heard = func(word, rest string) { a.saidOwn(room, word, rest) }
		p.gone = func() { a.forgetOwn(room, p) }
		p.broken = func(why error) {
			a.forgetOwn(room, p)
			a.wanted = place{room: room}
			a.windowBroken(why)
		}
		a.own[room] = p
	}
	p.show("", "")
}

func (a *app) forgetOwn(room protocol.RoomID, p *pane) {
	if a.own[room] == p {
		delete(a.own, room)
		a.sweep()
	}
}

// saidOwn is a line of a room's window that is not about the window's own life.
func (a *app) saidOwn(room protocol.RoomID, word, rest string) {
	if word != "moved" {
		a.said(word, rest)
		return
	}
	all := slices.DeleteFunc(a.roomPlaces(), func(p roomPlace) bool { return p.Room == room })
	all = slices.Insert(all, 0, roomPlace{room, rest})
	if raw, err := json.Marshal(all[:min(len(all), keptPlaces)]); err == nil {
		a.memory.Remember(keyOwn, string(raw))
	}
}

func (a *app) roomPlaces() (all []roomPlace) {
	_ = json.Unmarshal([]byte(cmp.Or(a.memory.Recall(keyOwn), "[]")), &all) // what cannot be read is forgotten
	return all
}

// roomPlace returns where the room's window stood last.
func (a *app) roomPlace(room protocol.RoomID) string {
	for _, p := range a.roomPlaces() {
		if p.Room == room {
			return p.Place
		}
	}
	return firstOwn
}

// closeRooms ends the rooms' windows.
func (a *app) closeRooms() {
	for _, p := range a.own {
		p.quit()
	}
}

// windows says which windows there are, for diagnostics.
func (a *app) windows() string {
	all := []string{a.pane.String()}
	for _, p := range a.own {
		all = append(all, "a room's own, "+p.String())
	}
	return strings.Join(all, "; ")
}
