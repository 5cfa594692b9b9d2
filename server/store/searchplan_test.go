package store_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// Both databases say of each table how they get at it; a whole table read is "SCAN" in the one, type ALL
// or index in the other.
func TestNoStatementOfASearchReadsAWholeTable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park")
		r := room(t, s, "kim", "lee", "park")
		rooms := []protocol.RoomID{r}
		for i := range 150 { // most of them somebody else's
			other, by := protocol.UserID(fmt.Sprint("g", i)), protocol.UserID("lee")
			if i%15 == 0 {
				by = "kim"
			}
			people(t, s, other)
			if made := room(t, s, by, other); by == "kim" {
				rooms = append(rooms, made)
			} else {
				send(t, s, made, by, fmt.Sprint("f", i), "주간 보고 회의 자료")
			}
		}
		for i, r := range rooms {
			var wg sync.WaitGroup
			for j := range 200 {
				wg.Go(func() {
					send(t, s, r, "kim", fmt.Sprintf("m%d-%d", i, j), fmt.Sprintf("주간 보고 %d 회의 자료", j))
				})
			}
			wg.Wait()
		}
		for i := range 10 { // what people have deleted for themselves, elsewhere
			rows := make([]string, 500)
			for j := range rows {
				rows[j] = fmt.Sprintf("('x%d-%d','%s','lee','g%d','G','D','%s','%s')", i, j, rooms[0], j%150, strings.Repeat("0", 26), strings.Repeat("0", 26))
			}
			if err := s.Exec(t.Context(), "INSERT INTO A_MSGDTL_TBL (MSGID, ROOMID, SENDERID, RECEIVERID, RECEIVERNM, STATE, CDT, UDT) VALUES "+strings.Join(rows, ",")); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Index(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Analyze(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, q := range []store.SearchQuery{{Text: "회의 자료", Limit: 20}, {Text: "회의", Room: r, Limit: 20}, {From: "kim", Room: r, Limit: 20}} {
			seen := map[string]bool{}
			for _, plan := range s.Plans(t, func() {
				if out, err := s.Search(t.Context(), "kim", q); err != nil || len(out.Messages) != 20 {
					t.Fatalf("%d %v", len(out.Messages), err)
				}
			}) {
				if !seen[plan] {
					seen[plan] = true
					t.Log(plan)
				}
				if fullScan.MatchString(plan) {
					t.Errorf("%+v: %s", q, plan)
				}
			}
			if len(seen) < 4 {
				t.Errorf("only these plans were seen: %v", seen)
			}
		}
	})
}

// fullScan matches a line of a plan that reads a table from end to end; what a statement has picked itself, T
// in fillMembers, is none.
var fullScan = regexp.MustCompile(`SCAN ([A-S]\b|[AS]_)|table=[A-Z].*type=(ALL|index)\b`)
