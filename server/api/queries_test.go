package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func get(p *servertest.Person, path string) call {
	return call{path: "/api/v1" + path, head: bearer(p.AccessToken)}
}

func post(p *servertest.Person, op, body string) call {
	return call{method: "POST", path: "/api/v1/commands/" + op, body: body, head: bearer(p.AccessToken)}
}

// room makes a room of p and others with n messages of p in it.
func room(t *testing.T, p *servertest.Person, n int, others ...protocol.UserID) protocol.RoomID {
	t.Helper()
	var made protocol.RoomCreated
	if status := p.Do(protocol.OpRoomCreate, protocol.CreateRoom{Members: others}, &made); status != 200 {
		t.Fatal(status)
	}
	for i := range n {
		m := protocol.SendMessage{ID: protocol.MessageID(fmt.Sprintf("%s-%d", made.Room.ID[24:], i+1)), Room: made.Room.ID, Body: protocol.Text(fmt.Sprintf("메시지 %d", i+1))}
		if status := p.Do(protocol.OpMessageSend, m, nil); status != 200 {
			t.Fatal(status)
		}
	}
	return made.Room.ID
}

func seqs(messages []protocol.Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprint(&b, m.Seq, " ")
	}
	return strings.TrimSpace(b.String())
}

func TestLists(t *testing.T) {
	s := servertest.Start(t)
	kim, lee, park := s.Person("kim"), s.Person("lee"), s.Person("park")
	r := room(t, kim, 7, "lee")
	t.Run("history pages up and down; before and after are exclusive", func(t *testing.T) {
		for query, want := range map[string]string{
			"": "1 2 3 4 5 6 7", "?limit=3": "5 6 7 +", "?before=5&limit=3": "2 3 4 +", "?before=3": "1 2", "?after=4": "5 6 7", "?after=2&limit=2": "3 4 +", "?after=7": "",
			"?after=0&limit=1": "1 +", "?before=1": "", "?before=0": "", "?limit=100000": "1 2 3 4 5 6 7", "?before=999999": "1 2 3 4 5 6 7", "?after=2&before=6": "3 4 5",
		} {
			var page protocol.MessagesPage
			get(lee, "/rooms/"+string(r)+"/messages"+query).to(t, s).ok(t, &page)
			got := seqs(page.Messages)
			if page.More {
				got += " +"
			}
			if got != want {
				t.Errorf("%s: got %q, want %q", query, got, want)
			}
		}
	})
	t.Run("nonsense is a bad request", func(t *testing.T) {
		for _, path := range []string{
			"/rooms/" + string(r) + "/messages?before=x", "/rooms/" + string(r) + "/messages?after=-1", "/rooms/" + string(r) + "/messages?limit=0", "/rooms/" + string(r) + "/messages?limit=-5",
			"/rooms/" + string(r) + "/messages?limit=many", "/rooms/" + string(r) + "/messages?before=1.5", "/rooms/" + string(r) + "/messages?before=", "/rooms/" + string(r) + "/changes",
			"/rooms/" + string(r) + "/changes?since=x", "/rooms/" + string(r) + "/changes?since=-1", "/rooms?limit=x", "/rooms?cursor=%25%25", "/users?limit=-1", "/users?q=" + strings.Repeat("x", 101),
			"/search", "/search?q=", "/search?q=%20", "/search?q=hello&since=yesterday", "/search?q=hello&until=x", "/search?q=hello&before=%25", "/search?q=hello&before=AAAA",
			"/search?q=hello&from=a%20b", "/rooms/" + string(r) + "/place", "/rooms/" + string(r) + "/place?at=x", "/rooms/" + string(r) + "/place?at=2026-02-01T00:00:00Z,2026-01-01T00:00:00Z",
		} {
			get(kim, path).to(t, s).refused(t, 400, protocol.BadRequest)
		}
	})
	t.Run("a room one is not in is not found, whatever is asked of it", func(t *testing.T) {
		for _, id := range []string{string(r), "no-such-room", strings.Repeat("x", 100), "a%20b"} {
			for _, path := range []string{"", "/members", "/messages", "/changes?since=0", "/place?at=2026-01-01T00:00:00Z"} {
				get(park, "/rooms/"+id+path).to(t, s).refused(t, 404, protocol.NotFound)
			}
		}
		get(park, "/search?q=%EB%A9%94%EC%8B%9C&room="+string(r)).to(t, s).refused(t, 404, protocol.NotFound)
	})
	t.Run("rooms page on, newest first, and only those with something in them", func(t *testing.T) {
		kang := s.Person("kang")
		var want []protocol.RoomID
		for range 5 {
			id := protocol.UserID(fmt.Sprintf("x%d", len(want)))
			s.Add(id)
			want = append([]protocol.RoomID{room(t, kang, 1, id, "lee")}, want...)
		}
		room(t, kang, 0, "park")
		var got []protocol.RoomID
		path := "/rooms?limit=2"
		for path != "" {
			var page protocol.RoomsPage
			get(kang, path).to(t, s).ok(t, &page)
			for _, one := range page.Rooms {
				if one.Seq > 0 {
					got = append(got, one.ID)
				}
			}
			if path = ""; page.Next != "" {
				path = "/rooms?limit=2&cursor=" + url.QueryEscape(page.Next)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		var page protocol.RoomsPage
		get(park, "/rooms").to(t, s).ok(t, &page)
		if len(page.Rooms) != 0 {
			t.Errorf("park sees %v", page.Rooms)
		}
	})
	t.Run("people are found by id, name and department, without those who are gone", func(t *testing.T) {
		s.Add("gone")
		if err := s.Store.SetActive(t.Context(), "gone", false); err != nil {
			t.Fatal(err)
		}
		find := func(q string) string {
			var page protocol.UsersPage
			get(kim, "/users?q="+url.QueryEscape(q)).to(t, s).ok(t, &page)
			var b strings.Builder
			for _, u := range page.Users {
				fmt.Fprint(&b, u.ID, " ")
				if u.Admin || u.MustChange {
					t.Errorf("tells of %+v", u)
				}
			}
			return strings.TrimSpace(b.String())
		}
		for q, want := range map[string]string{"PAR": "park", "gone": "", "%": "", "_": "", "' OR 1=1 --": "", "le": "lee"} {
			if got := find(q); got != want {
				t.Errorf("%q finds %q, want %q", q, got, want)
			}
		}
	})
	t.Run("unread and members", func(t *testing.T) {
		var page protocol.UnreadPage
		get(lee, "/unread").to(t, s).ok(t, &page)
		if page.Total < 7 {
			t.Errorf("got %+v", page)
		}
		var members protocol.MembersPage
		get(lee, "/rooms/"+string(r)+"/members").to(t, s).ok(t, &members)
		if len(members.Members) != 2 {
			t.Errorf("got %+v", members)
		}
	})
}

func TestScripts(t *testing.T) {
	s := servertest.Start(t)
	kim, lee := s.Person("kim"), s.Person("lee")
	r := room(t, kim, 1, "lee")
	t.Run("a command over HTTP takes data and answers data", func(t *testing.T) {
		var sent protocol.MessageSent
		post(kim, "message.send", `{"id":"s-1","room":"`+string(r)+`","type":"talk","body":"<b>안녕</b> & \"hi\""}`).to(t, s).ok(t, &sent)
		if sent.Seq != 2 || sent.ID != "s-1" {
			t.Errorf("got %+v", sent)
		}
		var page protocol.MessagesPage
		get(lee, "/rooms/"+string(r)+"/messages?after=1").to(t, s).ok(t, &page)
		if len(page.Messages) != 1 || page.Messages[0].Body != `<b>안녕</b> & "hi"` {
			t.Errorf("got %+v", page)
		}
	})
	t.Run("and what is wrong with it is said as on the socket", func(t *testing.T) {
		for body, code := range map[string]protocol.Code{
			`{`: protocol.BadRequest, `[]`: protocol.BadRequest, `"x"`: protocol.BadRequest, `{}`: protocol.BadRequest,
			`{"id":"s-1","room":"other","body":"x"}`:                                                                     protocol.NotFound,
			`{"id":"s-2","room":"` + string(r) + `","body":"` + strings.Repeat("가", 4001) + `"}`:                         protocol.TooLarge,
			`{"id":"s-2","room":"` + string(r) + `","body":"\ud800"}`:                                                    protocol.BadRequest,
			`{"id":"s-2","room":"` + string(r) + `","body":"a\u0000b"}`:                                                  protocol.BadRequest,
			`{"id":"s-2","room":"` + string(r) + `","type":"invite","body":"x"}`:                                         protocol.BadRequest,
			`{"id":"s-2","room":"` + string(r) + `","body":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`: protocol.BadRequest,
		} {
			post(kim, "message.send", body).to(t, s).refused(t, code.Status(), code)
		}
		post(lee, "message.send", `{"id":"s-1","room":"`+string(r)+`","body":"x"}`).to(t, s).refused(t, 409, protocol.Conflict)
		post(kim, "no.such.op", `{}`).to(t, s).refused(t, 404, protocol.UnknownOp)
		call{method: "POST", path: "/api/v1/commands/ping"}.to(t, s).refused(t, 401, protocol.Unauthenticated)
	})
	t.Run("search goes by person and time, and on pages", func(t *testing.T) {
		here := room(t, kim, 0, "lee")
		for i := range 7 {
			post([]*servertest.Person{kim, lee}[i%2], "message.send", fmt.Sprintf(`{"id":"page-%d","room":"%s","body":"쪽번호 %d"}`, i, here, i)).to(t, s).ok(t, nil)
		}
		got := []protocol.MessageID{}
		for next, more := "", true; more; more = next != "" {
			var page protocol.SearchPage
			get(kim, "/search?limit=2&from="+"lee"+"&room="+string(here)+"&before="+next).to(t, s).ok(t, &page)
			if next == "" && page.Count != 3 {
				t.Errorf("count %d", page.Count)
			}
			for i, m := range page.Messages {
				got = append(got, m.ID)
				if len(page.Contexts[i].Parts) != 1 || page.Rooms[0].ID != here || page.Since == 0 {
					t.Errorf("%+v", page)
				}
			}
			next = page.Next
		}
		if fmt.Sprint(got) != "[page-5 page-3 page-1]" {
			t.Errorf("found %v", got)
		}
		var page protocol.SearchPage
		get(kim, "/search?q="+url.QueryEscape("쪽번호")+"&since="+url.QueryEscape(time.Now().Add(time.Hour).Format(time.RFC3339))).to(t, s).ok(t, &page)
		if len(page.Messages) != 0 {
			t.Errorf("after now: %+v", page.Messages)
		}
		var places protocol.PlacePage
		get(kim, "/rooms/"+string(here)+"/place?at=2020-01-01T00:00:00Z,2100-01-01T00:00:00Z").to(t, s).ok(t, &places)
		if fmt.Sprint(places.Seqs) != "[1 0]" {
			t.Errorf("places %v", places.Seqs)
		}
	})
	t.Run("search finds Korean from two syllables, and signs are ordinary characters", func(t *testing.T) {
		for i, text := range []string{"견적서 100% 확정", "이름_변경", `'quoted"`} {
			post(kim, "message.send", fmt.Sprintf(`{"id":"f-%d","room":"%s","body":%q}`, i, r, text)).to(t, s).ok(t, nil)
		}
		for q, want := range map[string]int{"견적": 1, "100%": 1, "이름_변": 1, `'quo`: 1, `ed"`: 1, "%%": 0, "__": 0, "없는말": 0} {
			// Five seconds are promised. What the index does not hold yet is read from the messages, so it is at once.
			var found struct{ Messages []protocol.Message }
			if get(lee, "/search?q="+url.QueryEscape(q)).to(t, s).ok(t, &found); len(found.Messages) != want {
				t.Errorf("%q finds %d, want %d", q, len(found.Messages), want)
			}
		}
	})
	t.Run("limits hold per device, and say when to come back", func(t *testing.T) {
		s := servertest.Start(t, "--rate-limits=on")
		kim, lee := s.Person("kim"), s.Person("lee")
		for range 2000 {
			r := get(kim, "/me").to(t, s)
			if r.StatusCode == 200 {
				continue
			}
			r.refused(t, 429, protocol.RateLimited)
			if r.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			get(lee, "/me").to(t, s).ok(t, nil)
			return
		}
		t.Error("no limit")
	})
}
