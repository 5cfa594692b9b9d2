package protocol

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// golden reads testdata/frames, which the browser's tests read too: one file, one frame.
func golden(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/frames/*.json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(p), ".json")] = raw
	}
	return out
}

// strict decodes raw into a new value like model, refusing fields that nobody knows.
func strict(t *testing.T, raw []byte, model any) any {
	t.Helper()
	v := reflect.New(reflect.TypeOf(model))
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v.Interface()); err != nil {
		t.Fatalf("%T: %v", model, err)
	}
	return v.Elem().Interface()
}

// same compares a frame with its golden file, byte for byte but for white space.
func same(t *testing.T, got, golden []byte) {
	t.Helper()
	var want bytes.Buffer
	if err := json.Compact(&want, golden); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("encodes as\n%s\nwant\n%s", got, want.Bytes())
	}
}

// anyFrame is whatever stands in a golden file.
type anyFrame struct {
	ID    int64           `json:"id"`
	Op    Op              `json:"op"`
	Re    int64           `json:"re"`
	Ev    EventName       `json:"ev"`
	Room  RoomID          `json:"room"`
	Rev   Rev             `json:"rev"`
	Since *Rev            `json:"since"`
	Data  json.RawMessage `json:"data"`
	Error *Fault          `json:"error"`
}

func TestEveryWordHasAGoldenFrame(t *testing.T) {
	files := golden(t)
	want := map[string]bool{"answer.refused": true, "answer.unreadable": true, "push.message.new.invite": true, "push.message.new.file": true}
	for _, c := range Commands {
		want["ask."+string(c.Op)], want["answer."+string(c.Op)] = true, true
	}
	for _, e := range Events {
		want["push."+string(e.Name)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if files[name] == nil {
			t.Errorf("testdata/frames/%s.json is missing", name)
		}
	}
	for name := range files {
		if !want[name] {
			t.Errorf("testdata/frames/%s.json stands for nothing", name)
		}
	}
}

func TestCommandsReadTheirGoldenFrames(t *testing.T) {
	files := golden(t)
	for _, c := range Commands {
		t.Run(string(c.Op), func(t *testing.T) {
			raw := files["ask."+string(c.Op)]
			ask, err := ReadAsk(raw)
			if err != nil || ask.Op != c.Op {
				t.Fatalf("%+v, %v", ask, err)
			}
			request, err := ReadRequest(ask.Op, ask.Data)
			if err != nil {
				t.Fatal(err)
			}
			if other := strict(t, ask.Data, c.Request); !reflect.DeepEqual(other, request) {
				t.Errorf("read as %+v, strictly as %+v", request, other)
			}
			full(t, request)
			same(t, encode(Ask{ID: ask.ID, Op: ask.Op, Data: encode(request)}), raw)

			raw = files["answer."+string(c.Op)]
			f := strict(t, raw, anyFrame{}).(anyFrame)
			same(t, Answer{Re: f.Re, Data: strict(t, f.Data, c.Reply)}.Encode(), raw)
		})
	}
}

func TestEventsReadTheirGoldenFrames(t *testing.T) {
	for name, raw := range golden(t) {
		if !strings.HasPrefix(name, "push.") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			f := strict(t, raw, anyFrame{}).(anyFrame)
			i := slices.IndexFunc(Events, func(e Event) bool { return e.Name == f.Ev })
			if i < 0 {
				t.Fatalf("no event %q", f.Ev)
			}
			if line := Events[i]; line.Room != (f.Room != "") || line.Room != (f.Rev != 0) {
				t.Errorf("room %q, rev %d; the table says room=%t", f.Room, f.Rev, line.Room)
			}
			data := strict(t, f.Data, Events[i].Data)
			if !strings.HasPrefix(name, "push.message.new") {
				full(t, data)
			}
			same(t, Push{Ev: f.Ev, Room: f.Room, Rev: f.Rev, Since: f.Since, Data: data}.Encode(), raw)
		})
	}
}

// full fails when a field of a golden frame is empty: an empty one would not show a changed name.
func full(t *testing.T, data any) {
	t.Helper()
	v := reflect.ValueOf(data)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s of the golden frame is empty", v.Type().Field(i).Name)
		}
	}
}

func TestRefusalsReadTheirGoldenFrames(t *testing.T) {
	for _, name := range []string{"answer.refused", "answer.unreadable"} {
		raw := golden(t)[name]
		f := strict(t, raw, anyFrame{}).(anyFrame)
		if f.Error == nil || f.Error.Code.Status() < 400 {
			t.Fatalf("%s: %+v", name, f.Error)
		}
		same(t, Answer{Re: f.Re, Error: f.Error, Unread: name == "answer.unreadable"}.Encode(), raw)
	}
}

func TestAClientMayCountFromZero(t *testing.T) {
	for _, a := range []Answer{{Data: Done{}}, {Data: MessageSent{ID: "m"}}, {Error: &Fault{Code: NotFound}}} {
		if got := string(a.Encode()); !strings.HasPrefix(got, `{"re":0,`) {
			t.Error(got)
		}
	}
}

func TestFramesThatAreNoCommandAreRefused(t *testing.T) {
	for _, frame := range []string{
		"", " ", "x", "null", "7", `"ping"`, "[]", "[{}]", `{"id":1`, `{"id":"one","op":"ping"}`, `{"id":1.5,"op":"ping"}`,
		`{"id":1,"op":7}`, `{"id":1,"op":"ping"}{}`, "\x00", strings.Repeat("[", 100), `{"id":9223372036854775808,"op":"ping"}`,
	} {
		if _, err := ReadAsk([]byte(frame)); CodeOf(err) != BadRequest {
			t.Errorf("%q: %v", frame, err)
		}
	}
	if _, err := ReadAsk([]byte("\r\n\t {\"id\":1,\"op\":\"ping\",\"new\":[1]} ")); err != nil {
		t.Errorf("white space and unknown fields do no harm: %v", err)
	}
}

func TestRequestsAreCheckedFieldByField(t *testing.T) {
	long := strings.Repeat("x", Limits.IDBytes+1)
	for _, c := range []struct {
		op    Op
		data  string
		code  Code
		field string
	}{
		{"no.such", `{}`, UnknownOp, ""},
		{OpPing, ``, "", ""},
		{OpPing, `[]`, BadRequest, "data"},
		{OpMessageSend, ``, BadRequest, "id"},
		{OpMessageSend, `null`, BadRequest, "data"},
		{OpMessageSend, `{"id":"m","room":"r","body":"x"}`, "", ""},
		{OpMessageSend, `{"id":"m","room":"r","body":"x","extra":1}`, "", ""},
		{OpMessageSend, `{"id":7,"room":"r","body":"x"}`, BadRequest, "id"},
		{OpMessageSend, `{"id":"` + long + `","room":"r","body":"x"}`, BadRequest, "id"},
		{OpMessageSend, `{"id":"m","room":"","body":"x"}`, BadRequest, "room"},
		{OpMessageSend, `{"id":"m","room":"r","body":" \u3000\n"}`, BadRequest, "body"},
		{OpMessageSend, `{"id":"m","room":"r","body":"x","type":"leave"}`, BadRequest, "type"},
		{OpMessageSend, `{"id":"m","room":"r","body":"x","reply":"a b"}`, BadRequest, "reply"},
		{OpMessageSend, `{"id":"m","room":"r","body":"` + strings.Repeat("가", Limits.TextRunes) + `"}`, "", ""},
		{OpMessageSend, `{"id":"m","room":"r","body":"` + strings.Repeat("가", Limits.TextRunes+1) + `"}`, TooLarge, "body"},
		{OpMessageSend, `{"id":"m","room":"r","type":"file","file":"f"}`, "", ""},
		{OpMessageSend, `{"id":"m","room":"r","type":"talk","file":"f","body":"x"}`, BadRequest, "type"},
		{OpMessageSend, `{"id":"m","room":"r","type":"file","body":"x"}`, BadRequest, "type"},
		{OpMessageSend, `{"id":"m","room":"r","file":"../f"}`, BadRequest, "file"},
		{OpMessageRead, `{"room":"r","seq":-1}`, BadRequest, "seq"},
		{OpMessageRead, `{"room":"r","seq":1.5}`, BadRequest, "seq"},
		{OpMessageRead, `{"room":"r","seq":0}`, "", ""},
		{OpRoomCreate, `{"members":"kim"}`, BadRequest, "members"},
		{OpRoomCreate, `{"members":["a b"]}`, BadRequest, "members"},
		{OpRoomCreate, `{"members":[]}`, "", ""},
		{OpRoomCreate, `{"members":["kim"],"title":"` + strings.Repeat("x", Limits.TitleRunes+1) + `"}`, TooLarge, "title"},
		{OpRoomInvite, `{"room":"r","members":[]}`, BadRequest, "members"},
		{OpRoomKick, `{"room":"r"}`, BadRequest, "user"},
		{OpMessageCancel, `{"room":"r"}`, BadRequest, "id"},
		{OpAttention, `{"idle":61}`, BadRequest, "idle"},
		{OpAttention, `{"room":"","idle":180,"quiet":""}`, "", ""},
		{OpAttention, `{"quiet":"tomorrow"}`, BadRequest, ""},
	} {
		_, err := ReadRequest(c.op, []byte(c.data))
		var field string
		if r, ok := err.(*Refusal); ok {
			field = r.Field
		}
		if CodeOf(err) != c.code || field != c.field {
			t.Errorf("%s %.80s: %v, want %s %s", c.op, c.data, err, c.code, c.field)
		}
	}
}
