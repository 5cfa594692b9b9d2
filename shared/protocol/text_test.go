package protocol

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func TestTextComesBackVerbatimOrNotAtAll(t *testing.T) {
	for raw, want := range map[string]string{
		`"plain"`:               "plain",
		`""`:                    "",
		`"\uD83D\uDC4B"`:        "👋",
		`"\ud83d\udc4b!"`:       "👋!",
		`"\\ud83d"`:             `\ud83d`,
		`"\\\ud83d\udc4b"`:      `\👋`,
		`"\uD7FF\uE000"`:        "\ud7ff\ue000",
		`"\ufffd"`:              "\ufffd",
		`"12\/34 <b> &amp; \t"`: "12/34 <b> &amp; \t",
	} {
		var got Text
		if err := json.Unmarshal([]byte(raw), &got); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", raw, got, err)
		}
	}
	for _, raw := range []string{
		`"\uD83D"`, `"\uD83Dx"`, `"\uDC4B"`, `"\uDC4B\uD83D"`, `"\uD83D\uD83D"`, `"\uD83D\n"`, `"\uD83D\\uDC4B"`,
		`"a\u0000b"`, "\"\xff\"", "\"\xed\xa0\xbd\"", `7`, `null`, `["x"]`, `{}`,
	} {
		var got Text
		if err := json.Unmarshal([]byte(raw), &got); err == nil {
			t.Errorf("%s: read as %q", raw, got)
		}
	}
	if n := Text("가👋e\u0301").Runes(); n != 4 {
		t.Errorf("%d code points", n)
	}
}

func TestIDsAreShortAndPlain(t *testing.T) {
	for id, want := range map[UserID]bool{
		"kim": true, "홍길동": true, "a.b-c_d@e": true, "12345678901234567890": true, "123456789012345678901": false,
		"": false, "a b": false, "a\tb": false, "a\x00": false, "a/b": false, `a"b`: false, `a\b`: false, "a\x7f": false, "\xff": false, " ": false,
		"a\u00a0b": false, "a\u3000": false, "kim\u200b": false, "\u202emik": false, "\u0085": false,
	} {
		if got := id.Valid(); got != want {
			t.Errorf("%q: %t", id, got)
		}
	}
	if RoomID("01a208a5-7f0d-7f13-b335-7dc2bf0f3cdb").Valid() != true || MessageID("").Valid() {
		t.Error("room or message ids")
	}
}

func TestANameIsOneLineAndATextShowsSomething(t *testing.T) {
	for text, line := range map[Text]bool{"": true, "김서연 (회계)": true, "👩‍💻": true, "a\nb": false, "a\u202eb": false, "a\u2066b": false, "a\u2028b": false, "a\tb": false} {
		if text.OneLine() != line {
			t.Errorf("%q", text)
		}
	}
	for text, none := range map[string]bool{"": true, " \n": true, "\u3164": true, "\u1160\u115f": true, "\ufeff\u200b": true, "\u2028": true, "ㅋ": false, "👩‍💻": false, ".": false} {
		if blank(text) != none {
			t.Errorf("%q", text)
		}
	}
}

func TestNamesAreRefusedThatAreNoLine(t *testing.T) {
	odd := Text("a\nb")
	for field, r := range map[string]interface{ Check() *Refusal }{
		"title": CreateRoom{Title: odd}, "nick": Profile{Nick: odd}, "name": EditAccount{Name: &odd},
	} {
		if bad := r.Check(); bad == nil || bad.Code != BadRequest || bad.Field != field {
			t.Errorf("%s: %v", field, bad)
		}
	}
	if bad := (RenameRoom{Room: "r", Title: odd, For: ForMe}).Check(); bad == nil || bad.Field != "title" {
		t.Error(bad)
	}
}

func TestInstantsHaveThreeDecimals(t *testing.T) {
	i := At(time.Date(2026, 1, 31, 18, 15, 0, 120_999_999, time.FixedZone("KST", 9*3600)))
	raw, err := json.Marshal(i)
	if err != nil || string(raw) != `"2026-01-31T09:15:00.120Z"` {
		t.Errorf("%s, %v", raw, err)
	}
	for raw, want := range map[string]Instant{`"2026-01-31T09:15:00.120Z"`: i, `"2026-01-31T18:15:00.12+09:00"`: i, `""`: 0} {
		var got Instant
		if err := json.Unmarshal([]byte(raw), &got); err != nil || got != want {
			t.Errorf("%s: %s, %v", raw, got, err)
		}
	}
	for _, raw := range []string{`7`, `"now"`, `"2026-01-31"`, `{}`} {
		var got Instant
		if err := json.Unmarshal([]byte(raw), &got); err == nil {
			t.Errorf("%s: read as %s", raw, got)
		}
	}
}

func TestARefusedTextIsNamedByItsField(t *testing.T) {
	for data, field := range map[string]string{
		`{"id":"m","room":"r","type":"talk","body":"\u0000"}`:     "body",
		`{"id":"m","room":"r","type":"talk","body":"\ud83d"}`:     "body",
		`{"id":"m","text":"\u0000","body":"\ud83d","room":"r"}`:   "body",
		`{"id":"m","room":"r","type":"talk","body":["\u0000"]}`:   "body",
		`{"id":"m","room":"r","type":"talk","body":"fine\u0000"}`: "body",
	} {
		_, err := ReadRequest(OpMessageSend, []byte(data))
		if r, ok := errors.AsType[*Refusal](err); !ok || r.Field != field {
			t.Errorf("%s: refused as %v, want %q named", data, err, field)
		}
	}
}

func FuzzReadAsk(f *testing.F) {
	for _, s := range []string{`{"id":1,"op":"ping"}`, `{"id":1,"op":"message.send","data":{"id":"m"}}`, "[]", "{", "\x00", `{"id":1e400}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		if ask, err := ReadAsk(frame); err == nil {
			_, err = ReadRequest(ask.Op, ask.Data)
			if CodeOf(err) == Internal {
				t.Errorf("%q: %v", frame, err)
			}
		} else if CodeOf(err) != BadRequest {
			t.Errorf("%q: %v", frame, err)
		}
	})
}

func FuzzReadRequest(f *testing.F) {
	for i := range Commands {
		f.Add(i, []byte(`{"id":"m","room":"r","body":"\ud83d\udc4b","members":["kim"],"seq":1,"idle":60}`))
		f.Add(i, []byte(`{"body":"\ud83d","title":"\u0000"}`))
	}
	f.Fuzz(func(t *testing.T, which int, data []byte) {
		line := Commands[(which%len(Commands)+len(Commands))%len(Commands)]
		request, err := ReadRequest(line.Op, data)
		if err != nil {
			if CodeOf(err) == Internal {
				t.Errorf("%s %q: %v", line.Op, data, err)
			}
			return
		}
		// What was accepted is accepted again, and says the same: nothing changes on the way to another node.
		again, err := ReadRequest(line.Op, encode(request))
		if err != nil || string(encode(again)) != string(encode(request)) {
			t.Errorf("%s %q: again %+v, %v; at first %+v", line.Op, data, again, err, request)
		}
	})
}
