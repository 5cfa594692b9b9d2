package files

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sendjay/server/files/preview"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// known is a store in which every page has been looked at just now.
type known struct{ CardStore }

func (known) FoundBehind(context.Context, string) (store.Found, error) {
	return store.Found{At: protocol.At(time.Now()), Preview: protocol.Preview{ID: "c", Title: "title"}}, nil
}

func TestADomainThatIsDeniedShowsNothingOfWhatWasFoundBefore(t *testing.T) {
	shown := 0
	c := Cards{Store: known{}, Fetch: &preview.Fetcher{Deny: []string{"bad.example"}}, Show: func(context.Context, protocol.RoomID, protocol.MessageID, protocol.PreviewID) error {
		shown++
		return nil
	}}
	for link, want := range map[string]int{"https://www.bad.example/a": 0, "https://good.example/a": 1} {
		shown = 0
		if err := c.make(t.Context(), linked{link: link}); (err == nil) != (want == 1) || shown != want {
			t.Errorf("%s is shown %d times, %v", link, shown, err)
		}
	}
}

func TestACardWhosePictureIsLostIsLookedForAnew(t *testing.T) {
	asked := 0
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/house.png" {
			_, _ = w.Write(dot(t, 1200, 630))
			return
		}
		asked++
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<meta property="og:title" content="News"><meta property="og:image" content="/house.png">`)
	}))
	defer site.Close()
	h := open(t, nil)
	full := &fullAt{Store: h.Blobs}
	var shown store.Found
	c := Cards{Store: h.db, Blobs: full, Fetch: &preview.Fetcher{Inside: []string{strings.TrimPrefix(site.URL, "http://")}}, Log: slog.New(slog.DiscardHandler)}
	link := site.URL + "/news"
	message := store.NewMessage{ID: "m", Room: h.room, Sender: "kim", SenderName: "kim", Body: link}
	if _, err := h.db.Send(t.Context(), message, nil); err != nil {
		t.Fatal(err)
	}
	c.Show = func(ctx context.Context, room protocol.RoomID, id protocol.MessageID, card protocol.PreviewID) error {
		err := h.db.ShowPreview(ctx, room, id, card, nil)
		if err == nil {
			shown, err = h.db.FoundBehind(ctx, hashOfLink(link))
		}
		return err
	}
	show := func(asks int) {
		t.Helper()
		if err := c.make(t.Context(), linked{room: h.room, id: "m", link: link}); err != nil || asked != asks {
			t.Fatalf("the page was asked %d times, want %d, %v", asked, asks, err)
		}
	}
	show(1)
	if b, err := c.Picture(t.Context(), "lee", shown.ID); err != nil {
		t.Error(err)
	} else {
		_ = b.Close()
	}
	show(1)
	if err := h.Blobs.Remove(t.Context(), shown.Key); err != nil {
		t.Fatal(err)
	}
	full.now.Store(true)
	show(2)
	if shown.Title != "News" || shown.Key != "" || shown.Width != 0 {
		t.Errorf("without room for its picture: %+v", shown)
	}
	show(2)
	if names := left(t, h.dir); len(names) > 0 {
		t.Errorf("left over: %v", names)
	}
}
