package session

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sendjay/server/bus"
	"sendjay/shared/protocol"
)

// pair is two registries on one bus.
type pair struct {
	a, b   *Registry
	na, nb *bus.Node
	room   *line    // what the members of any room hear at b
	ended  []string // sign-ins that b was told have ended
}

// pass lets time go by until all is quiet.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func joined(t *testing.T, f func(t *testing.T, p *pair)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var m bus.Memory
		p := &pair{na: m.Node(), nb: m.Node(), room: &line{}}
		p.a = NewRegistry(Config{Bus: p.na, Tell: func(protocol.RoomID, *Frame) int { return 2 }})
		tell := func(_ protocol.RoomID, f *Frame) int { p.room.Put(f); return 2 }
		p.b = NewRegistry(Config{Bus: p.nb, Tell: tell, Ended: func(_ protocol.UserID, signIn string) { p.ended = append(p.ended, signIn) }})
		p.na.Start()
		p.nb.Start()
		pass(time.Second)
		f(t, p)
		for _, r := range []*Registry{p.a, p.b} {
			r.Quit()
		}
		p.na.Close()
		p.nb.Close()
	})
}

func at(r *Registry, w Who, ms int64) (*Session, *line) {
	l := &line{}
	s := New(w, l)
	r.Open(s, protocol.Instant(ms))
	synctest.Wait()
	return s, l
}

func TestAcrossNodes(t *testing.T) {
	t.Run("how many other devices somebody has is known at every node", func(t *testing.T) {
		joined(t, func(t *testing.T, p *pair) {
			web, _ := at(p.a, who("kim", protocol.Web), 1000)
			at(p.a, who("lee", protocol.Web), 1000)
			phone, _ := at(p.b, who("kim", protocol.Mobile), 1000)
			at(p.b, who("kim", protocol.Desktop), 1000)
			if a, b := p.a.Others("kim", web.ID), p.b.Others("kim", phone.ID); a != 2 || b != 2 {
				t.Errorf("%d and %d", a, b)
			}
			p.b.Close(phone)
			pass(time.Second)
			if a, none := p.a.Others("kim", web.ID), p.a.Others("han", ""); a != 1 || none != 0 {
				t.Errorf("%d, and %d of nobody", a, none)
			}
		})
	})
	t.Run("the newest wins at whatever node, though its clock is behind, and the older is told by whom", func(t *testing.T) {
		joined(t, func(t *testing.T, p *pair) {
			_, old := at(p.a, who("kim", protocol.Web), 2_000_000)
			_, desk := at(p.a, who("kim", protocol.Desktop), 2_000_000)
			_, newer := at(p.b, who("kim", protocol.Web), 1_000_000)
			if old.code != protocol.CloseReplaced || newer.ends+desk.ends != 0 {
				t.Errorf("old %d, newer ended %d times", old.code, newer.ends)
			}
			var by protocol.Replaced
			old.last(t, protocol.EvReplaced, &by)
			if by.Device != protocol.Web || by.At != 1_000_000 || by.Address != "192.0.2.7" || by.Agent != "a test" {
				t.Errorf("told %+v", by)
			}
			if p.a.Far() != 1 || p.b.Far() != 1 || p.a.Count() != 1 {
				t.Errorf("a knows %d elsewhere and has %d, b knows %d", p.a.Far(), p.a.Count(), p.b.Far())
			}
		})
	})
	t.Run("two that opened while the line was down are settled when it is back", func(t *testing.T) {
		joined(t, func(t *testing.T, p *pair) {
			p.nb.Cut(true)
			pass(time.Minute)
			_, first := at(p.a, who("kim", protocol.Web), 1_000)
			_, second := at(p.b, who("kim", protocol.Web), 2_000)
			pass(time.Minute)
			if first.ends+second.ends != 0 {
				t.Error("one ended without a line")
			}
			p.nb.Cut(false)
			pass(10 * time.Second)
			if first.code != protocol.CloseReplaced || second.ends != 0 {
				t.Errorf("first %d, second %d", first.code, second.code)
			}
		})
	})
	t.Run("a session that came and went while nobody heard it hides no other", func(t *testing.T) {
		joined(t, func(t *testing.T, p *pair) {
			_, stays := at(p.b, who("kim", protocol.Web), 1_000)
			p.na.Cut(true)
			short, _ := at(p.a, who("kim", protocol.Web), 2_000)
			p.a.Close(short)
			p.na.Cut(false)
			pass(10 * time.Second)
			if stays.ends != 0 || p.a.Far() != 1 {
				t.Errorf("it ended %d times, and %d are known elsewhere", stays.ends, p.a.Far())
			}
		})
	})
	t.Run("devices hear of each other's attention, in the hello and later, and of the end of a node", func(t *testing.T) {
		joined(t, func(t *testing.T, p *pair) {
			web, _ := at(p.a, who("kim", protocol.Web), 1)
			p.a.Attend(web, protocol.Attention{Room: "r", Focused: true})
			synctest.Wait()
			l := &line{}
			desk := New(who("kim", protocol.Desktop), l)
			known := p.b.Open(desk, 2)
			if len(known) != 1 || known[0].Room != "r" || known[0].Session != web.ID {
				t.Errorf("the hello knows %+v", known)
			}
			synctest.Wait()
			p.a.Attend(web, protocol.Attention{Room: "r2", Focused: true})
			synctest.Wait()
			var said protocol.DeviceAttention
			l.last(t, protocol.EvAttention, &said)
			if said.Room != "r2" {
				t.Errorf("said %+v", said)
			}
			p.na.Kill()
			pass(time.Minute)
			l.last(t, protocol.EvAttention, &said)
			if !said.Gone || p.b.Far() != 0 {
				t.Errorf("said %+v, %d elsewhere", said, p.b.Far())
			}
		})
	})
	t.Run("presence and typing cross", func(t *testing.T) {
		joined(t, func(t *testing.T, p *pair) {
			watcher, l := at(p.b, who("lee", protocol.Web), 1)
			p.b.Watch(watcher, []protocol.UserID{"kim"})
			kim, _ := at(p.a, who("kim", protocol.Desktop), 2)
			pass(2 * time.Second)
			p.a.Attend(kim, protocol.Attention{Locked: true})
			pass(2 * time.Second)
			p.a.Close(kim)
			pass(10 * time.Second)
			if got := l.presences(t); !slices.Equal(got, []string{"kim:/online/ ", "kim:/away/ ", "kim:// "}) {
				t.Errorf("heard %q", got)
			}
			p.a.Type(watcher, protocol.Person{ID: "kim", Name: "kim"}, "r", true)
			pass(2 * time.Second)
			p.a.Sent("kim", "r")
			pass(time.Minute)
			if got := pushed[protocol.Typing](t, p.room, protocol.EvTyping); len(got) != 1 || got[0].People[0].ID != "kim" {
				t.Errorf("heard %+v", got)
			}
		})
	})
	t.Run("a sign-in that ends at one node ends at the other, and there its token is looked up again", func(t *testing.T) {
		joined(t, func(t *testing.T, p *pair) {
			_, web := at(p.b, who("kim", protocol.Web), 1)
			_, desk := at(p.b, who("kim", protocol.Desktop), 1)
			p.a.EndSignIn("kim", "kim/web")
			synctest.Wait()
			if web.code != protocol.CloseSignedOut || desk.ends != 0 || !slices.Equal(p.ended, []string{"kim/web"}) {
				t.Errorf("web %d, desktop ended %d times, told %q", web.code, desk.ends, p.ended)
			}
			p.a.EndUser("kim")
			synctest.Wait()
			if desk.code != protocol.CloseSignedOut {
				t.Errorf("desktop %d", desk.code)
			}
		})
	})
}

