package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"sendjay/desktop/state"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

// childOf waits for the tray behind a watcher, one that is not old.
func (h *house) childOf(r *running, old int) int {
	h.t.Helper()
	found := 0
	h.await("the tray of the watcher", func() bool {
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", r.Process.Pid, r.Process.Pid))
		for pid := range strings.FieldsSeq(string(raw)) {
			if n, _ := strconv.Atoi(pid); n != old {
				found = n
			}
		}
		return found != 0
	})
	return found
}

// profile is where the trays of this house keep what they keep when nobody names another place.
func (h *house) profile() string { return filepath.Join(h.get("XDG_DATA_HOME"), "sendjay") }

// get returns what the environment of this house says.
func (h *house) get(name string) string {
	for _, e := range h.env {
		if key, value, _ := strings.Cut(e, "="); key == name {
			return value
		}
	}
	return ""
}

func TestAKilledTrayComesBackSignedInWithItsWindow(t *testing.T) {
	h := build(t)
	h.serve("kim", "lee")
	r, _, _ := h.moveIn()
	child := h.childOf(r, 0)
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	h.childOf(r, child)
	h.awaitLine("show", 2) // it was on the screen
	i := h.host.Item()
	h.looks(i, icon.Status{})
	lee := h.person("lee")
	lee.send(lee.room(), "still there?")
	h.looks(i, icon.Status{Unread: 1})
	if n := h.notes.Await(1); n.Body != "still there?" {
		t.Errorf("notification %q", n.Body)
	}
	i.Choose("Quit")
	if err := h.wait(r); err != nil {
		t.Errorf("quit: %v\n%s", err, h.stderr)
	}
}

func TestATrayEndsWithItsWatcher(t *testing.T) {
	h := build(t)
	r := h.start("--server", "http://127.0.0.1:1", "--hidden")
	h.host.Item()
	child := h.childOf(r, 0)
	if err := r.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = h.wait(r)
	h.await("the tray to end too", func() bool { return syscall.Kill(child, 0) != nil })
	second := h.start("--server", "http://127.0.0.1:1", "--hidden")
	h.host.Item()

	// The next one waits for a tray that is slow to end, and is the one that hears of further starts.
	slow := h.childOf(second, 0)
	if err := syscall.Kill(slow, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	killed := second.Process.Pid
	if err := second.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// Until then it has the lock, and a further start would knock where nobody answers.
	h.await("its watcher's end", func() bool { return syscall.Kill(killed, 0) != nil })
	second = h.start("--server", "http://127.0.0.1:1", "--hidden")
	h.await("the wait for the one before", func() bool { return strings.Contains(h.stderr.String(), "waiting for the end") })
	if err := syscall.Kill(slow, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	h.await("that one's end", func() bool { return syscall.Kill(slow, 0) != nil })
	h.host.Item()
	if err := h.wait(h.start()); err != nil {
		t.Errorf("a further start: %v\n%s", err, h.stderr)
	}
	h.awaitLine("show", 1)
	if err := second.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := h.wait(second); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, h.stderr)
	}
}

func TestADamagedProfileIsToldAndWhatWasWrittenGoesOut(t *testing.T) {
	h := build(t)
	h.serve("kim", "lee")
	r, i, _ := h.moveIn()
	lee := h.person("lee")
	room := lee.room()
	lee.send(room, "are you coming?")
	note := h.notes.Await(1)
	h.kill()
	h.looks(i, icon.Status{Offline: true, Unread: 1})
	// Reading is kept for later while the line is down.
	h.notes.Act(note.ID, "mark-read")
	h.notes.AwaitOpen(0)
	file := filepath.Join(h.profile(), "state.db")
	h.await("that to be kept", func() bool {
		raw, _ := os.ReadFile(file)
		return bytes.Contains(raw, []byte(state.Queue))
	})
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := h.wait(r); err != nil {
		t.Fatalf("%v\n%s", err, h.stderr)
	}

	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	verdict := []byte(verdictKey(room, 1))
	if !bytes.Contains(raw, verdict) {
		t.Fatal("the profile holds no verdict to spoil")
	}
	raw = regexp.MustCompile(regexp.QuoteMeta(string(verdict))+"[{\\[]").ReplaceAllLiteral(raw, append(verdict, 0xff))
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	h.kill = h.startServer()
	lee = h.person("lee")
	shown := len(h.notes.Asked())
	h.start("--server", h.server, "--hidden")
	i = h.host.Item()
	if n := h.notes.Await(shown + 1); n.Summary != "What was kept on this computer was damaged" {
		t.Errorf("told %q", n.Summary)
	}
	aside, err := filepath.Glob(file + ".damaged-*")
	if err != nil || len(aside) != 1 {
		t.Errorf("put aside: %q, %v", aside, err)
	}
	h.await("what was read to be told to the server", func() bool {
		var page protocol.MessagesPage
		lee.call("GET", "/api/v1/rooms/"+string(room)+"/messages", nil, &page)
		return len(page.Messages) == 1 && page.Messages[0].Unread == 0
	})
	h.looks(i, icon.Status{})
}

func TestTheMenuSwitchesTheStartAtSignIn(t *testing.T) {
	h := build(t)
	h.start("--server", "http://127.0.0.1:1", "--hidden")
	i := h.host.Item()
	entry := filepath.Join(h.get("XDG_CONFIG_HOME"), "autostart", "sendjay.desktop")
	i.Choose("Start at sign-in")
	h.await("the entry", func() bool {
		raw, _ := os.ReadFile(entry)
		return strings.Contains(string(raw), " --hidden")
	})
	i.Choose("Start at sign-in")
	h.await("the entry to go", func() bool {
		_, err := os.Stat(entry)
		return os.IsNotExist(err)
	})
}

func TestALinkOfTheSystemOpensTheMessageInTheRunningOne(t *testing.T) {
	h := build(t)
	// The system starts the program by its own name, which the test binary is not.
	h.start("--server", "http://127.0.0.1:1", "--hidden")
	h.host.Item()
	entry := filepath.Join(h.get("XDG_DATA_HOME"), "applications", "sendjay.desktop")
	h.await("the system to know who opens links", func() bool {
		raw, err := os.ReadFile(filepath.Join(h.get("XDG_CONFIG_HOME"), "mimeapps.list"))
		return err == nil && strings.Contains(string(raw), filepath.Base(entry))
	})
	raw, err := os.ReadFile(entry)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), self) {
		t.Errorf("links start %s", raw)
	}
	if err := os.WriteFile(entry, []byte(strings.ReplaceAll(string(raw), self, filepath.Join(h.bin, asTray))), 0o600); err != nil {
		t.Fatal(err)
	}
	open := exec.Command("gio", "open", "sendjay://message/r-1/7") // not with its output, which the program inherits
	open.Env = h.env
	if err := open.Run(); err != nil {
		t.Fatal(err)
	}
	if line := h.awaitLine("load ", 1); !strings.HasSuffix(line, "#/room/r-1/7") {
		t.Errorf("opened %q", line)
	}
}
