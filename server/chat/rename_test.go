package chat

import (
	"slices"
	"testing"

	"sendjay/shared/protocol"
)

func TestNamesOfARoom(t *testing.T) {
	rename := func(room protocol.RoomID, who protocol.For, title string) protocol.RenameRoom {
		return protocol.RenameRoom{Room: room, For: who, Title: protocol.Text(title)}
	}
	shown := func(k *talk, who protocol.UserID, room protocol.RoomID) string {
		k.t.Helper()
		r, err := k.Room(k.t.Context(), who, room)
		if err != nil {
			k.t.Fatal(err)
		}
		return r.Title
	}
	t.Run("a name of my own is heard by my devices alone, and goes before the one for all", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee", "park")
		k.new()
		code(t, k.Rename(t.Context(), by("lee"), rename(room, protocol.ForMe, "  점심  모임 ")), "")
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvMine || !slices.Equal(e[0].To, []protocol.UserID{"lee"}) || e[0].Rev != 0 {
			t.Fatalf("published %+v", e)
		}
		if m := e[0].Data.(protocol.RoomMine); m.Name != "점심 모임" || m.Version != 1 || m.Room != room || m.Notify != protocol.NotifyAll {
			t.Errorf("said %+v", m)
		}
		code(t, k.Rename(t.Context(), by("kim"), rename(room, protocol.ForAll, "신제품")), "")
		for who, want := range map[protocol.UserID]string{"kim": "신제품", "lee": "점심 모임", "park": "신제품"} {
			if got := shown(k, who, room); got != want {
				t.Errorf("%s sees %q, want %q", who, got, want)
			}
		}
		code(t, k.Rename(t.Context(), by("lee"), rename(room, protocol.ForMe, " ")), "")
		if got := shown(k, "lee", room); got != "신제품" {
			t.Errorf("emptied it is %q", got)
		}
		code(t, k.Rename(t.Context(), by("kim"), rename(room, protocol.ForAll, "")), "")
		if got := shown(k, "lee", room); got != "KIM, PARK" {
			t.Errorf("without any it is %q", got)
		}
	})
	t.Run("the name for all is the master's right and is heard by all, once", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee", "park")
		k.new()
		code(t, k.Rename(t.Context(), by("lee"), rename(room, protocol.ForAll, "x")), protocol.Forbidden)
		code(t, k.Rename(t.Context(), by("choi"), rename(room, protocol.ForAll, "x")), protocol.NotFound)
		code(t, k.Rename(t.Context(), by("choi"), rename(room, protocol.ForMe, "x")), protocol.NotFound)
		for range 2 {
			code(t, k.Rename(t.Context(), by("kim"), rename(room, protocol.ForAll, "신제품")), "")
		}
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvRoom || e[0].To != nil || e[0].Rev != 2 || e[0].Data != (protocol.RoomWide{Name: "신제품", Master: "kim"}) {
			t.Errorf("published %+v", e)
		}
	})
	t.Run("the master sees the name he gives for all, also where he had one of his own", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee")
		code(t, k.Rename(t.Context(), by("kim"), rename(room, protocol.ForAll, "같은 이름")), "")
		code(t, k.Rename(t.Context(), by("kim"), rename(room, protocol.ForMe, "내 이름")), "")
		k.new()
		code(t, k.Rename(t.Context(), by("kim"), rename(room, protocol.ForAll, "같은 이름")), "")
		if e := k.new(); len(e) != 1 || e[0].Ev != protocol.EvMine || e[0].Data.(protocol.RoomMine).Name != "" {
			t.Errorf("published %+v", e)
		}
		if got := shown(k, "kim", room); got != "같은 이름" {
			t.Errorf("sees %q", got)
		}
	})
	t.Run("a name has at most 100 code points", func(t *testing.T) {
		long := make([]rune, protocol.Limits.TitleRunes)
		for i := range long {
			long[i] = '😀'
		}
		if bad := rename("r", protocol.ForMe, string(long)).Check(); bad != nil {
			t.Errorf("%v", bad)
		}
		if bad := rename("r", protocol.ForMe, string(long)+"x").Check(); bad == nil || bad.Code != protocol.TooLarge {
			t.Errorf("%v", bad)
		}
	})
}

