package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func reply(t testing.TB, s *store.Store, r protocol.RoomID, by protocol.UserID, id, to string) protocol.Message {
	t.Helper()
	out, err := s.Send(t.Context(), store.NewMessage{ID: protocol.MessageID(id), Room: r, Sender: by, SenderName: "N" + string(by), Body: "re " + id, Reply: protocol.MessageID(to)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.Message
}

func finds(t testing.TB, s *store.Store, u protocol.UserID, q string) int {
	t.Helper()
	// Also when the index has taken everything in.
	if err := s.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := s.Search(t.Context(), u, store.SearchQuery{Text: q, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return len(found.Messages)
}

func TestAnEditedTextIsNowhereToBeFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		send(t, s, r, "kim", "m1", "비밀번호는 사과나무")
		reply(t, s, r, "lee", "m2", "m1")
		if _, err := s.Notice(t.Context(), r, "lee", "m1", nil); err != nil {
			t.Fatal(err)
		}
		if finds(t, s, "lee", "사과나무") != 1 {
			t.Fatal("not found before")
		}
		w := store.Wording{ID: "m1", Body: "점심은 국수", Mentions: []protocol.UserID{"lee", protocol.Everybody}}
		out, err := s.Edit(t.Context(), r, "kim", w, time.Hour, nil)
		if err != nil || !out.Changed {
			t.Fatalf("%+v %v", out, err)
		}
		if again, err := s.Edit(t.Context(), r, "kim", w, 0, nil); err != nil || again.Changed || again.Rev != out.Rev {
			t.Errorf("the same wording again: %+v %v", again, err)
		}
		if n := finds(t, s, "lee", "사과나무"); n != 0 {
			t.Errorf("the old words find %d", n)
		}
		if n := finds(t, s, "lee", "국수"); n != 1 {
			t.Errorf("the new words find %d", n)
		}
		page, err := s.Messages(t.Context(), "lee", r, nil, nil, 10)
		if err != nil || page.Messages[0].Body != w.Body || page.Messages[0].Edited == 0 || !slices.Equal(page.Messages[0].Mentions, w.Mentions) {
			t.Errorf("%+v %v", page.Messages[0], err)
		}
		if q := page.Messages[1].Quote; q == nil || q.Body != w.Body {
			t.Errorf("quoted as %+v", q)
		}
		if rooms, err := s.Rooms(t.Context(), "lee", "", "", 1); err != nil || rooms.Rooms[0].Notice == nil || rooms.Rooms[0].Notice.Body != w.Body {
			t.Errorf("pinned as %+v %v", rooms.Rooms[0].Notice, err)
		}
		// Who asks only for what he deleted for himself hears of it as well, so that he does not take it for gone.
		if now, err := s.Changes(t.Context(), "lee", r, out.Rev, 10); err != nil || len(now.Messages) > 0 || now.Notice == nil || now.Notice.Body != w.Body {
			t.Errorf("nothing new, and pinned is %+v %v", now.Notice, err)
		}
		if again := send(t, s, r, "kim", "m1", "비밀번호는 사과나무"); !again.Repeat {
			t.Errorf("sent again: %+v", again)
		}
		if _, err := s.Edit(t.Context(), r, "kim", store.Wording{ID: "m1", Body: "x"}, 0, nil); !errors.Is(err, store.ErrTooLate) {
			t.Errorf("after the window: %v", err)
		}
	})
}

func TestACancelledTextIsInNoQuoteAndNoNotice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		send(t, s, r, "kim", "m1", "secret")
		reply(t, s, r, "lee", "m2", "m1")
		for _, f := range []func() error{
			func() error { _, err := s.Read(t.Context(), r, "lee", 1, nil); return err },
			func() error { _, err := s.Notice(t.Context(), r, "lee", "m1", nil); return err },
			func() error { _, err := s.React(t.Context(), r, "lee", "m1", "👍", true, nil); return err },
			func() error { _, err := s.Cancel(t.Context(), r, "kim", "m1", time.Hour, nil); return err },
		} {
			if err := f(); err != nil {
				t.Fatal(err)
			}
		}
		one, err := s.Room(t.Context(), "lee", r)
		if err != nil || one.Notice != nil || one.NoticeRev != one.Rev {
			t.Errorf("%+v %v", one, err)
		}
		page, err := s.Messages(t.Context(), "lee", r, nil, nil, 10)
		if err != nil || len(page.Messages) != 2 {
			t.Fatalf("%+v %v", page, err)
		}
		if m := page.Messages[0]; !m.Cancelled || m.Body != "" || len(m.Reactions) != 0 {
			t.Errorf("%+v", m)
		}
		if q := page.Messages[1].Quote; q == nil || q.Body != "" || !q.Cancelled {
			t.Errorf("quoted as %+v", q)
		}
	})
}

func TestAReplyDoesNotTellWhatItsSenderMayNotSee(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park", "choi")
		r := room(t, s, "kim", "lee", "park")
		other := room(t, s, "kim", "lee")
		send(t, s, r, "kim", "m1", "before")
		send(t, s, other, "kim", "o1", "elsewhere")
		if _, _, err := s.Invite(t.Context(), r, "kim", []protocol.UserID{"choi"}, nil); err != nil {
			t.Fatal(err)
		}
		for i, to := range []string{"m1", "o1", "no-such"} {
			if m := reply(t, s, r, "choi", fmt.Sprint("c", i), to); m.Quote != nil || m.Reply != "" {
				t.Errorf("a reply to %s says %+v", to, m)
			}
		}
		if m := reply(t, s, r, "lee", "l1", "m1"); m.Quote == nil || m.Quote.Body != "before" {
			t.Errorf("a member's reply says %+v", m)
		}
		var both [2]protocol.Message
		send(t, s, r, "lee", "l2", "fresh")
		both[0] = reply(t, s, r, "choi", "c9", "l2")
		if both[0].Quote == nil || both[0].Quote.Body != "fresh" {
			t.Errorf("says %+v", both[0])
		}
	})
}

