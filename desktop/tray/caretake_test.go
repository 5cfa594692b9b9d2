package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"sendjay/desktop/caretaker"
	"sendjay/desktop/update"
	"sendjay/shared/release"
)

// building is a computer whose programs are there for everybody, with its caretaker and somebody who has fetched a version. The
// programs are scripts, so it is no Windows.
type building struct {
	*child
	t    *testing.T
	on   bool
	asks int
}

// script is a program that calls itself version, and does what is said when it shall do more.
func script(version, does string) []byte {
	return []byte("#!/bin/sh\nif [ \"$1\" = --version ]; then echo sendjay " + version + "; exit; fi\n" + does + "\n")
}

// aBuilding is one with v1.0.0, where v1.1.0 was fetched, which does what is said.
func aBuilding(t *testing.T, does string) *building {
	t.Helper()
	public, private, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "sendjay")
	if err := os.WriteFile(program, script("v1.0.0", "exit 0"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := &building{t: t, on: true}
	care := caretaker.At(program)
	care.There = func() bool { return true }
	care.Call = h.call
	c := update.Config{
		Dir: t.TempDir(), Program: filepath.Join(program, "sendjay"), // where nobody can write
		Version: "v1.0.0", Keys: release.Keys{public}, Log: slog.New(slog.DiscardHandler), Shunned: care.Failed,
	}
	h.child = &child{self: program, log: c.Log, versions: &tenant{update.New(c), care}, renews: true}

	raw := script("v1.1.0", does)
	f, err := release.Measure("sendjay", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := release.Pack("v1.1.0", map[string][]release.File{runtime.GOOS + "/" + runtime.GOARCH: {f}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.versions.Take(manifest, minisign.Sign(private, manifest), func(release.File) (io.Reader, error) { return bytes.NewReader(raw), nil }); err != nil {
		t.Fatal(err)
	}
	return h
}

// call starts a caretaker for one conversation.
func (h *building) call(context.Context) (net.Conn, error) {
	h.asks++
	mine, theirs := net.Pipe()
	door := &oneCall{c: theirs}
	u := h.versions.Config
	u.Dir, u.Program, u.Version, u.Shunned = caretaker.Folder(h.self), h.self, h.has(), nil
	k := &caretaker.Keeper{Updates: update.New(u), On: h.on, Log: u.Log}
	over := make(chan error, 1)
	go func() { over <- k.Serve(context.Background(), door) }()
	h.t.Cleanup(func() {
		if err := <-over; err != nil {
			h.t.Error(err)
		}
	})
	return mine, nil
}

// oneCall lets one in.
type oneCall struct{ c net.Conn }

func (o *oneCall) Accept() (net.Conn, error) {
	if c := o.c; c != nil {
		o.c = nil
		return c, nil
	}
	return nil, net.ErrClosed
}
func (o *oneCall) Close() error   { return nil }
func (o *oneCall) Addr() net.Addr { return nil }

// has returns the version in place.
func (h *building) has() string {
	h.t.Helper()
	v, err := update.Calls(h.t.Context(), h.self)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func TestTheCaretakerPutsInPlaceWhatThePersonMayNot(t *testing.T) {
	h := aBuilding(t, "exit 0")
	if !h.versions.Installable() {
		t.Fatal("the person does not know of the caretaker")
	}
	if end := h.run(t.Context(), renewed); end.code != 0 || end.err != nil || h.has() != "v1.1.0" || h.versions.Trial() != "v1.1.0" {
		t.Errorf("%+v, now %s, on trial %q", end, h.has(), h.versions.Trial())
	}
	// Somebody else, who has fetched it too, just gets it.
	other := *h.child
	other.image = image{}
	other.versions = &tenant{update.New(h.versions.Config), h.versions.house}
	if end := other.run(t.Context(), renewed); end.code != 0 || h.has() != "v1.1.0" || other.versions.Balked("v1.1.0") {
		t.Errorf("%+v, now %s", end, h.has())
	}
}

func TestAVersionThatFallsIsTakenBackByTheCaretaker(t *testing.T) {
	h := aBuilding(t, "exit 7")
	if end := h.run(t.Context(), renewed); end.code != exitRenew || h.has() != "v1.0.0" || h.versions.Trial() != "" {
		t.Errorf("%+v, now %s, on trial %q", end, h.has(), h.versions.Trial())
	}
	asked := h.asks
	if end := h.run(t.Context(), renewed); end.code != 0 || end.crashed || h.has() != "v1.0.0" || h.asks != asked || h.versions.Ready() != "" {
		t.Errorf("and then %+v, now %s, asked %d times more", end, h.has(), h.asks-asked)
	}
}

func TestACaretakerThatRefusesIsNotAskedAgain(t *testing.T) {
	h := aBuilding(t, "exit 0")
	h.on = false
	for range 4 {
		if end := h.run(t.Context(), renewed); end.code != 0 || end.err != nil || h.has() != "v1.0.0" {
			t.Errorf("%+v, now %s", end, h.has())
		}
	}
	if h.asks != 1 || !h.versions.Balked("v1.1.0") {
		t.Errorf("asked %d times", h.asks)
	}
}

func TestACaretakerThatIsGoneIsLookedForAFewTimes(t *testing.T) {
	h := aBuilding(t, "exit 0")
	h.versions.house.There = func() bool { return false }
	h.versions.house.Call = func(context.Context) (net.Conn, error) { return nil, errors.New("there is none") }
	for range 5 {
		if end := h.run(t.Context(), renewed); end.code != 0 || h.has() != "v1.0.0" {
			t.Errorf("%+v, now %s", end, h.has())
		}
	}
	if !h.versions.Balked("v1.1.0") {
		t.Error("it will be tried for ever")
	}
}

func TestATrialThatNobodyCanEndJudgesNoTray(t *testing.T) {
	h := aBuilding(t, "exit 7")
	hand, err := h.versions.Hand()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.versions.house.Put(t.Context(), hand); err != nil {
		t.Fatal(err)
	}
	h.versions.house.There = func() bool { return false } // IT has switched the service off
	if h.versions.Trial() != "" {
		t.Errorf("on trial: %q", h.versions.Trial())
	}
	if end := h.run(t.Context(), renewed); end.code != 7 || h.has() != "v1.1.0" {
		t.Errorf("%+v, now %s", end, h.has())
	}
}

// A version that could not be put in place is one that the person is told of, once.
func TestWhatCannotBePutInPlaceIsToldOnce(t *testing.T) {
	onDesk(t, func(d *desk) {
		v := &stubborn{}
		d.renewal.versions, d.renewal.auto = v, true
		d.renewal.wishes = make(chan update.Wish, 4)
		ended := false
		d.quit = func() { ended = true }
		d.near.Locked = true // nobody would notice
		for range 3 {
			d.look(d.ctx, false)
			d.pass(time.Hour)
		}
		d.step(func() {
			if ended || d.renewal.newer != "v1.1.0" || len(d.shown) != 1 || !strings.Contains(d.shown[0].Title, "v1.1.0") {
				t.Errorf("ended %v, shown %+v", ended, d.shown)
			}
		})
	})
}

type stubborn struct{ told bool }

func (*stubborn) Able() bool                                 { return true }
func (*stubborn) Installable() bool                          { return true }
func (*stubborn) Look(context.Context, bool) (string, error) { return "v1.1.0", nil }
func (*stubborn) Trial() string                              { return "" }
func (*stubborn) Confirm() error                             { return nil }
func (*stubborn) How() string                                { return "" }
func (*stubborn) Balked(string) bool                         { return true }
func (s *stubborn) Told(string) bool                         { was := s.told; s.told = true; return was }

// Somebody else's tray has put another version in place, while this one runs.
func TestATrayMakesRoomForWhatOthersHavePutInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sendjay")
	lay := func(version string) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path+".new", script(version, "exit 0"), 0o755), os.Rename(path+".new", path)); err != nil {
			t.Fatal(err)
		}
	}
	lay("v1.0.0")
	for name, c := range map[string]struct {
		change, window, want bool
		shown                string
	}{
		"at a quiet moment":                          {change: true, want: true},
		"before it starts a window of another one":   {change: true, window: true, want: true, shown: "#/room/r1"},
		"but not when it is the one that lies there": {window: true},
	} {
		onDesk(t, func(d *desk) {
			d.renewal.image, d.renewal.versions = imageOf(path), &stubborn{}
			ended, started := false, false
			d.quit = func() { ended = true }
			d.pane = &pane{
				tidy: func() {},
				log:  d.log, do: d.do, older: d.roomFirst, seen: func(bool) {}, broken: func(error) {},
				boot: func() (string, error) { started = true; return "", errors.New("that is enough") },
			}
			if c.change {
				lay("v1.1.0-rc.1")
			}
			if c.window {
				d.step(func() { d.pane.show("#/room/r1", "") })
			} else {
				d.near.Locked = true
				d.look(d.ctx, false)
			}
			d.step(func() {
				if ended != c.want || d.renewal.now != c.want || started == c.want || d.kept[keyShown] != c.shown {
					t.Errorf("%s: ended %v, started a window %v, to be shown %q", name, ended, started, d.kept[keyShown])
				}
			})
		})
		lay("v1.0.0")
	}
}
