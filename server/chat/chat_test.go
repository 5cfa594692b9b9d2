package chat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// talk is a Chat over a real database, with an ear on what it publishes.
type talk struct {
	*Chat
	*ear
	t *testing.T
}

func newTalk(t *testing.T) *talk {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, id := range []protocol.UserID{"kim", "lee", "park", "choi"} {
		if err := s.AddAccount(t.Context(), store.Account{User: protocol.User{ID: id, Name: strings.ToUpper(string(id))}, Active: true}); err != nil {
			t.Fatal(err)
		}
	}
	out := &ear{}
	c := New(Config{Store: s, Out: out, ReceiptDelay: time.Hour})
	t.Cleanup(c.Close)
	return &talk{c, out, t}
}

func by(id protocol.UserID) Person {
	return Person{ID: id, Name: strings.ToUpper(string(id)), Session: protocol.SessionID("s-" + id)}
}

func (k *talk) room(members ...protocol.UserID) protocol.RoomID {
	k.t.Helper()
	made, err := k.CreateRoom(k.t.Context(), by(members[0]), protocol.CreateRoom{Members: members[1:]})
	if err != nil {
		k.t.Fatal(err)
	}
	return made.Room.ID
}

func (k *talk) says(room protocol.RoomID, id string) protocol.MessageSent {
	k.t.Helper()
	sent, err := k.Send(k.t.Context(), by("kim"), protocol.SendMessage{ID: protocol.MessageID(id), Room: room, Body: "안녕"})
	if err != nil {
		k.t.Fatal(err)
	}
	return sent
}

// new returns what was published since it was last asked.
func (k *talk) new() []Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.events
	k.events = nil
	return e
}

func code(t *testing.T, err error, want protocol.Code) {
	t.Helper()
	if got := protocol.CodeOf(err); got != want {
		t.Errorf("got %q, want %q (%v)", got, want, err)
	}
}