// However sessions come and go at two nodes and the line between them with them: once it stands, each
// person has one session of a kind, both nodes agree which, and nobody is listed who is not there.
func TestNodesAgreeInTheEnd(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.IntRange(0, 99), 1, 40).Draw(rt, "steps")
		synctest.Test(t, func(t *testing.T) {
			var m bus.Memory
			nodes := []*bus.Node{m.Node(), m.Node()}
			regs := []*Registry{NewRegistry(Config{Bus: nodes[0]}), NewRegistry(Config{Bus: nodes[1]})}
			for _, n := range nodes {
				n.Start()
			}
			var open []*Session
			from := map[*Session]int{}
			for _, s := range steps {
				n := s % 2
				switch kind := s / 2 % 10; kind {
				case 0:
					nodes[n].Cut(true)
				case 1:
					nodes[n].Cut(false)
				case 2:
					if len(open) > 0 {
						o := open[s%len(open)]
						regs[from[o]].Close(o)
					}
				case 3:
					pass(15 * time.Second)
				default:
					o, _ := at(regs[n], who(protocol.UserID(fmt.Sprint("u", kind%2)), protocol.Web), time.Now().UnixMilli())
					open, from[o] = append(open, o), n
				}
				pass(time.Millisecond)
			}
			for _, n := range nodes {
				n.Cut(false)
			}
			pass(time.Minute)
			for _, u := range []protocol.UserID{"u0", "u1"} {
				here, there := regs[0].Of(nil, []protocol.UserID{u}), regs[1].Of(nil, []protocol.UserID{u})
				if len(here)+len(there) > 1 {
					rt.Errorf("%s has %d and %d sessions", u, len(here), len(there))
				}
				if len(regs[0].far[u]) != len(there) || len(regs[1].far[u]) != len(here) {
					rt.Errorf("%s is at %d and %d, listed elsewhere as %d and %d", u, len(here), len(there), len(regs[1].far[u]), len(regs[0].far[u]))
				}
			}
			for i, r := range regs {
				r.Quit()
				nodes[i].Close()
			}
		})
	})
}
