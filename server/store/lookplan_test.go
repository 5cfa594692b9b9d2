package store_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestWhatIsUnreadIsCountedInTheIndexAlone(t *testing.T) {
	s := lite(t, t.TempDir())
	people(t, s, "kim", "lee")
	r := room(t, s, "kim", "lee")
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
			page, err := s.Unread(t.Context(), "kim")
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
