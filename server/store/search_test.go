package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// failer is what a test and a property have in common.
type failer interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

// find returns the ids that a search finds, page by page.
func find(t failer, s *store.Store, user protocol.UserID, q store.SearchQuery) []string {
	t.Helper()
	out := []string{}
	for {
		page, err := s.Search(t.Context(), user, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		if len(page.Contexts) != len(page.Messages) || len(page.Messages) > q.Limit {
			t.Fatalf("%+v: %d messages, %d contexts", q, len(page.Messages), len(page.Contexts))
		}
		for _, m := range page.Messages {
			out = append(out, string(m.ID))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return out
		}
	}
}

// bothWays runs f on what the index has not reached yet, and again on what it holds.
func bothWays(t *testing.T, s *store.Store, f func(t *testing.T)) {
	t.Helper()
	t.Run("not indexed", f)
	if err := s.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("indexed", f)
}

func TestSearchFindsWhatAReaderWouldCallTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		for id, text := range map[string]string{
			"meeting":  "내일 신제품회의에서 정합니다",
			"report":   "주간보고서를 올렸어요",
			"nfd":      norm.NFD.String("출장 경비 정산"),
			"latin":    "Q3 KPI보고 v2.1 draft를 GitHub에 올림",
			"percent":  `할인 100% 확정, 파일은 a_b 와 it's "quoted" back\slash`,
			"decoy":    `할인 1000 확정, 파일은 aXb 와 its quoted backslash`,
			"emoji":    "축하해요🎉🎉 드디어",
			"numbers":  "010-1234-5678 로 전화 주세요",
			"newlines": "첫째 줄\n둘째 회의록\n셋째",
		} {
			send(t, s, r, "kim", id, text)
		}
		bothWays(t, s, func(t *testing.T) {
			for q, want := range map[string]string{
				"회의": "meeting newlines", "회의를": "meeting newlines", "회의에서는": "meeting newlines", "신제품": "meeting", "신제품회의": "meeting", "제품회": "meeting",
				"보고서가": "report", "보고서": "report", "보고": "latin report", "주간보고서의": "report",
				"경비": "nfd", norm.NFD.String("경비"): "nfd", norm.NFD.String("출장을"): "nfd", "경비 출장": "nfd",
				"kpi보고": "latin", "KPI": "latin", "github": "latin", "v2.1": "latin", "q3": "latin", "draft를": "latin",
				"100%": "percent", "0%": "percent", "a_b": "percent", "it's": "percent", `d"`: "percent", `k\s`: "percent", "a_b 0%": "percent",
				"%%": "", "__": "", "1_0": "", "a%b": "", "보%": "", "' or 1=1": "", "*": "", "할%정": "", `\`: "",
				"🎉🎉": "emoji", "1234": "numbers", "5678": "numbers", "둘째 회의": "newlines", "없는 말": "",
				"회": "", "의 는": "", "할인 확": "decoy percent",
			} {
				got := find(t, s, "lee", store.SearchQuery{Text: q, Limit: 3})
				if want := strings.Fields(want); !sameIDs(got, want) {
					t.Errorf("%q finds %v, want %v", q, got, want)
				}
				if in := find(t, s, "lee", store.SearchQuery{Text: q, Room: r, Limit: 3}); !sameIDs(in, got) {
					t.Errorf("%q finds %v in the room, %v in all", q, in, got)
				}
			}
		})
	})
}

func TestSearchFindsAFileByItsNameAndByWhatStandsWithIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park")
		r, other := room(t, s, "kim", "lee", "park"), room(t, s, "kim", "park")
		send(t, s, r, "lee", "words", "예산은 다음 주에 정해요")
		for id, name := range map[string]string{"sheet": "2026 예산안 (최종).xlsx", "photo": "IMG_0042.jpg"} {
			file := protocol.FileID("f-" + id)
			if err := s.AddFile(t.Context(), store.File{ID: file, Owner: "kim", Room: r, Name: name, Size: 10, Key: id}, store.FileLimits{}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.WholeFile(t.Context(), file, store.FileFacts{Kind: "text/plain", Hash: strings.Repeat(id, 10)}); err != nil {
				t.Fatal(err)
			}
			body := map[string]string{"photo": "현장 사진이에요"}[id]
			for _, again := range []bool{false, true} { // its answer may be lost as any other's
				out, err := s.Send(t.Context(), store.NewMessage{ID: protocol.MessageID(id), Room: r, Sender: "kim", SenderName: "N", Body: body, File: file}, nil)
				if err != nil || out.Repeat != again {
					t.Fatal(out, err)
				}
			}
		}
		if _, err := s.Send(t.Context(), store.NewMessage{ID: "passed", Room: other, Sender: "kim", SenderName: "N", File: "f-sheet"}, nil); err != nil {
			t.Fatal(err)
		}
		bothWays(t, s, func(t *testing.T) {
			for q, want := range map[string]string{"예산": "words sheet", "예산안": "sheet", "최종 xlsx": "sheet", "현장": "photo", "img_0042": "photo", "사진 jpg": "photo", "f-sheet": ""} {
				if got := find(t, s, "lee", store.SearchQuery{Text: q, Limit: 2}); !sameIDs(got, strings.Fields(want)) {
					t.Errorf("%q finds %v, want %v", q, got, want)
				}
			}
			if got := find(t, s, "park", store.SearchQuery{Text: "예산안", Limit: 1}); !sameIDs(got, []string{"sheet", "passed"}) {
				t.Errorf("who is in both rooms finds %v", got)
			}
			if got := find(t, s, "lee", store.SearchQuery{From: "kim", Room: r, Limit: 5}); !sameIDs(got, []string{"sheet", "photo"}) {
				t.Errorf("of one person %v are found", got)
			}
			page, err := s.Search(t.Context(), "lee", store.SearchQuery{Text: "예산안", Limit: 5})
			if err != nil || len(page.Messages) != 1 || page.Messages[0].File == nil || len(page.Contexts[0].Parts) != 3 || page.Contexts[0].Parts[1].Text != "예산안" {
				t.Errorf("%+v, %v", page, err)
			}
		})
		if _, err := s.Cancel(t.Context(), r, "kim", "sheet", time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		if got := find(t, s, "lee", store.SearchQuery{Text: "예산안", Limit: 5}); len(got) > 0 {
			t.Errorf("what was taken back is found: %v", got)
		}
	})
}

func sameIDs(a, b []string) bool {
	count := map[string]int{}
	for _, x := range a {
		count[x]++
	}
	for _, x := range b {
		count[x]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestSearchOverAllRoomsRanksWhatFitsBestAndThenTheNewest(t *testing.T) {
	// Each message has a time of its own: of two rooms in one millisecond neither is the newer one.
	var ms atomic.Int64
	began := time.Now().Add(-time.Hour)
	now := func() time.Time { return began.Add(time.Duration(ms.Add(1)) * time.Millisecond) }
	storetest.EachWith(t, store.Config{Now: now}, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park")
		a, b := room(t, s, "kim", "lee"), room(t, s, "kim", "park")
		send(t, s, a, "kim", "exact1", "분기 예산 회의 자료입니다")
		send(t, s, b, "kim", "near1", "회의 때 쓸 예산 표")
		send(t, s, a, "kim", "apart", "예산은 "+strings.Repeat("아주 ", 30)+"나중에 하는 회의에서 정해요")
		send(t, s, b, "kim", "exact2", "다음 예산 회의는 금요일")
		send(t, s, a, "kim", "near2", "예산 관련 회의 있어요")
		send(t, s, b, "kim", "neither", "예산만 있어요")
		bothWays(t, s, func(t *testing.T) {
			for _, limit := range []int{1, 2, 50} {
				got := find(t, s, "kim", store.SearchQuery{Text: "예산 회의", Limit: limit})
				if want := []string{"exact2", "exact1", "near2", "near1", "apart"}; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("by %d: %v, want %v", limit, got, want)
				}
			}
		})
		page, err := s.Search(t.Context(), "kim", store.SearchQuery{Text: "예산 회의", Limit: 50})
		if err != nil || len(page.Rooms) != 2 || page.Rooms[0].Title == "" || len(page.Rooms[0].Members) != 2 {
			t.Fatalf("rooms %+v, %v", page.Rooms, err)
		}
		text := ""
		for _, p := range page.Contexts[0].Parts {
			if p.Hit {
				text += "[" + p.Text + "]"
			} else {
				text += p.Text
			}
		}
		if text != "다음 [예산] [회의]는 금요일" {
			t.Errorf("context %q", text)
		}
	})
}

func TestSearchByPersonAndTimeAndOnPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		var middle protocol.Instant
		for i := range 300 {
			by := []protocol.UserID{"kim", "lee"}[i/10%2]
			m := send(t, s, r, by, fmt.Sprint("m", i), fmt.Sprintf("주간 보고 %d", i))
			if i == 150 {
				middle = m.Message.At
			}
		}
		bothWays(t, s, func(t *testing.T) {
			for q, want := range map[*store.SearchQuery]int{
				{Text: "보고", Room: r, Limit: 7}:                             300,
				{Text: "보고 29", Room: r, Limit: 7}:                          13,
				{From: "lee", Room: r, Limit: 60}:                           150,
				{From: "lee", Limit: 60}:                                    150,
				{From: "park", Room: r, Limit: 60}:                          0,
				{Text: "보고 15", From: "lee", Room: r, Limit: 60}:            13,
				{Text: "보고", Since: middle + 3_600_000, Room: r, Limit: 60}: 0,
				{Text: "보고", Until: middle - 3_600_000, Limit: 60}:          0,
			} {
				got := find(t, s, "kim", *q)
				if len(got) != want {
					t.Errorf("%+v finds %d, want %d", *q, len(got), want)
				}
			}
			page, err := s.Search(t.Context(), "kim", store.SearchQuery{Text: "보고", Room: r, Limit: 5})
			if err != nil || page.Count != 300 || page.CountMore || page.Messages[0].ID != "m299" {
				t.Errorf("count %d more %v, first %v, %v", page.Count, page.CountMore, page.Messages[0].ID, err)
			}
		})
		if _, err := s.Search(t.Context(), "kim", store.SearchQuery{Text: "보고", Cursor: "nonsense", Limit: 5}); !errors.Is(err, store.ErrNoCursor) {
			t.Errorf("a foreign cursor: %v", err)
		}
		if _, err := s.Search(t.Context(), "kim", store.SearchQuery{Text: "보고", Room: "elsewhere", Limit: 5}); !errors.Is(err, store.ErrNotMember) {
			t.Errorf("a foreign room: %v", err)
		}
		if _, err := s.Cancel(t.Context(), r, "kim", "m3", time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		if got := find(t, s, "lee", store.SearchQuery{Text: "보고 3", Room: r, Limit: 60}); len(got) != 56 {
			t.Errorf("after a cancel: %d", len(got))
		}
	})
}

func TestFullBlocksAreIndexedByThemselves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		for i := range 200 {
			send(t, s, r, "kim", fmt.Sprint("m", i), "주간 보고")
		}
		deadline := time.After(30 * time.Second)
		for s.Indexed(t.Context()) < 192 {
			select {
			case <-deadline:
				t.Fatalf("the index holds %d messages", s.Indexed(t.Context()))
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
}

func TestADayIsFoundInARoom(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 9, 0, 0, 0, time.UTC) }
	now := day(1)
	storetest.EachWith(t, store.Config{Now: func() time.Time { return now }}, func(t *testing.T, s *store.Store) {
		now = day(1)
		people(t, s, "kim", "lee", "park")
		r := room(t, s, "kim", "lee")
		for i := range 20 {
			now = day(1 + i/4*2) // on the 1st, 3rd, 5th, 7th and 9th
			send(t, s, r, "kim", fmt.Sprint("m", i), "글")
		}
		if _, _, err := s.Invite(t.Context(), r, "kim", []protocol.UserID{"park"}, nil); err != nil {
			t.Fatal(err)
		}
		at := []protocol.Instant{0, protocol.At(day(1)), protocol.At(day(2)), protocol.At(day(3)), protocol.At(day(8)), protocol.At(day(10))}
		for who, want := range map[protocol.UserID]string{"lee": "[1 1 5 5 17 0]", "park": "[21 21 21 21 21 0]"} {
			got, err := s.Places(t.Context(), who, r, at)
			if err != nil || fmt.Sprint(got) != want {
				t.Errorf("%s: %v %v, want %s", who, got, err, want)
			}
		}
		if _, err := s.Places(t.Context(), "choi", r, at); !errors.Is(err, store.ErrNotMember) {
			t.Errorf("a stranger: %v", err)
		}
	})
}
