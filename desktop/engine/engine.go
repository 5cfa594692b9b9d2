// Package engine says which of the web engines on a computer the window starts with: which versions are known to fail,
// which have failed here, and what follows from both.
// It knows versions and their order; it does not know where a runtime lies, how one is loaded, or who keeps what fell.
//
// All of it is about Windows, where the engine is a runtime of its own (WebView2) that Microsoft exchanges at any time.
package engine

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is how a runtime came to a computer.
type Kind int

// In the order in which they are preferred.
const (
	Evergreen Kind = iota // the one that Windows keeps up to date
	Fixed                 // one that IT has put there
	Left                  // an older one that the evergreen's installer has not removed yet
)

// Found is a runtime on this computer. Folder is where it lies.
type Found struct {
	Kind    Kind
	Version Version
	Folder  string
}

// Choice is what the window starts with. The zero value is nothing: there is no runtime, or it needs no choice.
type Choice struct {
	Found
	// Why says for the diagnostics why it is not the evergreen, or why it is although something speaks against it.
	Why string
	// Flawed is set when something speaks against it and there is nothing better.
	Flawed bool
}

// Choose takes the evergreen one unless it is known to fail or has fallen here; else the newest good one of IT's, else
// the newest good one that was left; and when none is good the evergreen all the same, else the newest of IT's.
func Choose(found []Found, flaws Flaws, fell Fell) Choice {
	if len(found) == 0 {
		return Choice{}
	}
	all := slices.Clone(found)
	slices.SortStableFunc(all, func(a, b Found) int {
		if a.Kind != b.Kind {
			return int(a.Kind - b.Kind)
		}
		return b.Version.Compare(a.Version)
	})
	against := func(v Version) string {
		if fell.Has(v) {
			return "has fallen on this computer"
		}
		return flaws.of(v)
	}
	first := all[0]
	for _, one := range all {
		// What is newer than the evergreen is not installed yet.
		if one.Kind == Left && first.Kind == Evergreen && one.Version.Compare(first.Version) >= 0 {
			continue
		}
		if against(one.Version) != "" {
			continue
		}
		c := Choice{Found: one}
		switch {
		case one == first:
		case first.Kind == Evergreen || first.Kind == one.Kind:
			c.Why = fmt.Sprintf("%s %s", first.Version, against(first.Version))
		}
		return c
	}
	return Choice{Found: first, Why: against(first.Version) + ", and there is nothing better", Flawed: true}
}

func (c Choice) String() string {
	if c.Version == (Version{}) {
		return "none found"
	}
	s := fmt.Sprintf("WebView2 %s, %s, %s", c.Version, map[Kind]string{Evergreen: "evergreen", Fixed: "fixed", Left: "left by the evergreen"}[c.Kind], c.Folder)
	if c.Why != "" {
		s += ": " + c.Why
	}
	return s
}

// Fell are the versions that failed again and again on this computer, the latest last. Only these are avoided: a newer one
// is tried anew.
type Fell []Version

// keptFallen bounds them. Older ones are gone from the computer by then.
const keptFallen = 20

// ReadFell reads what String wrote. What is not understood is forgotten.
func ReadFell(s string) Fell {
	var all Fell
	for word := range strings.FieldsSeq(s) {
		if v, err := ReadVersion(word); err == nil {
			all = append(all, v)
		}
	}
	return all
}

func (f Fell) String() string {
	words := make([]string, len(f))
	for i, v := range f {
		words[i] = v.String()
	}
	return strings.Join(words, " ")
}

// Has reports whether a version is among them.
func (f Fell) Has(v Version) bool { return slices.Contains(f, v) }

// With returns them and one more.
func (f Fell) With(v Version) Fell {
	all := append(slices.DeleteFunc(slices.Clone(f), func(w Version) bool { return w == v }), v)
	return all[max(0, len(all)-keptFallen):]
}
