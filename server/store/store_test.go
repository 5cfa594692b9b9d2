package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func people(t testing.TB, s *store.Store, ids ...protocol.UserID) {
	t.Helper()
	for _, id := range ids {
		if err := s.AddAccount(t.Context(), store.Account{User: protocol.User{ID: id, Name: "N" + string(id)}, Active: true}); err != nil {
			t.Fatal(err)
		}
	}
}

func room(t testing.TB, s *store.Store, creator protocol.UserID, others ...protocol.UserID) protocol.RoomID {
	t.Helper()
	made, err := s.CreateRoom(t.Context(), creator, others, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return made.Room
}

func send(t testing.TB, s *store.Store, r protocol.RoomID, by protocol.UserID, id, body string) store.Stored {
	t.Helper()
	out, err := s.Send(t.Context(), store.NewMessage{ID: protocol.MessageID(id), Room: r, Sender: by, SenderName: "N" + string(by), Body: body}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSendingIsDenseAndIdempotent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() { send(t, s, r, "kim", fmt.Sprintf("m%03d", i), "안녕 😀 `\\' \"") })
		}
		wg.Wait()
		page, err := s.Messages(t.Context(), "lee", r, nil, nil, 200)
		if err != nil || len(page.Messages) != 200 || page.More {
			t.Fatalf("%d messages, more %v, %v", len(page.Messages), page.More, err)
		}
		for i, m := range page.Messages {
			if m.Seq != protocol.Seq(i+1) || m.Body != "안녕 😀 `\\' \"" || m.Unread != 1 {
				t.Fatalf("message %d is %+v", i, m)
			}
		}
		first := page.Messages[4]
		again := send(t, s, r, "kim", string(first.ID), "another text")
		if !again.Repeat || again.Message.Seq != first.Seq || again.Message.Rev != first.Rev || again.Message.At != first.At {
			t.Fatalf("repeated: %+v, first: %+v", again, first)
		}
		if _, err := s.Send(t.Context(), store.NewMessage{ID: first.ID, Room: r, Sender: "lee", Body: "x"}, nil); !errors.Is(err, store.ErrTaken) {
			t.Fatalf("an id of somebody else: %v", err)
		}
		if _, err := s.Send(t.Context(), store.NewMessage{ID: "z", Room: r, Sender: "park", Body: "x"}, nil); !errors.Is(err, store.ErrNotMember) {
			t.Fatalf("a stranger: %v", err)
		}
	})
}

func TestCursorsMakeUnreadNumbers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park")
		r := room(t, s, "kim", "lee", "park")
		for i := range 5 {
			send(t, s, r, "kim", fmt.Sprint("m", i), "text")
		}
		moved, err := s.Read(t.Context(), r, "lee", 3, nil)
		if err != nil || !moved.Changed || moved.Cursor.Seq != 3 {
			t.Fatalf("%+v %v", moved, err)
		}
		if moved, _ := s.Read(t.Context(), r, "lee", 2, nil); moved.Changed || moved.Cursor.Seq != 3 {
			t.Fatalf("went back: %+v", moved)
		}
		page, _ := s.Messages(t.Context(), "park", r, nil, nil, 50)
		for _, m := range page.Messages {
			want := 2
			if m.Seq <= 3 {
				want = 1
			}
			if m.Unread != want {
				t.Errorf("unread of %d is %d", m.Seq, m.Unread)
			}
		}
		rooms, err := s.Rooms(t.Context(), "lee", "", "", 30)
		if err != nil || len(rooms.Rooms) != 1 || rooms.Rooms[0].Unread != 2 || rooms.Rooms[0].Read != 3 || len(rooms.Rooms[0].Members) != 3 {
			t.Fatalf("%+v %v", rooms, err)
		}
		if rooms.Rooms[0].Title != "Nkim, Npark" || rooms.Rooms[0].LastMessage == nil || rooms.Rooms[0].LastMessage.Seq != 5 {
			t.Fatalf("%+v", rooms.Rooms[0])
		}
		if un, err := s.Unread(t.Context(), "park"); err != nil || un.Total != 5 {
			t.Fatalf("%+v %v", un, err)
		}
		if moved, err := s.Read(t.Context(), r, "lee", 999, nil); err != nil || moved.Cursor.Seq != 5 {
			t.Fatalf("reading beyond the end: %+v %v", moved, err)
		}
	})
}

