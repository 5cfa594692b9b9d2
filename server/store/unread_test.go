package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestAnUnreadNumberIsCountedOnceAndStaysRightWhateverHappens(t *testing.T) {
	s := lite(t, t.TempDir())
	people(t, s, "kim", "lee")
	r := room(t, s, "kim", "lee")
	n := 0
	say := func(by protocol.UserID, times int) {
		t.Helper()
		for range times {
			n++
			send(t, s, r, by, fmt.Sprint("m", n), "text")
		}
	}
	// look returns the number as both lists have it, and how many messages it took to count.
	look := func() (unread int, counted bool) {
		t.Helper()
		for range 2 {
			plans := s.Plans(t, func() {
				page, err := s.Unread(t.Context(), "kim")
				if err != nil {
					t.Fatal(err)
				}
				unread = page.Total
			})
			for _, p := range plans {
				counted = counted || strings.Contains(p, "A_MSGMST_UNREAD")
			}
		}
		list, err := s.Rooms(t.Context(), "kim", "", "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list.Rooms {
			if x.ID == r && x.Unread != unread {
				t.Fatalf("the list says %d, the sum %d", x.Unread, unread)
			}
		}
		return unread, counted
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	say("lee", 20)
	for _, c := range []struct {
		what    string
		do      func()
		unread  int
		counted bool
	}{
		{"at first", func() {}, 20, true},
		{"again", func() {}, 20, false},
		{"one's own message", func() { say("kim", 1) }, 20, true},
		{"more of the other", func() { say("lee", 5) }, 25, true},
		{"one taken back", func() {
			_, err := s.Cancel(t.Context(), r, "lee", "m7", time.Hour, nil)
			must(err)
		}, 24, true},
		{"read to the tenth", func() {
			_, err := s.Read(t.Context(), r, "kim", 10, nil)
			must(err)
		}, 15, true},
		{"another emoji", func() {
			_, err := s.React(t.Context(), r, "lee", "m12", "👍", true, nil)
			must(err)
		}, 15, true},
		{"deleted for oneself what is not read", func() {
			_, err := s.Hide(t.Context(), r, "kim", []protocol.MessageID{"m12"}, false, nil)
			must(err)
		}, 13, true},
		{"all read", func() {
			_, err := s.Read(t.Context(), r, "kim", 100, nil)
			must(err)
		}, 0, false},
	} {
		c.do()
		if got, counted := look(); got != c.unread || counted != c.counted {
			t.Errorf("%s: %d unread (counted: %t), want %d (%t)", c.what, got, counted, c.unread, c.counted)
		}
	}
}

// counts wants what u has not read to be what the model says, wherever it stands.
func (w *world) counts(r *rapid.T, u protocol.UserID, inRoom int) {
	want := 0
	for _, m := range w.talks {
		if m.seq > w.members[u].read && m.sender != u && !m.cancelled && !m.hidden[u] {
			want++
		}
	}
	listed, summed := 0, 0
	list, err := w.s.Rooms(r.Context(), u, "", "", 100)
	if err != nil {
		r.Fatal(err)
	}
	for _, x := range list.Rooms {
		if x.ID == w.room {
			listed = x.Unread
		}
	}
	page, err := w.s.Unread(r.Context(), u)
	if err != nil {
		r.Fatal(err)
	}
	for _, x := range page.Rooms {
		if x.ID == w.room {
			summed = x.Unread
		}
	}
	if inRoom != want || listed != want || summed != want {
		r.Fatalf("%s has %d unread by the room, %d by the list, %d by the sum, want %d", u, inRoom, listed, summed, want)
	}
}

// What was counted stays right when it is another server on the same database that writes.
func TestAnUnreadNumberCountedHereKnowsWhatAnotherServerWrote(t *testing.T) {
	dsn := storetest.MariaDB(t)
	var two [2]*store.Store
	for i := range two {
		s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		two[i] = s
	}
	here, there := two[0], two[1]
	people(t, here, "kim", "lee")
	r := room(t, here, "kim", "lee")
	n := 0
	say := func(by protocol.UserID, times int) error {
		for range times {
			n++
			send(t, there, r, by, fmt.Sprint("m", n), "text")
		}
		return nil
	}
	for _, c := range []struct {
		what   string
		do     func() error
		unread int
	}{
		{"at first", func() error { return say("lee", 20) }, 20},
		{"more", func() error { return say("lee", 5) }, 25},
		{"one's own, written there", func() error { return say("kim", 1) }, 25},
		{"one taken back", func() error {
			_, err := there.Cancel(t.Context(), r, "lee", "m7", time.Hour, nil)
			return err
		}, 24},
		{"read there", func() error {
			_, err := there.Read(t.Context(), r, "kim", 10, nil)
			return err
		}, 15},
		{"deleted there for oneself", func() error {
			_, err := there.Hide(t.Context(), r, "kim", []protocol.MessageID{"m12"}, false, nil)
			return err
		}, 13},
		{"all read there, and more", func() error {
			if _, err := there.Read(t.Context(), r, "kim", 100, nil); err != nil {
				return err
			}
			return say("lee", 3)
		}, 3},
	} {
		if err := c.do(); err != nil {
			t.Fatal(c.what, err)
		}
		for range 2 {
			list, err := here.Rooms(t.Context(), "kim", "", "", 10)
			if err != nil {
				t.Fatal(err)
			}
			sum, err := here.Unread(t.Context(), "kim")
			if err != nil {
				t.Fatal(err)
			}
			if len(list.Rooms) != 1 || list.Rooms[0].Unread != c.unread || sum.Total != c.unread {
				t.Errorf("%s: the list %+v and the sum %d, want %d", c.what, list.Rooms, sum.Total, c.unread)
			}
		}
	}
}

func TestNobodyWaitsForAClosedAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park", "choi")
		r := room(t, s, "kim", "lee", "park")
		send(t, s, r, "kim", "m1", "before")
		if _, err := s.Read(t.Context(), r, "park", 1, nil); err != nil {
			t.Fatal(err)
		}
		active := func(id protocol.UserID, on bool) {
			t.Helper()
			if err := s.EditAccount(t.Context(), store.Act{Who: "admin"}, id, protocol.EditAccount{Active: &on}); err != nil {
				t.Fatal(err)
			}
		}
		// counted wants one number everywhere, of a message that kim sent.
		counted := func(when string, id protocol.MessageID, want int, waiting ...protocol.UserID) {
			t.Helper()
			one, err := s.Message(t.Context(), "kim", r, id)
			if err != nil || one.Unread != want {
				t.Errorf("%s: %d unread of %s, want %d, %v", when, one.Unread, id, want, err)
			}
			changes, err := s.Changes(t.Context(), "kim", r, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range changes.Messages {
				if m.ID == id && m.Unread != want {
					t.Errorf("%s: %d unread in changes, want %d", when, m.Unread, want)
				}
			}
			readers, err := s.Readers(t.Context(), "kim", r, id)
			if err != nil || len(readers.Unread) != want {
				t.Errorf("%s: %+v %v", when, readers, err)
			}
			for i, who := range waiting {
				if readers.Unread[i].ID != who {
					t.Errorf("%s: %+v", when, readers.Unread)
				}
			}
			rooms, err := s.Rooms(t.Context(), "kim", "", "", 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range rooms.Rooms {
				if m := x.LastMessage; m != nil && m.ID == id && m.Unread != want {
					t.Errorf("%s: %d unread in the list, want %d", when, m.Unread, want)
				}
			}
		}
		counted("all are here", "m1", 1, "lee")
		before, err := s.Room(t.Context(), "kim", r)
		if err != nil {
			t.Fatal(err)
		}
		var stood []store.Stood
		s.Stood(func(r store.Stood) { stood = append(stood, r) })
		active("lee", false)
		counted("lee's account is closed", "m1", 0)
		if len(stood) != 1 || stood[0].Room != r || stood[0].Rev != before.Rev+1 || stood[0].Count != 3 ||
			!slices.Equal(stood[0].Members, []protocol.Member{{ID: "lee", Name: stood[0].Members[0].Name, Gone: true}}) {
			t.Errorf("the members are told %+v after %d", stood, before.Rev)
		}
		changes, err := s.Changes(t.Context(), "kim", r, before.Rev, 100)
		if err != nil || len(changes.Members) != 1 || changes.Members[0].ID != "lee" || !changes.Members[0].Gone || changes.Members[0].Left {
			t.Errorf("who asks what changed hears %+v %v", changes.Members, err)
		}
		if m := send(t, s, r, "kim", "m2", "after"); m.Message.Unread != 1 {
			t.Errorf("sent with %d unread", m.Message.Unread)
		}
		counted("sent since", "m2", 1, "park")
		// He stays a member, so that inviting him again does nothing; whoever is none is not to be found.
		if moved, fresh, err := s.Invite(t.Context(), r, "kim", []protocol.UserID{"lee", "choi"}, nil); err != nil || len(fresh) != 1 || moved.Line.Unread != 2 {
			t.Errorf("%+v %v %v", moved, fresh, err)
		}
		active("choi", false)
		if m := send(t, s, r, "kim", "m3", "to park"); m.Message.Unread != 1 {
			t.Errorf("sent with %d unread", m.Message.Unread)
		}
		if _, err := s.Leave(t.Context(), r, "park", nil); err != nil {
			t.Fatal(err)
		}
		if m := send(t, s, r, "kim", "m4", "to nobody"); m.Message.Unread != 0 {
			t.Errorf("sent with %d unread", m.Message.Unread)
		}
		counted("nobody is left", "m4", 0)
		if _, _, err := s.Invite(t.Context(), room(t, s, "kim", "park"), "kim", []protocol.UserID{"choi"}, nil); !errors.Is(err, store.ErrNoUser) {
			t.Errorf("a closed account is invited: %v", err)
		}
		stood = nil
		active("lee", true)
		active("lee", true)
		if len(stood) != 1 || stood[0].Members[0].Gone {
			t.Errorf("the members are told %+v", stood)
		}
		counted("lee is back", "m1", 1, "lee")
		if m := send(t, s, r, "kim", "m5", "to lee"); m.Message.Unread != 1 {
			t.Errorf("sent with %d unread", m.Message.Unread)
		}
		counted("lee is back", "m5", 1, "lee")
	})
}
