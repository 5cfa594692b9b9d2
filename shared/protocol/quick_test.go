package protocol

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// strangeTexts are what a hand-written encoder may get wrong.
var strangeTexts = []string{
	"", "text", "안녕하세요", "a\"b", `back\slash`, "line\nbreak", "tab\t", "\x00", "\x1f", "\x7f", "<b>&amp;</b>", "\u2028", "a\u2029b", "\u2027\u202a",
	"\xff", "\xe2\x80", "\xed\xa0\x80", "😀", "e\u0301", "/", "€",
}

// filled returns a value of t with something in every field.
func filled(t reflect.Type, text string, n int64) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int, reflect.Int64:
		v.SetInt(n)
	case reflect.Bool:
		v.SetBool(n%2 != 0)
	case reflect.Slice:
		if n != 0 {
			v.Set(reflect.Append(v, filled(t.Elem(), text, n)))
		}
	case reflect.Pointer:
		if n != 0 {
			v.Set(reflect.New(t.Elem()))
			v.Elem().Set(filled(t.Elem(), text, n))
		}
	case reflect.Struct:
		for i := range t.NumField() {
			v.Field(i).Set(filled(t.Field(i).Type, text, n))
		}
	}
	return v
}

func TestFramesWrittenByHandAreWhatTheyAlwaysWere(t *testing.T) {
	var base Message
	base.ID, base.Room, base.Sender, base.Type = "m", "r", "kim", Talk
	check := func(m Message, room RoomID, rev Rev, since *Rev) {
		t.Helper()
		p := Push{Ev: EvMessage, Room: room, Rev: rev, Since: since, Data: m}
		if got, want := p.Encode(), encode(p); !bytes.Equal(got, want) {
			t.Errorf("written by hand\n%s\nnot\n%s\n(a field that stands there also when it is empty: see quickMessage, quickAnswer)", got, want)
		}
		page := MessagesPage{Messages: []Message{base, m}, More: room == ""}
		if got, want := page.Encode(), encode(page); !bytes.Equal(got, want) {
			t.Errorf("written by hand\n%s\nnot\n%s", got, want)
		}
	}
	since := Rev(3)
	check(base, "r", 4, nil)
	check(base, "", 0, nil)
	check(base, "r", 4, &since)
	one := reflect.TypeFor[Message]()
	for i := range one.NumField() {
		for _, text := range strangeTexts {
			for _, n := range []int64{0, 1, -5, 1 << 52} {
				m := base
				reflect.ValueOf(&m).Elem().Field(i).Set(filled(one.Field(i).Type, text, n))
				check(m, "r", 4, nil)
			}
		}
	}
	if _, ok := quickPush(Push{Ev: EvMessage, Room: "r", Rev: 1, Data: base}); !ok {
		t.Error("an ordinary message is not written by hand")
	}
	for _, page := range []MessagesPage{{}, {Messages: []Message{}}, {Messages: []Message{}, More: true}} {
		if got, want := page.Encode(), encode(page); !bytes.Equal(got, want) {
			t.Errorf("written by hand\n%s\nnot\n%s", got, want)
		}
	}
	if _, ok := quickPage(&MessagesPage{Messages: []Message{base}}); !ok {
		t.Error("an ordinary page is not written by hand")
	}
	sent := reflect.TypeFor[MessageSent]()
	for i := range sent.NumField() {
		for _, text := range strangeTexts {
			for _, re := range []int64{0, 1, -1} {
				m := MessageSent{ID: "m", Room: "r", Seq: 1, Rev: 2, At: 1}
				reflect.ValueOf(&m).Elem().Field(i).Set(filled(sent.Field(i).Type, text, re))
				a := Answer{Re: re, Data: m}
				if got, want := a.Encode(), encode(a); !bytes.Equal(got, want) {
					t.Errorf("written by hand\n%s\nnot\n%s\n(a field that stands there also when it is empty: see quickAnswer)", got, want)
				}
			}
		}
	}
}

