package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

func TestTheWebEnginesLeaveNoMoreThanTheyMay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "window")
	if err := tidyEngine(dir, 1000); err != nil {
		t.Errorf("nothing there: %v", err)
	}
	file := filepath.Join(dir, "databases", "indexeddb", "some")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		size int
		gone bool
	}{{1000, false}, {1001, true}} {
		if err := os.WriteFile(file, make([]byte, c.size), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := tidyEngine(dir, 1000); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(file); os.IsNotExist(err) != c.gone {
			t.Errorf("%d bytes: %v", c.size, err)
		}
	}
}

func TestTheEnginesCacheIsLookedAtBeforeTheFirstWindowStarts(t *testing.T) {
	dir, asked := t.TempDir(), 0
	p := &pane{
		path: filepath.Join(dir, "no such program"), data: dir, log: slog.New(slog.DiscardHandler), do: func(f func()) { f() },
		boot: func() (string, error) { return "http://127.0.0.1/", nil }, look: func() looks { return looks{} },
		lonely: func() bool { return false }, tidy: func() { asked++ }, broken: func(error) {},
	}
	p.show("", "")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	a := &app{pane: p}
	if a.engines() {
		t.Error("no window has a process")
	}
	p.proc = &os.Process{}
	if !a.engines() {
		t.Error("one has")
	}
}

func TestTheVerdictsOnTheDiskAreBounded(t *testing.T) {
	s, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SetAccount("kim"); err != nil {
		t.Fatal(err)
	}
	now, over := time.Now(), 100
	values := map[string]json.RawMessage{}
	for n := range journalMost + over {
		raw, err := json.Marshal([]protocol.Decided{{At: protocol.At(now.Add(-time.Duration(n) * time.Millisecond)), Then: "speak", Why: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		values[fmt.Sprint(n)] = raw
	}
	if err := s.PutAll(state.Verdicts, values); err != nil {
		t.Fatal(err)
	}
	j := &journal{disk: s, log: slog.New(slog.DiscardHandler)}
	if err := j.prune(now.Add(-journalLife)); err != nil {
		t.Fatal(err)
	}
	left, err := s.All(state.Verdicts)
	if err != nil || len(left) != journalMost || left["0"] == nil || left[fmt.Sprint(journalMost-1)] == nil {
		t.Errorf("%d left, %v", len(left), err)
	}
}
