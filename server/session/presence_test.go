package session

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/shared/protocol"
)

// presences returns every presence frame that came in, one line each.
func (l *line) presences(t *testing.T) (out []string) {
	t.Helper()
	for _, p := range pushed[protocol.Presences](t, l, protocol.EvPresence) {
		s := ""
		for _, x := range p.People {
			s += fmt.Sprintf("%s:%s/%s/%s ", x.User, x.Web, x.Desktop, x.Mobile)
		}
		out = append(out, s)
	}
	return out
}

func TestPresence(t *testing.T) {
	in := func(name string, f func(t *testing.T, r *Registry)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := NewRegistry(Config{})
				defer r.Quit()
				f(t, r)
			})
		})
	}
	is := func(t *testing.T, l *line, want ...string) {
		t.Helper()
		if got := l.presences(t); !slices.Equal(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	in("is told to those who watch, per device kind, and to nobody else", func(t *testing.T, r *Registry) {
		kim, kimLine, _ := open(r, who("kim", protocol.Web))
		_, other, _ := open(r, who("park", protocol.Web))
		now := r.Watch(kim, []protocol.UserID{"lee", "kim", "lee"})
		if len(now) != 2 || now[0] != (protocol.Presence{User: "lee"}) || now[1] != (protocol.Presence{User: "kim", Web: protocol.Here}) {
			t.Errorf("now %+v", now)
		}
		open(r, who("lee", protocol.Desktop))
		time.Sleep(time.Second)
		open(r, who("lee", protocol.Mobile))
		time.Sleep(2 * time.Second)
		is(t, kimLine, "lee:/online/ ", "lee:/online/online ")
		is(t, other)
	})
	in("a short absence is not told, a long one is", func(t *testing.T, r *Registry) {
		kim, kimLine, _ := open(r, who("kim", protocol.Web))
		lee, _, _ := open(r, who("lee", protocol.Web))
		r.Watch(kim, []protocol.UserID{"lee"})
		r.Close(lee)
		time.Sleep(4 * time.Second)
		lee, _, _ = open(r, who("lee", protocol.Web))
		time.Sleep(time.Minute)
		is(t, kimLine)
		r.Close(lee)
		time.Sleep(7 * time.Second)
		is(t, kimLine, "lee:// ")
	})
	in("a device that is left alone or locked is away", func(t *testing.T, r *Registry) {
		kim, kimLine, _ := open(r, who("kim", protocol.Web))
		lee, _, _ := open(r, who("lee", protocol.Web))
		r.Watch(kim, []protocol.UserID{"lee"})
		for _, a := range []protocol.Attention{{Idle: 120}, {Idle: 180}, {Idle: 0}, {Locked: true}} {
			r.Attend(lee, a)
			time.Sleep(2 * time.Second)
		}
		is(t, kimLine, "lee:away// ", "lee:online// ", "lee:away// ")
	})
	in("a thousand who come back make one frame a second", func(t *testing.T, r *Registry) {
		kim, kimLine, _ := open(r, who("kim", protocol.Web))
		var users []protocol.UserID
		for i := range 500 {
			users = append(users, protocol.UserID(fmt.Sprint("u", i)))
		}
		r.Watch(kim, users)
		for i := range 1000 {
			open(r, who(protocol.UserID(fmt.Sprint("u", i)), protocol.Web))
			time.Sleep(3 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
		if n := len(kimLine.presences(t)); n > 4 {
			t.Errorf("%d frames in 3 s", n)
		}
	})
	in("the newest list of people counts, and none after the end of the session", func(t *testing.T, r *Registry) {
		kim, kimLine, _ := open(r, who("kim", protocol.Web))
		r.Watch(kim, []protocol.UserID{"lee"})
		r.Watch(kim, []protocol.UserID{"park"})
		open(r, who("lee", protocol.Web))
		time.Sleep(2 * time.Second)
		is(t, kimLine)
		open(r, who("park", protocol.Web))
		time.Sleep(2 * time.Second)
		is(t, kimLine, "park:online// ")
		r.Close(kim)
		r.Watch(kim, []protocol.UserID{"lee"})
		if len(r.presence.watched)+len(r.presence.watchers) != 0 {
			t.Error("somebody is still watched")
		}
	})
}
