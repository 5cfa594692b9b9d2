package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sendjay/server/bus/redistest"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

func TestTwoNodesAreOne(t *testing.T) {
	c := together(t, 2, "kim", "lee", "park", "choi")
	kim, lee := c.at(0, "kim", protocol.Web), c.at(1, "lee", protocol.Web)
	room := c.room(kim, "lee", "park")
	t.Run("each has a name of its own", func(t *testing.T) {
		if a, b := kim.Hello().Server.Node, lee.Hello().Server.Node; a == "" || a == b {
			t.Errorf("%q and %q", a, b)
		}
	})
	t.Run("messages of both cross, in the order of their seq", func(t *testing.T) {
		const each = 150
		var sending sync.WaitGroup
		for _, p := range []*person.Person{kim, lee} {
			sending.Go(func() {
				for i := range each {
					if _, err := p.Send(t.Context(), person.NewMessage(room, fmt.Sprint(p.ID, i))); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		sending.Wait()
		for _, p := range []*person.Person{kim, lee} {
			c.await(p, "all messages", func() bool { return len(p.Messages(room)) == 2*each })
			last := protocol.Seq(0)
			for _, raw := range p.Pushed(protocol.EvMessage) {
				var m protocol.Message
				if err := json.Unmarshal(raw, &m); err != nil {
					t.Fatal(err)
				}
				if m.Seq <= last {
					t.Errorf("%s heard seq %d after %d", p.ID, m.Seq, last)
				}
				last = m.Seq
			}
			if diff, err := p.Differs(t.Context(), room); err != nil || diff != "" {
				t.Errorf("%s: %s %v", p.ID, diff, err)
			}
		}
	})
	t.Run("what is read on one is seen on the other", func(t *testing.T) {
		sent := c.say(kim, room, "read this")
		c.sees(lee, room, "read this")
		c.do(lee, protocol.OpMessageRead, protocol.ReadMessages{Room: room, Seq: sent.Seq}, nil)
		c.await(kim, "the receipt", func() bool { return kim.Unread(room, sent.Seq) == 1 }) // park has not
	})
	t.Run("who is typing, and who is there", func(t *testing.T) {
		var now protocol.Presences
		c.do(kim, protocol.OpWatch, protocol.WatchPresence{Users: []protocol.UserID{"lee", "park"}}, &now)
		if len(now.People) != 2 || now.People[0].Web != protocol.Here || now.People[1].Web != "" {
			t.Errorf("%+v", now)
		}
		park := c.at(1, "park", protocol.Mobile)
		c.await(kim, "park", func() bool { return pushed(kim, protocol.EvPresence, `{"user":"park","mobile":"online"}`) })
		c.do(park, protocol.OpTyping, protocol.SetTyping{Room: room, On: true}, nil)
		c.await(kim, "park typing", func() bool { return pushed(kim, protocol.EvTyping, `"id":"park"`) })
		park.Hang()
		c.await(kim, "park gone", func() bool { return pushed(kim, protocol.EvPresence, `{"user":"park"}`) })
	})
	t.Run("a person's devices know of each other's attention", func(t *testing.T) {
		desk := c.at(1, "kim", protocol.Desktop)
		c.do(kim, protocol.OpAttention, protocol.Attention{Room: room, Focused: true}, nil)
		c.await(desk, "attention of the web", func() bool { return pushed(desk, protocol.EvAttention, `"focused":true`) })
		third := c.at(1, "kim", protocol.Mobile)
		if len(third.Hello().Attention) != 1 {
			t.Errorf("the hello knows %+v", third.Hello().Attention)
		}
		third.Hang()
		desk.Hang()
	})
	t.Run("the newest session wins wherever it is, and the older is told by whom", func(t *testing.T) {
		again := c.at(1, "kim", protocol.Web)
		c.await(kim, "the end", func() bool { return kim.Closed() != 0 })
		if kim.Closed() != int(protocol.CloseReplaced) || !pushed(kim, protocol.EvReplaced, `"device":"web"`) {
			t.Errorf("closed with %d, %s", kim.Closed(), kim.Pushed(protocol.EvReplaced))
		}
		again.Hang()
		c.connect(kim)
	})
	t.Run("whoever is invited on one node hears the next word of the other", func(t *testing.T) {
		choi := c.at(1, "choi", protocol.Web)
		for i := range 5 {
			c.do(kim, protocol.OpRoomInvite, protocol.InviteMembers{Room: room, Members: []protocol.UserID{"choi"}}, nil)
			body := fmt.Sprint("welcome ", i)
			c.say(lee, room, body)
			c.await(choi, body, func() bool { return pushed(choi, protocol.EvMessage, body) })
			c.do(kim, protocol.OpRoomKick, protocol.KickMember{Room: room, User: "choi"}, nil)
			body = fmt.Sprint("without choi ", i)
			c.say(lee, room, body)
			c.sees(kim, room, body)
			if pushed(choi, protocol.EvMessage, body) {
				t.Errorf("choi heard %q after he was made to leave", body)
			}
		}
	})
	t.Run("signing out on one node ends the session on the other and its token at once", func(t *testing.T) {
		lee.MoveTo(c.all[0].url)
		if err := lee.SignOut(c.soon()); err != nil {
			t.Fatal(err)
		}
		c.await(lee, "the end", func() bool { return lee.Closed() == int(protocol.CloseSignedOut) })
		lee.MoveTo(c.all[1].url)
		if err := lee.Get(c.soon(), "/api/v1/me", nil); protocol.CodeOf(err) != protocol.Unauthenticated {
			t.Errorf("the token lives: %v", err)
		}
	})
	t.Run("wrong passwords are counted together", func(t *testing.T) {
		tries := 0
		for ; tries < 50; tries++ {
			_, err := person.SignIn(c.soon(), c.all[tries%2].url, "park", "wrong", protocol.Web)
			if protocol.CodeOf(errors.Unwrap(err)) == protocol.RateLimited {
				break
			}
		}
		if tries > 40 {
			t.Errorf("%d tries", tries)
		}
	})
	t.Run("a ticket of the portal serves once, whichever node is asked, also both at the same instant", func(t *testing.T) {
		for n := range 3 {
			unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
				"iss": "portal", "aud": "sendjay", "sub": "choi", "jti": fmt.Sprint("ticket number ", n),
				"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
			})
			unsigned.Header["kid"] = "portal"
			ticket, err := unsigned.SignedString([]byte(portalSecret))
			if err != nil {
				t.Fatal(err)
			}
			var entering sync.WaitGroup
			var in, refused atomic.Int32
			for i := range 4 {
				entering.Go(func() {
					switch status := c.present(i%2, ticket); status {
					case http.StatusOK:
						in.Add(1)
					case http.StatusUnauthorized:
						refused.Add(1)
					default:
						t.Errorf("status %d", status)
					}
				})
			}
			entering.Wait()
			if in.Load() != 1 || refused.Load() != 3 {
				t.Errorf("%d came in, %d were refused", in.Load(), refused.Load())
			}
		}
	})
	t.Run("a limit that is changed at one holds at the other, and who is there hears of it", func(t *testing.T) {
		out := finish(t, process(t, nil, "user", "add", "boss", "--name", "boss", "--admin", "--password-stdin", c.on[1], "--data="+t.TempDir()), secret+"\n")
		if out.code != 0 {
			t.Fatal(out.err)
		}
		boss, err := person.SignIn(c.soon(), c.all[0].url, "boss", secret, protocol.Mobile)
		if err != nil {
			t.Fatal(err)
		}
		choi := c.at(1, "choi", protocol.Mobile)
		sent := c.say(kim, room, "to be edited")
		never := protocol.SetLimits{Limits: []protocol.SetLimit{{Name: protocol.LimitEditWindow, Value: 0}}}
		if err := boss.Put(c.soon(), "/api/v1/admin/limits", never, nil); err != nil {
			t.Fatal(err)
		}
		c.await(choi, "the other limits", func() bool { return pushed(choi, protocol.EvLimits, `"editWindow":0`) })
		kim.MoveTo(c.all[1].url)
		if err := kim.Post(c.soon(), "/api/v1/commands/message.edit", protocol.EditMessage{Room: room, ID: sent.ID, Body: "edited"}, nil); protocol.CodeOf(err) != protocol.TooLate {
			t.Errorf("edited at the other node: %v", err)
		}
		kim.MoveTo(c.all[0].url)
	})
	t.Run("a node that ends takes its sessions along at once", func(t *testing.T) {
		c.do(kim, protocol.OpWatch, protocol.WatchPresence{Users: []protocol.UserID{"choi"}}, nil)
		if code := c.all[1].stop(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
		c.until(c.all[0], "one node", func(m map[string]float64) bool {
			return m["sendjay_nodes"] == 1 && m["sendjay_sessions_elsewhere"] == 0
		})
		c.await(kim, "choi gone", func() bool { return pushed(kim, protocol.EvPresence, `{"user":"choi"}`) })
	})
}

func TestANodeKilledInAFloodLosesNothing(t *testing.T) {
	c := together(t, 3, "kim", "lee", "park")
	kim, lee, park := c.at(0, "kim", protocol.Web), c.at(1, "lee", protocol.Web), c.at(2, "park", protocol.Web)
	room := c.room(kim, "lee", "park")
	c.until(c.all[0], "a holder", func(m map[string]float64) bool { return m["sendjay_jobs_holder"] == 1 })

	var acked sync.Map
	var count atomic.Int64
	reached := make(chan struct{})
	flood := func(p *person.Person, retry bool) {
		for i := range 400 {
			m := person.NewMessage(room, fmt.Sprint(p.ID, i))
			for {
				sent, err := p.Send(c.soon(), m)
				if err == nil {
					acked.Store(sent.ID, string(m.Body))
					if count.Add(1) == 300 {
						close(reached)
					}
					break
				}
				if !retry {
					return
				}
				// The node died: go on at the other, with the same id.
				p.MoveTo(c.all[1].url)
				c.connect(p)
			}
		}
	}
	var flooding sync.WaitGroup
	flooding.Go(func() { flood(kim, true) })
	flooding.Go(func() { flood(lee, true) })
	<-reached
	_ = c.all[0].Process.Kill()
	_ = c.all[0].waited()
	flooding.Wait()

	for _, p := range []*person.Person{kim, lee, park} {
		c.await(p, "800 messages", func() bool { return len(p.Messages(room)) == 800 })
	}
	history, err := park.History(c.soon(), room)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, m := range history {
		times[m.Body]++
	}
	acked.Range(func(_, body any) bool {
		if times[body.(string)] != 1 {
			t.Errorf("%s is there %d times", body, times[body.(string)])
		}
		return true
	})
	// Its sessions and its lease pass on.
	for _, n := range []int{1, 2} {
		c.until(c.all[n], "two nodes", func(m map[string]float64) bool { return m["sendjay_nodes"] == 2 })
	}
	var holders float64
	c.until(c.all[1], "a new holder", func(m map[string]float64) bool {
		other, err := counted(c.soon(), c.all[2].url)
		holders = m["sendjay_jobs_holder"] + other["sendjay_jobs_holder"]
		return err == nil && holders == 1
	})
}

func TestNodesMeetThroughARedisBehindTLS(t *testing.T) {
	r, authority := redistest.StartTLS(t)
	on := []string{"--listen=127.0.0.1:0", "--redis=" + r.URL, "--files=" + t.TempDir(), "--database=" + storetest.MariaDB(t)}
	c := &nodes{t: t, redis: r}
	for range 2 {
		// Where an operator's own authority stands in for the system's.
		c.all = append(c.all, wait(t, process(t, []string{"SSL_CERT_FILE=" + authority}, append(on, "--data="+t.TempDir())...)))
	}
	c.know(2)
	// Whoever does not trust it does not speak to it, serves all the same, and says what is missing.
	stranger := wait(t, process(t, nil, append(on, "--data="+t.TempDir())...))
	c.until(stranger, "a line that is down", func(m map[string]float64) bool { return m["sendjay_bus_up"] == 0 })
	var ready struct{ Missing map[string]string }
	get(t, stranger.url+"/readyz", "", &ready)
	if ready.Missing["redis"] == "" {
		t.Errorf("/readyz names %v", ready.Missing)
	}
}

func TestRedisAwayDelaysNothingButPushes(t *testing.T) {
	c := together(t, 2, "kim", "lee")
	kim, lee := c.at(0, "kim", protocol.Web), c.at(1, "lee", protocol.Web)
	desk := c.at(1, "kim", protocol.Desktop)
	room := c.room(kim, "lee")
	c.say(kim, room, "before")
	c.sees(lee, room, "before")
	named := func(n int) bool {
		var ready struct{ Missing map[string]string }
		get(t, c.all[n].url+"/readyz", "", &ready)
		return ready.Missing["redis"] != ""
	}
	for _, away := range []struct {
		name       string
		go_, back_ func()
	}{
		{"stopped", c.redis.Stop, c.redis.Start},
		{"hanging", c.redis.Hang, c.redis.Resume},
	} {
		t.Run("while it is "+away.name+", sends succeed, and afterwards everything is known everywhere", func(t *testing.T) {
			away.go_()
			for i := range 50 {
				c.say(kim, room, fmt.Sprint(away.name, " kim ", i))
				c.say(lee, room, fmt.Sprint(away.name, " lee ", i))
			}
			if !named(0) || !named(1) {
				t.Error("/readyz does not name it")
			}
			// Late, but without Redis and without another word: the database is asked.
			c.sees(lee, room, away.name+" kim 49")
			// What kim has on another node besides, and changes for himself meanwhile.
			c.own(kim, desk, room, away.name)
			// Two devices of one kind that cannot know of each other.
			other := c.at(1, "kim", protocol.Web)
			away.back_()
			c.await(kim, "the end of the older", func() bool { return kim.Closed() == int(protocol.CloseReplaced) })
			if other.Closed() != 0 {
				t.Errorf("the newer ended with %d", other.Closed())
			}
			kim = other
			kim.MoveTo(c.all[0].url)
			kim.Hang()
			c.connect(kim)
			c.know(2)
			c.say(lee, room, away.name+" after")
			c.await(kim, "events again", func() bool { return pushed(kim, protocol.EvMessage, away.name+" after") })
			for _, p := range []*person.Person{kim, lee} {
				if diff, err := p.Differs(c.soon(), room); err != nil || diff != "" {
					t.Errorf("%s: %s %v", p.ID, diff, err)
				}
			}
			if named(0) || named(1) {
				t.Error("/readyz still names it")
			}
		})
	}
}

// own lets a person set up a room, delete a message and choose, each for himself, at one device, and waits until
// another one knows.
func (c *nodes) own(p, other *person.Person, room protocol.RoomID, about string) {
	c.t.Helper()
	pinned := about == "stopped"
	c.do(p, protocol.OpRoomMine, protocol.SetMine{Room: room, Pinned: &pinned}, nil)
	m, ok := p.Find(room, about+" kim 7")
	if !ok {
		c.t.Fatal("nothing to delete")
	}
	c.do(p, protocol.OpMessageHide, protocol.HideMessages{Room: room, IDs: []protocol.MessageID{m.ID}}, nil)
	if err := p.Put(c.soon(), "/api/v1/me/settings", map[string]any{"hideBody": pinned}, nil); err != nil {
		c.t.Fatal(err)
	}
	place := 0
	if pinned {
		place = 1
	}
	for ev, text := range map[protocol.EventName]string{
		protocol.EvMine: fmt.Sprintf(`"pinned":%d`, place), protocol.EvHidden: string(m.ID), protocol.EvSettings: fmt.Sprintf(`"hideBody":%t`, pinned),
	} {
		c.await(other, "word of "+string(ev), func() bool { return pushed(other, ev, text) })
	}
}
