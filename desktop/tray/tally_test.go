package main

import (
	"testing"

	"sendjay/shared/protocol"
)

func say(room protocol.RoomID, sender protocol.UserID, seq protocol.Seq) protocol.Message {
	return protocol.Message{Room: room, Sender: sender, Seq: seq, Type: protocol.Talk, At: protocol.Instant(seq)}
}

func TestTheBadgeIsTheServersCount(t *testing.T) {
	c := newTally("me")
	c.know(protocol.Room{ID: "a", Title: "A", Unread: 2, Seq: 5, Rev: 9}, c.turn)
	c.know(protocol.Room{ID: "m", Title: "M", Muted: true, Unread: 4, Seq: 5, Rev: 9}, c.turn)
	expect := func(what string, n int, dot bool) {
		t.Helper()
		if gotN, gotDot := c.total(); gotN != n || gotDot != dot {
			t.Errorf("%s: %d %v, want %d %v", what, gotN, gotDot, n, dot)
		}
	}
	expect("at first", 2, true)
	if !c.message(say("a", "kim", 6), 10) {
		t.Error("the next message is no gap")
	}
	expect("after a message", 3, true)
	if !c.message(say("a", "kim", 6), 10) {
		t.Error("the same event again is no gap")
	}
	expect("after a repetition", 3, true)
	if !c.message(say("a", "me", 7), 11) {
		t.Error("my own message is no gap")
	}
	expect("after my own from elsewhere", 3, true)
	leave := say("a", "lee", 8)
	leave.Type = protocol.Leave
	c.message(leave, 12)
	expect("after a line of the room", 3, true)
	if c.message(say("a", "kim", 10), 14) {
		t.Error("a gap went unnoticed")
	}
	if c.message(say("new", "kim", 1), 2) {
		t.Error("an unknown room was not asked for")
	}
	if !c.receipts("a", []protocol.Cursor{{User: "lee", Seq: 8}}, 12, 13) {
		t.Error("somebody else's cursor is no gap")
	}
	expect("after somebody else read", 3, true)
	if c.receipts("a", []protocol.Cursor{{User: "me", Seq: 6}}, 13, 14) {
		t.Error("read in part, and not asked how much is left")
	}
	if !c.receipts("a", []protocol.Cursor{{User: "me", Seq: 8}}, 13, 14) {
		t.Error("read to the end is no gap")
	}
	expect("after reading", 0, true)
	c.forget("m")
	expect("after leaving", 0, false)
}

func TestAfterAReconnectOnlyWhatIsNewIsFresh(t *testing.T) {
	c := newTally("me")
	c.unread(protocol.UnreadPage{Rooms: []protocol.UnreadRoom{{ID: "a", Unread: 1, Seq: 3, Rev: 3}, {ID: "b", Unread: 1, Seq: 3, Rev: 3}}}, c.turn)
	fresh, _ := c.unread(protocol.UnreadPage{Rooms: []protocol.UnreadRoom{{ID: "a", Unread: 1, Seq: 3, Rev: 4}, {ID: "c", Unread: 2, Seq: 2, Rev: 3}}}, c.turn)
	if len(fresh) != 2 || fresh[0].Told != 3 || fresh[1].Room != "c" || fresh[1].Told != 0 {
		t.Errorf("missed %+v: a was known up to 3, c is new", fresh)
	}
	if n, _ := c.total(); n != 3 {
		t.Errorf("%d unread, want 3", n)
	}
	if top := c.top(1); len(top) != 1 {
		t.Errorf("top %v", top)
	}
}

func TestAnOldAnswerDoesNotUndoWhatCameAfterIt(t *testing.T) {
	c := newTally("me")
	c.know(protocol.Room{ID: "a", Unread: 2, Seq: 5, Rev: 9}, c.turn)
	c.know(protocol.Room{ID: "a", Unread: 1, Seq: 4, Rev: 8}, c.turn)
	if n, _ := c.total(); n != 2 {
		t.Errorf("%d unread, want 2", n)
	}
}

func TestASendjayAddressOnlyNamesARoom(t *testing.T) {
	for in, want := range map[string]place{
		"sendjay://": {}, "sendjay://room/abc-1": {room: "abc-1"}, "sendjay://room/r1/": {room: "r1"}, "sendjay://room/%EA%B0%80": {room: "가"},
		"sendjay://message/r1/42": {"r1", 42}, "sendjay://message/r1/42/": {"r1", 42},
	} {
		if got, err := readLink(in); err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, bad := range []string{
		"", "http://x", "sendjay:room/1", "sendjay://room/", "sendjay://room/a/b", "sendjay://room/a?x=1", "sendjay://room/a#b",
		"sendjay://quit", "sendjay://room/%00", "sendjay://room/%2e%2e%2f", "sendjay://room/a b", "sendjay://room/" + string(make([]byte, 50)),
		"sendjay://message/r1", "sendjay://message/r1/x", "sendjay://message/r1/0", "sendjay://message/r1/-1", "sendjay://message//1", "sendjay://message/r1/1/2",
		"sendjay://room/%zz", "SENDJAY://room/a", "--quit",
	} {
		if got, err := readLink(bad); err == nil {
			t.Errorf("%q was taken for %+v", bad, got)
		}
	}
}

func TestAnAnswerThatAnEventHasOvertakenIsAskedForAgain(t *testing.T) {
	mine := []protocol.Cursor{{User: "me", Seq: 1}}
	c := newTally("me")
	if !c.receipts("a", mine, 2, 3) {
		t.Error("a room with nothing to read is asked for because it was read")
	}
	asked := c.ask()
	if c.receipts("a", mine, 2, 3) {
		t.Error("the answer may have been given before this, and nobody asks again")
	}
	c.answered()
	c.know(protocol.Room{ID: "a", Unread: 1, Seq: 1, Rev: 2}, asked)

	// A list that was made before a message came must not take it away.
	asked = c.ask()
	c.know(protocol.Room{ID: "b", Unread: 1, Seq: 1, Rev: 2}, c.ask())
	c.know(protocol.Room{ID: "c", Seq: 1, Rev: 2}, 0)
	c.message(say("c", "kim", 2), 3)
	if _, doubt := c.unread(protocol.UnreadPage{}, asked); len(doubt) != 1 || doubt[0] != "c" {
		t.Errorf("asked for again: %v, want c", doubt)
	}
	if n, _ := c.total(); n != 2 {
		t.Errorf("%d unread, want those of b and c", n)
	}

	// Muting is no change of the room: an answer that brings it late still brings it.
	asked = c.ask()
	c.message(say("c", "kim", 3), 4)
	if c.know(protocol.Room{ID: "c", Muted: true, Unread: 1, Seq: 2, Rev: 3}, asked) {
		t.Error("what the answer said beside an old number is lost")
	}
}
