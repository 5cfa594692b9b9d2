package transcript_test

import (
	"strings"
	"testing"
	"time"

	"sendjay/server/transcript"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

func write(t *testing.T, c transcript.Config, all ...protocol.Message) string {
	t.Helper()
	var b strings.Builder
	w := transcript.New(&b, c)
	if err := w.Begin(); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if err := w.Message(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDaysAndClocksAreThoseOfTheReader(t *testing.T) {
	seoul := time.FixedZone("KST", 9*60*60)
	late := time.Date(2026, 11, 26, 15, 30, 0, 0, time.UTC) // past midnight in Seoul
	m := protocol.Message{Sender: "kim", SenderName: "김서연", Type: protocol.Talk, Body: "안녕하세요", Urgent: true, At: protocol.At(late)}
	for lang, want := range map[string]string{
		"ko": "\uFEFF국내영업팀\n이준호 저장 · 2026년 11월 27일 금요일 01:00\n\n---- 2026년 11월 27일 금요일 ----\n[00:30] 김서연: [긴급] 안녕하세요\n\n메시지 1개\n",
		"en": "\uFEFF국내영업팀\nSaved by 이준호 · Friday, 27 November 2026 01:00\n\n---- Friday, 27 November 2026 ----\n[00:30] 김서연: [Urgent] 안녕하세요\n\n1 message\n",
	} {
		got := write(t, transcript.Config{Form: transcript.Text, Title: "국내영업팀", By: "이준호", At: late.Add(30 * time.Minute), Zone: seoul, Book: locale.Of(lang)}, m)
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", lang, got, want)
		}
	}
}

func TestNobodyCanWriteALineThatLooksLikeAnotherOnes(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n", "\u2028", "\u2029"} {
		m := protocol.Message{SenderName: "kim" + end + "[09:00] lee", Type: protocol.Talk, Body: "하나" + end + "[09:00] lee: 둘"}
		got := write(t, transcript.Config{Form: transcript.Text, Title: "a" + end + "b", Zone: time.UTC, Book: locale.Of("ko")}, m)
		for line := range strings.Lines(strings.NewReplacer("\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(got)) {
			if strings.HasPrefix(line, "[09:00]") || strings.HasPrefix(line, "b") {
				t.Errorf("%q gives %q", end, got)
			}
		}
	}
}

func TestAPageShowsALineOfTheRoomAQuoteAndWhatIsGone(t *testing.T) {
	got := write(t, transcript.Config{Form: transcript.Page, Title: "방", Zone: time.UTC, Book: locale.Of("ko")},
		protocol.Message{Type: protocol.Invite, Sender: "kim", SenderName: "김", People: []protocol.Person{{ID: "lee", Name: "이"}, {ID: "park", Name: "박"}}},
		protocol.Message{Type: protocol.Talk, Sender: "lee", SenderName: "이", Body: "네 & 그래요", Quote: &protocol.Quote{SenderName: "김", Body: "<b>물음</b>"}},
		protocol.Message{Type: protocol.FLink, Sender: "lee", SenderName: "이", File: &protocol.FileInfo{Name: "a.zip", Kind: "application/zip", Size: 3 << 20, Gone: true}},
		protocol.Message{Type: protocol.Leave, Sender: "park", SenderName: "박", People: []protocol.Person{{ID: "park", Name: "박"}}},
	)
	for _, want := range []string{"김 님이 이, 박 님을 초대했어요.", "네 &amp; 그래요", "&lt;b&gt;물음&lt;/b&gt;", "파일 · 3.0 MB, 보관 기간이 지났어요", "박 님이 나갔어요.", "1년 1월"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}
