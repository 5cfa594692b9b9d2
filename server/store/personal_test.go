package store_test

import (
	"slices"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestOfAMutedRoomTheNewestUnreadMessageThatIsPersonalIsNamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "kimchi", "lee")
		ctx := t.Context()
		r := room(t, s, "lee", "kim", "kimchi")
		expect := func(what string, want protocol.Seq) {
			t.Helper()
			page, err := s.Unread(ctx, "kim")
			if err != nil || len(page.Rooms) != 1 || page.Rooms[0].Personal != want {
				t.Errorf("%s: %+v, %v, want %d", what, page, err, want)
			}
		}
		say := func(id string, by protocol.UserID, reply protocol.MessageID, mentions ...protocol.UserID) protocol.Seq {
			t.Helper()
			out, err := s.Send(ctx, store.NewMessage{ID: protocol.MessageID(id), Room: r, Sender: by, SenderName: "N", Body: "text", Reply: reply, Mentions: mentions}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return out.Message.Seq
		}
		notify := func(n protocol.Notify) {
			t.Helper()
			if err := s.SetMine(ctx, r, "kim", store.Mine{Notify: &n}, nil); err != nil {
				t.Fatal(err)
			}
		}
		say("mine", "kim", "")
		named := say("m1", "lee", "", "kim")
		say("m2", "lee", "", "kimchi")
		expect("in a room that is heard", 0)
		notify(protocol.NotifyNone)
		expect("spoken to", named)
		answer := say("m3", "kimchi", "mine")
		say("m4", "lee", "m3")
		expect("answered", answer)
		all := say("m5", "lee", "", protocol.Everybody)
		expect("all are spoken to in a muted room", answer)
		notify(protocol.NotifyMentions)
		expect("all are spoken to", all)
		if _, err := s.Cancel(ctx, r, "lee", "m5", time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		expect("taken back", answer)
		if _, err := s.Read(ctx, r, "kim", answer, nil); err != nil {
			t.Fatal(err)
		}
		expect("read as far as that", 0)
	})
}

func TestWhoWasBroughtIntoARoomAndHasNotLookedIsToldSo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "han", "park")
		ctx := t.Context()
		r := room(t, s, "lee", "han")
		expect := func(what string, who protocol.UserID, want ...protocol.Invitation) {
			t.Helper()
			page, err := s.Unread(ctx, who)
			if err != nil || !slices.Equal(page.Invited, want) {
				t.Errorf("%s: %s hears %+v, %v, want %+v", what, who, page.Invited, err, want)
			}
		}
		invite := func(who protocol.UserID) protocol.Seq {
			t.Helper()
			out, _, err := s.Invite(ctx, r, "lee", []protocol.UserID{who}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return out.Line.Seq
		}
		at := invite("kim")
		expect("invited", "kim", protocol.Invitation{ID: r, Seq: at})
		expect("invited others", "han")
		later := invite("park")
		expect("after others came too", "kim", protocol.Invitation{ID: r, Seq: at})
		if _, err := s.Read(ctx, r, "kim", at, nil); err != nil {
			t.Fatal(err)
		}
		expect("looked at", "kim")
		if _, err := s.Send(ctx, store.NewMessage{ID: "m1", Room: r, Sender: "lee", SenderName: "N", Body: "text"}, nil); err != nil {
			t.Fatal(err)
		}
		expect("there is something to read", "park")
		if _, err := s.Leave(ctx, r, "park", nil); err != nil {
			t.Fatal(err)
		}
		expect("gone again", "park")
		if again := invite("park"); again <= later {
			t.Errorf("invited at %d and again at %d", later, again)
		} else {
			expect("brought back", "park", protocol.Invitation{ID: r, Seq: again})
		}
	})
}
