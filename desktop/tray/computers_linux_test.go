package main

import (
	"slices"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/desktop/tray/icon"
)

// TestTwoComputersOfOnePerson: the one that came last has the session and speaks, until the person takes it back.
func TestTwoComputersOfOnePerson(t *testing.T) {
	one := build(t)
	one.serve("kim", "lee")
	_, first, page := one.moveIn()
	two := build(t)
	two.server = one.server
	_, second, _ := two.moveIn()
	first.Await("the first to know", func() bool { return strings.Contains(first.Tooltip(), "in use on another computer") })
	lee := one.person("lee")
	room := lee.room()
	lee.send(room, "to the second")
	two.notes.Await(1)
	two.looks(second, icon.Status{Unread: 1})
	page.none("POST", "/edge/v1/use", nil)
	second.Await("the second to know", func() bool { return strings.Contains(second.Tooltip(), "in use on another computer") })
	one.looks(first, icon.Status{Unread: 1})
	lee.send(room, "to the first")
	one.looks(first, icon.Status{Unread: 2})
	one.await("the first to tell of both as one", func() bool {
		return slices.ContainsFunc(one.notes.Open(), func(n sessionbus.Note) bool { return n.Body == "to the first" })
	})
	if asked := two.notes.Asked(); len(asked) != 1 {
		t.Errorf("the second one spoke again: %+v", asked)
	}
}
