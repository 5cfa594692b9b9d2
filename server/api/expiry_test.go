package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

// comes asks again and again until it holds.
func comes(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestAnExpiredFileIsGoneForAllOnTheDiskAndInItsSmallPictures(t *testing.T) {
	dir := t.TempDir()
	s := servertest.Start(t, "--files="+dir, "--file-life=2s", "--live-files=1")
	kim, lee, park := s.Person("kim"), s.Person("lee"), s.Person("park")
	s.Add("choi")
	first, second := kim.Room("lee"), lee.Room("park", "choi")
	id := kim.Upload(first, "현장.jpg", photo(t, 900, 700))
	sent, err := kim.SendFile(first, id, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lee.SendFile(second, id, ""); err != nil {
		t.Fatal(err) // passed on
	}
	until := last(t, kim, first).File.Until
	for name, p := range map[string]*servertest.Person{"kim": kim, "lee": lee, "park": park} {
		for _, size := range []string{"", "/thumb", "/screen"} {
			comes(t, "it to be refused to "+name, func() bool {
				return p.Ask(http.MethodGet, "/files/"+string(id)+size, nil).StatusCode == http.StatusNotFound
			})
		}
	}
	if now := protocol.At(time.Now()); now < until {
		t.Errorf("refused at %v, and it is kept until %v", now, until)
	}
	for room, p := range map[protocol.RoomID]*servertest.Person{first: lee, second: park} {
		if m := last(t, p, room); !m.File.Gone || m.File.Until != until || m.File.Name != "현장.jpg" {
			t.Errorf("shown in %s as %+v", room, m.File)
		}
		var page protocol.ArchivePage
		if p.Get("/rooms/"+string(room)+"/archive?kind=images", &page); len(page.Messages) != 0 {
			t.Errorf("in the archive of %s: %+v", room, page.Messages)
		}
	}
	if _, err := lee.SendFile(second, id, ""); err == nil || !strings.Contains(err.Error(), "not_found file") {
		t.Errorf("passed on once more: %v", err)
	}
	if status := kim.Do(protocol.OpFileExtend, protocol.ExtendFile{Room: first, ID: sent}, nil); status != http.StatusGone && status != http.StatusConflict && status != http.StatusForbidden {
		t.Errorf("given more time: %d", status)
	}
	if status := lee.Do(protocol.OpMessageSend, protocol.SendMessage{ID: protocol.MessageID(uuid.NewString()), Room: first, Type: protocol.Talk, Body: "어디 갔죠?", Reply: sent}, nil); status != http.StatusOK {
		t.Errorf("answered: %d", status)
	}
	if q := last(t, kim, first).Quote; q == nil || q.File != nil && !q.File.Gone {
		t.Errorf("quoted as %+v", q)
	}
	if count(t, dir) == 0 {
		t.Error("the sweep has nothing to do")
	}
	if err := s.Node.SweepFiles(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, dir); n != 0 {
		t.Errorf("%d files are left on the disk", n)
	}
	kim.Begun(first, "next.txt", 1) // it no longer counts
}
