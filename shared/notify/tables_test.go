package notify

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"sendjay/shared/protocol"
)

// cases reads one of the files that the browser's reader runs too.
func cases(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// clock reads a time of the cases. They name no zone, and the rule asks for none.
func clock(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", s, time.Local)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestQuietHoursBeginAndEndAsWritten(t *testing.T) {
	var all []struct {
		Name     string
		Hours    []protocol.QuietHours
		Holidays []protocol.Holiday
		Checks   []struct {
			At    string
			Quiet bool
			End   string
		}
	}
	cases(t, "quiet.json", &all)
	for _, c := range all {
		calendar := Calendar{c.Hours, c.Holidays}
		for _, k := range c.Checks {
			at := clock(t, k.At)
			if got := calendar.QuietAt(at); got != k.Quiet {
				t.Errorf("%s: at %s quiet is %v", c.Name, k.At, got)
			}
			if got := calendar.QuietEnd(at); !got.Equal(clock(t, k.End)) {
				t.Errorf("%s: from %s it ends at %v, want %q", c.Name, k.At, got, k.End)
			}
		}
	}
}

// In Seoul the clocks never change; where they do, quiet hours go by what the clock on the wall shows.
func TestQuietHoursFollowTheClockOnTheWall(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	hours := []protocol.QuietHours{{Days: []int{6}, From: "22:00", To: "07:00"}}
	end := Calendar{Hours: hours}.QuietEnd(time.Date(2026, 3, 28, 23, 0, 0, 0, berlin)) // the clocks go forward that night
	if want := time.Date(2026, 3, 29, 7, 0, 0, 0, berlin); !end.Equal(want) {
		t.Errorf("ends at %v, want %v", end, want)
	}
}

func TestABreakIsToldOfOnce(t *testing.T) {
	var all []struct {
		Row    int
		Name   string
		Kind   protocol.Device
		AwayMs int64
		Missed []Missed
		Want   Digest
	}
	cases(t, "missed.json", &all)
	for _, c := range all {
		if got := AfterBreak(c.Kind, time.Duration(c.AwayMs)*time.Millisecond, c.Missed); !reflect.DeepEqual(got, c.Want) {
			t.Errorf("row %d, %s: %+v, want %+v", c.Row, c.Name, got, c.Want)
		}
	}
}

func TestWhatStandsApartIsConsideredBeforeTheNewest(t *testing.T) {
	var all []struct {
		Name   string
		Missed Missed
		Last   protocol.Seq
		Want   []protocol.Seq
	}
	cases(t, "apart.json", &all)
	for _, c := range all {
		if got := c.Missed.Apart(c.Last); !slices.Equal(got, c.Want) {
			t.Errorf("%s: %v, want %v", c.Name, got, c.Want)
		}
	}
}

func TestWhatWasKeptBackIsCountedAsWritten(t *testing.T) {
	var all []struct {
		Name string
		Kept []Kept
		Want Summary
	}
	cases(t, "kept.json", &all)
	for _, c := range all {
		if got := Summarize(c.Kept); !reflect.DeepEqual(got, c.Want) {
			t.Errorf("%s: %+v, want %+v", c.Name, got, c.Want)
		}
	}
}

func TestSoundsAndWordsAreAsWritten(t *testing.T) {
	var all struct {
		Sounds []struct {
			Row  int
			Name string
			AtMs []int64
			Loud []bool
		}
		Wordings []Wording
	}
	cases(t, "said.json", &all)
	for _, c := range all.Sounds {
		standing, last := false, int64(0)
		for i, at := range c.AtMs {
			got := Loud(standing, time.Duration(at-last)*time.Millisecond)
			if got != c.Loud[i] {
				t.Errorf("row %d, %s: line %d loud is %v", c.Row, c.Name, i, got)
			}
			if standing = true; got {
				last = at
			}
		}
	}
	if !reflect.DeepEqual(all.Wordings, Wordings) {
		t.Errorf("the table %+v, the cases %+v", Wordings, all.Wordings)
	}
	for _, w := range all.Wordings {
		if got := WordingOf(w.HideBody, w.HideSender); got != w {
			t.Errorf("%+v, want %+v", got, w)
		}
	}
}