func TestTalking(t *testing.T) {
	t.Run("a message is published with the rev of its answer, past the session that sent it", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee", "park")
		k.new()
		sent := k.says(room, "m1")
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvMessage || e[0].Rev != sent.Rev || e[0].Seq != sent.Seq || e[0].Skip != "s-kim" {
			t.Fatalf("published %+v", e)
		}
		if m := e[0].Data.(protocol.Message); m.Unread != 2 || m.SenderName != "KIM" {
			t.Errorf("message %+v", m)
		}
	})
	t.Run("the same id again gives the same answer and publishes nothing", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee")
		first := k.says(room, "m1")
		k.new()
		if again := k.says(room, "m1"); again != first {
			t.Errorf("got %+v, first %+v", again, first)
		}
		if e := k.new(); len(e) != 0 {
			t.Errorf("published %+v", e)
		}
		_, err := k.Send(t.Context(), by("lee"), protocol.SendMessage{ID: "m1", Room: room, Body: "x"})
		code(t, err, protocol.Conflict)
	})
	t.Run("strangers cannot tell a room from none", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee")
		k.says(room, "m1")
		k.new()
		ctx := t.Context()
		for _, r := range []protocol.RoomID{room, "no-such-room"} {
			_, err := k.Send(ctx, by("park"), protocol.SendMessage{ID: "x", Room: r, Body: "x"})
			code(t, err, protocol.NotFound)
			code(t, k.Read(ctx, by("park"), protocol.ReadMessages{Room: r, Seq: 1}), protocol.NotFound)
			code(t, k.Cancel(ctx, by("park"), protocol.CancelMessage{Room: r, ID: "m1"}), protocol.NotFound)
			_, err = k.Invite(ctx, by("park"), protocol.InviteMembers{Room: r, Members: []protocol.UserID{"choi"}})
			code(t, err, protocol.NotFound)
			code(t, k.Leave(ctx, by("park"), protocol.LeaveRoom{Room: r}), protocol.NotFound)
			code(t, k.Kick(ctx, by("park"), protocol.KickMember{Room: r, User: "kim"}), protocol.NotFound)
			code(t, k.Kick(ctx, by("park"), protocol.KickMember{Room: r, User: "park"}), protocol.NotFound)
			code(t, k.Edit(ctx, by("park"), protocol.EditMessage{Room: r, ID: "m1", Body: "x"}), protocol.NotFound)
			code(t, k.React(ctx, by("park"), protocol.ReactMessage{Room: r, ID: "m1", Emoji: "👍", On: true}), protocol.NotFound)
			code(t, k.Hide(ctx, by("park"), protocol.HideMessages{Room: r, All: true}), protocol.NotFound)
			code(t, k.Notice(ctx, by("park"), protocol.SetNotice{Room: r, ID: "m1"}), protocol.NotFound)
			_, err = k.Message(ctx, "park", r, "m1")
			code(t, err, protocol.NotFound)
			_, err = k.Readers(ctx, "park", r, "m1")
			code(t, err, protocol.NotFound)
			_, err = k.Room(ctx, "park", r)
			code(t, err, protocol.NotFound)
			_, err = k.Members(ctx, "park", r)
			code(t, err, protocol.NotFound)
			_, err = k.Messages(ctx, "park", r, nil, nil, 0)
			code(t, err, protocol.NotFound)
			_, err = k.Changes(ctx, "park", r, 0, 0, 0)
			code(t, err, protocol.NotFound)
			_, err = k.Search(ctx, "park", store.SearchQuery{Text: "안녕", Room: r})
			code(t, err, protocol.NotFound)
		}
		if e := k.new(); len(e) != 0 {
			t.Errorf("published %+v", e)
		}
	})
	t.Run("unknown people make no room", func(t *testing.T) {
		k := newTalk(t)
		_, err := k.CreateRoom(t.Context(), by("kim"), protocol.CreateRoom{Members: []protocol.UserID{"lee", "nobody"}})
		code(t, err, protocol.NotFound)
		if p, err := k.Rooms(t.Context(), "kim", "", "", 0); err != nil || len(p.Rooms) != 0 {
			t.Errorf("%+v, %v", p, err)
		}
	})
	t.Run("a new room is told to the maker's other devices alone, a found one to nobody", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee")
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvMembers || !slices.Equal(e[0].To, []protocol.UserID{"kim"}) || e[0].Skip != "s-kim" {
			t.Errorf("published %+v", e)
		}
		if again := k.room("lee", "kim"); again != room || len(k.new()) != 0 {
			t.Errorf("found %s, want %s", again, room)
		}
	})
	t.Run("receipts go before the next event of the room, and backwards does nothing", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee")
		sent := k.says(room, "m1")
		k.new()
		for _, seq := range []protocol.Seq{999, 1, 0} {
			if err := k.Read(t.Context(), by("lee"), protocol.ReadMessages{Room: room, Seq: seq}); err != nil {
				t.Fatal(err)
			}
		}
		next := k.says(room, "m2")
		e := k.new()
		if len(e) != 2 || *e[0].Since != sent.Rev || e[0].Rev != sent.Rev+1 || e[1].Rev != next.Rev || next.Rev != sent.Rev+2 {
			t.Fatalf("published %+v", e)
		}
		if c := cursors(t, e[0]); len(c) != 1 || c[0].User != "lee" || c[0].Seq != sent.Seq {
			t.Errorf("cursors %+v", c)
		}
	})
}

func TestCancelling(t *testing.T) {
	k := newTalk(t)
	room := k.room("kim", "lee")
	sent := k.says(room, "m1")
	k.new()
	cancel := protocol.CancelMessage{Room: room, ID: "m1"}
	t.Run("it is not for anybody else", func(t *testing.T) {
		code(t, k.Cancel(t.Context(), by("lee"), cancel), protocol.Forbidden)
		code(t, k.Cancel(t.Context(), by("kim"), protocol.CancelMessage{Room: room, ID: "m9"}), protocol.NotFound)
	})
	t.Run("it is not for later", func(t *testing.T) {
		late := New(Config{Store: k.store, Out: k.ear, CancelWindow: time.Nanosecond})
		defer late.Close()
		code(t, late.Cancel(t.Context(), by("kim"), cancel), protocol.TooLate)
	})
	t.Run("the members hear it once, without a text", func(t *testing.T) {
		for range 2 {
			if err := k.Cancel(t.Context(), by("kim"), cancel); err != nil {
				t.Fatal(err)
			}
		}
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvCancelled || e[0].Rev != sent.Rev+1 {
			t.Fatalf("published %+v", e)
		}
		if x := e[0].Data.(protocol.MessageCancelled); x.ID != "m1" || x.Seq != sent.Seq {
			t.Errorf("said %+v", x)
		}
	})
}

