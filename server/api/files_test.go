package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

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
	if again := lee.Ask(http.MethodGet, "/files/"+string(id), nil, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %s", again.Status)
	}
	for _, path := range []string{"/files/" + string(id), "/files/" + string(id) + "/thumb", "/files/..%2f..%2fetc%2fpasswd", "/files/nothing"} {
		if got := park.Ask(http.MethodGet, path, nil); got.StatusCode != http.StatusNotFound {
			t.Errorf("a stranger at %s: %s", path, got.Status)
		}
	}
}

func TestAnUploadGoesOnAfterARestartWhereItWasCutOff(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	content := bytes.Repeat([]byte("0123456789"), 300_000)
	id := kim.Begun(room, "large.bin", int64(len(content)))
	if a := kim.Patch(id, 0, content[:1_000_000]); a.StatusCode != http.StatusNoContent {
		t.Fatal(a.Status, string(a.Raw))
	}
	if _, err := kim.SendFile(room, id, ""); err == nil || !strings.Contains(err.Error(), "conflict file") {
		t.Errorf("half a file was sent: %v", err)
	}
	s.Restart()
	head := kim.Ask(http.MethodHead, "/uploads/"+string(id), nil)
	if head.Header.Get("Upload-Offset") != "1000000" || head.Header.Get("Upload-Length") != "3000000" {
		t.Fatalf("%s %v", head.Status, head.Header)
	}
	if a := kim.Patch(id, 7, content[7:]); a.StatusCode != http.StatusConflict {
		t.Errorf("bytes from elsewhere: %s", a.Status)
	}
	if a := kim.Patch(id, 1_000_000, content[1_000_000:]); a.StatusCode != http.StatusNoContent || a.Header.Get("Upload-Offset") != "3000000" {
		t.Fatal(a.Status, string(a.Raw))
	}
	if head := kim.Ask(http.MethodHead, "/uploads/"+string(id), nil); head.Header.Get("Upload-Offset") != "3000000" {
		t.Errorf("whether it has arrived: %v", head.Header)
	}
	if _, err := kim.SendFile(room, id, ""); err != nil {
		t.Fatal(err)
	}
	if got := kim.Ask(http.MethodGet, "/files/"+string(id), nil); !bytes.Equal(got.Raw, content) {
		t.Errorf("%s, %d bytes", got.Status, len(got.Raw))
	}
}

func TestUploadsAreRefusedBeforeAByteIsKept(t *testing.T) {
	s := servertest.Start(t, "--max-file=1KB", "--live-files=2", "--person-space=1500")
	kim, lee := s.Person("kim"), s.Person("lee")
	s.Add("park")
	room := kim.Room("park")
	refused := func(a servertest.Answer, status int, says string) {
		t.Helper()
		if a.StatusCode != status || !strings.Contains(string(a.Raw), says) {
			t.Errorf("%s %s, want %d %s", a.Status, a.Raw, status, says)
		}
	}
	refused(lee.Uploading(room, "a", 1), http.StatusNotFound, `"field":"room"`)
	refused(kim.Uploading("no-such-room", "a", 1), http.StatusNotFound, `"field":"room"`)
	refused(kim.Uploading(room, "a", 1025), http.StatusRequestEntityTooLarge, "too_large")
	refused(kim.Uploading(room, "..", 1), http.StatusBadRequest, `"field":"name"`)
	refused(kim.Ask(http.MethodPost, "/uploads/", nil, "Authorization", "Bearer x", "Upload-Length", "1"), http.StatusUnauthorized, "unauthenticated")
	refused(kim.Ask(http.MethodPut, "/uploads/", nil), http.StatusMethodNotAllowed, "method_not_allowed")
	refused(kim.Ask(http.MethodGet, "/uploads/x", nil), http.StatusMethodNotAllowed, "method_not_allowed")
	first := kim.Begun(room, "a", 1000)
	refused(kim.Uploading(room, "b", 501), http.StatusRequestEntityTooLarge, `"field":"space"`)
	second := kim.Begun(room, "b", 500)
	refused(kim.Uploading(room, "c", 0), http.StatusRequestEntityTooLarge, `"field":"files"`)
	refused(lee.Patch(first, 0, []byte("x")), http.StatusNotFound, "not_found")
	refused(lee.Ask(http.MethodDelete, "/uploads/"+string(first), nil), http.StatusNotFound, "not_found")
	refused(kim.Patch(first, 0, make([]byte, 1001)), http.StatusRequestEntityTooLarge, "too_large")
	if a := kim.Ask(http.MethodDelete, "/uploads/"+string(second), nil); a.StatusCode != http.StatusNoContent {
		t.Errorf("given up: %s %s", a.Status, a.Raw)
	}
	kim.Begun(room, "c", 300)
}

