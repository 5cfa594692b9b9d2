package fanout_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sendjay/server/chat"
	"sendjay/server/fanout"
	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// house is a store with the rules and the fan-out over it, as one server has them. It can be started again.
type house struct {
	dir      string
	db       *store.Store
	sessions *session.Registry
	out      *fanout.Fanout
	talk     *chat.Chat
}

func (h *house) start(r *rapid.T) {
	var err error
	if h.db, err = store.Open(r.Context(), store.Config{Dir: h.dir}); err != nil {
		r.Fatal(err)
	}
	h.sessions = session.NewRegistry(session.Config{})
	h.out = fanout.New(fanout.Config{Sessions: h.sessions, Members: h.db.Members})
	h.talk = chat.New(chat.Config{Store: h.db, Out: h.out, ReceiptDelay: time.Millisecond})
}

func (h *house) stop() {
	h.talk.Close()
	h.out.Close()
	h.sessions.Quit()
	_ = h.db.Close()
}

func TestAfterAnyCutsRestartsLateAndRepeatedFramesAClientKnowsWhatAFreshOneReads(t *testing.T) {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		h := &house{dir: t.TempDir()}
		h.start(r)
		defer func() { h.stop() }()
		all := []protocol.UserID{"a", "b", "c", "d"}
		clients := map[protocol.UserID]*client{}
		for _, u := range all {
			if err := h.db.AddAccount(r.Context(), store.Account{User: protocol.User{ID: u, Name: string(u)}, Active: true}); err != nil {
				r.Fatal(err)
			}
			clients[u] = &client{h: h, me: u, rooms: map[protocol.RoomID]*copied{}}
			clients[u].come(r)
		}
		var rooms []protocol.RoomID
		var ids []protocol.SendMessage
		count := 0
		ok := func(err error) {
			// Strangers, messages of others, what is gone: refused, and nothing changes.
			if refusal := new(protocol.Refusal); err != nil && !errors.As(err, &refusal) {
				r.Fatal(err)
			}
		}
		create := func(r *rapid.T) {
			by := rapid.SampledFrom(all).Draw(r, "by")
			with := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 3, func(u protocol.UserID) protocol.UserID { return u }).Draw(r, "with")
			made, err := h.talk.CreateRoom(r.Context(), chat.Person{ID: by, Name: string(by)}, protocol.CreateRoom{Members: with})
			if ok(err); err == nil && !slices.Contains(rooms, made.Room.ID) {
				rooms = append(rooms, made.Room.ID)
			}
		}
		create(r)
		person := func(r *rapid.T, name string) chat.Person {
			u := rapid.SampledFrom(all).Draw(r, name)
			return chat.Person{ID: u, Name: string(u)}
		}
		room := func(r *rapid.T) protocol.RoomID { return rapid.SampledFrom(rooms).Draw(r, "room") }
		peer := func(r *rapid.T) *client { return clients[rapid.SampledFrom(all).Draw(r, "client")] }
		message := func(r *rapid.T) (protocol.SendMessage, bool) {
			if len(ids) == 0 {
				return protocol.SendMessage{}, false
			}
			return rapid.SampledFrom(ids).Draw(r, "message"), true
		}
		r.Repeat(map[string]func(*rapid.T){
			"create": create,
			"send": func(r *rapid.T) {
				by, in := person(r, "by"), room(r)
				for range rapid.SampledFrom([]int{1, 1, 2, 12}).Draw(r, "times") {
					count++
					m := protocol.SendMessage{ID: protocol.MessageID(fmt.Sprint("m", count)), Room: in, Type: protocol.Talk, Body: protocol.Text(fmt.Sprint("said ", count))}
					if to, any := message(r); any {
						m.Reply = to.ID
					}
					_, err := h.talk.Send(r.Context(), by, m)
					if ok(err); err == nil {
						ids = append(ids, m)
					}
				}
			},
			"read": func(r *rapid.T) {
				ok(h.talk.Read(r.Context(), person(r, "by"), protocol.ReadMessages{Room: room(r), Seq: protocol.Seq(rapid.IntRange(0, 30).Draw(r, "seq"))}))
			},
			"change": func(r *rapid.T) {
				m, any := message(r)
				if !any {
					return
				}
				by := person(r, "by")
				switch rapid.IntRange(0, 5).Draw(r, "what") {
				case 0, 1:
					ok(h.talk.Cancel(r.Context(), by, protocol.CancelMessage{Room: m.Room, ID: m.ID}))
				case 2:
					ok(h.talk.Edit(r.Context(), by, protocol.EditMessage{Room: m.Room, ID: m.ID, Body: "edited"}))
				case 3:
					ok(h.talk.React(r.Context(), by, protocol.ReactMessage{Room: m.Room, ID: m.ID, Emoji: "👍", On: rapid.Bool().Draw(r, "on")}))
				case 4:
					ok(h.talk.Hide(r.Context(), by, protocol.HideMessages{Room: m.Room, IDs: []protocol.MessageID{m.ID}}))
				default:
					ok(h.talk.Notice(r.Context(), by, protocol.SetNotice{Room: m.Room, ID: m.ID}))
				}
			},
			"hide all": func(r *rapid.T) {
				ok(h.talk.Hide(r.Context(), person(r, "by"), protocol.HideMessages{Room: room(r), All: true}))
			},
			"invite": func(r *rapid.T) {
				_, err := h.talk.Invite(r.Context(), person(r, "by"), protocol.InviteMembers{Room: room(r), Members: []protocol.UserID{person(r, "whom").ID}})
				ok(err)
			},
			"leave": func(r *rapid.T) { ok(h.talk.Leave(r.Context(), person(r, "by"), protocol.LeaveRoom{Room: room(r)})) },
			"kick": func(r *rapid.T) {
				ok(h.talk.Kick(r.Context(), person(r, "by"), protocol.KickMember{Room: room(r), User: person(r, "whom").ID}))
			},
			"rename": func(r *rapid.T) {
				ok(h.talk.Rename(r.Context(), person(r, "by"), protocol.RenameRoom{Room: room(r), Title: "name", For: protocol.ForAll}))
			},
			"cut":  func(r *rapid.T) { peer(r).cut() },
			"come": func(r *rapid.T) { peer(r).come(r) },
			"pump": func(r *rapid.T) { peer(r).pump(r, rapid.IntRange(1, 20).Draw(r, "frames")) },
			"again": func(r *rapid.T) {
				c := peer(r)
				if c.session != nil && len(c.old) > 0 {
					c.hear(r, rapid.SampledFrom(c.old).Draw(r, "frame"))
				}
			},
			"restart": func(r *rapid.T) {
				if rapid.IntRange(0, 3).Draw(r, "really") > 0 {
					return
				}
				h.stop()
				for _, c := range clients {
					c.session, c.queue = nil, nil
				}
				h.start(r)
			},
		})
		// Some are there to the end and learn by frames alone; the others come back.
		for _, u := range all {
			c := clients[u]
			if c.session == nil {
				c.come(r)
			}
			deadline := time.Now().Add(10 * time.Second)
			for _, id := range rooms {
				for {
					c.pump(r, 1000)
					want, got := look(r, h, u, id), c.rooms[id]
					if same(want, got) {
						break
					}
					if time.Now().After(deadline) {
						r.Fatalf("%s in %s\nknows\n%s\n\nbut it is\n%s", u, id, text(got), text(want))
					}
					<-time.After(time.Millisecond) // frames are under way
				}
			}
		}
	})
}

func text(o *copied) string {
	if o == nil {
		return "nothing"
	}
	return fmt.Sprintf("rev %d from %d\n%s", o.rev, o.from, o.shown())
}

// same: a room that one is not told of before its first message may be unknown.
func same(want, got *copied) bool {
	if want == nil || got == nil {
		return want == nil && got == nil || got == nil && len(want.messages) == 0
	}
	return want.shown() == got.shown()
}
