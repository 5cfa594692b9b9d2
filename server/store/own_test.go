package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestWhatSomebodyChangedForHimselfIsKnownForATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		people(t, s, "kim", "lee", "park")
		r, quiet := room(t, s, "kim", "lee"), room(t, s, "kim", "park")
		for _, id := range []string{"one", "two", "three"} {
			send(t, s, r, "lee", id, id)
		}
		send(t, s, quiet, "park", "other", "other")
		all := []protocol.UserID{"kim", "lee", "park"}
		asked := func() string {
			t.Helper()
			own, err := s.OwnSince(ctx, all, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(own)
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		if got := asked(); got != "null" {
			t.Errorf("before anything: %s", got)
		}
		for _, ids := range [][]protocol.MessageID{{"one"}, {"two", "three"}} {
			if _, err := s.Hide(ctx, r, "kim", ids, false, nil); err != nil {
				t.Fatal(err)
			}
		}
		pinned := true
		if err := s.SetMine(ctx, r, "kim", store.Mine{Pinned: &pinned}, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.SetSettings(ctx, "park", protocol.NotifySettings{HideBody: true, QuietHours: []protocol.QuietHours{}}, nil); err != nil {
			t.Fatal(err)
		}
		own, err := s.OwnSince(ctx, all, time.Hour)
		if err != nil || len(own) != 2 {
			t.Fatalf("%+v, %v", own, err)
		}
		kim, park := own[0], own[1]
		if kim.User != "kim" || kim.Settings != nil || len(kim.Mine) != 1 || kim.Mine[0].Room != r || kim.Mine[0].Pinned != 1 || kim.Mine[0].Version != 1 {
			t.Errorf("kim has changed %+v", kim)
		}
		if len(kim.Hidden) != 1 || kim.Hidden[0].Hides != 2 || len(kim.Hidden[0].IDs) != 2 {
			t.Errorf("kim's last deletion is %+v", kim.Hidden)
		}
		if park.User != "park" || park.Settings == nil || !park.Settings.HideBody || len(park.Mine)+len(park.Hidden) != 0 {
			t.Errorf("park has changed %+v", park)
		}
		// What others do is not one's own.
		send(t, s, r, "lee", "four", "four")
		if own, err := s.OwnSince(ctx, []protocol.UserID{"lee"}, time.Hour); err != nil || len(own) != 0 {
			t.Errorf("lee has changed %+v, %v", own, err)
		}
		// Time goes by for it.
		if own, err := s.OwnSince(ctx, all, -time.Hour); err != nil || len(own) != 0 {
			t.Errorf("in an hour: %+v, %v", own, err)
		}
	})
}
