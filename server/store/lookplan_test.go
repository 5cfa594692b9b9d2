package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestWhatIsUnreadIsCountedInTheIndexAlone(t *testing.T) {
	s := lite(t, t.TempDir())
	people(t, s, "kim", "lee", "cho")
	r := room(t, s, "kim", "lee", "cho")
	for i := range 200 {
		send(t, s, r, "lee", fmt.Sprint("m", i), "text")
	}
	if err := s.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, look := range map[string]func() (int, error){
		"list": func() (int, error) {
			page, err := s.Rooms(t.Context(), "kim", "", "", 30)
			return page.Rooms[0].Unread, err
		},
		"unread": func() (int, error) {
			page, err := s.Unread(t.Context(), "cho")
			return page.Total, err
		},
	} {
		counted := false
		for _, plan := range s.Plans(t, func() {
			if n, err := look(); err != nil || n != 200 {
				t.Fatalf("%s: %d %v", name, n, err)
			}
		}) {
			counted = counted || strings.Contains(plan, "SEARCH M USING COVERING INDEX A_MSGMST_UNREAD")
		}
		if !counted {
			t.Errorf("%s counts messages one by one", name)
		}
	}
}

func TestChangesAreFoundWithoutReadingARoom(t *testing.T) {
	s := lite(t, t.TempDir())
	people(t, s, "kim", "lee")
	r := room(t, s, "kim", "lee")
	var half protocol.Rev
	for i := range 400 {
		m := send(t, s, r, "lee", fmt.Sprint("m", i), "text")
		if i == 200 {
			half = m.Message.Rev
		}
	}
	if _, err := s.Cancel(t.Context(), r, "lee", "m7", time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	var page protocol.ChangesPage
	plans := s.Plans(t, func() {
		var err error
		if page, err = s.Changes(t.Context(), "kim", r, half, 1000); err != nil {
			t.Fatal(err)
		}
	})
	if n := len(page.Messages); n != 200 || page.Messages[0].Seq != 202 || page.Messages[199].Seq != 8 {
		t.Errorf("%d changes", n)
	}
	changed := false
	for _, plan := range plans {
		changed = changed || strings.Contains(plan, "USING INDEX A_MSGMST_CHANGED (ROOMID=? AND REV>? AND REV<?)")
		if strings.Contains(plan, "SCAN A_MSGMST_TBL") || strings.Contains(plan, "SCAN M") {
			t.Errorf("a whole table is read: %s", plan)
		}
	}
	if !changed {
		t.Errorf("what changed after it was sent is not looked for where only that stands:\n%s", strings.Join(plans, "\n"))
	}
}

func TestAListOfManyRoomsTakesNoMoreStatementsThanOneOfFew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim")
		for i := range 60 {
			other := protocol.UserID(fmt.Sprint("p", i))
			people(t, s, other)
			r := room(t, s, "kim", other)
			send(t, s, r, other, fmt.Sprint("m", i), "https://example.com")
			if i%3 == 0 {
				if _, err := s.Notice(t.Context(), r, "kim", protocol.MessageID(fmt.Sprint("m", i)), nil); err != nil {
					t.Fatal(err)
				}
			}
			if i%4 == 0 {
				if _, err := s.Hide(t.Context(), r, "kim", []protocol.MessageID{protocol.MessageID(fmt.Sprint("m", i))}, false, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		statements := func(limit int) int {
			return s.Statements(t, func() {
				page, err := s.Rooms(t.Context(), "kim", "", "", limit)
				if err != nil || len(page.Rooms) != limit {
					t.Fatalf("%d rooms, %v", len(page.Rooms), err)
				}
			})
		}
		few, many := statements(13), statements(60)
		if few != many || many > 7 {
			t.Errorf("13 rooms take %d statements, 60 take %d", few, many)
		}
	})
}