func TestAnInstantIsWrittenAsItsLayoutSays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	check := func(i Instant) {
		t.Helper()
		if got, want := string(i.append(nil)), `"`+i.String()+`"`; got != want {
			t.Errorf("%d is %s, not %s", i, got, want)
		}
	}
	const year = 366 * 24 * 3600 * 1000
	for _, i := range []Instant{0, -1, 1, 999, 1795693109360, -62135596800000, -62167219200000, -62167219200001, 253402300799999, 253402300800000} {
		check(i)
	}
	for range 20_000 {
		check(Instant(random.Int64N(10_000*year) - 2_000*year))
	}
}

// slowAsk and slowRequest are what encoding/json makes of a frame.
func slowAsk(frame []byte) (a Ask, err error) {
	err = json.Unmarshal(frame, &a)
	return a, err
}

func slowRequest(op Op, data []byte) (Request, error) {
	line, _ := Find(op)
	v := reflect.New(reflect.TypeOf(line.Request))
	err := json.Unmarshal(data, v.Interface())
	return v.Elem().Interface().(Request), err
}

// sameAsSlow checks that what is read by hand is what encoding/json reads.
func sameAsSlow(t *testing.T, frame []byte) (quick bool) {
	t.Helper()
	a, ok := quickAsk(frame)
	if !ok {
		return false
	}
	want, err := slowAsk(frame)
	if err != nil || a.ID != want.ID || a.Op != want.Op || !bytes.Equal(a.Data, want.Data) {
		t.Fatalf("%q is read as %+v, not as %+v, %v", frame, a, want, err)
	}
	r, ok := quickRequest(a.Op, a.Data)
	if !ok {
		return true
	}
	if want, err := slowRequest(a.Op, a.Data); err != nil || !reflect.DeepEqual(r, want) {
		t.Fatalf("%q is read as %#v, not as %#v, %v", frame, r, want, err)
	}
	return true
}

const (
	sendFrame = `{"id":7,"op":"message.send","data":{"id":"01a2","room":"r-1","type":"talk","body":"안녕, \u003c3"}}`
	readFrame = `{"id":8,"op":"message.read","data":{"room":"r-1","seq":12}}`
)

func TestFramesReadByHandAreReadAsEver(t *testing.T) {
	plainSend := strings.Replace(sendFrame, `\u003c3`, "<3", 1)
	for _, frame := range []string{plainSend, readFrame, `{"op":"ping","id":1}`} {
		if !sameAsSlow(t, []byte(frame)) {
			t.Errorf("%s is not read by hand", frame)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	quick := 0
	for range 200_000 {
		frame := []byte([]string{plainSend, readFrame, sendFrame}[random.IntN(3)])
		for range 1 + random.IntN(2) {
			at := random.IntN(len(frame))
			bit := []string{`"`, `\`, `{`, `}`, `,`, `:`, `0`, `1`, `-`, `e`, `.`, ` `, "\x00", "\xff", "null", `"id":1,`, "[", "]", "true", `"seq":2`, "D", ""}[random.IntN(22)]
			frame = append(append(append([]byte{}, frame[:at]...), bit...), frame[min(len(frame), at+random.IntN(3)):]...)
		}
		if sameAsSlow(t, frame) {
			quick++
		}
	}
	if quick < 10_000 {
		t.Errorf("only %d frames were read by hand", quick)
	}
}

func FuzzFramesReadByHand(f *testing.F) {
	f.Add([]byte(sendFrame))
	f.Add([]byte(readFrame))
	f.Fuzz(func(t *testing.T, frame []byte) { sameAsSlow(t, frame) })
}

func BenchmarkSendFrame(b *testing.B) {
	frame := []byte(strings.Replace(sendFrame, `\u003c3`, "<3", 1))
	b.ReportAllocs()
	for b.Loop() {
		a, err := ReadAsk(frame)
		if err == nil {
			_, err = ReadRequest(a.Op, a.Data)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMessageFrame(b *testing.B) {
	m := Message{ID: "01a2", Room: "r", Seq: 1, Rev: 2, Sender: "kim", SenderName: "김", Type: Talk, Body: "내일 오전 회의 자료를 공유드립니다.", At: 1795693109360}
	b.ReportAllocs()
	for b.Loop() {
		Push{Ev: EvMessage, Room: "r", Rev: 2, Data: m}.Encode()
	}
}
