package protocol

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is what a person wrote. Decoding refuses what could not come back verbatim:
// invalid UTF-8, lone surrogates and NUL.
type Text string

// anyText names the field of a refusal until it is known which one it is.
const anyText = "text"

// UnmarshalJSON reads a JSON string.
func (t *Text) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '"' || !utf8.Valid(raw) || !paired(raw) {
		return RefuseField(BadRequest, anyText)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil || strings.ContainsRune(s, 0) {
		return RefuseField(BadRequest, anyText)
	}
	*t = Text(s)
	return nil
}

// Runes counts code points, as every limit on text does.
func (t Text) Runes() int { return utf8.RuneCountInString(string(t)) }

// OneLine reports whether t can stand as a name among other words: it has no line end nor another control character,
// and nothing that turns the direction of what stands behind it.
func (t Text) OneLine() bool {
	return !strings.ContainsFunc(string(t), func(r rune) bool {
		return unicode.IsControl(r) || r >= '\u2028' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	})
}

// paired reports whether every \uD8xx escape in the JSON string raw is followed by its low half.
func paired(raw []byte) bool {
	for i := 0; i < len(raw)-1; i++ {
		if raw[i] != '\\' {
			continue
		}
		if raw[i+1] != 'u' {
			i++
			continue
		}
		switch half(raw[i:]) {
		case 1:
			if half(raw[i+6:]) != 2 {
				return false
			}
			i += 11
		case 2:
			return false
		default:
			i += 5
		}
	}
	return true
}

// half returns 1 for a high surrogate escape at the start of b, 2 for a low one, 0 for anything else.
func half(b []byte) int {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' || (b[2] != 'd' && b[2] != 'D') {
		return 0
	}
	switch b[3] {
	case '8', '9', 'a', 'b', 'A', 'B':
		return 1
	case 'c', 'd', 'e', 'f', 'C', 'D', 'E', 'F':
		return 2
	}
	return 0
}
