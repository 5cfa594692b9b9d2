// Package locale holds every sentence a person reads, in Korean and in English, and fills it in.
// It does not know who says it, nor when.
package locale

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// The sentences, by key. A key is "place.what"; {name} is filled in.
var (
	//go:embed ko.json
	ko []byte
	//go:embed en.json
	en []byte

	// Read when somebody first hears that language: a server at rest says nothing, and has no use for two maps.
	books = map[string]func() *Book{
		"ko": sync.OnceValue(func() *Book { return read("ko", ko) }),
		"en": sync.OnceValue(func() *Book { return read("en", en) }),
	}
)

// Default is the language of a reader of whom nothing is known.
const Default = "ko"

// Book is the sentences of one language.
type Book struct {
	lang string
	text map[string]string
}

func read(lang string, raw []byte) *Book {
	b := &Book{lang: lang}
	if err := json.Unmarshal(raw, &b.text); err != nil {
		panic("locale: " + lang + ".json: " + err.Error())
	}
	return b
}

// Of returns the book that fits best: lang is a language tag or a whole Accept-Language header, whose
// weights count. Nothing that fits gives Default.
func Of(lang string) *Book {
	best, weight := books[Default], 0.0
	for part := range strings.SplitSeq(lang, ",") {
		tag, options, _ := strings.Cut(part, ";")
		tag, _, _ = strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(tag)), "_", "-"), "-")
		tag, _, _ = strings.Cut(tag, ".")
		q := 1.0
		if s, ok := strings.CutPrefix(strings.TrimSpace(options), "q="); ok {
			if q, _ = strconv.ParseFloat(s, 64); !(q <= 1) {
				q = 0
			}
		}
		if b := books[tag]; b != nil && q > weight {
			best, weight = b, q
		}
	}
	return best()
}

// Lang returns "ko" or "en".
func (b *Book) Lang() string { return b.lang }

// Say returns the sentence of key with {name} filled in from pairs: name, value, name, value; {name|day|days} is its
// first word where name is 1, and its second elsewhere.
// What is filled in is never searched for names again. A key that does not exist comes back as it is.
func (b *Book) Say(key string, pairs ...any) string {
	s, ok := b.text[key]
	if !ok {
		return key
	}
	if len(pairs) == 0 {
		return s
	}
	var swaps []string
	for i := 0; i+1 < len(pairs); i += 2 {
		s = numbered(s, fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1]) == "1")
		swaps = append(swaps, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(swaps...).Replace(s)
}

// numbered chooses in s between the words for one and for many of name.
func numbered(s, name string, one bool) string {
	for {
		before, rest, found := strings.Cut(s, "{"+name+"|")
		words, after, closed := strings.Cut(rest, "}")
		single, more, both := strings.Cut(words, "|")
		if !found || !closed || !both {
			return s
		}
		if !one {
			single = more
		}
		s = before + single + after
	}
}

// Keys returns every key with its sentence.
func (b *Book) Keys() map[string]string { return b.text }
