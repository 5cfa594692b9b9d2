package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// age makes the messages of a room up to seq a year older.
func age(t *testing.T, s *store.Store, room protocol.RoomID, seq protocol.Seq) {
	t.Helper()
	if err := s.Exec(t.Context(), fmt.Sprintf("UPDATE A_MSGMST_TBL SET CDT='2020-01-01 00:00:00.000000' WHERE ROOMID='%s' AND SEQ<=%d", room, seq)); err != nil {
		t.Fatal(err)
	}
}

func TestOldMessagesGoFromEverybodyWithAllThatHangsOnThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		people(t, s, "kim", "lee", "late")
		r := room(t, s, "kim", "lee", "late")
		for i := range 150 {
			send(t, s, r, "kim", fmt.Sprintf("m%03d", i), fmt.Sprintf("분기보고 %d", i))
		}
		if _, err := s.React(ctx, r, "lee", "m003", "👍", true, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Notice(ctx, r, "kim", "m001", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Send(ctx, store.NewMessage{ID: "answer", Room: r, Sender: "lee", SenderName: "lee", Body: "대답", Reply: "m002"}, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Index(ctx); err != nil {
			t.Fatal(err)
		}
		before, err := s.Room(ctx, "kim", r)
		if err != nil {
			t.Fatal(err)
		}
		const gone = 100
		upto := before.Seq - 151 + gone // the first lines of the room are older still
		age(t, s, r, upto)
		cut := time.Now().AddDate(-1, 0, 0)
		old, next, err := s.OldRooms(ctx, "", cut, 10)
		if err != nil || !slices.Equal(old, []protocol.RoomID{r}) || next != "" {
			t.Fatal(old, next, err)
		}
		told := 0
		out, err := s.Retire(ctx, r, cut, func(store.Retired) { told++ })
		if err != nil || out.Upto != upto || told != 1 || len(out.Members[1]) != 3 || out.Notice == 0 {
			t.Fatalf("%+v %v, want up to %d", out, err, upto)
		}
		for n, sum := 30, 0; n == 30; {
			if n, err = s.DropRetired(ctx, r, out.Upto, 30); err != nil {
				t.Fatal(err)
			}
			if sum += n; n < 30 && sum != int(upto) {
				t.Errorf("%d went, want %d", sum, upto)
			}
		}
		for _, who := range []protocol.UserID{"kim", "lee", "late"} {
			page, err := s.Messages(ctx, who, r, nil, nil, 200)
			if err != nil || len(page.Messages) != 51 || page.Messages[0].ID != "m100" {
				t.Fatalf("%s sees %d: %v", who, len(page.Messages), err)
			}
			if last := page.Messages[50]; last.Reply != "m002" || last.Quote != nil {
				t.Errorf("a quote of what is gone: %+v", last.Quote)
			}
			now, err := s.Changes(ctx, who, r, before.Rev, 100)
			if err != nil || now.From != upto || now.Notice != nil || !slices.ContainsFunc(now.Messages, func(m protocol.Message) bool { return m.ID == "answer" }) {
				t.Errorf("%s hears of %+v %v", who, now, err)
			}
			if _, hides, err := s.HiddenSince(ctx, who, r, 0); err != nil || hides != 1 {
				t.Errorf("%s: %d %v", who, hides, err)
			}
		}
		if page, err := s.Unread(ctx, "lee"); err != nil || page.Total != 50 {
			t.Errorf("unread %+v %v", page, err)
		}
		if n := s.Indexed(ctx); n == 0 {
			t.Error("the index is empty")
		}
		if err := s.Index(ctx); err != nil {
			t.Fatal(err)
		}
		found, err := s.Search(ctx, "kim", store.SearchQuery{Text: "분기보고", Room: r, Limit: 200})
		if err != nil || len(found.Messages) != 50 {
			t.Errorf("found %d %v", len(found.Messages), err)
		}
		for _, table := range []string{"S_REACTION_TBL", "S_REPLY_TBL"} {
			if err := s.Exec(ctx, "INSERT INTO S_SETTING_TBL (NAME, VALUE) SELECT '"+table+"', 'x' FROM "+table); err != nil {
				t.Error(err)
			}
			var left string
			if err := s.Kept(ctx, table, &left); err != nil || left != "" {
				t.Errorf("%s keeps rows: %v", table, err)
			}
		}
		// The room goes on with the next number, and a second look finds nothing to do.
		if got := send(t, s, r, "lee", "next", "다음"); got.Message.Seq != before.Seq+1 {
			t.Errorf("seq %d after %d", got.Message.Seq, before.Seq)
		}
		if old, _, err := s.OldRooms(ctx, "", cut, 10); err != nil || len(old) != 0 {
			t.Error(old, err)
		}
	})
}

func TestARoomOfWhichNothingIsLeftStaysAndWhoCameLaterLosesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		people(t, s, "kim", "lee", "late")
		r := room(t, s, "kim", "lee")
		for i := range 3 {
			send(t, s, r, "kim", fmt.Sprint("a", i), "오래된 말")
		}
		if _, _, err := s.Invite(ctx, r, "kim", []protocol.UserID{"late"}, nil); err != nil {
			t.Fatal(err)
		}
		list, err := s.Rooms(ctx, "late", "", "", 10)
		if err != nil || len(list.Rooms) != 1 {
			t.Fatal(list, err)
		}
		r = list.Rooms[0].ID
		last := list.Rooms[0].Seq
		age(t, s, r, last)
		cut := time.Now().AddDate(-1, 0, 0)
		out, err := s.Retire(ctx, r, cut, nil)
		if err != nil || out.Upto != last {
			t.Fatalf("%+v %v", out, err)
		}
		// Cut off here, as by a crash: the next run goes on where this one stopped, and tells nobody twice.
		again, err := s.Retire(ctx, r, cut, nil)
		if err != nil || again.Upto != last || len(again.Members) != 0 {
			t.Fatalf("%+v %v", again, err)
		}
		if n, err := s.DropRetired(ctx, r, again.Upto, 100); err != nil || n != int(last) {
			t.Fatal(n, err)
		}
		for _, who := range []protocol.UserID{"kim", "late"} {
			list, err := s.Rooms(ctx, who, "", "", 10)
			if err != nil || !slices.ContainsFunc(list.Rooms, func(x protocol.Room) bool { return x.ID == r && x.LastMessage == nil && x.Unread == 0 }) {
				t.Errorf("%s sees %+v %v", who, list.Rooms, err)
			}
		}
		if got := send(t, s, r, "kim", "fresh", "새 말"); got.Message.Seq != last+1 || got.Message.Unread != 2 {
			t.Errorf("%+v", got.Message)
		}
	})
}
