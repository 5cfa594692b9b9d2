package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestSoManyMessagesOfAnHourAreUrgentAndTheUnreadOnesAreNamed(t *testing.T) {
	var ahead time.Duration
	began := time.Now()
	storetest.EachWith(t, store.Config{Now: func() time.Time { return began.Add(ahead) }}, func(t *testing.T, s *store.Store) {
		ahead = 0
		people(t, s, "kim", "lee")
		ctx := t.Context()
		r, other := room(t, s, "lee", "kim"), room(t, s, "lee")
		say := func(id string, in protocol.RoomID, by protocol.UserID) (store.Stored, error) {
			return s.Send(ctx, store.NewMessage{ID: protocol.MessageID(id), Room: in, Sender: by, SenderName: "N", Body: "text", Urgent: true, UrgentMost: 2}, nil)
		}
		goes := func(id string, in protocol.RoomID) protocol.Seq {
			t.Helper()
			out, err := say(id, in, "lee")
			if err != nil || !out.Message.Urgent && !out.Repeat {
				t.Fatalf("%+v, %v", out, err)
			}
			return out.Message.Seq
		}
		names := func(what string, want protocol.Seq) {
			t.Helper()
			page, err := s.Unread(ctx, "kim")
			if err != nil || len(page.Rooms) != 1 || page.Rooms[0].Urgent != want {
				t.Errorf("%s: %+v, %v, want %d", what, page, err, want)
			}
		}
		goes("u1", r)
		ahead = 20 * time.Minute
		goes("u2", other)
		goes("u2", other) // the same again is no third
		much, is := errors.AsType[store.TooUrgent](func() error { _, err := say("u3", r, "lee"); return err }())
		if !is || much.Wait != 40*time.Minute {
			t.Errorf("one too many waits for %v (%v)", much.Wait, is)
		}
		if _, err := say("k1", r, "kim"); err != nil {
			t.Errorf("of another person: %v", err)
		}
		names("his own is not among them", 1)
		ahead = time.Hour + time.Minute
		last := goes("u4", r)
		send(t, s, r, "lee", "m5", "text")
		names("an ordinary one behind it", last)

		page, err := s.Messages(ctx, "kim", r, nil, nil, 10)
		if err != nil || fmt.Sprint(urgentOf(page.Messages)) != "[true true true false]" {
			t.Errorf("history says %v, %v", urgentOf(page.Messages), err)
		}
		if _, err := s.Edit(ctx, r, "lee", store.Wording{ID: "m5", Body: "now urgent?"}, time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		names("an edit makes nothing urgent", last)
		if _, err := s.Cancel(ctx, r, "lee", "u4", time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		names("taken back", 1)
		if err := s.SetSettings(ctx, "kim", protocol.NotifySettings{UrgentOff: true}, nil); err != nil {
			t.Fatal(err)
		}
		names("who lets them wait", 0)
		if err := s.SetSettings(ctx, "kim", protocol.NotifySettings{}, nil); err != nil {
			t.Fatal(err)
		}
		names("and no longer", 1)
		ahead = 25 * time.Hour
		names("a day later", 0)
	})
}

func urgentOf(all []protocol.Message) (out []bool) {
	for _, m := range all {
		out = append(out, m.Urgent)
	}
	return out
}
