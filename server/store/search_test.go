package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestSearchFindsWhatTheIndexHasAndWhatItHasNotReached(t *testing.T) {
	// Each look at the clock is a minute later, so that on every database messages are old enough to be indexed.
	var minutes atomic.Int64
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := store.Config{Now: func() time.Time { return base.Add(time.Duration(minutes.Add(1)) * time.Minute) }}
	storetest.EachWith(t, c, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		for i := range 30 {
			send(t, s, r, "kim", fmt.Sprint("m", i), fmt.Sprintf("주간 보고 %d", i))
		}
		find := func(q string, want int) {
			t.Helper()
			out, err := s.Search(t.Context(), "lee", q, r, 50)
			if err != nil || len(out) != want {
				t.Fatalf("%q finds %d, want %d, %v", q, len(out), want, err)
			}
			for i := 1; i < len(out); i++ {
				if out[i].Seq >= out[i-1].Seq {
					t.Fatalf("not newest first: %d before %d", out[i-1].Seq, out[i].Seq)
				}
			}
		}
		signs := func() {
			t.Helper()
			for _, q := range []string{"100%", "0%", "a_b", "it's", `d"`, `k\s`, "a_b 0%"} {
				find(q, 1)
			}
			for _, q := range []string{"%%", "__", "1_0", "a%b", "보%", "' or 1=1", "*"} {
				find(q, 0)
			}
		}
		send(t, s, r, "kim", "signs", `100% a_b it's "quoted" back\slash`)
		send(t, s, r, "kim", "none", `1000 aXb its quoted backslash`)
		find("보고", 30)
		signs()
		deadline := time.Now().Add(30 * time.Second)
		for s.Indexed(t.Context()) < 31 {
			if time.Now().After(deadline) {
				t.Fatal("the index does not come")
			}
			<-time.After(20 * time.Millisecond)
		}
		signs()
		send(t, s, r, "kim", "late", "새 보고")
		find("보고", 31)
		find("주간 보고", 30)
		find("보고 29", 1)
		if _, err := s.Cancel(t.Context(), r, "kim", "m3", 1000*time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		find("보고", 30)
		find("%", 0)
		if out, err := s.Search(t.Context(), "lee", "보고", protocol.RoomID("elsewhere"), 50); err == nil {
			t.Fatalf("a foreign room: %+v", out)
		}
	})
}
