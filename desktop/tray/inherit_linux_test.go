package main

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/desktop/state"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

// shownAndKept is a house with a tray that has shown a message, and knows it across a kill.
func shownAndKept(t *testing.T) (h *house, r *running, child int, shown sessionbus.Note, sent protocol.MessageSent) {
	t.Helper()
	h = build(t)
	h.notes.Stop()
	h.notes = h.bus.Dunst(t) // who tells of a notification nobody but who has shown it last
	h.serve("kim", "lee")
	r, _, _ = h.moveIn()
	lee := h.person("lee")
	sent = lee.send(lee.room(), "lunch?")
	shown = h.notes.Await(1)
	h.await("what is kept of it", func() bool {
		raw, err := os.ReadFile(filepath.Join(h.profile(), "state.db"))
		return err == nil && bytes.Contains(raw, []byte(state.Toasts)) // no name is there before the first value
	})
	return h, r, h.childOf(r, 0), shown, sent
}

func TestWhatAKilledTrayHasShownIsTheNextOnes(t *testing.T) {
	h, _, child, shown, _ := shownAndKept(t)
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	again := h.notes.Await(2)
	if again.ID != shown.ID || again.Body != "lunch?" || again.Hints["suppress-sound"].Value() != true {
		t.Errorf("%+v stands in the place of %+v", again, shown)
	}
	h.looks(h.host.Item(), icon.Status{Unread: 1})
	h.notes.Click(shown.ID, "token-7")
	h.awaitLine("show token-7", 1)
}

func TestWhatWasReadAfterTheTrayWasKilledIsWithdrawnByTheNext(t *testing.T) {
	h, r, child, _, sent := shownAndKept(t)
	if err := syscall.Kill(child, syscall.SIGSTOP); err != nil { // it hears nothing of what is read
		t.Fatal(err)
	}
	kim := h.person("kim")
	kim.call("POST", "/api/v1/commands/message.read", protocol.ReadMessages{Room: sent.Room, Seq: sent.Seq}, nil)
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	h.childOf(r, child)
	h.notes.AwaitOpen(0)
}
