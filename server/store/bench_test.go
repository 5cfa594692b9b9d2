package store_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// benchEach runs f on an empty store of each kind.
func benchEach(b *testing.B, f func(b *testing.B, s *store.Store)) {
	store.SkipAudit()
	for _, kind := range []string{"sqlite", "mariadb"} {
		b.Run(kind, func(b *testing.B) {
			c := store.Config{Dir: b.TempDir()}
			if kind == "mariadb" {
				c.DSN = storetest.MariaDB(b)
			}
			s, err := store.Open(b.Context(), c)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			f(b, s)
		})
	}
}

// pairsOf makes n rooms of two people, all of them with "p0".
func pairsOf(b *testing.B, s *store.Store, n int) []protocol.RoomID {
	people(b, s, "p0")
	rooms := make([]protocol.RoomID, n)
	for i := range rooms {
		other := protocol.UserID(fmt.Sprintf("p%d", i+1))
		people(b, s, other)
		rooms[i] = room(b, s, "p0", other)
	}
	return rooms
}

const benchText = "내일 오전 회의 자료를 공유드립니다. 확인 부탁드려요, thank you!"

// BenchmarkSend stores messages of 256 senders at once, as grouped commits meet them.
func BenchmarkSend(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		rooms := pairsOf(b, s, 300)
		var turn atomic.Int64
		b.SetParallelism(128)
		b.ResetTimer()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := int(turn.Add(1)) % len(rooms)
				id, _ := uuid.NewV7()
				_, err := s.Send(b.Context(), store.NewMessage{ID: protocol.MessageID(id.String()), Room: rooms[n], Sender: "p0", SenderName: "Np0", Body: benchText}, nil)
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	})
}

// BenchmarkSendAndRead lets the other one of the pair read each message, as a live room does.
func BenchmarkSendAndRead(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		rooms := pairsOf(b, s, 300)
		var turn atomic.Int64
		b.SetParallelism(128)
		b.ResetTimer()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := int(turn.Add(1)) % len(rooms)
				id, _ := uuid.NewV7()
				out, err := s.Send(b.Context(), store.NewMessage{ID: protocol.MessageID(id.String()), Room: rooms[n], Sender: "p0", SenderName: "Np0", Body: benchText}, nil)
				if err == nil {
					_, err = s.Read(b.Context(), rooms[n], protocol.UserID(fmt.Sprintf("p%d", n+1)), out.Message.Seq, nil)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	})
}

