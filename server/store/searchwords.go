package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sendjay/shared/protocol"
)

// particles are what Korean hangs on a noun, longest first: "회의에서는" asks for what "회의" does.
var particles = func() []string {
	p := strings.Fields(`을 를 이 가 은 는 에 의 도 만 과 와 로 나 랑 야 께 에서 에게 에는 에도 으로 까지 부터 보다 처럼 마다 조차 밖에 한테 께서 하고 이나 이랑
 이라 라고 이란 에서는 에서도 에게서 에게는 한테서 으로는 으로도 으로써 으로서 까지는 까지도 부터는 이라고 이라는 라는 입니다 이에요 예요`)
	slices.SortFunc(p, func(a, b string) int { return len(b) - len(a) })
	return p
}()

// stemOf takes the particle off a word when at least two characters stay.
func stemOf(word string) string {
	for _, p := range particles {
		if stem, ok := strings.CutSuffix(word, p); ok && utf8.RuneCountInString(stem) >= 2 {
			return stem
		}
	}
	return word
}

// A search looks at what people wrote and at the names of their files.
const (
	searchedTypes = "('talk','file','image','flink')"
	// nameOfFile is asked of the few messages alone that carry a file.
	nameOfFile = "CASE WHEN M.TYP IN ('file','image','flink') THEN (SELECT F.NAME FROM S_MSGFILE_TBL L JOIN S_FILE_TBL F ON F.FILEID=L.FILEID WHERE L.ROOMID=M.ROOMID AND L.SEQ=M.SEQ) END"
)

// searched is the text of a message that a search looks at. The original kept the name of a file in the body.
func searched(kind protocol.MessageType, body, name string) string {
	switch {
	case !carries(kind):
		return body
	case name == "":
		return originalName(body)
	}
	return name + " " + body
}

// words is what is looked for, folded.
type words struct {
	phrase string
	// typed are the words as they were typed, stems the same without particles.
	typed, stems []string
}

func wordsOf(q string) words {
	w := words{typed: strings.Fields(fold(q))}
	w.phrase = strings.Join(w.typed, " ")
	for _, t := range w.typed {
		w.stems = append(w.stems, stemOf(t))
	}
	return w
}

// keys are the pairs that every message found holds.
func (w words) keys() []uint64 {
	var out []uint64
	for _, s := range w.stems {
		pairKeys(s, func(k uint64) { out = append(out, k) })
	}
	return out
}

// plain reports whether one message cannot fit better than another.
func (w words) plain() bool {
	return len(w.typed) == 0 || (len(w.typed) == 1 && w.typed[0] == w.stems[0])
}

// How well a text fits: as it was typed, all words close together, all words.
const (
	exact = iota
	near
	apart
)

// nearRunes is how far the words may stand from each other, beside their own length, to be close.
const nearRunes = 12

// fit says how well folded text fits; ok is unset when a word is missing.
func (w words) fit(text string) (tier int, ok bool) {
	for _, s := range w.stems {
		if !strings.Contains(text, s) {
			return 0, false
		}
	}
	switch {
	case strings.Contains(text, w.phrase):
		return exact, true
	case len(w.stems) == 1:
		return near, true
	}
	most := nearRunes * (len(w.stems) - 1)
	for _, s := range w.stems {
		most += utf8.RuneCountInString(s)
	}
	if from, to := w.closest(text); utf8.RuneCountInString(text[from:to]) <= most {
		return near, true
	}
	return apart, true
}

// closest returns the shortest part of text that holds a place of every word, tried from each place of the first.
func (w words) closest(text string) (from, to int) {
	from, to = 0, len(text)
	for at := 0; ; {
		i := strings.Index(text[at:], w.stems[0])
		if i < 0 {
			return from, to
		}
		at += i
		low, high := at, at+len(w.stems[0])
		for _, s := range w.stems[1:] {
			before, after := strings.LastIndex(text[:at], s), strings.Index(text[at:], s)
			switch {
			case after >= 0 && (before < 0 || after < at-before):
				high = max(high, at+after+len(s))
			case before >= 0:
				low = min(low, before)
			}
		}
		if high-low < to-from {
			from, to = low, high
		}
		at++
	}
}

// The characters of a context before its first word and in all.
const contextBefore, contextRunes = 24, 110

// context cuts the part of body where the words stand, and marks them.
func (w words) context(body string) protocol.TextContext {
	body = norm.NFC.String(strings.Join(strings.Fields(body), " "))
	folded := fold(body)
	shown, plain := []rune(body), []rune(folded)
	if len(shown) != len(plain) { // a letter that has no small form of its own
		plain = shown
	}
	hit := make([]bool, len(plain))
	for i, s := range w.typed {
		if !strings.Contains(folded, s) {
			s = w.stems[i]
		}
		mark(plain, []rune(s), hit)
	}
	start := 0
	if len(w.stems) > 0 && len(plain) > contextRunes {
		from, _ := w.closest(folded)
		if i := slices.Index(hit, true); len(w.stems) == 1 && i >= 0 {
			start = i
		} else {
			start = utf8.RuneCountInString(folded[:from])
		}
		start = max(0, min(start-contextBefore, len(plain)-contextRunes))
	}
	end := min(len(plain), start+contextRunes)
	out := protocol.TextContext{Parts: []protocol.TextPart{}}
	add := func(text string, hit bool) {
		if n := len(out.Parts); n > 0 && out.Parts[n-1].Hit == hit {
			out.Parts[n-1].Text += text
		} else {
			out.Parts = append(out.Parts, protocol.TextPart{Text: text, Hit: hit})
		}
	}
	if start > 0 {
		add("…", false)
	}
	for i := start; i < end; {
		j := i + 1
		for j < end && hit[j] == hit[i] {
			j++
		}
		add(string(shown[i:j]), hit[i])
		i = j
	}
	if end < len(shown) {
		add("…", false)
	}
	return out
}

// mark sets hit wherever word stands in text.
func mark(text, word []rune, hit []bool) {
	for i := 0; i+len(word) <= len(text); i++ {
		if len(word) > 0 && slices.Equal(text[i:i+len(word)], word) {
			for j := range word {
				hit[i+j] = true
			}
		}
	}
}

// findable reports whether a search could be answered by the index: two characters that stand together.
func findable(w words) bool {
	for _, t := range w.typed {
		if utf8.RuneCountInString(t) >= 2 && strings.IndexFunc(t, unicode.IsSpace) < 0 {
			return true
		}
	}
	return false
}
