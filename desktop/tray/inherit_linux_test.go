package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

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
	h.await("what is kept of it", h.keepsStanding)
	return h, r, h.childOf(r, 0), shown, sent
}

// keepsStanding reports whether it is on the disk for good what stands there. The tray has the file to itself, so a copy is
// looked at.
func (h *house) keepsStanding() (kept bool) {
	raw, err := os.ReadFile(filepath.Join(h.profile(), "state.db"))
	if err != nil {
		return false
	}
	at := filepath.Join(h.t.TempDir(), "copy.db")
	if err := os.WriteFile(at, raw, 0o600); err != nil {
		h.t.Fatal(err)
	}
	db, err := bbolt.Open(at, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		return false // copied in the middle of a change
	}
	defer func() { _ = db.Close() }()
	_ = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, account *bbolt.Bucket) error {
			in := account.Bucket([]byte(state.Toasts))
			kept = kept || in != nil && in.Get([]byte(keyStanding)) != nil
			return nil
		})
	})
	return kept
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
