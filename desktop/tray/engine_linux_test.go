package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/engine"
	"sendjay/desktop/state"
	"sendjay/shared/locale"
)

// bench is an app whose window is a script, on a computer with the engines of the test.
type bench struct {
	*desk
	pane  *pane
	calls string // what the script was told, a line each
	ends  chan error
}

var (
	evergreen = engine.Found{Kind: engine.Evergreen, Version: engine.Version{151, 0, 0, 1}, Folder: "/evergreen"}
	fixed     = engine.Found{Kind: engine.Fixed, Version: engine.Version{140, 0, 0, 1}, Folder: "/fixed"}
)

// onBench opens a profile and prepares a window that does what the script says.
func onBench(t *testing.T, profile, does string, found ...engine.Found) *bench {
	t.Helper()
	memory, err := state.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memory.Close() })
	dir := t.TempDir()
	b := &bench{desk: &desk{t: t}, calls: filepath.Join(dir, "calls"), ends: make(chan error, 16)}
	log := slog.New(slog.DiscardHandler)
	b.app = &app{
		log: log, say: locale.Of("en").Say, corner: b.desk, memory: notes{memory, log},
		loop: make(chan func(), 64), ctx: context.Background(), flaws: engine.Known(), runtimes: func() []engine.Found { return found },
	}
	program := filepath.Join(dir, "window")
	if err := os.WriteFile(program, fmt.Appendf(nil, "#!/bin/sh\necho \"$@\" >>%s\n%s\n", b.calls, does), 0o755); err != nil {
		t.Fatal(err)
	}
	b.pane = &pane{
		path: program, data: "/data", log: log, do: b.do,
		boot: func() (string, error) { return "http://127.0.0.1/", nil }, look: func() looks { return looks{theme: "light"} },
		tidy: func() {}, lonely: func() bool { return false }, seen: func(bool) {},
		broken: func(err error) { b.ends <- err }, gone: func() { b.ends <- nil },
		heard:  func(string, string) { b.ends <- nil },
		engine: b.startEngine, another: b.anotherEngine,
	}
	done := make(chan struct{})
	go func() {
		for {
			select {
			case job := <-b.loop:
				job()
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(func() {
		ended := make(chan struct{})
		b.do(func() {
			if b.pane.proc != nil {
				_ = b.pane.proc.Kill()
			}
			close(ended)
		})
		<-ended
		close(done)
	})
	return b
}

// opens shows the window and waits until it says something or is given up.
func (b *bench) opens() error {
	b.t.Helper()
	b.do(func() { b.pane.show("", "") })
	select {
	case err := <-b.ends:
		return err
	case <-time.After(30 * time.Second):
		return errors.New("nothing comes of it")
	}
}

// told returns what the windows were started with, without what they all are.
func (b *bench) told() []string {
	b.t.Helper()
	raw, err := os.ReadFile(b.calls)
	if err != nil {
		b.t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(raw)) {
		all = append(all, strings.TrimSpace(strings.ReplaceAll(line, " -theme light", "")))
	}
	return all
}

// With the evergreen it ends as one whose engine has died; with another one it says something and stays.
const fallsWithTheEvergreen = `case "$*" in *-engine*) echo here; exec cat >/dev/null ;; *) exit 4 ;; esac`

func TestAWindowThatFallsAgainAndAgainGoesOnWithAnotherEngineAlsoAfterARestart(t *testing.T) {
	profile := t.TempDir()
	b := onBench(t, profile, fallsWithTheEvergreen, evergreen, fixed)
	if err := b.opens(); err != nil {
		t.Fatal(err)
	}
	const other = "-data /data/140.0.0.1 -engine /fixed"
	if got, want := b.told(), []string{"-data /data", "-data /data", "-data /data", other}; !slices.Equal(got, want) {
		t.Errorf("started with %q, want %q", got, want)
	}
	lines := make(chan string, 1)
	b.do(func() { lines <- strings.Join(b.engineLines(), "; ") })
	if got := <-lines; !strings.Contains(got, "WebView2 140.0.0.1, fixed, /fixed: 151.0.0.1 has fallen on this computer") || !strings.Contains(got, "failed on this computer: 151.0.0.1") {
		t.Errorf("the diagnostics say %q", got)
	}
	b.memory.(notes).Close()

	b = onBench(t, profile, fallsWithTheEvergreen, evergreen, fixed)
	if err := b.opens(); err != nil || !slices.Equal(b.told(), []string{other}) {
		t.Errorf("after a restart: %q, %v", b.told(), err)
	}
	b.memory.(notes).Close()

	newer := evergreen
	newer.Version[3]++
	b = onBench(t, profile, `echo here; exec cat >/dev/null`, newer, fixed)
	if err := b.opens(); err != nil || !slices.Equal(b.told(), []string{"-data /data"}) {
		t.Errorf("with a newer evergreen: %q, %v", b.told(), err)
	}
	if len(b.shown) > 0 {
		t.Errorf("the person was told %v", b.shown)
	}
}

func TestWhereNothingIsBetterTheBrowserComesInAndThePersonIsToldOnce(t *testing.T) {
	for name, c := range map[string]struct {
		found  []engine.Found
		starts int
		told   bool
	}{
		"no choice":       {nil, 3, false},
		"one engine":      {[]engine.Found{evergreen}, 3, true},
		"both are broken": {[]engine.Found{evergreen, fixed}, 6, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := onBench(t, t.TempDir(), "echo broken >&2; exit 4", c.found...)
			for range 2 { // a later wish is a new try
				if err := b.opens(); err == nil || !strings.Contains(err.Error(), "broken") {
					t.Errorf("it ended with %v", err)
				}
			}
			if got := b.told(); len(got) != c.starts+3 {
				t.Errorf("started with %q", got)
			}
			if told := len(b.shown) == 1 && strings.Contains(b.shown[0].Body, "151.0.0.1"); told != c.told || len(b.shown) > 1 {
				t.Errorf("the person was told %v", b.shown)
			}
		})
	}
}

func TestAnEngineThatCannotBeHadIsTriedAgainBeforeItIsGivenUp(t *testing.T) {
	b := onBench(t, t.TempDir(), strings.ReplaceAll(fallsWithTheEvergreen, "exit 4", "exit 3"), evergreen, fixed)
	if err := b.opens(); err != nil || len(b.told()) != 4 {
		t.Errorf("%q, %v", b.told(), err)
	}
	none := onBench(t, t.TempDir(), "exit 3")
	if err := none.opens(); err == nil || len(none.told()) != 1 {
		t.Errorf("where there is none: %q, %v", none.told(), err)
	}
	wrong := onBench(t, t.TempDir(), "exit 2", evergreen, fixed)
	if err := wrong.opens(); err == nil || len(wrong.told()) != 1 || wrong.memory.Recall(keyFell) != "" {
		t.Errorf("a window that is told something wrong: %q, %v", wrong.told(), err)
	}
}
