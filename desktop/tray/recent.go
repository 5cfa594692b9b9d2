package main

import (
	"slices"

	"sendjay/shared/protocol"
)

// recentRooms is how many rooms without anything to read the menu offers.
const recentRooms = 5

// recent is in which rooms somebody spoke last, the newest first.
type recent struct {
	ids    []protocol.RoomID
	titles map[protocol.RoomID]string
}

// askRecent asks for the rooms of the person who has just come.
func (a *app) askRecent() {
	who := a.me.ID
	ask(a, "/rooms?limit=5", new(protocol.RoomsPage), func(page *protocol.RoomsPage) {
		if a.me.ID != who {
			return
		}
		a.recent = recent{titles: map[protocol.RoomID]string{}}
		for _, r := range page.Rooms {
			a.recent.ids = append(a.recent.ids, r.ID)
			a.recent.titles[r.ID] = r.Title
		}
	}, func(error) {})
}

// spoke brings a room to the front.
func (r *recent) spoke(room protocol.RoomID) {
	r.forget(room)
	r.ids = slices.Insert(r.ids, 0, room)
	r.ids = r.ids[:min(len(r.ids), 2*recentRooms)] // some of them have something to read and stand above
}

func (r *recent) forget(room protocol.RoomID) {
	r.ids = slices.DeleteFunc(r.ids, func(id protocol.RoomID) bool { return id == room })
}

// lines are the rooms for the menu: those with something to read, then the latest others.
func (a *app) lines() (all []roomLine) {
	listed := map[protocol.RoomID]bool{}
	for _, r := range a.tally.top(roomSlots) {
		listed[r.ID] = true
		all = append(all, roomLine{r.ID, a.say("tray.room", "title", oneLine(r.Title), "n", r.Unread)})
	}
	others := 0
	for _, id := range a.recent.ids {
		title := a.recent.titles[id]
		if r := a.tally.rooms[id]; r != nil {
			title = r.title
		}
		if listed[id] || title == "" || len(all) == roomSlots || others == recentRooms {
			continue
		}
		others++
		all = append(all, roomLine{id, oneLine(title)})
	}
	return all
}