func TestFiftyMembersWithTheLongestIdsFindTheirRoomAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var ids []protocol.UserID
		for i := range protocol.Limits.SameMembers + 1 {
			id := protocol.UserID(fmt.Sprintf("%0*d", protocol.Limits.UserIDBytes, i))
			if !id.Valid() {
				t.Fatalf("%s is no id", id)
			}
			people(t, s, id)
			ids = append(ids, id)
		}
		all := ids[:protocol.Limits.SameMembers]
		first := room(t, s, all[0], all[1:]...)
		if again := room(t, s, all[7], append(slices.Clone(all[8:]), all[:7]...)...); again != first {
			t.Errorf("the same %d made another room", len(all))
		}
		// One more, or another one in place of the last, is another room.
		if other := room(t, s, all[0], append(slices.Clone(all[1:len(all)-1]), ids[len(ids)-1])...); other == first {
			t.Error("other members found this room")
		}
	})
}

func TestTheSameMembersAreTheSameRoomAlsoAtTheSameInstant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park")
		var wg sync.WaitGroup
		made := make([]store.RoomMade, 20)
		for i := range made {
			wg.Go(func() {
				var err error
				creator, other := protocol.UserID("kim"), protocol.UserID("lee")
				if i%2 == 1 {
					creator, other = other, creator
				}
				if made[i], err = s.CreateRoom(context.Background(), creator, []protocol.UserID{other, "park", other}, "", nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		fresh := 0
		for _, m := range made {
			if m.Room != made[0].Room {
				t.Errorf("two rooms: %s %s", m.Room, made[0].Room)
			}
			if !m.Existed {
				fresh++
			}
		}
		if fresh != 1 {
			t.Errorf("%d creators were told that theirs is new", fresh)
		}
		if _, err := s.CreateRoom(t.Context(), "kim", []protocol.UserID{"nobody"}, "", nil); !errors.Is(err, store.ErrNoUser) {
			t.Errorf("unknown member: %v", err)
		}
		// An empty room is its maker's alone.
		if page, _ := s.Rooms(t.Context(), "park", "", "", 30); len(page.Rooms) != 0 {
			t.Errorf("park sees an empty room: %+v", page.Rooms)
		}
	})
}

func TestInvitingLeavingAndKicking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park", "choi")
		r := room(t, s, "kim", "lee")
		send(t, s, r, "kim", "m1", "before")
		moved, added, err := s.Invite(t.Context(), r, "lee", []protocol.UserID{"park", "kim"}, nil)
		if err != nil || len(added) != 1 || moved.Line == nil || moved.Line.Seq != 2 || moved.Count != 3 {
			t.Fatalf("%+v %v %v", moved, added, err)
		}
		page, _ := s.Messages(t.Context(), "park", r, nil, nil, 50)
		if len(page.Messages) != 1 || page.Messages[0].Type != protocol.Invite || len(page.Messages[0].People) != 1 || page.Messages[0].People[0].ID != "park" {
			t.Fatalf("park sees %+v", page.Messages)
		}
		if _, added, err := s.Invite(t.Context(), r, "lee", []protocol.UserID{"park"}, nil); err != nil || len(added) != 0 {
			t.Fatalf("inviting a member again: %v %v", added, err)
		}
		if _, err := s.Kick(t.Context(), r, "lee", "park", nil); !errors.Is(err, store.ErrNotMaster) {
			t.Fatalf("kick by a member: %v", err)
		}
		if _, err := s.Kick(t.Context(), r, "kim", "park", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Messages(t.Context(), "park", r, nil, nil, 50); !errors.Is(err, store.ErrNotMember) {
			t.Fatalf("somebody who was kicked reads: %v", err)
		}
		if _, err := s.Changes(t.Context(), "park", r, 0, 100); !errors.Is(err, store.ErrNotMember) {
			t.Fatalf("somebody who was kicked catches up: %v", err)
		}
		if _, err := s.Leave(t.Context(), r, "kim", nil); err != nil {
			t.Fatal(err)
		}
		got, err := s.Room(t.Context(), "lee", r)
		if err != nil || got.Master != "lee" || got.MemberCount != 1 {
			t.Fatalf("after the master left: %+v %v", got, err)
		}
	})
}

