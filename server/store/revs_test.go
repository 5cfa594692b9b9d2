package store_test

import (
	"slices"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestARoomSaysWhenItsMembersLastChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for _, id := range []protocol.UserID{"kim", "lee", "park"} {
			if err := s.AddAccount(ctx, store.Account{User: protocol.User{ID: id, Name: string(id)}, Active: true}); err != nil {
				t.Fatal(err)
			}
		}
		made, err := s.CreateRoom(ctx, "kim", []protocol.UserID{"lee"}, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		send := func(id protocol.MessageID) store.Stored {
			t.Helper()
			m, err := s.Send(ctx, store.NewMessage{ID: id, Room: made.Room, Sender: "kim", SenderName: "kim", Body: "x"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		at := func() protocol.Rev {
			t.Helper()
			rev, err := s.MembersAt(ctx, made.Room)
			if err != nil {
				t.Fatal(err)
			}
			return rev
		}
		if first := send("m1"); first.MembersAt != 1 || at() != 1 {
			t.Errorf("a new room says %d and %d", first.MembersAt, at())
		}
		// Lee leaves the pair and is woken by the next message: with its rev the members changed.
		if _, err := s.Leave(ctx, made.Room, "lee", nil); err != nil {
			t.Fatal(err)
		}
		if woken := send("m2"); woken.MembersAt != woken.Message.Rev || at() != woken.Message.Rev {
			t.Errorf("woken at %d: %d and %d", woken.Message.Rev, woken.MembersAt, at())
		}
		moved, _, err := s.Invite(ctx, made.Room, "kim", []protocol.UserID{"park"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		read, err := s.Read(ctx, made.Room, "lee", 2, nil)
		if err != nil || read.MembersAt != moved.Rev || at() != moved.Rev {
			t.Errorf("invited at %d: %d and %d, %v", moved.Rev, read.MembersAt, at(), err)
		}
		if rev, err := s.MembersAt(ctx, "none"); rev != 0 || err != nil {
			t.Errorf("no room: %d, %v", rev, err)
		}

		standings, err := s.Standings(ctx, []protocol.UserID{"lee", "nobody"}, time.Minute)
		if err != nil || !slices.Equal(standings, []store.Standing{{User: "lee", Room: made.Room, Rev: read.Rev}}) {
			t.Errorf("%+v, %v", standings, err)
		}
	})
}