func TestWhoCameLaterReadsNothingOfBeforeInQuotesAndNotices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park", "choi")
		r := room(t, s, "kim", "lee", "park")
		send(t, s, r, "kim", "m1", "before")
		if _, err := s.Notice(t.Context(), r, "kim", "m1", nil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Invite(t.Context(), r, "kim", []protocol.UserID{"choi"}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Send(t.Context(), store.NewMessage{ID: "l1", Room: r, Sender: "lee", Body: "http://example.com", Reply: "m1"}, nil); err != nil {
			t.Fatal(err)
		}
		// Who deletes everything for himself came no later by that.
		if _, err := s.Hide(t.Context(), r, "park", nil, true, nil); err != nil {
			t.Fatal(err)
		}
		reply(t, s, r, "lee", "l2", "m1")
		for user, there := range map[protocol.UserID]bool{"kim": true, "park": true, "choi": false} {
			after := protocol.Seq(2)
			page, err := s.Messages(t.Context(), user, r, nil, &after, 10)
			if err != nil {
				t.Fatal(err)
			}
			changes, err := s.Changes(t.Context(), user, r, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			one, err := s.Message(t.Context(), user, r, "l2")
			if err != nil {
				t.Fatal(err)
			}
			links, err := s.Archive(t.Context(), user, r, store.ArchiveQuery{Kind: protocol.ArchiveLinks, Limit: 10})
			if err != nil || len(links.Messages) != 1 && user != "park" {
				t.Fatalf("%+v %v", links, err)
			}
			for _, m := range append(append(append(page.Messages, changes.Messages...), links.Messages...), one) {
				if m.Reply == "m1" && (m.Quote != nil) != there || there && m.Quote != nil && m.Quote.Body != "before" {
					t.Errorf("%s reads %+v quoting %+v", user, m, m.Quote)
				}
			}
			whole, err := s.Room(t.Context(), user, r)
			if err != nil {
				t.Fatal(err)
			}
			rooms, err := s.Rooms(t.Context(), user, "", "", 10)
			if err != nil || len(rooms.Rooms) != 1 {
				t.Fatalf("%+v %v", rooms, err)
			}
			for where, n := range map[string]*protocol.Notice{"room": whole.Notice, "rooms": rooms.Rooms[0].Notice, "changes": changes.Notice} {
				if (n != nil) != there {
					t.Errorf("%s sees in %s on top: %+v", user, where, n)
				}
			}
		}
		if _, err := s.Notice(t.Context(), r, "kim", "l2", nil); err != nil {
			t.Fatal(err)
		}
		if whole, err := s.Room(t.Context(), "choi", r); err != nil || whole.Notice == nil || whole.Notice.ID != "l2" {
			t.Errorf("what was said since: %+v %v", whole.Notice, err)
		}
	})
}

func TestAMessageCarriesTwentyKindsOfEmoji(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		send(t, s, r, "kim", "m1", "text")
		for i := range protocol.Limits.ReactionKinds {
			if _, err := s.React(t.Context(), r, "kim", "m1", protocol.Emoji(rune(0x1f600+i)), true, nil); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.React(t.Context(), r, "lee", "m1", "👍", true, nil); !errors.Is(err, store.ErrTooManyKinds) {
			t.Errorf("one kind more: %v", err)
		}
		if out, err := s.React(t.Context(), r, "lee", "m1", "\U0001f600", true, nil); err != nil || out.Reactions[0].Count != 2 {
			t.Errorf("one of them: %+v %v", out, err)
		}
		page, err := s.Messages(t.Context(), "kim", r, nil, nil, 1)
		if err != nil || len(page.Messages[0].Reactions) != protocol.Limits.ReactionKinds || !page.Messages[0].Reactions[0].Mine {
			t.Errorf("%+v %v", page.Messages, err)
		}
	})
}

func TestReadersAreThoseWhoCouldReadIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park", "choi")
		r := room(t, s, "kim", "lee", "park")
		send(t, s, r, "kim", "m1", "text")
		if _, _, err := s.Invite(t.Context(), r, "kim", []protocol.UserID{"choi"}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Hide(t.Context(), r, "lee", nil, true, nil); err != nil {
			t.Fatal(err)
		}
		page, err := s.Readers(t.Context(), "kim", r, "m1")
		if err != nil || len(page.Read) != 1 || page.Read[0].ID != "lee" || len(page.Unread) != 1 || page.Unread[0].ID != "park" {
			t.Errorf("%+v %v", page, err)
		}
		for _, u := range []protocol.UserID{"choi", "lee"} {
			if _, err := s.Readers(t.Context(), u, r, "m1"); !errors.Is(err, store.ErrNoMessage) {
				t.Errorf("%s, who does not see it: %v", u, err)
			}
		}
		list, err := s.Rooms(t.Context(), "lee", "", "", 10)
		if err != nil || len(list.Rooms) != 1 || list.Rooms[0].LastMessage != nil || list.Rooms[0].Unread != 0 {
			t.Errorf("the emptied room in the list: %+v %v", list, err)
		}
	})
}
