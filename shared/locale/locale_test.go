package locale

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sendjay/shared/protocol"
)

func TestBothLanguagesSayTheSame(t *testing.T) {
	names := regexp.MustCompile(`\{[a-zA-Z]+\}`)
	sorted := func(s string) []string {
		out := names.FindAllString(s, -1)
		slices.Sort(out)
		return slices.Compact(out)
	}
	ko, en := Of("ko").Keys(), Of("en").Keys()
	for key, s := range ko {
		other, ok := en[key]
		if !ok {
			t.Errorf("%s is missing in en.json", key)
		} else if !slices.Equal(sorted(s), sorted(other)) {
			t.Errorf("%s fills in different things: %q, %q", key, s, other)
		}
		if s == "" || other == "" {
			t.Errorf("%s is empty", key)
		}
	}
	for key := range en {
		if _, ok := ko[key]; !ok {
			t.Errorf("%s is missing in ko.json", key)
		}
	}
}

func TestEveryErrorCodeHasASentence(t *testing.T) {
	for _, c := range protocol.Codes {
		if key := "error." + string(c.Code); Of("en").Say(key) == key {
			t.Errorf("no sentence for %s", key)
		}
	}
}

func TestTheLanguageThatFitsIsChosen(t *testing.T) {
	for header, want := range map[string]string{
		"": "ko", "en-US,en;q=0.9,ko;q=0.8": "en", "fr, en;q=0.5": "en", "ko_KR.UTF-8": "ko", "en_US.UTF-8": "en",
		"de": "ko", "en;q=0.3, ko;q=0.9": "ko", "en;q=x": "ko", "EN": "en",
	} {
		if got := Of(header).Lang(); got != want {
			t.Errorf("%q gives %s, want %s", header, got, want)
		}
	}
}

func TestWhatIsFilledInStaysAsItIs(t *testing.T) {
	b := &Book{text: map[string]string{"hello": "{name}: {text}"}}
	if got := b.Say("hello", "name", "{text}", "text", 3); got != "{text}: 3" {
		t.Errorf("got %q", got)
	}
	if got := b.Say("no.such"); got != "no.such" {
		t.Errorf("got %q", got)
	}
}

func TestOneOfAThingIsNotMany(t *testing.T) {
	for n, want := range map[int]string{1: "1 day, 1 hour", 0: "0 days, 0 hours", 21: "21 days, 21 hours"} {
		b := &Book{text: map[string]string{"for": "{n} {n|day|days}, {n} {n|hour|hours}"}}
		if got := b.Say("for", "n", n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A number that can be one asks for both forms of the word after it: "1 rooms" is what a machine says.
func TestANumberStandsBeforeAWordThatFollowsIt(t *testing.T) {
	many := regexp.MustCompile(`\{\w+\} (?:new |other |past )?(?:people|[a-z]+[^aius]s)\b`)
	// Said only of two and more, or of a limit that is far from one.
	several := []string{"view.hide.sure", "view.rename.over"}
	for key, s := range Of("en").Keys() {
		if at := many.FindString(s); at != "" && !slices.Contains(several, key) {
			t.Errorf("%s says %q for one too", key, at)
		}
	}
}

// Korean writes 님 apart from the name, and has one word for one thing.
func TestKoreanIsWrittenAsInTheOffice(t *testing.T) {
	for key, s := range Of("ko").Keys() {
		for _, bad := range []string{"}님", "2단계 로그인", "인사 데이터", "대화창", "채팅방", "!"} {
			if strings.Contains(s, bad) {
				t.Errorf("%s says %q: %s", key, bad, s)
			}
		}
	}
}
