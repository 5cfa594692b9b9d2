package toast

import (
	"encoding/xml"
	"strings"
	"testing"
	"testing/quick"

	"sendjay/shared/protocol"
)

// read is what Windows makes of a document.
type read struct {
	Launch   string `xml:"launch,attr"`
	Duration string `xml:"duration,attr"`
	Scenario string `xml:"scenario,attr"`
	Actions  []struct {
		Kind      string `xml:"activationType,attr"`
		Content   string `xml:"content,attr"`
		Arguments string `xml:"arguments,attr"`
	} `xml:"actions>action"`
	Kind   string `xml:"activationType,attr"`
	Visual struct {
		Binding struct {
			Template string   `xml:"template,attr"`
			Text     []string `xml:"text"`
		} `xml:"binding"`
	} `xml:"visual"`
	Audio struct {
		Src    string `xml:"src,attr"`
		Silent bool   `xml:"silent,attr"`
	} `xml:"audio"`
}

func readDocument(t *testing.T, of Toast) (r read) {
	t.Helper()
	if err := xml.Unmarshal([]byte(document(of, `Open "it"`)), &r); err != nil {
		t.Fatalf("%v: %s", err, document(of, ""))
	}
	return r
}

func TestADocumentSaysWhatAPersonWrote(t *testing.T) {
	r := readDocument(t, Toast{Room: "r1", Seq: 7, Title: `영업 "1" & <b>`, Body: "a < b\n\"'</text>", Sound: "bell"})
	if r.Launch != "sendjay://message/r1/7" || r.Kind != "protocol" || r.Visual.Binding.Template != "ToastGeneric" {
		t.Errorf("%+v", r)
	}
	if got := r.Visual.Binding.Text; len(got) != 2 || got[0] != `영업 "1" & <b>` || got[1] != "a < b\n\"'</text>" {
		t.Errorf("texts %q", got)
	}
	if r.Audio.Src != "ms-winsoundevent:Notification.Reminder" || r.Audio.Silent {
		t.Errorf("audio %+v", r.Audio)
	}
	for _, quiet := range []Toast{{Room: "r1", Sound: SoundNone}, {Room: "r1", Silent: true, Sound: "soft"}} {
		if r := readDocument(t, quiet); !r.Audio.Silent {
			t.Errorf("%+v makes a sound", quiet)
		}
	}
	for room, want := range map[protocol.RoomID]string{"r1": "sendjay://room/r1", "/": "sendjay://", "/test": "sendjay://"} {
		if r := readDocument(t, Toast{Room: room}); r.Launch != want {
			t.Errorf("%s leads to %q", room, r.Launch)
		}
	}
}

func TestNoTextBreaksADocument(t *testing.T) {
	ok := func(title, body string) bool {
		r := readDocument(t, Toast{Room: "r1", Title: title, Body: body}.plain())
		return len(r.Visual.Binding.Text) == 2
	}
	if err := quick.Check(ok, nil); err != nil {
		t.Error(err)
	}
}

func TestATagIsShortAndEachRoomsOwn(t *testing.T) {
	long := protocol.RoomID(strings.Repeat("x", 200))
	if a, b := tagOf(long), tagOf(long+"y"); a == b || len(a) > 64 || tagOf(long) != a {
		t.Errorf("%q %q", a, b)
	}
}

func TestWindowsIsToldHowLongANotificationStandsThere(t *testing.T) {
	for stay, want := range map[string][2]string{"": {"", ""}, StayShort: {"short", ""}, StayLong: {"long", ""}, StayUntil: {"", "reminder"}} {
		r := readDocument(t, Toast{Room: "r1", Seq: 7, Title: "t", Stay: stay})
		if got := [2]string{r.Duration, r.Scenario}; got != want {
			t.Errorf("%q: duration and scenario are %q", stay, got)
		}
		if stay != StayUntil {
			if len(r.Actions) > 0 {
				t.Errorf("%q: buttons %+v", stay, r.Actions)
			}
			continue
		}
		// Without a button Windows takes a reminder for an ordinary notification.
		if len(r.Actions) != 2 || r.Actions[0].Arguments != r.Launch || r.Actions[0].Content != `Open "it"` || r.Actions[1].Kind != "system" || r.Actions[1].Arguments != "dismiss" {
			t.Errorf("%q: buttons %+v", stay, r.Actions)
		}
	}
}

func TestOfWhatWindowsShowsTheRestOfALostTrayIsKnown(t *testing.T) {
	shown := []Standing{{Toast: Toast{Room: "r1", Seq: 7}}, {Toast: Toast{Room: "r2", Seq: 8}}}
	still, strange := left(shown, []string{tagOf("r1"), tagOf("r3"), ""})
	if len(still) != 1 || still["r1"].Seq != 7 || len(strange) != 2 || strange[0] != tagOf("r3") {
		t.Errorf("still there %+v, strange %q", still, strange)
	}
}
