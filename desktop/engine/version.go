package engine

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Version is that of a runtime: four numbers, of which the first weighs most. The zero value is none.
type Version [4]uint32

// ReadVersion reads four numbers with dots. Microsoft writes a word behind those of preview channels, as in
// "92.0.902.49 dev"; it says nothing of the order.
func ReadVersion(s string) (Version, error) {
	s, _, _ = strings.Cut(s, " ")
	v, n, err := numbers(s)
	if err == nil && n != len(v) {
		err = fmt.Errorf("%q is no version of four numbers", s)
	}
	return v, err
}

// numbers reads up to four of them, and returns how many there were.
func numbers(s string) (v Version, n int, err error) {
	parts := strings.Split(s, ".")
	if len(parts) > len(v) {
		return v, 0, fmt.Errorf("%q has more than four numbers", s)
	}
	for i, part := range parts {
		one, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return Version{}, 0, fmt.Errorf("%q is no version such as 143.0.3650.96", s)
		}
		v[i] = uint32(one)
	}
	return v, len(parts), nil
}

// Compare says how v stands to w: below 0 when it is older.
func (v Version) Compare(w Version) int { return slices.Compare(v[:], w[:]) }

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d.%d", v[0], v[1], v[2], v[3]) }

// Span is all versions from one to another, both included.
type Span struct{ From, To Version }

func (s Span) has(v Version) bool { return s.From.Compare(v) <= 0 && v.Compare(s.To) <= 0 }

// readSpan reads one version or two with a hyphen. Of each the last numbers may be missing, and then every one counts:
// 151 is all versions that begin so, and so is the 151 in 149.0.4022-151.
func readSpan(s string) (Span, error) {
	first, last, two := strings.Cut(s, "-")
	if !two {
		last = first
	}
	from, _, err := numbers(strings.TrimSpace(first))
	to, n, err2 := numbers(strings.TrimSpace(last))
	if err := errors.Join(err, err2); err != nil {
		return Span{}, err
	}
	for ; n < len(to); n++ {
		to[n] = math.MaxUint32
	}
	if from.Compare(to) > 0 {
		return Span{}, fmt.Errorf("%q ends before it begins", s)
	}
	return Span{from, to}, nil
}