// fill sends n messages into each of the rooms.
func fill(b *testing.B, s *store.Store, rooms []protocol.RoomID, n int) {
	b.Helper()
	var turn atomic.Int64
	done := make(chan error)
	const hands = 64
	for range hands {
		go func() {
			for {
				i := int(turn.Add(1)) - 1
				if i >= n*len(rooms) {
					done <- nil
					return
				}
				id, _ := uuid.NewV7()
				if _, err := s.Send(b.Context(), store.NewMessage{ID: protocol.MessageID(id.String()), Room: rooms[i%len(rooms)], Sender: "p0", SenderName: "Np0", Body: benchText}, nil); err != nil {
					done <- err
					return
				}
			}
		}()
	}
	for range hands {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLook asks what a client asks when it starts and when it opens a room.
func BenchmarkLook(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		rooms := pairsOf(b, s, 200)
		fill(b, s, rooms, 30)
		fill(b, s, rooms[:1], 20000)
		for _, who := range []protocol.UserID{"p0", "p1"} {
			if _, err := s.Read(b.Context(), rooms[0], who, 20000, nil); err != nil {
				b.Fatal(err)
			}
		}
		head, err := s.Room(b.Context(), "p1", rooms[0])
		if err != nil {
			b.Fatal(err)
		}
		people(b, s, "many")
		var unread []protocol.RoomID
		for i := range 60 {
			unread = append(unread, room(b, s, "p0", protocol.UserID(fmt.Sprint("p", i+1)), "many"))
		}
		fill(b, s, unread, 20)
		for name, f := range map[string]func() error{
			"unread of 60": func() error {
				_, err := s.Unread(b.Context(), "many")
				return err
			},
			"page": func() error {
				_, err := s.Messages(b.Context(), "p1", rooms[0], nil, nil, 50)
				return err
			},
			"rooms": func() error {
				_, err := s.Rooms(b.Context(), "p0", "", "", 30)
				return err
			},
			"rooms by a member": func() error {
				_, err := s.Rooms(b.Context(), "p0", "Np199", "", 30)
				return err
			},
			"unread": func() error {
				_, err := s.Unread(b.Context(), "p2")
				return err
			},
			"changes": func() error {
				_, err := s.Changes(b.Context(), "p1", rooms[0], head.Rev-20, 500)
				return err
			},
			"search": func() error {
				_, err := s.Search(b.Context(), "p2", store.SearchQuery{Text: "회의 자료", Limit: 20})
				return err
			},
		} {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkSearch looks in 200 rooms with 100,000 messages of office talk.
func BenchmarkSearch(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		rooms := pairsOf(b, s, 200)
		var turn atomic.Int64
		say := func(room protocol.RoomID, n int) {
			b.Helper()
			var wg sync.WaitGroup
			for range 64 {
				wg.Go(func() {
					for range n / 64 {
						i := int(turn.Add(1))
						r := room
						if r == "" {
							r = rooms[i%len(rooms)]
						}
						id, _ := uuid.NewV7()
						if _, err := s.Send(b.Context(), store.NewMessage{ID: protocol.MessageID(id.String()), Room: r, Sender: "p0", SenderName: "Np0", Body: talkOf(i)}, nil); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		}
		say("", 50_000)
		say(rooms[7], 50_000)
		if err := s.Index(b.Context()); err != nil {
			b.Fatal(err)
		}
		for name, q := range map[string]store.SearchQuery{
			"rare word, all rooms":    {Text: "특별안건77", Limit: 30},
			"common word, all rooms":  {Text: "회의", Limit: 30},
			"two words, all rooms":    {Text: "예산 회의를", Limit: 30},
			"no such word, all rooms": {Text: "없는낱말", Limit: 30},
			"common word, deep room":  {Text: "회의", Room: rooms[7], Limit: 50},
			"rare word, deep room":    {Text: "특별안건77", Room: rooms[7], Limit: 50},
			"person, all rooms":       {From: "p9", Limit: 30},
		} {
			b.Run(name, func(b *testing.B) {
				n := 0
				for b.Loop() {
					out, err := s.Search(b.Context(), "p0", q)
					if err != nil {
						b.Fatal(err)
					}
					n = len(out.Messages)
				}
				b.ReportMetric(float64(n), "hits")
			})
		}
	})
}

// talkOf makes up what people write at work.
func talkOf(i int) string {
	words := strings.Fields("내일 오전 회의 자료를 공유드립니다 예산 검토 부탁드려요 확인했습니다 네 알겠습니다 점심 일정 변경 견적서 첨부 고객사 미팅 회의록 보고서 주간 계획 thank you deploy 서버 점검 회의실 예약")
	out := make([]string, 0, 8)
	for n := range 4 + i%5 {
		out = append(out, words[(i*7+n*n*13+i/(n+3))%len(words)])
	}
	if i%997 == 0 {
		out = append(out, fmt.Sprintf("특별안건%d", i/997))
	}
	return strings.Join(out, " ")
}

// BenchmarkRooms lists five hundred rooms of three, in most of which something is unread.
func BenchmarkRooms(b *testing.B) {
	benchEach(b, func(b *testing.B, s *store.Store) {
		people(b, s, "me")
		for i := range 501 {
			people(b, s, protocol.UserID(fmt.Sprintf("p%d", i)))
		}
		for i := range 500 {
			one, two := protocol.UserID(fmt.Sprintf("p%d", i)), protocol.UserID(fmt.Sprintf("p%d", i+1))
			r := room(b, s, "me", one, two)
			for _, by := range []protocol.UserID{one, two, "me"} {
				id, _ := uuid.NewV7()
				if _, err := s.Send(b.Context(), store.NewMessage{ID: protocol.MessageID(id.String()), Room: r, Sender: by, SenderName: "x", Body: benchText}, nil); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ResetTimer()
		b.ReportAllocs()
		for range b.N {
			page, err := s.Rooms(b.Context(), "me", "", "", 500)
			if err != nil || len(page.Rooms) != 500 {
				b.Fatal(len(page.Rooms), err)
			}
		}
	})
}
