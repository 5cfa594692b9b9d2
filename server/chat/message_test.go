package chat

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sendjay/shared/protocol"
)

func TestChangingMessages(t *testing.T) {
	k := newTalk(t)
	room := k.room("kim", "lee", "park")
	sent := k.says(room, "m1")
	k.new()
	ctx := t.Context()
	t.Run("an edit is the sender's, and the members hear the new wording", func(t *testing.T) {
		edit := protocol.EditMessage{Room: room, ID: "m1", Body: "안녕하세요", Mentions: []protocol.UserID{"lee"}}
		code(t, k.Edit(ctx, by("lee"), edit), protocol.Forbidden)
		for range 2 {
			code(t, k.Edit(ctx, by("kim"), edit), "")
		}
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvChanged || e[0].Rev != sent.Rev+1 || e[0].Seq != sent.Seq {
			t.Fatalf("published %+v", e)
		}
		if x := e[0].Data.(protocol.MessageChanged); x.Edit == nil || x.Edit.Body != "안녕하세요" || len(x.Edit.Mentions) != 1 || x.Edit.At == 0 {
			t.Errorf("said %+v", x)
		}
		late := New(Config{Store: k.store, Out: k.ear, EditWindow: time.Nanosecond})
		defer late.Close()
		code(t, late.Edit(ctx, by("kim"), protocol.EditMessage{Room: room, ID: "m1", Body: "x"}), protocol.TooLate)
	})
	t.Run("what is urgent is sent by somebody who is here, and only so often", func(t *testing.T) {
		room := k.room("park", "choi")
		k.new()
		says := func(p Person, id string, more func(*protocol.SendMessage)) error {
			m := protocol.SendMessage{ID: protocol.MessageID(id), Room: room, Body: "안녕", Urgent: true}
			if more != nil {
				more(&m)
			}
			_, err := k.Send(ctx, p, m)
			return err
		}
		code(t, says(by("park"), "u0", nil), protocol.Forbidden) // there are none here
		before := *k.limits.Load()
		now := before
		now.Urgent = 1
		k.SetLimits(now)
		defer k.SetLimits(before)
		code(t, says(Person{ID: "park", Name: "PARK"}, "u0", nil), protocol.Forbidden)
		code(t, says(by("park"), "u0", func(m *protocol.SendMessage) { m.Forwarded = true }), protocol.BadRequest)
		code(t, says(by("park"), "u1", nil), "")
		if e := k.new(); len(e) != 1 || !e[0].Data.(protocol.Message).Urgent {
			t.Errorf("published %+v", e)
		}
		err := says(by("park"), "u2", nil)
		if no, ok := errors.AsType[*protocol.Refusal](err); !ok || no.Code != protocol.RateLimited || no.Field != "urgent" || no.RetryAfter < 3500 || no.RetryAfter > 3600 {
			t.Errorf("one too many: %+v", err)
		}
		code(t, says(by("park"), "u2", func(m *protocol.SendMessage) { m.Urgent = false }), "")
		k.new()
	})
	t.Run("a reaction says who, and what stands there now", func(t *testing.T) {
		for _, on := range []bool{true, true, false} {
			code(t, k.React(ctx, by("lee"), protocol.ReactMessage{Room: room, ID: "m1", Emoji: "👍", On: on}), "")
		}
		e := k.new()
		if len(e) != 2 {
			t.Fatalf("published %+v", e)
		}
		if x := e[0].Data.(protocol.MessageChanged).Reacted; x.User != "lee" || !x.On || len(x.Reactions) != 1 || x.Reactions[0].Mine {
			t.Errorf("said %+v", x)
		}
		if x := e[1].Data.(protocol.MessageChanged).Reacted; x.On || x.Reactions == nil || len(x.Reactions) != 0 {
			t.Errorf("said %+v", x)
		}
	})
	t.Run("in a group the master pins, and all hear it", func(t *testing.T) {
		code(t, k.Notice(ctx, by("lee"), protocol.SetNotice{Room: room, ID: "m1"}), protocol.Forbidden)
		code(t, k.Notice(ctx, by("kim"), protocol.SetNotice{Room: room, ID: "m1"}), "")
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvNotice || e[0].Seq != 0 || e[0].Data.(protocol.NoticeChanged).Notice.Body != "안녕하세요" {
			t.Fatalf("published %+v", e)
		}
		pair := k.room("kim", "lee")
		k.says(pair, "p1")
		code(t, k.Notice(ctx, by("lee"), protocol.SetNotice{Room: pair, ID: "p1"}), "")
		code(t, k.Notice(ctx, by("lee"), protocol.SetNotice{Room: pair, ID: "m1"}), protocol.NotFound)
		k.new()
	})
	t.Run("what I delete for myself only my devices hear, and it is read", func(t *testing.T) {
		code(t, k.Hide(ctx, by("lee"), protocol.HideMessages{Room: room, IDs: []protocol.MessageID{"m1", "m9"}}), "")
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvHidden || e[0].Room != "" || !slices.Equal(e[0].To, []protocol.UserID{"lee"}) {
			t.Fatalf("published %+v", e)
		}
		if x := e[0].Data.(protocol.MessageHidden); !slices.Equal(x.IDs, []protocol.MessageID{"m1"}) || x.Hides != 1 {
			t.Errorf("said %+v", x)
		}
		page, err := k.Changes(ctx, "lee", room, 0, 0, 0)
		if err != nil || !slices.Equal(page.HiddenIDs, []protocol.MessageID{"m1"}) || page.Hides != 1 {
			t.Errorf("changes %+v, %v", page, err)
		}
		if seen, err := k.Messages(ctx, "lee", room, nil, nil, 0); err != nil || len(seen.Messages) != 0 {
			t.Errorf("still there: %+v, %v", seen, err)
		}
		if seen, err := k.Messages(ctx, "park", room, nil, nil, 0); err != nil || len(seen.Messages) != 1 || seen.Messages[0].Unread != 1 {
			t.Errorf("park sees %+v, %v", seen, err)
		}
		code(t, k.React(ctx, by("lee"), protocol.ReactMessage{Room: room, ID: "m1", Emoji: "👍", On: true}), protocol.NotFound)
	})
	t.Run("who came later cannot react to, pin, read of, or fetch what was before", func(t *testing.T) {
		if _, err := k.Invite(ctx, by("kim"), protocol.InviteMembers{Room: room, Members: []protocol.UserID{"choi"}}); err != nil {
			t.Fatal(err)
		}
		k.new()
		code(t, k.React(ctx, by("choi"), protocol.ReactMessage{Room: room, ID: "m1", Emoji: "👍", On: true}), protocol.NotFound)
		code(t, k.Notice(ctx, by("choi"), protocol.SetNotice{Room: room, ID: "m1"}), protocol.NotFound)
		_, err := k.Message(ctx, "choi", room, "m1")
		code(t, err, protocol.NotFound)
		_, err = k.Readers(ctx, "choi", room, "m1")
		code(t, err, protocol.NotFound)
		if e := k.new(); len(e) != 0 {
			t.Errorf("published %+v", e)
		}
	})
}
