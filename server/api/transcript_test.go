package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func tell(t *testing.T, p *servertest.Person, room protocol.RoomID, body string) protocol.MessageSent {
	t.Helper()
	var sent protocol.MessageSent
	m := protocol.SendMessage{ID: protocol.MessageID(uuid.Must(uuid.NewV7()).String()), Room: room, Type: protocol.Talk, Body: protocol.Text(body)}
	if status := p.Do(protocol.OpMessageSend, m, &sent); status != http.StatusOK {
		t.Fatal(status)
	}
	return sent
}

func TestARoomIsSavedAsTextAsFarAsItsReaderSeesIt(t *testing.T) {
	s := servertest.Start(t)
	kim, lee, park := s.Person("kim"), s.Person("lee"), s.Person("park")
	room := kim.Room("lee", "park")
	tell(t, kim, room, "첫 번째 줄\n[00:00] lee: 지어낸 줄")
	hidden := tell(t, lee, room, "kim 에게만 지운 글")
	back := tell(t, lee, room, "취소한 글")
	if status := kim.Do(protocol.OpMessageRead, protocol.ReadMessages{Room: room, Seq: back.Seq}, nil); status != http.StatusOK {
		t.Fatal(status) // what is taken back unread would leave no trace
	}
	for range 130 { // more than a page
		tell(t, kim, room, "가운데")
	}
	if _, err := lee.SendFile(room, lee.Upload(room, "보고서.pdf", []byte("%PDF-1.7")), "확인 부탁드려요"); err != nil {
		t.Fatal(err)
	}
	for op, data := range map[protocol.Op]any{
		protocol.OpMessageHide:   protocol.HideMessages{Room: room, IDs: []protocol.MessageID{hidden.ID}},
		protocol.OpMessageCancel: protocol.CancelMessage{Room: room, ID: back.ID},
	} {
		who := map[protocol.Op]*servertest.Person{protocol.OpMessageHide: kim, protocol.OpMessageCancel: lee}[op]
		if status := who.Do(op, data, nil); status != http.StatusOK {
			t.Fatal(op, status)
		}
	}
	path := "/rooms/" + string(room) + "/transcript?as=txt&lang=ko&zone=Asia%2FSeoul"
	got := kim.Ask(http.MethodGet, path, nil)
	text := string(got.Raw)
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment;") {
		t.Fatalf("%s %v %s", got.Status, got.Header, text)
	}
	if n := strings.Count(text, "Kim: 가운데\n"); n != 130 || !strings.HasSuffix(text, "\n메시지 133개\n") {
		t.Errorf("%d of 130 lines, %s", n, text[max(0, len(text)-60):])
	}
	for want, there := range map[string]bool{
		"Kim: 첫 번째 줄\n    [00:00] lee: 지어낸 줄\n": true, "kim 에게만": false, "취소한 글": false, "Lee: 취소된 메시지예요\n": true,
		"Lee: [파일] 보고서.pdf (8 B)\n    확인 부탁드려요\n": true, "\n---- ": true,
	} {
		if strings.Contains(text, want) != there {
			t.Errorf("%q in it: %v\n%.400s", want, !there, text)
		}
	}
	if other := string(park.Ask(http.MethodGet, path, nil).Raw); !strings.Contains(other, "kim 에게만 지운 글") {
		t.Error("what one deleted for himself is missing for another one")
	}
	if left := park.Do(protocol.OpRoomLeave, protocol.LeaveRoom{Room: room}, nil); left != http.StatusOK {
		t.Fatal(left)
	}
	if gone := park.Ask(http.MethodGet, path, nil); gone.StatusCode != http.StatusNotFound {
		t.Errorf("who left: %s", gone.Status)
	}
}

func TestChosenMessagesAreSavedAsAPageWithTheirPicturesAndNothingThatRuns(t *testing.T) {
	s := servertest.Start(t)
	kim, lee := s.Person("kim"), s.Person("lee")
	room := kim.Room("lee")
	tell(t, kim, room, "고르지 않은 글")
	evil := tell(t, lee, room, `<script>alert(1)</script><img src=x onerror=alert(2)> javascript:alert(3)`)
	if _, err := kim.SendFile(room, kim.Upload(room, `"><script>사진.jpg`, photo(t, 400, 300)), ""); err != nil {
		t.Fatal(err)
	}
	ask := url.Values{"as": {"html"}, "lang": {"en"}, "seqs": {"2-3"}}
	if evil.Seq != 2 {
		t.Fatal(evil)
	}
	got := lee.Ask(http.MethodGet, "/rooms/"+string(room)+"/transcript?"+ask.Encode(), nil)
	page := string(got.Raw)
	if got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox;") {
		t.Fatalf("%s %v", got.Status, got.Header)
	}
	for want, there := range map[string]bool{
		"고르지 않은 글": false, "<script": false, "<img src=x": false, "&lt;script&gt;alert(1)": true, `<img src="data:image/jpeg;base64,/9j/`: true,
		`content="default-src &#39;none&#39;;`: false, `content="default-src 'none';`: true, "2 messages": true,
	} {
		if strings.Contains(page, want) != there {
			t.Errorf("%q in it: %v\n%.3000s", want, !there, page)
		}
	}
}

func TestSavingARoomIsBoundedNotedAndCanBeForbidden(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	for ask, want := range map[string]int{
		"as=pdf": 400, "as=txt&zone=..%2Fetc": 400, "as=txt&zone=Local": 400, "as=txt&seqs=3-1": 400, "as=txt&seqs=4,2": 400, "as=txt&seqs=x": 400, "as=txt&seqs=0": 400,
		"as=txt&seqs=1-9007199254740991": 413, "as=txt&seqs=7-9,12": 200,
	} {
		if got := kim.Ask(http.MethodGet, "/rooms/"+string(room)+"/transcript?"+ask, nil); got.StatusCode != want {
			t.Errorf("%s: %s %s", ask, got.Status, got.Raw)
		}
	}
	lines, err := s.Store.Audit(t.Context(), store.AuditQuery{Act: "room.save", Limit: 10})
	if err != nil || len(lines) != 1 || lines[0].Who != "kim" || lines[0].Target != string(room) || lines[0].About != `{"as":"txt","seqs":"7-9,12"}` {
		t.Errorf("%+v %v", lines, err)
	}

	off := servertest.Start(t, "--transcripts=off")
	kim = off.Person("kim")
	off.Add("lee")
	if got := kim.Ask(http.MethodGet, "/rooms/"+string(kim.Room("lee"))+"/transcript?as=txt", nil); got.StatusCode != http.StatusForbidden {
		t.Errorf("%s %s", got.Status, got.Raw)
	}
}
