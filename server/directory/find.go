package directory

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// keys are what a person is found by, flattened: composed, lower case, without spaces.
type keys struct {
	name, nick, id, phone, rest string
}

// flattener keeps what it has flattened: twenty thousand people share a few hundred units and jobs.
type flattener map[string]string

func (f flattener) flat(s string) string {
	if isFlat(s) {
		return s
	}
	to, ok := f[s]
	if !ok {
		to = flat(s)
		f[s] = to
	}
	return to
}

func (f flattener) keysOf(x person) keys {
	rest := flat(x.Mail) + "\n" + f.flat(x.OrgName) + "\n" + f.flat(x.Job)
	for _, p := range x.posts {
		rest += "\n" + f.flat(p.OrgName) + "\n" + f.flat(p.Job)
	}
	return keys{name: flat(x.Name), nick: flat(x.Nick), id: flat(string(x.ID)), phone: digits(x.Phone), rest: rest}
}

func flat(s string) string {
	if isFlat(s) {
		return s
	}
	return strings.Join(strings.Fields(strings.ToLower(norm.NFC.String(s))), "")
}

// isFlat reports of what most names are made of, composed syllables and plain small letters, that it stays as it is.
func isFlat(s string) bool {
	for _, r := range s {
		if r <= ' ' || r >= 'A' && r <= 'Z' || r > '~' && (r < firstSyllable || r > lastSyllable) {
			return false
		}
	}
	return true
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// The initial consonants in the order of the syllables.
var initials = []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")

const (
	firstSyllable = 0xAC00
	lastSyllable  = 0xD7A3
	perInitial    = 588 // syllables that share an initial consonant
)

// fits reports whether the letter typed stands for the letter of a name: itself, or its initial consonant.
func fits(typed, of rune) bool {
	if typed == of {
		return true
	}
	return of >= firstSyllable && of <= lastSyllable && initials[(of-firstSyllable)/perInitial] == typed
}

// placeOf is where word stands in text, by letters and initial consonants; -1 when it does not.
func placeOf(word []rune, text string) int {
	of := []rune(text)
	for at := 0; at+len(word) <= len(of); at++ {
		n := 0
		for n < len(word) && fits(word[n], of[at+n]) {
			n++
		}
		if n == len(word) {
			return at
		}
	}
	return -1
}

// word is one word of a question.
type word struct {
	text    string
	letters []rune
	initial bool // it holds an initial consonant
	digits  string
}

// The ranks of what fits, best first.
const (
	byName = iota
	inName
	byNick
	byID
	byRest
	never
)

// rank says how well w fits the keys.
func (w word) rank(k keys) int {
	if w.initial {
		switch placeOf(w.letters, k.name) {
		case -1:
			if placeOf(w.letters, k.nick) >= 0 {
				return byNick
			}
			return never
		case 0:
			return byName
		}
		return inName
	}
	switch {
	case strings.HasPrefix(k.name, w.text):
		return byName
	case strings.Contains(k.name, w.text):
		return inName
	case strings.Contains(k.nick, w.text):
		return byNick
	case strings.Contains(k.id, w.text):
		return byID
	case strings.Contains(k.rest, w.text), w.digits != "" && strings.Contains(k.phone, w.digits):
		return byRest
	}
	return never
}

// leastDigits is how many digits of a phone number are looked for.
const leastDigits = 3

func wordsOf(q string) []word {
	var out []word
	for _, f := range append([]string{q}, strings.Fields(q)...) {
		w := word{text: flat(f)}
		w.letters = []rune(w.text)
		w.initial = slices.ContainsFunc(w.letters, func(r rune) bool { return slices.Contains(initials, r) })
		// What is no phone number is not looked for among them.
		if d := digits(f); len(d) >= leastDigits && strings.Trim(f, "0123456789-+(). ") == "" {
			w.digits = d
		}
		out = append(out, w)
	}
	return out
}

// find returns who fits q, the best first, in order of name among equals. Each word has to fit, or all of
// them together: "김 민수" is a name.
func (p *picture) find(q string) []int {
	words := wordsOf(q)
	if words[0].text == "" {
		return p.active
	}
	var found [never][]int
	for _, at := range p.active {
		k := p.people[at].keys
		best := words[0].rank(k)
		if len(words) > 2 {
			each := 0
			for _, w := range words[1:] {
				each = max(each, w.rank(k))
			}
			best = min(best, each)
		}
		if best < never {
			found[best] = append(found[best], at)
		}
	}
	return slices.Concat(found[:]...)
}
