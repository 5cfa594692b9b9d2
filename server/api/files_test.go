package api_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

// photo is a picture of this size, not all of one colour.
func photo(t *testing.T, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func last(t *testing.T, p *servertest.Person, room protocol.RoomID) protocol.Message {
	t.Helper()
	var page protocol.MessagesPage
	if status := p.Get("/rooms/"+string(room)+"/messages?limit=1", &page); status != http.StatusOK || len(page.Messages) != 1 {
		t.Fatalf("%d, %+v", status, page)
	}
	return page.Messages[0]
}

func TestAFileIsUploadedSentAndFetchedByThoseWhoSeeIt(t *testing.T) {
	s := servertest.Start(t)
	kim, lee, park := s.Person("kim"), s.Person("lee"), s.Person("park")
	room := kim.Room("lee")
	content := []byte("분기 보고서\n" + strings.Repeat("sendjay ", 10_000))
	id := kim.Upload(room, `C:\몰래\..\2026년 1.분기 "보고서".txt`, content)
	if got := lee.Ask(http.MethodGet, "/files/"+string(id), nil); got.StatusCode != http.StatusNotFound {
		t.Fatalf("before it is sent: %s", got.Status)
	}
	message, err := kim.SendFile(room, id, "확인 부탁드려요")
	if err != nil {
		t.Fatal(err)
	}
	m := last(t, lee, room)
	if m.ID != message || m.Type != protocol.File || m.Body != "확인 부탁드려요" || m.File == nil || m.File.Name != `2026년 1.분기 "보고서".txt` ||
		m.File.Size != int64(len(content)) || m.File.Kind != "text/plain" || m.File.Until == 0 || m.File.Gone {
		t.Fatalf("%+v %+v", m, m.File)
	}
	got := lee.Ask(http.MethodGet, "/files/"+string(id), nil)
	if got.StatusCode != http.StatusOK || !bytes.Equal(got.Raw, content) {
		t.Fatalf("%s, %d bytes", got.Status, len(got.Raw))
	}
	if d := got.Header.Get("Content-Disposition"); d != `inline; filename="2026_ 1.__ _____.txt"; filename*=UTF-8''2026%EB%85%84%201.%EB%B6%84%EA%B8%B0%20%22%EB%B3%B4%EA%B3%A0%EC%84%9C%22.txt` {
		t.Errorf("named %s", d)
	}
	part := lee.Ask(http.MethodGet, "/files/"+string(id)+"?save", nil, "Range", "bytes=17-23")
	if part.StatusCode != http.StatusPartialContent || string(part.Raw) != string(content[17:24]) || !strings.HasPrefix(part.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%s %q %v", part.Status, part.Raw, part.Header)
	}
	beyond := lee.Ask(http.MethodGet, "/files/"+string(id), nil, "Range", "bytes=9999999-")
	if beyond.StatusCode != http.StatusRequestedRangeNotSatisfiable || beyond.Header.Get("Content-Range") != fmt.Sprintf("bytes */%d", len(content)) ||
		beyond.Header.Get("Content-Type") != "application/json" || !strings.Contains(string(beyond.Raw), `"code":"bad_request"`) || !strings.Contains(string(beyond.Raw), `"field":"Range"`) {
		t.Errorf("a part that is not there: %s %v %s", beyond.Status, beyond.Header, beyond.Raw)
	}
	if again := lee.Ask(http.MethodGet, "/files/"+string(id), nil, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %s", again.Status)
	}
	for _, path := range []string{"/files/" + string(id), "/files/" + string(id) + "/thumb", "/files/..%2f..%2fetc%2fpasswd", "/files/nothing"} {
		if got := park.Ask(http.MethodGet, path, nil); got.StatusCode != http.StatusNotFound {
			t.Errorf("a stranger at %s: %s", path, got.Status)
		}
	}
}

func TestAFileThatIsPassedOnKeepsItsBytesAndItsExpiry(t *testing.T) {
	s := servertest.Start(t)
	kim, lee, park := s.Person("kim"), s.Person("lee"), s.Person("park")
	s.Person("choi")
	first, second := kim.Room("lee"), lee.Room("park", "choi")
	id := kim.Upload(first, "계약서.pdf", []byte("%PDF-1.7 x"))
	taken, err := kim.SendFile(first, id, "")
	if err != nil {
		t.Fatal(err)
	}
	until := last(t, kim, first).File.Until
	if _, err := park.SendFile(second, id, ""); err == nil || !strings.Contains(err.Error(), "not_found file") {
		t.Errorf("somebody who never saw it: %v", err)
	}
	if _, err := lee.SendFile(second, id, "참고"); err != nil {
		t.Fatal(err)
	}
	if m := last(t, park, second); m.Type != protocol.FLink || m.File.ID != id || m.File.Until != until || m.File.Name != "계약서.pdf" {
		t.Errorf("%+v %+v", m, m.File)
	}
	if got := park.Ask(http.MethodGet, "/files/"+string(id), nil); got.StatusCode != http.StatusOK {
		t.Errorf("passed on: %s", got.Status)
	}
	if status := kim.Do(protocol.OpMessageCancel, protocol.CancelMessage{Room: first, ID: taken}, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	if got := kim.Ask(http.MethodGet, "/files/"+string(id), nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("taken back, for the one who took it back: %s", got.Status)
	}
	if got := park.Ask(http.MethodGet, "/files/"+string(id), nil); got.StatusCode != http.StatusOK {
		t.Errorf("what was passed on stays: %s", got.Status)
	}
	if status := lee.Do(protocol.OpRoomKick, protocol.KickMember{Room: second, User: "park"}, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	if got := park.Ask(http.MethodGet, "/files/"+string(id), nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("who left: %s", got.Status)
	}
}

func TestTheSameBytesAreKeptOnceAndGoWithTheLastMessage(t *testing.T) {
	dir := t.TempDir()
	s := servertest.Start(t, "--files="+dir)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	content := photo(t, 900, 700)
	var messages []protocol.MessageID
	for range 3 {
		m, err := kim.SendFile(room, kim.Upload(room, "같은 사진.jpg", content), "")
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	given := kim.Begun(room, "given up.bin", 100)
	kim.Patch(given, 0, []byte("half"))
	kim.Ask(http.MethodDelete, "/uploads/"+string(given), nil)
	for i, m := range messages {
		if err := s.Node.SweepFiles(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := count(t, dir); n != 3 {
			t.Errorf("with %d messages %d files on the disk, want the picture and its two sizes", 3-i, n)
		}
		if status := kim.Do(protocol.OpMessageCancel, protocol.CancelMessage{Room: room, ID: m}, nil); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	if err := s.Node.SweepFiles(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, dir); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func count(t *testing.T, dir string) (n int) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAFileLivesOnWhenItsOwnerSaysSo(t *testing.T) {
	s := servertest.Start(t, "--file-life=1h")
	kim, lee := s.Person("kim"), s.Person("lee")
	room := kim.Room("lee")
	message, err := kim.SendFile(room, kim.Upload(room, "a.txt", []byte("a")), "")
	if err != nil {
		t.Fatal(err)
	}
	before := last(t, lee, room)
	if status := lee.Do(protocol.OpFileExtend, protocol.ExtendFile{Room: room, ID: message}, nil); status != http.StatusForbidden {
		t.Errorf("somebody else: %d", status)
	}
	var extended protocol.FileExtended
	if status := kim.Do(protocol.OpFileExtend, protocol.ExtendFile{Room: room, ID: message}, &extended); status != http.StatusOK {
		t.Fatal(status)
	}
	if after := last(t, lee, room); after.File.Until <= before.File.Until || after.File.Until != extended.File.Until || after.Rev <= before.Rev {
		t.Errorf("from %v to %v", before.File, after.File)
	}
}

func TestAReplyToAPictureShowsItUntilItIsTakenBack(t *testing.T) {
	s := servertest.Start(t)
	kim, lee := s.Person("kim"), s.Person("lee")
	room := kim.Room("lee")
	id := kim.Upload(room, "현장.jpg", photo(t, 400, 300))
	shown, err := kim.SendFile(room, id, "")
	if err != nil {
		t.Fatal(err)
	}
	if status := lee.Do(protocol.OpMessageRead, protocol.ReadMessages{Room: room, Seq: 1}, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	reply := protocol.SendMessage{ID: "reply", Room: room, Type: protocol.Talk, Body: "잘 나왔네요", Reply: shown}
	var sent protocol.MessageSent
	if status := lee.Do(protocol.OpMessageSend, reply, &sent); status != http.StatusOK {
		t.Fatal(status)
	}
	for name, q := range map[string]*protocol.Quote{"in the answer": sent.Quote, "in the history": last(t, kim, room).Quote} {
		if q == nil || q.File == nil || q.File.ID != id || !q.File.Thumb || q.File.Name != "현장.jpg" {
			t.Errorf("%s: %+v", name, q)
		}
	}
	if status := kim.Do(protocol.OpMessageCancel, protocol.CancelMessage{Room: room, ID: shown}, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	if q := last(t, kim, room).Quote; q == nil || !q.Cancelled || q.File != nil {
		t.Errorf("taken back: %+v", q)
	}
}
