package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// table gathers what was measured.
type table struct {
	rows  []row
	notes []string
}

// row is one figure. A target of 0 is none; least is set where more is better.
type row struct {
	name   string
	value  float64
	unit   string
	target float64
	least  bool
	noise  noise
}

func (t *table) atLeast(name string, value float64, unit string, target float64, n noise) {
	t.add(row{name, value, unit, target, true, n})
}

func (t *table) atMost(name string, value float64, unit string, target float64, n noise) {
	t.add(row{name, value, unit, target, false, n})
}

func (t *table) add(r row) {
	t.rows = append(t.rows, r)
	fmt.Printf("  %s: %s %s\n", r.name, short(r.value), r.unit)
}

func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// print writes the table, the machine, and the notes.
func (t *table) print(w io.Writer) {
	fmt.Fprintln(w)
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "measure\tvalue\ttarget\tratio\t\tforeign\tsteal")
	for _, r := range t.rows {
		target, ratio, met := "", "", ""
		if r.target != 0 || !r.least {
			sign := "≤"
			if r.least {
				sign = "≥"
			}
			target = sign + " " + short(r.target)
			if r.target != 0 {
				ratio = fmt.Sprintf("%.2f", r.value/r.target)
			}
			met = "met"
			if r.least && r.value < r.target || !r.least && r.value > r.target {
				met = "MISSED"
			}
		}
		fmt.Fprintf(tw, "%s\t%s %s\t%s\t%s\t%s\t%.2f\t%.2f\n", r.name, short(r.value), r.unit, target, ratio, met, r.noise.foreign, r.noise.steal)
	}
	_ = tw.Flush() // w is the terminal
	fmt.Fprintf(w, "\n%s\n", machine())
	fmt.Fprintln(w, "foreign and steal: processors used by others, or withheld by the host, during the measure; above 0.2 a figure does not count.")
	for _, n := range t.notes {
		fmt.Fprintln(w, n)
	}
}

// short prints three digits that matter, and thousands with a comma.
func short(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return strings.TrimSpace(s)
}