func TestBytesThatChangedOnTheirWayAreNotKept(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	sum := func(b string) string {
		h := sha256.Sum256([]byte(b))
		return "sha256 " + base64.StdEncoding.EncodeToString(h[:])
	}
	id := kim.Begun(room, "a.txt", 8)
	if a := kim.Patch(id, 0, []byte("good"), "Upload-Checksum", sum("good")); a.StatusCode != http.StatusNoContent {
		t.Fatal(a.Status, string(a.Raw))
	}
	if a := kim.Patch(id, 4, []byte("baad"), "Upload-Checksum", sum("bad!")); a.StatusCode != http.StatusBadRequest || !strings.Contains(string(a.Raw), "checksum") {
		t.Fatal(a.Status, string(a.Raw))
	}
	if head := kim.Ask(http.MethodHead, "/uploads/"+string(id), nil); head.Header.Get("Upload-Offset") != "4" {
		t.Fatalf("kept %v", head.Header)
	}
	if a := kim.Patch(id, 4, []byte("bad!"), "Upload-Checksum", sum("bad!")); a.StatusCode != http.StatusNoContent {
		t.Fatal(a.Status, string(a.Raw))
	}
	if _, err := kim.SendFile(room, id, ""); err != nil {
		t.Fatal(err)
	}
	if got := kim.Ask(http.MethodGet, "/files/"+string(id), nil); string(got.Raw) != "goodbad!" {
		t.Errorf("%q", got.Raw)
	}
}

func TestAPictureIsShownSmallWithItsSizeKnownBefore(t *testing.T) {
	s := servertest.Start(t)
	kim, lee := s.Person("kim"), s.Person("lee")
	room := kim.Room("lee")
	id := kim.Upload(room, "사진.JPG", photo(t, 2400, 1200))
	if _, err := kim.SendFile(room, id, ""); err != nil {
		t.Fatal(err)
	}
	m := last(t, lee, room)
	if m.Type != protocol.Image || m.File.Width != 2400 || m.File.Height != 1200 || !m.File.Thumb || m.File.Kind != "image/jpeg" {
		t.Fatalf("%+v %+v", m, m.File)
	}
	for path, side := range map[string]int{"/thumb": 320, "/screen": 1600} {
		got := lee.Ask(http.MethodGet, "/files/"+string(id)+path, nil)
		c, kind, err := image.DecodeConfig(bytes.NewReader(got.Raw))
		if err != nil || kind != "jpeg" || c.Width != side || c.Height != side/2 || got.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s: %v %s %+v %v", path, got.Header, kind, c, err)
		}
	}
}

