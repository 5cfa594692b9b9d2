package session

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/shared/protocol"
)

// pushed returns the data of every event of this name.
func pushed[T any](t *testing.T, l *line, ev protocol.EventName) (out []T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.frames {
		var p struct {
			Ev   protocol.EventName
			Data T
		}
		if strings.HasPrefix(f, `{"ev":"`+string(ev)+`"`) {
			if err := json.Unmarshal([]byte(f), &p); err != nil {
				t.Fatal(err)
			}
			out = append(out, p.Data)
		}
	}
	return out
}

func TestTyping(t *testing.T) {
	// in runs f with a room of this many members, whose frames land in one line.
	in := func(name string, members int, f func(t *testing.T, r *Registry, s *Session, said func() []string)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				room := &line{}
				r := NewRegistry(Config{Tell: func(_ protocol.RoomID, f *Frame) int { room.Put(f); return members }})
				defer r.Quit()
				s, _, _ := open(r, who("kim", protocol.Web))
				f(t, r, s, func() (out []string) {
					for _, x := range pushed[protocol.Typing](t, room, protocol.EvTyping) {
						var ids []string
						for _, p := range x.People {
							ids = append(ids, string(p.ID))
						}
						out = append(out, strings.Join(ids, " "))
					}
					return out
				})
			})
		})
	}
	person := func(id string) protocol.Person { return protocol.Person{ID: protocol.UserID(id), Name: id} }
	is := func(t *testing.T, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	in("is said at once, renewed while it goes on, and ends by itself", 3, func(t *testing.T, r *Registry, s *Session, said func() []string) {
		r.Type(s, person("kim"), "r", true)
		is(t, said(), "kim")
		time.Sleep(3 * time.Second)
		r.Type(s, person("kim"), "r", true)
		time.Sleep(5500 * time.Millisecond)
		is(t, said(), "kim", "kim", "kim")
		time.Sleep(time.Minute)
		is(t, said(), "kim", "kim", "kim", "")
		if len(r.typing.rooms) != 0 {
			t.Error("the room is remembered")
		}
	})
	in("ends when it is cleared, and when the session ends", 3, func(t *testing.T, r *Registry, s *Session, said func() []string) {
		r.Type(s, person("kim"), "r", true)
		r.Type(s, person("kim"), "r", false)
		time.Sleep(2 * time.Second)
		is(t, said(), "kim", "")
		r.Type(s, person("kim"), "r", true)
		r.Close(s)
		time.Sleep(2 * time.Second)
		is(t, said(), "kim", "", "kim", "")
	})
	in("a message ends it without a frame of its own", 3, func(t *testing.T, r *Registry, s *Session, said func() []string) {
		r.Type(s, person("kim"), "r", true)
		r.Sent("kim", "r")
		time.Sleep(time.Minute)
		is(t, said(), "kim")
	})
	in("a crowd makes few frames of few names", 1000, func(t *testing.T, r *Registry, s *Session, said func() []string) {
		for i := range 1000 { // for 10 seconds, everybody
			r.Type(s, person(fmt.Sprint("u", i)), "r", true)
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		got := said()
		if len(got) > 9 {
			t.Errorf("%d frames: %q", len(got), got)
		}
		for _, names := range got {
			if len(strings.Fields(names)) > protocol.Limits.Typists {
				t.Errorf("named %s", names)
			}
		}
		if got[len(got)-1] != "" {
			t.Error("somebody is left")
		}
	})
}
