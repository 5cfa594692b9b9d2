package api_test

import (
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

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
	at := "/previews/" + string(m.Preview.ID)
	picture := lee.Ask(http.MethodGet, at, nil)
	if picture.StatusCode != http.StatusOK || picture.Header.Get("Content-Type") != "image/jpeg" || picture.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("%s %v", picture.Status, picture.Header)
	}
	sees := func(p *servertest.Person, want int) {
		t.Helper()
		if got := p.Ask(http.MethodGet, at, nil, "If-None-Match", picture.Header.Get("ETag")); got.StatusCode != want {
			t.Errorf("the picture of the card: %s, want %d", got.Status, want)
		}
	}
	sees(lee, http.StatusNotModified)
	sees(s.Person("park"), http.StatusNotFound)
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
	sees(lee, http.StatusNotModified) // under the first message
	if status := lee.Do(protocol.OpMessageHide, protocol.HideMessages{Room: room, IDs: []protocol.MessageID{m.ID}}, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	sees(lee, http.StatusNotFound)
	sees(kim, http.StatusNotModified)
	if status := kim.Do(protocol.OpMessageCancel, protocol.CancelMessage{Room: room, ID: m.ID}, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	sees(kim, http.StatusNotFound)
}
