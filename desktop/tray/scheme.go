package main

import (
	"fmt"
	"net/url"
	"strings"

	"sendjay/shared/protocol"
)

// readLink reads a sendjay: address as it comes from a browser, a mail or a notification. Such an
// address is anybody's word: it can only name a room to show, it can never do anything.
//
//	sendjay://             shows the window
//	sendjay://room/ID      shows a room
func readLink(s string) (protocol.RoomID, error) {
	rest, ours := strings.CutPrefix(s, "sendjay://")
	if !ours {
		return "", fmt.Errorf("%q is no sendjay:// address", short(s))
	}
	rest = strings.TrimSuffix(rest, "/")
	if rest == "" {
		return "", nil
	}
	name, isRoom := strings.CutPrefix(rest, "room/")
	id, err := url.PathUnescape(name)
	room := protocol.RoomID(id)
	if !isRoom || err != nil || !room.Valid() || strings.ContainsAny(id, "?#%&") {
		return "", fmt.Errorf("%q names no room", short(s))
	}
	return room, nil
}

// roomLink is the fragment by which the page opens a room.
func roomLink(room protocol.RoomID) string {
	if room == "" {
		return ""
	}
	return "#/room/" + url.PathEscape(string(room))
}

func short(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