func TestComingAndGoing(t *testing.T) {
	t.Run("an invitation tells who came before its line, and reaches them", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee", "choi")
		k.says(room, "m1")
		k.new()
		got, err := k.Invite(t.Context(), by("kim"), protocol.InviteMembers{Room: room, Members: []protocol.UserID{"park", "lee"}})
		if err != nil || !slices.Equal(got.Added, []protocol.UserID{"park"}) {
			t.Fatalf("added %v, %v", got.Added, err)
		}
		e := k.new()
		if len(e) != 2 {
			t.Fatalf("published %+v", e)
		}
		moved, said := e[0], e[1]
		if moved.Ev == protocol.EvMessage {
			moved, said = said, moved
		}
		if !slices.Contains(moved.To, "park") || len(moved.Moved) != 1 || moved.Data.(protocol.MembersChanged).Count != 4 {
			t.Errorf("members %+v", moved)
		}
		if m := said.Data.(protocol.Message); m.Type != protocol.Invite || m.Sender != "kim" || len(m.People) != 1 || m.People[0].ID != "park" {
			t.Errorf("line %+v", m)
		}
		again, err := k.Invite(t.Context(), by("kim"), protocol.InviteMembers{Room: room, Members: []protocol.UserID{"park"}})
		if err != nil || again.Added == nil || len(again.Added) != 0 || len(k.new()) != 0 {
			t.Errorf("again %v, %v", again, err)
		}
	})
	t.Run("who leaves hears of it, and no line", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee", "park")
		k.says(room, "m1")
		k.new()
		if err := k.Leave(t.Context(), by("lee"), protocol.LeaveRoom{Room: room}); err != nil {
			t.Fatal(err)
		}
		e := k.new()
		if len(e) != 2 || !slices.Contains(e[0].To, "lee") || !e[0].Moved[0].Left || e[1].Data.(protocol.Message).Type != protocol.Leave || e[1].To != nil {
			t.Errorf("published %+v", e)
		}
		_, err := k.Messages(t.Context(), "lee", room, nil, nil, 0)
		code(t, err, protocol.NotFound)
	})
	t.Run("a pair is left silently and comes back with the next message", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee")
		k.says(room, "m1")
		k.new()
		if err := k.Leave(t.Context(), by("lee"), protocol.LeaveRoom{Room: room}); err != nil {
			t.Fatal(err)
		}
		if e := k.new(); len(e) != 1 || e[0].Ev != protocol.EvMembers {
			t.Errorf("published %+v", e)
		}
		sent := k.says(room, "m2")
		e := k.new()
		if len(e) != 2 || len(e[0].Moved) != 1 || e[0].Moved[0].ID != "lee" || e[0].Moved[0].From != sent.Seq-1 {
			t.Fatalf("published %+v", e)
		}
		if m := e[0].Data.(protocol.MembersChanged); e[0].Rev != sent.Rev || e[1].Rev != sent.Rev || m.Count != 2 || m.Members[0].Name != "LEE" {
			t.Errorf("said %+v", e[0])
		}
	})
	t.Run("whoever opens a pair again that he had left is in it for both", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee")
		sent := k.says(room, "m1")
		if err := k.Leave(t.Context(), by("lee"), protocol.LeaveRoom{Room: room}); err != nil {
			t.Fatal(err)
		}
		k.new()
		if again := k.room("lee", "kim"); again != room {
			t.Fatalf("made %s", again)
		}
		e := k.new()
		if len(e) != 1 || e[0].Ev != protocol.EvMembers || len(e[0].To) != 2 || e[0].Moved[0].From != sent.Seq {
			t.Errorf("published %+v", e)
		}
	})
	t.Run("kicking is the master's right, and not for himself", func(t *testing.T) {
		k := newTalk(t)
		room := k.room("kim", "lee", "park")
		ctx := t.Context()
		code(t, k.Kick(ctx, by("lee"), protocol.KickMember{Room: room, User: "park"}), protocol.Forbidden)
		code(t, k.Kick(ctx, by("kim"), protocol.KickMember{Room: room, User: "kim"}), protocol.Forbidden)
		code(t, k.Kick(ctx, by("lee"), protocol.KickMember{Room: room, User: "lee"}), protocol.Forbidden)
		code(t, k.Kick(ctx, by("kim"), protocol.KickMember{Room: room, User: "choi"}), protocol.NotFound)
		code(t, k.Kick(ctx, by("kim"), protocol.KickMember{Room: room, User: "park"}), "")
		_, err := k.Room(ctx, "park", room)
		code(t, err, protocol.NotFound)
		// Of two, neither puts the other one out.
		code(t, k.Kick(ctx, by("kim"), protocol.KickMember{Room: room, User: "lee"}), protocol.Forbidden)
		code(t, k.Kick(ctx, by("kim"), protocol.KickMember{Room: k.room("kim", "park"), User: "park"}), protocol.Forbidden)
	})
}

