package story

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestContractHello(t *testing.T) {
	h := newHouse(t)
	kim := h.at("kim", "web")
	d, _ := kim.hello["data"].(obj)
	server, _ := d["server"].(obj)
	user, _ := d["user"].(obj)
	if user["id"] != "kim" || d["device"] != "web" || d["session"] == nil || server["version"] == nil || server["node"] == nil || d["heartbeat"] != 25.0 {
		t.Errorf("hello: %v", kim.hello)
	}
	newer := h.at("kim", "web")
	if code := kim.ended(); code != 4001 {
		t.Errorf("the older of one kind: %d", code)
	}
	other := h.at("kim", "desktop")
	other.room("lee")
	newer.room("lee")
}

func TestContractSending(t *testing.T) {
	h := newHouse(t)
	kim, lee := h.at("kim", "web"), h.at("lee", "web")
	desk := h.at("kim", "desktop")
	stranger := h.at("stranger", "web")
	room := kim.room("lee")
	others := kim.room("park")

	id, sent := kim.say(room, "  하나\n\t<b>&amp; \u202e 👩‍👩‍👧  ")
	if sent["id"] != id || sent["room"] != room || sent["seq"] != 1.0 || sent["rev"] == nil || !stamp.MatchString(fmt.Sprint(sent["at"])) {
		t.Errorf("the reply: %v", sent)
	}
	for _, w := range []*wire{lee, desk} {
		e := w.event("message.new", room)
		m, _ := e["data"].(obj)
		if e["rev"] != sent["rev"] || m["id"] != id || m["room"] != room || m["seq"] != 1.0 || m["sender"] != "kim" || m["senderName"] != "Kim" || m["type"] != "talk" ||
			m["body"] != "  하나\n\t<b>&amp; \u202e 👩‍👩‍👧  " || m["at"] != sent["at"] || m["unread"] != 1.0 {
			t.Errorf("the event: %v", e)
		}
	}
	again := kim.must("message.send", obj{"id": id, "room": room, "type": "talk", "body": "another text"})
	if fmt.Sprint(again) != fmt.Sprint(sent) {
		t.Errorf("the same id again: %v, first %v", again, sent)
	}
	kim.denied("conflict", "message.send", obj{"id": id, "room": others, "type": "talk", "body": "x"})
	lee.denied("conflict", "message.send", obj{"id": id, "room": room, "type": "talk", "body": "x"})
	stranger.denied("not_found", "message.send", obj{"id": newID(), "room": room, "type": "talk", "body": "x"})
	for what, d := range map[string]obj{
		"empty":         {"id": newID(), "room": room, "type": "talk", "body": ""},
		"no id":         {"room": room, "type": "talk", "body": "x"},
		"a long id":     {"id": strings.Repeat("a", 200), "room": room, "type": "talk", "body": "x"},
		"a system type": {"id": newID(), "room": room, "type": "invite", "body": "x"},
		"a wrong type":  {"id": newID(), "room": room, "type": "talk", "body": 5},
		"a NUL":         {"id": newID(), "room": room, "type": "talk", "body": "a\x00b"},
	} {
		if _, code := kim.ask("message.send", d); code != "bad_request" && code != "forbidden" {
			t.Errorf("%s: %q", what, code)
		}
	}
	kim.denied("too_large", "message.send", obj{"id": newID(), "room": room, "type": "talk", "body": strings.Repeat("가", 4001)})
	kim.say(room, strings.Repeat("👍", 4000))

	// Commands of one socket take effect in order, also when nobody waits for the replies.
	for i := range 200 {
		b, err := json.Marshal(obj{"id": 10_000 + i, "op": "message.send", "data": obj{"id": newID(), "room": room, "type": "talk", "body": fmt.Sprint(i)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := kim.send(websocket.TextMessage, b); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		m, _ := lee.await("message.new", func(f obj) bool {
			d, _ := f["data"].(obj)
			return f["ev"] == "message.new" && d["body"] != strings.Repeat("👍", 4000)
		})["data"].(obj)
		if m["body"] != fmt.Sprint(i) || m["seq"] != float64(3+i) {
			t.Fatalf("message %d came as %v", i, m)
		}
	}
	h.kill()
	if got := h.call("GET", "/api/v1/rooms/"+room+"/messages?limit=1", h.login("lee", "web").access, nil); !strings.Contains(got.raw, `"seq":202`) {
		t.Errorf("after the kill: %s", got.raw)
	}
}

var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

// seqs are those of a page of messages.
func seqs(s said) []float64 {
	var out []float64
	all, _ := s.body["messages"].([]any)
	for _, m := range all {
		n, _ := m.(obj)["seq"].(float64)
		out = append(out, n)
	}
	return out
}

func TestContractLists(t *testing.T) {
	h := newHouse(t)
	tok := h.login("kim", "web").access
	kim := h.dial(tok)
	lee := h.login("lee", "web").access
	room := kim.room("lee")
	if s := h.call("GET", "/api/v1/rooms", lee, nil); strings.Contains(s.raw, room) {
		t.Errorf("a room without a message is listed for the other: %s", s.raw)
	}
	for i := range 10 {
		kim.say(room, fmt.Sprint(i))
	}
	at := "/api/v1/rooms/" + room + "/messages?"
	for q, want := range map[string]string{
		"limit=3": "[8 9 10] true", "before=4&limit=2": "[2 3] true", "before=4": "[1 2 3] false", "after=4&limit=2": "[5 6] true", "after=8": "[9 10] false", "after=10": "[] false", "before=1": "[] false",
	} {
		s := h.call("GET", at+q, lee, nil)
		if got := fmt.Sprint(seqs(s), s.body["more"]); got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
	for i := range 5 {
		kim.say(kim.room("lee", "park", []string{"choi", "stranger", "kim"}[i%3]), fmt.Sprint(i))
	}
	var ids []string
	for next := ""; ; {
		s := h.call("GET", "/api/v1/rooms?limit=2&cursor="+url.QueryEscape(next), tok, nil)
		rooms, _ := s.body["rooms"].([]any)
		if s.status != 200 || len(rooms) > 2 {
			t.Fatalf("a page: %d %s", s.status, s.raw)
		}
		for _, r := range rooms {
			ids = append(ids, fmt.Sprint(r.(obj)["id"]))
		}
		if next, _ = s.body["next"].(string); next == "" {
			break
		}
	}
	whole := h.call("GET", "/api/v1/rooms", tok, nil)
	all, _ := whole.body["rooms"].([]any)
	if len(all) != len(ids) || len(all) < 4 {
		t.Errorf("pages have %d rooms, the whole %d", len(ids), len(all))
	}
	for i, r := range all {
		if r.(obj)["id"] != ids[i] {
			t.Errorf("room %d is %v in the whole, %v in pages", i, r.(obj)["id"], ids[i])
		}
	}
	if s := h.call("GET", "/api/v1/rooms", lee, nil); !strings.Contains(s.raw, room) {
		t.Error("a room with a message is not listed for the other")
	}
	kim.denied("not_found", "room.create", obj{"members": []string{"lee", "nobody"}})
	kim.denied("too_large", "room.create", obj{"members": []string{"lee", "park", "choi", "stranger"}, "title": strings.Repeat("가", 101)})
	one := kim.must("room.create", obj{"members": []string{"park", "lee", "kim", "lee"}})
	two := h.dial(lee).must("room.create", obj{"members": []string{"kim", "park"}})
	if one["room"].(obj)["id"] != two["room"].(obj)["id"] || two["existed"] != true {
		t.Errorf("the same members: %v, %v", one, two)
	}
}

func TestContractReadingAndChanges(t *testing.T) {
	h := newHouse(t)
	tok := h.login("kim", "web").access
	kim, lee, park := h.dial(tok), h.at("lee", "web"), h.at("park", "web")
	room := kim.room("lee", "park")
	id, _ := kim.say(room, "first")
	kim.say(room, "second")
	since := func(rev any) said {
		return h.call("GET", fmt.Sprintf("/api/v1/rooms/%s/changes?since=%v", room, rev), tok, nil)
	}
	start := since(0)
	if start.body["more"] != false || len(seqs(start)) != 2 {
		t.Fatalf("changes from the start: %s", start.raw)
	}
	lee.must("message.read", obj{"room": room, "seq": 2})
	e := park.event("receipts", room)
	cursors, _ := e["data"].(obj)["cursors"].([]any)
	if len(cursors) == 0 || cursors[0].(obj)["user"] != "lee" || cursors[0].(obj)["seq"] != 2.0 || e["rev"] == nil {
		t.Errorf("receipts: %v", e)
	}
	lee.must("message.read", obj{"room": room, "seq": 1})      // backwards: nothing
	lee.must("message.read", obj{"room": room, "seq": 99_999}) // beyond: to the end
	lee.denied("bad_request", "message.read", obj{"room": room, "seq": "two"})
	h.at("stranger", "web").denied("not_found", "message.read", obj{"room": room, "seq": 1})
	page := h.call("GET", "/api/v1/rooms/"+room+"/messages", tok, nil)
	for _, m := range page.body["messages"].([]any) {
		if m.(obj)["unread"] != 1.0 {
			t.Errorf("unread beside: %v", m)
		}
	}
	now := since(start.body["rev"])
	moved, _ := now.body["cursors"].([]any)
	if len(seqs(now)) != 0 || len(moved) != 1 || moved[0].(obj)["user"] != "lee" {
		t.Errorf("changes after a receipt: %s", now.raw)
	}
	kim.must("message.cancel", obj{"room": room, "id": id})
	c := park.event("message.cancelled", room)
	if strings.Contains(fmt.Sprint(c), "first") || c["data"].(obj)["id"] != id {
		t.Errorf("cancelled: %v", c)
	}
	kim.must("message.cancel", obj{"room": room, "id": id})
	park.denied("forbidden", "message.cancel", obj{"room": room, "id": page.body["messages"].([]any)[1].(obj)["id"]})
	after := since(now.body["rev"])
	if strings.Contains(after.raw, "first") || len(seqs(after)) != 1 || after.body["messages"].([]any)[0].(obj)["cancelled"] != true {
		t.Errorf("changes after the cancel: %s", after.raw)
	}
	if s := since(9_999_999); s.status != 400 && (s.status != 200 || len(seqs(s)) != 0) {
		t.Errorf("since the future: %d %s", s.status, s.raw)
	}
	for _, path := range []string{"/api/v1/rooms", "/api/v1/rooms/" + room + "/messages", "/api/v1/rooms/" + room + "/changes?since=0", "/api/v1/search?q=first"} {
		if s := h.call("GET", path, h.login("park", "mobile").access, nil); s.status != 200 || strings.Contains(s.raw, "first") {
			t.Errorf("%s: %d %s", path, s.status, s.raw)
		}
	}
	kim.must("message.send", obj{"id": id, "room": room, "type": "talk", "body": "first"}) // again: still cancelled
	if s := since(0); strings.Contains(s.raw, `"first"`) {
		t.Errorf("sending again brought it back: %s", s.raw)
	}
	rooms := h.call("GET", "/api/v1/rooms", h.login("park", "mobile").access, nil).body["rooms"].([]any)
	if rooms[0].(obj)["unread"] != 1.0 {
		t.Errorf("park's unread without the cancelled: %v", rooms[0])
	}
}

func TestContractMembers(t *testing.T) {
	h := newHouse(t)
	kim, lee, park := h.at("kim", "web"), h.at("lee", "web"), h.at("park", "web")
	room := kim.room("lee", "park")
	kim.say(room, "before")
	lee.denied("forbidden", "room.kick", obj{"room": room, "user": "park"})
	kim.denied("forbidden", "room.kick", obj{"room": room, "user": "kim"})
	kim.denied("not_found", "room.kick", obj{"room": room, "user": "stranger"})
	h.at("stranger", "web").denied("not_found", "room.invite", obj{"room": room, "members": []string{"stranger"}})
	lee.must("room.invite", obj{"room": room, "members": []string{"choi"}})
	if m := park.await("the line", func(f obj) bool { d, _ := f["data"].(obj); return f["ev"] == "message.new" && d["type"] == "invite" }); m["rev"] == nil {
		t.Errorf("invite: %v", m)
	}
	choi := h.login("choi", "web").access
	if s := h.call("GET", "/api/v1/rooms/"+room+"/messages", choi, nil); strings.Contains(s.raw, "before") {
		t.Errorf("who came later sees what was before: %s", s.raw)
	}
	last := h.call("GET", "/api/v1/rooms/"+room+"/messages", choi, nil)
	lee.must("room.invite", obj{"room": room, "members": []string{"choi"}})
	if again := h.call("GET", "/api/v1/rooms/"+room+"/messages", choi, nil); again.raw != last.raw {
		t.Errorf("inviting again wrote a line: %s", again.raw)
	}
	kim.must("room.kick", obj{"room": room, "user": "park"})
	park.denied("not_found", "message.send", obj{"id": newID(), "room": room, "type": "talk", "body": "x"})
	lee.must("room.leave", obj{"room": room})
	if s := h.call("GET", "/api/v1/rooms/"+room+"/messages", h.login("lee", "mobile").access, nil); s.status != http.StatusNotFound {
		t.Errorf("who left reads on: %d", s.status)
	}

	pair := kim.room("lee")
	kim.say(pair, "old words")
	lee.must("room.leave", obj{"room": pair})
	_, next := kim.say(pair, "new words")
	if next["seq"] != 2.0 {
		t.Errorf("leaving a pair wrote a line: %v", next)
	}
	s := h.call("GET", "/api/v1/rooms/"+pair+"/messages", h.login("lee", "mobile").access, nil)
	if !strings.Contains(s.raw, "new words") || strings.Contains(s.raw, "old words") {
		t.Errorf("the pair came back as: %s", s.raw)
	}
}

func TestContractSearch(t *testing.T) {
	h := newHouse(t)
	tok := h.login("kim", "web").access
	kim := h.dial(tok)
	room, other := kim.room("lee"), kim.room("park")
	texts := []string{"오늘 회의실에서 만나요", "진행률 100% 달성_완료", `그는 "좋다"고 했다`, "it's 50:50"}
	for _, x := range texts {
		kim.say(room, x)
	}
	kim.say(other, "회의실 예약")
	find := func(q, in, token string) said {
		return h.call("GET", "/api/v1/search?q="+url.QueryEscape(q)+"&room="+in, token, nil)
	}
	for q, want := range map[string]string{"회의": texts[0], "의실": texts[0], "만나": texts[0], "100%": texts[1], "달성_": texts[1], `"좋다"`: texts[2], "it's": texts[3]} {
		h.eventually(q, func() bool {
			b, err := json.Marshal(want)
			return err == nil && strings.Contains(unescape(find(q, room, tok).raw), unescape(string(b)))
		})
	}
	for _, q := range []string{"%%", "__", "a' OR '1'='1", `"; DROP`} {
		if s := find(q, room, tok); s.status != 200 && s.status != 400 || strings.Contains(s.raw, "회의") {
			t.Errorf("%s: %d %s", q, s.status, s.raw)
		}
	}
	if s := find("회의", room, tok); strings.Contains(s.raw, "예약") {
		t.Errorf("another room's: %s", s.raw)
	}
	if s := find("회의", "", tok); !strings.Contains(s.raw, "예약") || !strings.Contains(s.raw, "만나요") {
		t.Errorf("all rooms: %s", s.raw)
	}
	stranger := h.login("stranger", "web").access
	if s := find("회의", "", stranger); strings.Contains(s.raw, "예약") {
		t.Errorf("a stranger finds: %s", s.raw)
	}
	h.refuses("a stranger in the room", find("회의", room, stranger), 404, "not_found")
}

// unescape reads JSON text without its escapes, so that two spellings compare.
func unescape(s string) string { return strings.NewReplacer(`\"`, `"`, `\u0026`, "&").Replace(s) }

func TestContractFrames(t *testing.T) {
	h := newHouse(t)
	kim := h.at("kim", "web")
	lost := func(text []byte) {
		t.Helper()
		if err := kim.send(websocket.TextMessage, text); err != nil {
			t.Fatal(err)
		}
		f := kim.await("an error without re", func(f obj) bool { _, re := f["re"]; return f["error"] != nil && !re })
		if (said{body: f}).code() != "bad_request" {
			t.Errorf("%.40s: %v", text, f)
		}
	}
	lost([]byte("not JSON"))
	lost([]byte(strings.Repeat("[", 100_0)))
	kim.room("lee") // the session goes on
	if _, code := kim.ask("no.such", nil); code != "unknown_op" {
		t.Errorf("an unknown op: %q", code)
	}
	frame := func(size int) []byte {
		b := []byte(`{"id":777,"op":"message.typing","data":{"room":"x"},"pad":"`)
		return append(append(b, bytes.Repeat([]byte("a"), size-len(b)-2)...), `"}`...)
	}
	if err := kim.send(websocket.TextMessage, frame(65_536)); err != nil {
		t.Fatal(err)
	}
	kim.await("the reply to 65,536 bytes", func(f obj) bool { return f["re"] == 777.0 })
	_ = kim.send(websocket.TextMessage, frame(65_537))
	kim.until("an error or 1009", func() bool {
		for _, f := range kim.frames {
			if f["error"] != nil {
				return true
			}
		}
		return kim.closed == 1009
	})
	for what, bad := range map[string]struct {
		kind int
		text string
	}{"no JSON": {websocket.TextMessage, "x"}, "binary": {websocket.BinaryMessage, "\x00\x01"}} {
		w := h.at("lee", "web")
		for range 500 {
			if w.send(bad.kind, []byte(bad.text)) != nil {
				break
			}
		}
		if code := w.ended(); code != -1 && code != 1002 && code != 1003 && code != 1007 && code != 1008 && code != 1009 {
			t.Errorf("%s, again and again: %d", what, code)
		}
	}
}

func TestContractStopping(t *testing.T) {
	h := newHouse(t)
	tok := h.login("kim", "web").access
	kim, lee := h.dial(tok), h.at("lee", "desktop")
	room := kim.room("lee")
	kim.say(room, "kept")
	if code := h.stopped(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, w := range []*wire{kim, lee} {
		if code := w.ended(); code != 1012 {
			t.Errorf("closed with %d", code)
		}
	}
	if err := h.w.start(nil); err != nil {
		t.Fatal(err)
	}
	h.dial(tok).say(room, "and on")
	for _, secret := range []string{password, tok, "kept", "and on"} {
		if strings.Contains(h.w.log.String(), secret) {
			t.Error("the log tells a secret")
		}
	}
}
