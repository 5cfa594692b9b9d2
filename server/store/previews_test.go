package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestACardIsSeenWithItsMessageAndGoesWithTheLastOfThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "cho")
		r, other := room(t, s, "kim", "lee"), room(t, s, "kim", "cho")
		const url = "https://news.example/"
		if err := s.KeepFound(t.Context(), store.Found{Hash: "h", Key: "picture", Preview: protocol.Preview{ID: "card", URL: url, Title: "News"}}); err != nil {
			t.Fatal(err)
		}
		sees := func(user protocol.UserID, want bool) {
			t.Helper()
			f, err := s.SeenPreview(t.Context(), user, "card")
			if want && (err != nil || f.Key != "picture") || !want && !errors.Is(err, store.ErrNoPreview) {
				t.Errorf("%s: %+v, %v", user, f, err)
			}
		}
		sees("kim", false)
		for i, in := range []protocol.RoomID{r, other} {
			id := fmt.Sprint("m", i)
			send(t, s, in, "kim", id, "look at "+url)
			if err := s.ShowPreview(t.Context(), in, protocol.MessageID(id), "card", nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, plan := range s.Plans(t, func() { sees("lee", true) }) {
			if strings.Contains(plan, "SCAN") || strings.Contains(plan, "type=ALL") {
				t.Errorf("a table is read whole: %s", plan)
			}
		}
		if _, err := s.Leave(t.Context(), r, "lee", nil); err != nil {
			t.Fatal(err)
		}
		sees("lee", false)
		for i, in := range []protocol.RoomID{r, other} {
			sees("cho", true)
			if _, err := s.Cancel(t.Context(), in, "kim", protocol.MessageID(fmt.Sprint("m", i)), time.Hour, nil); err != nil {
				t.Fatal(err)
			}
			if err := s.EndPreviews(t.Context(), time.Now().Add(time.Hour), 10); err != nil {
				t.Fatal(err)
			}
			keys, err := s.Trash(t.Context(), 10)
			if gone := slices.Equal(keys, []string{"picture"}); err != nil || gone != (i == 1) {
				t.Errorf("with %d messages left %v are thrown away, %v", 1-i, keys, err)
			}
		}
		sees("cho", false)
	})
}
