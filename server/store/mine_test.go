package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func titles(t *testing.T, s *store.Store, user protocol.UserID, q string, limit int) []string {
	t.Helper()
	var out []string
	cursor := ""
	for {
		page, err := s.Rooms(t.Context(), user, q, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rooms {
			out = append(out, r.Title)
		}
		if cursor = page.Next; cursor == "" {
			return out
		}
	}
}

func TestPinnedRoomsStandFirstInTheOrderTheirMemberGaveThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		people(t, s, "me", "a", "b", "c", "d", "e")
		rooms := map[string]protocol.RoomID{}
		for _, u := range []protocol.UserID{"a", "b", "c", "d", "e"} {
			rooms["N"+string(u)] = room(t, s, "me", u)
			send(t, s, rooms["N"+string(u)], "me", "m"+string(u), "m"+string(u))
		}
		pin := func(title string, on bool) {
			t.Helper()
			if err := s.SetMine(ctx, rooms[title], "me", store.Mine{Pinned: &on}, nil); err != nil {
				t.Fatal(err)
			}
		}
		want := func(q string, titlesWanted ...string) {
			t.Helper()
			for limit := 1; limit <= 6; limit++ {
				if got := titles(t, s, "me", q, limit); !slices.Equal(got, titlesWanted) {
					t.Errorf("in pages of %d: %v, want %v", limit, got, titlesWanted)
				}
			}
		}
		want("", "Ne", "Nd", "Nc", "Nb", "Na")
		pin("Nb", true)
		pin("Na", true)
		pin("Nd", true)
		want("", "Nb", "Na", "Nd", "Ne", "Nc")
		send(t, s, rooms["Nc"], "c", "later", "later")
		want("", "Nb", "Na", "Nd", "Nc", "Ne")

		var told []protocol.RoomMine
		order := []protocol.RoomID{rooms["Nd"], "no-such-room", rooms["Ne"], rooms["Nb"]}
		if err := s.Order(ctx, "me", order, func(m protocol.RoomMine) { told = append(told, m) }); err != nil {
			t.Fatal(err)
		}
		want("", "Nd", "Nb", "Na", "Nc", "Ne")
		if len(told) != 3 {
			t.Errorf("told of %+v", told)
		}
		pin("Nb", false)
		want("", "Nd", "Na", "Nc", "Ne", "Nb")
		if got := titles(t, s, "a", "", 10); !slices.Equal(got, []string{"Nme"}) {
			t.Errorf("the other one's list is %v", got)
		}

		// Whoever leaves gives the place up.
		if _, err := s.Leave(ctx, rooms["Nd"], "me", nil); err != nil {
			t.Fatal(err)
		}
		send(t, s, rooms["Nd"], "d", "back", "back")
		want("", "Na", "Nd", "Nc", "Ne", "Nb")
	})
}

func TestOnlySoManyRoomsCanBePinned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "me")
		yes := true
		for i := range protocol.Limits.PinnedRooms + 1 {
			other := protocol.UserID(fmt.Sprintf("o%d", i))
			people(t, s, other)
			err := s.SetMine(t.Context(), room(t, s, "me", other), "me", store.Mine{Pinned: &yes}, nil)
			if full := i == protocol.Limits.PinnedRooms; errors.Is(err, store.ErrTooManyPinned) != full {
				t.Fatalf("room %d: %v", i, err)
			}
		}
	})
}

func TestRoomsAreFoundByTheirNamesAndByEveryMembersName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		people(t, s, "me", "a", "b", "c", "d", "e", "zoe")
		many := room(t, s, "me", "a", "b", "c", "d", "e", "zoe")
		send(t, s, many, "me", "m1", "m1")
		pair := room(t, s, "me", "a")
		send(t, s, pair, "me", "m2", "m2")
		name := "영업 1팀 (100%)"
		if err := s.Rename(ctx, many, "me", name, nil); err != nil {
			t.Fatal(err)
		}
		own := "점심_친구"
		if err := s.SetMine(ctx, pair, "me", store.Mine{Name: &own}, nil); err != nil {
			t.Fatal(err)
		}
		for q, want := range map[string][]string{
			"nZO":   {name}, // the seventh of its members, whatever the case
			"영업1":   {name},
			"100%":  {name},
			"%팀":    nil,
			"점심_":   {own},
			"점심%친":  nil,
			"Na":    {own, name},
			"Nme":   nil, // oneself is in all of them
			"nobod": nil,
			"!":     nil,
		} {
			for limit := 1; limit <= 3; limit++ {
				if got := titles(t, s, "me", q, limit); !slices.Equal(got, want) {
					t.Errorf("%q in pages of %d: %v, want %v", q, limit, got, want)
				}
			}
		}
		if got := titles(t, s, "a", "점심", 10); got != nil {
			t.Errorf("a finds a name that is not his: %v", got)
		}
		if _, err := s.Leave(ctx, pair, "a", nil); err != nil {
			t.Fatal(err)
		}
		if got := titles(t, s, "me", "Na", 10); !slices.Equal(got, []string{own, name}) {
			t.Errorf("after the other one left: %v", got)
		}
	})
}

func TestTheMasterIsHandedOverAndInherited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		people(t, s, "a", "b", "c")
		id := room(t, s, "a", "b", "c")
		var told store.WideChanged
		if err := s.HandOver(ctx, id, "a", "c", func(w store.WideChanged) { told = w }); err != nil || told.Wide.Master != "c" {
			t.Fatalf("%+v %v", told, err)
		}
		if _, err := s.Kick(ctx, id, "a", "b", nil); !errors.Is(err, store.ErrNotMaster) {
			t.Errorf("the former master kicks: %v", err)
		}
		left, err := s.Leave(ctx, id, "c", nil)
		if err != nil || left.Master == "c" || left.Master == "" {
			t.Fatalf("left %+v %v", left, err)
		}
		if r, err := s.Room(ctx, "a", id); err != nil || r.Master != left.Master {
			t.Errorf("the master is %q %v", r.Master, err)
		}
		// A pair too goes to the one who stays.
		pair := room(t, s, "b", "c")
		if out, err := s.Leave(ctx, pair, "b", nil); err != nil || out.Master != "c" {
			t.Errorf("left the pair: %+v %v", out, err)
		}
		if err := s.Rename(ctx, pair, "c", "혼자", nil); err != nil {
			t.Error(err)
		}
	})
}

func TestNotesToOneselfAreOneRoomAndKnownAsSuch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		people(t, s, "me", "a", "b")
		self := room(t, s, "me")
		again, err := s.CreateRoom(ctx, "me", []protocol.UserID{"me"}, "", nil)
		if err != nil || again.Room != self || !again.Existed {
			t.Fatalf("%+v %v", again, err)
		}
		group := room(t, s, "me", "a", "b")
		for _, u := range []protocol.UserID{"a", "b"} {
			if _, err := s.Leave(ctx, group, u, nil); err != nil {
				t.Fatal(err)
			}
		}
		page, err := s.Rooms(ctx, "me", "", "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rooms {
			if r.Self != (r.ID == self) {
				t.Errorf("%s is for oneself: %v", r.ID, r.Self)
			}
		}
		if r, err := s.Room(ctx, "me", self); err != nil || !r.Self {
			t.Errorf("%+v %v", r, err)
		}
	})
}