func TestLooking(t *testing.T) {
	k := newTalk(t)
	room := k.room("kim", "lee")
	for i := range 120 {
		k.says(room, fmt.Sprint("m", i))
	}
	ctx := t.Context()
	seq := func(n protocol.Seq) *protocol.Seq { return &n }
	t.Run("limits are clamped, nonsense is refused", func(t *testing.T) {
		for asked, want := range map[int]int{0: 50, 1: 1, 100: 100, 5000: 100} {
			p, err := k.Messages(ctx, "lee", room, nil, nil, asked)
			if err != nil || len(p.Messages) != want || !p.More {
				t.Errorf("limit %d: %d messages, more %v, %v", asked, len(p.Messages), p.More, err)
			}
		}
		_, err := k.Messages(ctx, "lee", room, nil, nil, -1)
		code(t, err, protocol.BadRequest)
		_, err = k.Messages(ctx, "lee", room, seq(-1), nil, 0)
		code(t, err, protocol.BadRequest)
		_, err = k.Rooms(ctx, "lee", "", "nonsense", 0)
		code(t, err, protocol.BadRequest)
		_, err = k.Changes(ctx, "lee", room, -1, -1, 0)
		code(t, err, protocol.BadRequest)
	})
	t.Run("search looks back as far as its window, and says so", func(t *testing.T) {
		c := New(Config{Store: k.store, Out: &ear{}, SearchWindow: time.Hour})
		t.Cleanup(c.Close)
		before := time.Now().Add(-time.Hour)
		p, err := c.Search(ctx, "kim", store.SearchQuery{Text: "안녕"})
		if err != nil || len(p.Messages) == 0 {
			t.Fatalf("%+v, %v", p, err)
		}
		if since := p.Since.Time(); since.Before(before.Truncate(time.Millisecond)) || since.After(time.Now().Add(-time.Hour)) {
			t.Errorf("looked back to %s", since)
		}
		// Who asks for less gets less, who asks for more gets the window.
		late := protocol.At(time.Now().Add(time.Hour))
		if p, err := c.Search(ctx, "kim", store.SearchQuery{Text: "안녕", Since: late}); err != nil || p.Since != late || len(p.Messages) != 0 {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err := c.Search(ctx, "kim", store.SearchQuery{Text: "안녕", Since: 1}); err != nil || p.Since.Time().Before(before.Truncate(time.Millisecond)) {
			t.Errorf("%+v, %v", p, err)
		}
	})
	t.Run("search wants something to look for", func(t *testing.T) {
		_, err := k.Search(ctx, "kim", store.SearchQuery{Text: "  "})
		code(t, err, protocol.BadRequest)
		_, err = k.Search(ctx, "kim", store.SearchQuery{Text: strings.Repeat("x", 101)})
		code(t, err, protocol.TooLarge)
		if p, err := k.Search(ctx, "kim", store.SearchQuery{Text: "안"}); err != nil || p.Messages == nil || len(p.Messages) != 0 {
			t.Errorf("%v, %v", p, err)
		}
	})
}

func TestAStoreThatIsFullIsUnavailableAndSaysWhy(t *testing.T) {
	err := refuse("send", fmt.Errorf("commit: %w", store.ErrFull))
	code(t, err, protocol.Unavailable)
	if !errors.Is(err, store.ErrFull) {
		t.Error("the cause is lost")
	}
	code(t, refuse("send", errors.New("x")), protocol.Internal)
}