func TestAPairLeftComesBackWithTheNextMessage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		send(t, s, r, "kim", "m1", "old")
		if moved, err := s.Leave(t.Context(), r, "lee", nil); err != nil || moved.Line != nil {
			t.Fatalf("%+v %v", moved, err)
		}
		if page, _ := s.Rooms(t.Context(), "lee", "", "", 30); len(page.Rooms) != 0 {
			t.Fatal("still listed")
		}
		before, err := s.Room(t.Context(), "kim", r)
		if page, _ := s.Rooms(t.Context(), "kim", "", "", 30); err != nil || before.Title != "Nlee" || len(page.Rooms) != 1 || page.Rooms[0].Title != before.Title {
			t.Fatalf("for the other it does not keep its name: %q, %+v, %v", before.Title, page.Rooms, err)
		}
		out := send(t, s, r, "kim", "m2", "new")
		if len(out.Revived) != 1 || out.Revived[0].ID != "lee" || out.Members != 2 || out.Message.Unread != 1 {
			t.Fatalf("%+v", out)
		}
		page, err := s.Messages(t.Context(), "lee", r, nil, nil, 50)
		if err != nil || len(page.Messages) != 1 || page.Messages[0].Body != "new" {
			t.Fatalf("%+v %v", page, err)
		}
	})
}

func TestCancellingHidesFromThoseWhoHadNotRead(t *testing.T) {
	storetest.EachWith(t, store.Config{}, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park")
		r := room(t, s, "kim", "lee", "park")
		send(t, s, r, "kim", "m1", "비밀 계약서")
		if _, err := s.Read(t.Context(), r, "lee", 1, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Cancel(t.Context(), r, "lee", "m1", time.Hour, nil); !errors.Is(err, store.ErrNotSender) {
			t.Fatalf("cancelled by another: %v", err)
		}
		if _, err := s.Cancel(t.Context(), r, "kim", "m1", 0, nil); !errors.Is(err, store.ErrTooLate) {
			t.Fatalf("after the window: %v", err)
		}
		if c, err := s.Cancel(t.Context(), r, "kim", "m1", time.Hour, nil); err != nil || !c.Changed {
			t.Fatalf("%+v %v", c, err)
		}
		if c, err := s.Cancel(t.Context(), r, "kim", "m1", time.Hour, nil); err != nil || c.Changed {
			t.Fatalf("second time: %+v %v", c, err)
		}
		lee, _ := s.Messages(t.Context(), "lee", r, nil, nil, 50)
		if len(lee.Messages) != 1 || !lee.Messages[0].Cancelled || lee.Messages[0].Body != "" {
			t.Fatalf("lee, who had read it, sees %+v", lee.Messages)
		}
		park, _ := s.Messages(t.Context(), "park", r, nil, nil, 50)
		if len(park.Messages) != 0 {
			t.Fatalf("park, who had not, sees %+v", park.Messages)
		}
		if un, _ := s.Unread(t.Context(), "park"); un.Total != 0 {
			t.Fatalf("unread counts a cancelled message: %+v", un)
		}
		changes, err := s.Changes(t.Context(), "park", r, 1, 100)
		if err != nil || len(changes.Messages) != 1 || !changes.Messages[0].Cancelled || changes.Messages[0].Body != "" {
			t.Fatalf("%+v %v", changes, err)
		}
		if rooms, _ := s.Rooms(t.Context(), "park", "", "", 30); rooms.Rooms[0].LastMessage != nil {
			t.Fatalf("the list still tells: %+v", rooms.Rooms[0].LastMessage)
		}
	})
}

func TestSearchFindsTwoSyllablesAndNothingForeign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park")
		r := room(t, s, "kim", "lee")
		send(t, s, r, "kim", "m1", "내일 신제품회의에서 50%_할인을 정합니다")
		send(t, s, r, "kim", "m2", "점심 먹어요")
		hits := func(user protocol.UserID, q string) int {
			out, err := s.Search(t.Context(), user, store.SearchQuery{Text: q, Limit: 20})
			if err != nil {
				t.Fatal(err)
			}
			return len(out.Messages)
		}
		if hits("lee", "회의") != 1 || hits("lee", "50%_할인") != 1 {
			t.Error("not found")
		}
		if hits("park", "회의") != 0 {
			t.Error("a stranger finds it")
		}
	})
}
