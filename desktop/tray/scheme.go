package main

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"sendjay/shared/protocol"
)

// place is what an address can name: a room, and a message in it; none for the window itself.
type place struct {
	room protocol.RoomID
	seq  protocol.Seq
}

// readLink reads a sendjay: address as it comes from a browser, a mail or a notification. Such an
// address is anybody's word: it can only name something to show, it can never do anything.
//
//	sendjay://                     shows the window
//	sendjay://room/ID              shows a room
//	sendjay://message/ROOM/NUMBER  shows a message
func readLink(s string) (place, error) {
	rest, ours := strings.CutPrefix(s, "sendjay://")
	if !ours {
		return place{}, fmt.Errorf("%q is no sendjay:// address", short(s))
	}
	rest = strings.TrimSuffix(rest, "/")
	if rest == "" {
		return place{}, nil
	}
	kind, name, _ := strings.Cut(rest, "/")
	var p place
	if kind == "message" {
		var number string
		name, number, _ = strings.Cut(name, "/")
		n, err := strconv.ParseUint(number, 10, 53)
		if err != nil || n == 0 {
			return place{}, fmt.Errorf("%q names no message", short(s))
		}
		p.seq = protocol.Seq(n)
	}
	id, err := url.PathUnescape(name)
	p.room = protocol.RoomID(id)
	if kind != "room" && kind != "message" || err != nil || !p.room.Valid() || strings.ContainsAny(id, "?#%&") {
		return place{}, fmt.Errorf("%q names no room", short(s))
	}
	return p, nil
}

// fragment is how the page is asked for it.
func (p place) fragment() string {
	switch {
	case p.room == "":
		return ""
	case p.seq > 0:
		return fmt.Sprintf("#/room/%s/%d", url.PathEscape(string(p.room)), p.seq)
	}
	return "#/room/" + url.PathEscape(string(p.room))
}

func short(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
