package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

func TestNothingOfWhoSignedOutStaysInTheWindowsFolder(t *testing.T) {
	h := build(t)
	h.serve("kim", "lee")
	h.env = append(h.env, "IMPATIENT=yes") // the window is closed at once
	h.start("--server", h.server, "--window-idle-exit", "0")
	i := h.host.Item()
	link, _ := strings.CutPrefix(h.awaitLine("load ", 1), "load ")
	page := h.open(link)
	page.call("POST", "/api/v1/auth/login", protocol.Login{UserID: "kim", Password: "password-kim", Device: protocol.Web}, nil)
	h.looks(i, icon.Status{})
	h.awaitLine("quit", 1)
	kept := filepath.Join(windowData(h.profile()), "databases", "copy")
	if err := os.MkdirAll(filepath.Dir(kept), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, []byte("what kim read"), 0o600); err != nil {
		t.Fatal(err)
	}
	page.call("POST", "/api/v1/auth/logout", struct{}{}, nil)
	h.await("the window's folder to be empty", func() bool {
		_, err := os.Stat(kept)
		return os.IsNotExist(err)
	})
}
