package store_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

var everybody = []protocol.UserID{"a", "b", "c", "d"}

// world is a room as it ought to be.
type world struct {
	s       *store.Store
	room    protocol.RoomID
	master  protocol.UserID
	name    string
	mine    map[protocol.UserID]protocol.RoomMine // without version and place
	seq     protocol.Seq
	rev     protocol.Rev
	ids     []protocol.MessageID
	talks   map[protocol.MessageID]*talked
	members map[protocol.UserID]*stands
	copies  map[protocol.UserID]*copied
	notice  protocol.MessageID
}

type talked struct {
	sender    protocol.UserID
	seq       protocol.Seq
	rev       protocol.Rev
	cancelled bool
	body      string
	reply     protocol.MessageID
	hidden    map[protocol.UserID]bool
	reacted   map[string]bool // "emoji user"
}

// from is where the person came, clear up to where he has deleted all.
type stands struct{ read, from, clear protocol.Seq }

func (s stands) sees(seq protocol.Seq) bool { return seq > max(s.from, s.clear) }

func TestWhateverPeopleDoTheRoomIsAsTheModelSaysAndOldCopiesCatchUp(t *testing.T) {
	if err := flag.Set("rapid.checks", "12"); err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, everybody...)
		rapid.Check(t, func(r *rapid.T) {
			rooms++
			// A title of its own does not make another room, more people do: each world has a guest of its own.
			guest := protocol.UserID(fmt.Sprintf("g%d%s", rooms, t.Name()[len(t.Name())-3:]))
			people(t, s, guest)
			w := &world{s: s, master: "a", rev: 1, mine: map[protocol.UserID]protocol.RoomMine{}, talks: map[protocol.MessageID]*talked{}, members: map[protocol.UserID]*stands{}, copies: map[protocol.UserID]*copied{}}
			with := []protocol.UserID{guest, "b", "c"}[:rapid.IntRange(1, 3).Draw(r, "others")]
			made, err := s.CreateRoom(t.Context(), "a", with, "", nil)
			if err != nil || made.Existed {
				r.Fatalf("%+v %v", made, err)
			}
			w.room = made.Room
			for _, u := range append(with, "a") {
				w.members[u] = &stands{}
			}
			all := append(slices.Clone(everybody), guest)
			who := rapid.SampledFrom(all)
			r.Repeat(map[string]func(*rapid.T){
				"send":   func(r *rapid.T) { w.send(r, who.Draw(r, "who")) },
				"again":  func(r *rapid.T) { w.again(r) },
				"read":   func(r *rapid.T) { w.read(r, who.Draw(r, "who"), protocol.Seq(rapid.IntRange(0, 30).Draw(r, "seq"))) },
				"cancel": func(r *rapid.T) { w.cancel(r, who.Draw(r, "who")) },
				"edit":   func(r *rapid.T) { w.edit(r, who.Draw(r, "who")) },
				"react":  func(r *rapid.T) { w.react(r, who.Draw(r, "who")) },
				"hide":   func(r *rapid.T) { w.hide(r, who.Draw(r, "who"), rapid.IntRange(0, 7).Draw(r, "all") == 0) },
				"notice": func(r *rapid.T) { w.pin(r, who.Draw(r, "who")) },
				"invite": func(r *rapid.T) { w.invite(r, who.Draw(r, "who"), who.Draw(r, "whom")) },
				"leave":  func(r *rapid.T) { w.depart(r, who.Draw(r, "who"), "") },
				"kick":   func(r *rapid.T) { w.depart(r, who.Draw(r, "who"), who.Draw(r, "whom")) },
				"rename": func(r *rapid.T) {
					w.rename(r, who.Draw(r, "who"), rapid.SampledFrom([]string{"", "영업팀", "Sales"}).Draw(r, "name"))
				},
				"hand over": func(r *rapid.T) { w.handOver(r, who.Draw(r, "who"), who.Draw(r, "whom")) },
				"set up":    func(r *rapid.T) { w.setUp(r, who.Draw(r, "who")) },
				"copy": func(r *rapid.T) {
					if u := who.Draw(r, "who"); w.members[u] != nil {
						w.copies[u] = w.fresh(r, u)
					}
				},
				"": w.check,
			})
		})
	})
}

func (w *world) refused(r *rapid.T, u protocol.UserID, err error) bool {
	if w.members[u] != nil {
		return false
	}
	if !errors.Is(err, store.ErrNotMember) {
		r.Fatalf("%s, who is not a member: %v", u, err)
	}
	return true
}
