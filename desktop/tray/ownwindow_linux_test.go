package main

import (
	"strings"
	"testing"

	"sendjay/desktop/tray/icon"
)

// The whole way with a pretended window: a page asks for a room's own window, a click on a notification of that room
// goes there and nowhere else, its place is remembered, and it ends with the sign-out.
func TestARoomGetsAWindowOfItsOwn(t *testing.T) {
	h := build(t)
	h.serve("kim", "lee")
	r, i, page := h.moveIn()
	lee := h.person("lee")
	room := lee.room()
	pop := func() { page.none("POST", "/edge/v1/window", map[string]any{"room": room}) }
	pop()
	first := h.awaitLine("window ", 2)
	if !strings.Contains(first, "-fleeting -place 480x720") {
		t.Errorf("the room's window was started with %q", first)
	}
	link, _ := strings.CutPrefix(h.awaitLine("load ", 2), "load ")
	h.awaitLine("show", 2)
	if at := h.open(link); at.first != "/?room="+string(room) {
		t.Errorf("its page is at %q", at.first)
	}

	pop() // brings it to the front
	h.awaitLine("show", 3)
	lee.send(room, "are you there?")
	h.notes.Click(h.notes.Await(1).ID, "token-9")
	h.awaitLine("show token-9", 1)
	windows := 0
	for _, line := range h.lines() {
		if strings.HasPrefix(line, "window ") {
			windows++
		}
		if strings.HasPrefix(line, "load ") && strings.Contains(line, "#/room/") {
			t.Errorf("the main window was sent to %s", line)
		}
	}
	if windows != 2 {
		t.Errorf("%d windows", windows)
	}

	page.call("POST", "/api/v1/auth/logout", map[string]any{}, nil)
	h.awaitLine("quit", 1)
	h.looks(i, icon.Status{Offline: true})
	i.Choose("Quit")
	if err := h.wait(r); err != nil {
		t.Errorf("quit: %v\n%s", err, h.stderr)
	}
	// The main window is told as well, at the end.
	h.awaitLine("quit", 2)
}
