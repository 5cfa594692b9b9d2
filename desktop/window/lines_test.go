package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

type asked struct{ lines []string }

func (a *asked) load(u string)     { a.lines = append(a.lines, "load "+u) }
func (a *asked) show(token string) { a.lines = append(a.lines, "show "+token) }
func (a *asked) hide()             { a.lines = append(a.lines, "hide") }
func (a *asked) title(s string)    { a.lines = append(a.lines, "title "+s) }
func (a *asked) move(p place)      { a.lines = append(a.lines, fmt.Sprint("size ", p)) }
func (a *asked) quit()             { a.lines = append(a.lines, "quit") }
func (a *asked) run()              {}

func TestTheWindowDoesWhatTheLinesSay(t *testing.T) {
	const in = "load http://127.0.0.1:7000/_boot?t=x\nshow\nshow tok\n\nnonsense\nhide\ntitle Sendjay · 3\nsize 800x600+10-20 max\nquit\nshow late\n"
	var a asked
	obey(strings.NewReader(in), &a)
	want := []string{
		"load http://127.0.0.1:7000/_boot?t=x", "show ", "show tok", "hide", "title Sendjay · 3",
		"size {800 600 10 -20 true true}", "quit",
	}
	if !slices.Equal(a.lines, want) {
		t.Errorf("got  %q\nwant %q", a.lines, want)
	}
}

func TestTheWindowQuitsWithItsStdin(t *testing.T) {
	var a asked
	obey(strings.NewReader("show"), &a)
	if !slices.Equal(a.lines, []string{"show ", "quit"}) {
		t.Errorf("got %q", a.lines)
	}
}

func TestOnlyWebAddressesAreLoaded(t *testing.T) {
	for _, bad := range []string{"", "file:///etc/passwd", "javascript:alert(1)", "http://", "//host/x", "sendjay://room/1"} {
		var a asked
		obey(strings.NewReader("load "+bad+"\n"), &a)
		if !slices.Equal(a.lines, []string{"quit"}) {
			t.Errorf("load %q led to %q", bad, a.lines)
		}
	}
}

func TestAPlaceIsReadAndKeptUsable(t *testing.T) {
	for text, want := range map[string]place{
		"800x600":          {W: 800, H: 600},
		"800x600+0+0":      {W: 800, H: 600, Fixed: true},
		"10x10+5-7":        {W: minWidth, H: minHeight, X: 5, Y: -7, Fixed: true},
		"1000x700+1+2 max": {W: 1000, H: 700, X: 1, Y: 2, Fixed: true, Max: true},
		"1000x700 max":     {W: 1000, H: 700, Max: true},
	} {
		if got, err := readPlace(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "x", "800", "99999x99999", "800x600+999999+0"} {
		if got, err := readPlace(bad); err == nil {
			t.Errorf("%q was taken for %+v", bad, got)
		}
	}
}

func TestFlagsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, bad := range [][]string{{"-theme", "pink"}, {"-accel", "fast"}, {"-place", "here"}, {"http://x/"}, {"-nothing"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}
