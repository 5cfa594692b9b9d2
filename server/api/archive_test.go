package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

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