func TestNothingThatWasUploadedRunsInOurOrigin(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	var bomb bytes.Buffer
	if err := png.Encode(&bomb, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	huge := bomb.Bytes()
	copy(huge[16:], []byte{0, 0, 0x60, 0, 0, 0, 0x60, 0}) // 24,576 by 24,576
	for name, c := range map[string]struct {
		content string
		kind    string
	}{
		"page.png":  {"<!DOCTYPE html><script>alert(1)</script>", "text/html"},
		"arrow.jpg": {`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "image/svg+xml"},
		"real.html": {"<html><body onload=alert(1)>", "text/html"},
		"bomb.png":  {string(huge), "image/png"},
		"half.jpg":  {string(photo(t, 400, 400)[:3000]), "image/jpeg"},
		"many.gif":  {"PK\x03\x04 not a picture", "application/zip"},
	} {
		t.Run(name, func(t *testing.T) {
			id := kim.Upload(room, name, []byte(c.content))
			if _, err := kim.SendFile(room, id, ""); err != nil {
				t.Fatal(err)
			}
			m := last(t, kim, room)
			if m.Type != protocol.File || m.File.Thumb || m.File.Width != 0 || m.File.Kind != c.kind {
				t.Errorf("shown as %s %+v", m.Type, m.File)
			}
			got := kim.Ask(http.MethodGet, "/files/"+string(id), nil)
			if string(got.Raw) != c.content || got.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox;") {
				t.Errorf("%s %v", got.Status, got.Header)
			}
			if strings.HasPrefix(c.kind, "image/") && c.kind != "image/svg+xml" {
				return
			}
			if got.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment;") {
				t.Errorf("a browser would open it: %v", got.Header)
			}
		})
	}
}

func TestKindsAreCheckedByContent(t *testing.T) {
	s := servertest.Start(t, "--file-kinds=image/*,application/zip", "--file-blocked=application/jar,image/gif")
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	for name, c := range map[string]struct {
		content string
		status  int
	}{
		"a.gif": {"GIF89a", http.StatusForbidden},
		"a.txt": {string(photo(t, 8, 8)), http.StatusNoContent},
		"a.jpg": {"plain words", http.StatusForbidden},
		"a.zip": {"PK\x03\x04", http.StatusNoContent},
	} {
		id := kim.Begun(room, name, int64(len(c.content)))
		a := kim.Patch(id, 0, []byte(c.content))
		if a.StatusCode != c.status {
			t.Errorf("%s: %s %s", name, a.Status, a.Raw)
		}
		if c.status == http.StatusForbidden {
			if head := kim.Ask(http.MethodHead, "/uploads/"+string(id), nil); head.StatusCode != http.StatusNotFound {
				t.Errorf("%s is still there: %s", name, head.Status)
			}
		}
	}
}

func TestAFileThatIsPassedOnKeepsItsBytesAndItsExpiry(t *testing.T) {
	s := servertest.Start(t)
	kim, lee, park := s.Person("kim"), s.Person("lee"), s.Person("park")
	first, second := kim.Room("lee"), lee.Room("park")
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

func TestALinkGetsACardThatItsSenderCanTakeAway(t *testing.T) {
	asked := make(chan string, 10)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		if r.URL.Path == "/house.png" {
			_ = png.Encode(w, image.NewGray(image.Rect(0, 0, 1200, 630)))
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<meta property="og:title" content="새 사옥 이전 안내"><meta property="og:image" content="/house.png">`)
	}))
	defer site.Close()
	s := servertest.Start(t, "--preview-inside="+strings.TrimPrefix(site.URL, "http://"))
	kim, lee := s.Person("kim"), s.Person("lee")
	room := kim.Room("lee")
	say := func(body string) protocol.MessageID {
		id := protocol.MessageID(uuid.Must(uuid.NewV7()).String())
		if status := kim.Do(protocol.OpMessageSend, protocol.SendMessage{ID: id, Room: room, Type: protocol.Talk, Body: protocol.Text(body)}, nil); status != http.StatusOK {
			t.Fatal(status)
		}
		return id
	}
	card := func() protocol.Message {
		for {
			if m := last(t, lee, room); m.Preview != nil {
				return m
			}
			runtime.Gosched()
		}
	}
	say("소식 " + site.URL + "/news")
	m := card()
	if p := m.Preview; p.Title != "새 사옥 이전 안내" || p.URL != site.URL+"/news" || p.Width != 1200 || p.Height != 630 || m.Rev <= 1 {
		t.Errorf("%+v %+v", m, p)
	}
	if got := lee.Ask(http.MethodGet, "/previews/"+string(m.Preview.ID), nil); got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%s %v", got.Status, got.Header)
	}
	var page protocol.ChangesPage
	if status := lee.Get(fmt.Sprintf("/rooms/%s/changes?since=%d", room, m.Rev-1), &page); status != http.StatusOK || len(page.Messages) != 1 || page.Messages[0].Preview == nil {
		t.Errorf("%d %+v", status, page)
	}
	say("한 번 더 " + site.URL + "/news")
	card()
	if len(asked) != 2 {
		t.Errorf("the page was asked again")
	}
	id := last(t, kim, room).ID
	if status := lee.Do(protocol.OpPreviewDrop, protocol.DropPreview{Room: room, ID: id}, nil); status != http.StatusForbidden {
		t.Errorf("somebody else: %d", status)
	}
	if status := kim.Do(protocol.OpPreviewDrop, protocol.DropPreview{Room: room, ID: id}, nil); status != http.StatusOK || last(t, lee, room).Preview != nil {
		t.Errorf("still there: %d", status)
	}
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

