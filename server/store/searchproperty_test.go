package store_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// seeker is a model that remembers everything that was said and who may see it.
type seeker struct {
	s     *store.Store
	rooms []protocol.RoomID
	said  []*saidOnce
	from  map[protocol.RoomID]map[protocol.UserID]protocol.Seq // of members
	last  map[protocol.RoomID]protocol.Seq
}

type saidOnce struct {
	id        protocol.MessageID
	room      protocol.RoomID
	sender    protocol.UserID
	seq       protocol.Seq
	text      string
	cancelled bool
}

var seekers int

func TestASearchFindsExactlyWhatANaiveReaderWouldFindAndNothingThatIsNotHis(t *testing.T) {
	if err := flag.Set("rapid.checks", "12"); err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		rapid.Check(t, func(r *rapid.T) {
			seekers++
			name := func(n int) protocol.UserID { return protocol.UserID(fmt.Sprintf("s%d%c", seekers, 'a'+n)) }
			all := []protocol.UserID{name(0), name(1), name(2), name(3)}
			people(t, s, all...)
			w := &seeker{s: s, from: map[protocol.RoomID]map[protocol.UserID]protocol.Seq{}, last: map[protocol.RoomID]protocol.Seq{}}
			for _, with := range [][]protocol.UserID{all[1:3], all[1:4], all[3:4]} {
				made, err := s.CreateRoom(t.Context(), all[0], with, "", nil)
				if err != nil {
					r.Fatal(err)
				}
				w.rooms = append(w.rooms, made.Room)
				w.from[made.Room] = map[protocol.UserID]protocol.Seq{all[0]: 0}
				for _, u := range with {
					w.from[made.Room][u] = 0
				}
			}
			who, where := rapid.SampledFrom(all), rapid.SampledFrom(w.rooms)
			r.Repeat(map[string]func(*rapid.T){
				"say":    func(r *rapid.T) { w.say(r, where.Draw(r, "room"), who.Draw(r, "who")) },
				"cancel": func(r *rapid.T) { w.cancel(r) },
				"come":   func(r *rapid.T) { w.come(r, w.rooms[rapid.IntRange(0, 1).Draw(r, "room")], who.Draw(r, "who")) },
				"leave":  func(r *rapid.T) { w.leave(r, w.rooms[rapid.IntRange(0, 1).Draw(r, "room")], who.Draw(r, "who")) },
				"index": func(r *rapid.T) {
					if err := s.Index(r.Context()); err != nil {
						r.Fatal(err)
					}
				},
				"search": func(r *rapid.T) { w.search(r, who.Draw(r, "who")) },
			})
		})
	})
}

var sayings = rapid.SampledFrom(strings.Fields("회의 회의록을 주간회의 예산 예산안 보고 v2 100% a_b kim"))

func (w *seeker) say(r *rapid.T, room protocol.RoomID, by protocol.UserID) {
	if _, member := w.from[room][by]; !member {
		return
	}
	// Now and then enough to fill blocks.
	for range rapid.SampledFrom([]int{1, 1, 1, 70}).Draw(r, "times") {
		text := strings.Join(rapid.SliceOfN(sayings, 1, 4).Draw(r, "text"), " ")
		id := protocol.MessageID(fmt.Sprintf("%s-%d", by, len(w.said)))
		out, err := w.s.Send(r.Context(), store.NewMessage{ID: id, Room: room, Sender: by, SenderName: string(by), Body: text}, nil)
		if err != nil {
			r.Fatal(err)
		}
		w.last[room] = out.Message.Seq
		w.said = append(w.said, &saidOnce{id: id, room: room, sender: by, seq: out.Message.Seq, text: text})
	}
}

func (w *seeker) cancel(r *rapid.T) {
	if len(w.said) == 0 {
		return
	}
	m := rapid.SampledFrom(w.said).Draw(r, "message")
	if _, member := w.from[m.room][m.sender]; !member {
		return
	}
	if _, err := w.s.Cancel(r.Context(), m.room, m.sender, m.id, time.Hour, nil); err != nil {
		r.Fatal(err)
	}
	m.cancelled = true
}

func (w *seeker) come(r *rapid.T, room protocol.RoomID, u protocol.UserID) {
	if _, member := w.from[room][u]; member || len(w.from[room]) == 0 {
		return
	}
	by := slices.Sorted(maps.Keys(w.from[room]))[0]
	out, _, err := w.s.Invite(r.Context(), room, by, []protocol.UserID{u}, nil)
	if err != nil {
		r.Fatal(err)
	}
	w.from[room][u] = w.last[room]
	w.last[room] = out.Line.Seq
}

func (w *seeker) leave(r *rapid.T, room protocol.RoomID, u protocol.UserID) {
	if _, member := w.from[room][u]; !member || len(w.from[room]) < 3 {
		return
	}
	out, err := w.s.Leave(r.Context(), room, u, nil)
	if err != nil {
		r.Fatal(err)
	}
	delete(w.from[room], u)
	if out.Line != nil {
		w.last[room] = out.Line.Seq
	}
}

func (w *seeker) search(r *rapid.T, u protocol.UserID) {
	q := store.SearchQuery{Limit: rapid.IntRange(1, 40).Draw(r, "limit")}
	q.Text = strings.Join(rapid.SliceOfN(rapid.SampledFrom(strings.Fields("회의 회의를 예산 예산안 회의록 보고 100% a_b v2 없음")), 0, 2).Draw(r, "q"), " ")
	if rapid.Bool().Draw(r, "by") || q.Text == "" {
		q.From = rapid.SampledFrom(slices.Sorted(maps.Keys(w.from[w.rooms[1]]))).Draw(r, "from")
	}
	room := rapid.SampledFrom(append([]protocol.RoomID{""}, w.rooms...)).Draw(r, "in")
	if _, member := w.from[room][u]; member {
		q.Room = room
	}
	want := map[string]bool{}
	for _, m := range w.said {
		from, member := w.from[m.room][u]
		if !member || m.cancelled || m.seq <= from || (q.Room != "" && m.room != q.Room) || (q.From != "" && m.sender != q.From) {
			continue
		}
		fits := true
		for word := range strings.FieldsSeq(q.Text) {
			fits = fits && strings.Contains(m.text, strings.TrimSuffix(word, "를"))
		}
		if fits {
			want[string(m.id)] = true
		}
	}
	got := find(r, w.s, u, q)
	for _, id := range got {
		if !want[id] {
			r.Fatalf("%s, %+v: %s is found twice or should not be", u, q, id)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		r.Fatalf("%s, %+v: not found: %v", u, q, slices.Sorted(maps.Keys(want)))
	}
}