func TestHandingOver(t *testing.T) {
	k := newTalk(t)
	room := k.room("kim", "lee", "park")
	k.new()
	ctx := t.Context()
	t.Run("it is the master's right, and goes to a member", func(t *testing.T) {
		code(t, k.HandOver(ctx, by("lee"), protocol.HandOver{Room: room, User: "lee"}), protocol.Forbidden)
		code(t, k.HandOver(ctx, by("kim"), protocol.HandOver{Room: room, User: "choi"}), protocol.NotFound)
		code(t, k.HandOver(ctx, by("choi"), protocol.HandOver{Room: room, User: "choi"}), protocol.NotFound)
		code(t, k.HandOver(ctx, by("kim"), protocol.HandOver{Room: room, User: "kim"}), "")
		if e := k.new(); len(e) != 0 {
			t.Errorf("published %+v", e)
		}
		code(t, k.HandOver(ctx, by("kim"), protocol.HandOver{Room: room, User: "park"}), "")
		if e := k.new(); len(e) != 1 || e[0].Data != (protocol.RoomWide{Master: "park"}) {
			t.Errorf("published %+v", e)
		}
	})
	t.Run("the former one may no longer kick or name for all", func(t *testing.T) {
		code(t, k.Kick(ctx, by("kim"), protocol.KickMember{Room: room, User: "lee"}), protocol.Forbidden)
		code(t, k.Rename(ctx, by("kim"), protocol.RenameRoom{Room: room, For: protocol.ForAll, Title: "x"}), protocol.Forbidden)
	})
	t.Run("a master who leaves says by that who follows", func(t *testing.T) {
		k.new()
		if err := k.Leave(ctx, by("park"), protocol.LeaveRoom{Room: room}); err != nil {
			t.Fatal(err)
		}
		if m := k.new()[0].Data.(protocol.MembersChanged); m.By != "park" || (m.Master != "kim" && m.Master != "lee") {
			t.Errorf("said %+v", m)
		}
	})
}

func TestSettingUpARoomForMyself(t *testing.T) {
	k := newTalk(t)
	room, other := k.room("kim", "lee"), k.room("kim", "park")
	k.new()
	ctx := t.Context()
	set := protocol.SetMine{Room: room, Notify: new(protocol.NotifyNone), Pinned: new(true), PanelHidden: new(true)}
	t.Run("all of it is told to my devices, and nothing to anybody else", func(t *testing.T) {
		for range 2 {
			code(t, k.SetMine(ctx, by("kim"), set), "")
		}
		e := k.new()
		if len(e) != 1 || !slices.Equal(e[0].To, []protocol.UserID{"kim"}) || e[0].Room != "" {
			t.Fatalf("published %+v", e)
		}
		if m := e[0].Data.(protocol.RoomMine); m.Notify != protocol.NotifyNone || m.Pinned != 1 || !m.PanelHidden {
			t.Errorf("said %+v", m)
		}
		r, err := k.Room(ctx, "kim", room)
		if err != nil || !r.Muted || r.Pinned != 1 || !r.PanelHidden || r.MineVersion != 1 {
			t.Errorf("%+v %v", r, err)
		}
		if r, err := k.Room(ctx, "lee", room); err != nil || r.Muted || r.Pinned != 0 || r.PanelHidden {
			t.Errorf("lee has %+v %v", r, err)
		}
	})
	t.Run("strangers cannot", func(t *testing.T) {
		code(t, k.SetMine(ctx, by("choi"), set), protocol.NotFound)
	})
	t.Run("the order of the pinned ones is told room by room", func(t *testing.T) {
		code(t, k.SetMine(ctx, by("kim"), protocol.SetMine{Room: other, Pinned: new(true)}), "")
		k.new()
		code(t, k.Order(ctx, by("kim"), protocol.OrderRooms{Rooms: []protocol.RoomID{other, room}}), "")
		places := map[protocol.RoomID]int{}
		for _, e := range k.new() {
			m := e.Data.(protocol.RoomMine)
			places[m.Room] = m.Pinned
		}
		if places[other] != 1 || places[room] != 2 {
			t.Errorf("places %v", places)
		}
	})
}
