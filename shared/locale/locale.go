// Package locale holds every sentence a person reads, in Korean and in English, and fills it in.
// It does not know who says it, nor when.
package locale

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// The sentences, by key. A key is "place.what"; {name} is filled in.
var (
	//go:embed ko.json
	ko []byte
	//go:embed en.json
	en []byte

	books = map[string]*Book{"ko": read("ko", ko), "en": read("en", en)}
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

// Of returns the book that fits best: lang is a language tag or a whole Accept-Language header.
func Of(lang string) *Book {
	for part := range strings.SplitSeq(lang, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag, _, _ = strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
		if b := books[tag]; b != nil {
			return b
		}
	}
	return books[Default]
}

// Lang returns "ko" or "en".
func (b *Book) Lang() string { return b.lang }

// Say returns the sentence of key with {name} filled in from pairs: name, value, name, value.
// A key that does not exist comes back as it is, which a test keeps from happening.
func (b *Book) Say(key string, pairs ...any) string {
	s, ok := b.text[key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return s
}

// Keys returns every key with its sentence.
func (b *Book) Keys() map[string]string { return b.text }