func TestTheArchiveListsWhatWasSentToARoom(t *testing.T) {
	s := servertest.Start(t)
	kim, lee, park := s.Person("kim"), s.Person("lee"), s.Person("park")
	room := kim.Room("lee")
	send := func(p *servertest.Person, name string, content []byte) protocol.MessageID {
		id, err := p.SendFile(room, p.Upload(room, name, content), "")
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	send(kim, "예산_2026.txt", []byte("a"))
	send(lee, "예산 100%.txt", []byte("b"))
	send(kim, "사진.jpg", photo(t, 40, 30))
	gone := send(kim, "취소.txt", []byte("c"))
	for _, body := range []string{"그냥 글", "주소 https://example.com/a"} {
		if status := kim.Do(protocol.OpMessageSend, protocol.SendMessage{ID: protocol.MessageID(uuid.NewString()), Room: room, Body: protocol.Text(body)}, nil); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	if status := kim.Do(protocol.OpMessageCancel, protocol.CancelMessage{Room: room, ID: gone}, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	for ask, want := range map[string]string{
		"kind=files":                            "예산 100%.txt|예산_2026.txt",
		"kind=files&q=%EC%98%88%EC%82%B0_":      "예산_2026.txt",
		"kind=files&q=%25":                      "예산 100%.txt",
		"kind=files&from=kim":                   "예산_2026.txt",
		"kind=files&limit=1":                    "예산 100%.txt",
		"kind=files&limit=1&before=2":           "예산_2026.txt",
		"kind=files&until=2020-01-01T00:00:00Z": "",
		"kind=images":                           "사진.jpg",
		"kind=links":                            "주소 https://example.com/a",
	} {
		var page protocol.ArchivePage
		if status := lee.Get("/rooms/"+string(room)+"/archive?"+ask, &page); status != http.StatusOK {
			t.Fatalf("%s: %d", ask, status)
		}
		var got []string
		for _, m := range page.Messages {
			if m.File != nil {
				got = append(got, m.File.Name)
			} else {
				got = append(got, m.Body)
			}
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %q, want %q", ask, got, want)
		}
	}
	for ask, want := range map[string]int{"kind=all": 400, "kind=files&since=monday": 400, "kind=files&before=-1": 400} {
		if status := kim.Get("/rooms/"+string(room)+"/archive?"+ask, nil); status != want {
			t.Errorf("%s: %d", ask, status)
		}
	}
	if status := park.Get("/rooms/"+string(room)+"/archive?kind=files", nil); status != http.StatusNotFound {
		t.Errorf("a stranger: %d", status)
	}
}
