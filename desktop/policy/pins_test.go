package policy

import (
	"io"
	"slices"
	"strings"
	"testing"
)

func TestPinsAreReadAsCurlTakesThem(t *testing.T) {
	a, b := strings.Repeat("A", 43)+"=", strings.Repeat("/", 42)+"8="
	for text, want := range map[string]int{
		"": 0, a: 1, a + "," + b: 2, " sha256//" + a + " , sha256/" + b + ",": 2,
		"x": -1, a[:40]: -1, a + ";" + b: -1, a + "," + "nothing": -1,
	} {
		s, err := Load([]string{"--profile", "p", "--pinned-spki", text, "--server", "https://Talk.example.com:8443"}, Source{}, io.Discard)
		if want >= 0 && (err != nil || len(s.Pins) != want) || want < 0 && (err == nil || !strings.Contains(err.Error(), "base64")) {
			t.Errorf("%q: %d pins, %v", text, len(s.Pins), err)
		}
		if want < 0 && !slices.Equal(s.Pins, Pins{{}}) {
			t.Errorf("%q lets %v in", text, s.Pins)
		}
		if s.Pinned() != "talk.example.com" {
			t.Errorf("they belong to %q", s.Pinned())
		}
	}
}
