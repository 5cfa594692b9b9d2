package engine

import (
	"strings"
)

// Flaw is a span of versions that are known to fail where we need them, and what is known of it.
type Flaw struct {
	Span
	About string
}

// known are the flaws that the build brings along. Each names where it was reported; what was told of other ways to put a
// web view into a window than ours, or of pages unlike ours, is not here. Where no thread tells when a flaw was mended, it
// has the versions that the thread names and no more: a newer one is innocent until it falls.
var known = []Flaw{
	// Whoever clicks elsewhere while a Korean syllable is being put together ends the engine.
	// https://github.com/MicrosoftEdge/WebView2Feedback/issues/5475 (open; no fix is told of)
	{only(143, 0, 3650, 96), "ends when a field is left while a Korean syllable is put together, WebView2Feedback#5475"},
	// The engine ends soon after the first page. The builds from .3222 on are of the preview channels; .3216 was well.
	// https://github.com/MicrosoftEdge/WebView2Feedback/issues/5181 (closed; the versions named are .3222 and .3223)
	{Span{Version{136, 0, 3222, 0}, Version{136, 0, 3223, 0}}, "ends soon after the first page, WebView2Feedback#5181"},
	// EmbeddedBrowserWebView.dll takes the program down that it is loaded into.
	// https://github.com/MicrosoftEdge/WebView2Feedback/issues/3062 (closed)
	{only(108, 0, 1462, 46), "takes the window's program down, WebView2Feedback#3062"},
	// A right click on a link ends the engine; 89.0.774.77 was well.
	// https://github.com/MicrosoftEdge/WebView2Feedback/issues/1081 and /1203 (closed; .41 and .42 are named)
	{Span{Version{90, 0, 818, 41}, Version{90, 0, 818, 42}}, "ends at a right click on a link, WebView2Feedback#1081"},
}

func only(a, b, c, d uint32) Span { v := Version{a, b, c, d}; return Span{v, v} }

// Flaws are the versions not to be used while there is another one.
type Flaws []Flaw

// Known are those that the build brings along.
func Known() Flaws { return known }

// insteadOfOurs begins a list that stands in place of the one of the build.
const insteadOfOurs = "only"

// ReadFlaws reads what IT says: versions and spans with commas, which are added to those of the build, or stand in their
// place when the first of them is "only".
func ReadFlaws(s string) (Flaws, error) {
	all := Known()
	for i, part := range strings.Split(s, ",") {
		part = strings.TrimSpace(part)
		switch {
		case i == 0 && part == insteadOfOurs:
			all = nil
			continue
		case part == "":
			continue
		}
		span, err := readSpan(part)
		if err != nil {
			return nil, err
		}
		all = append(all[:len(all):len(all)], Flaw{span, "named by IT"})
	}
	return all, nil
}

// of returns what is known against a version, "" for nothing.
func (f Flaws) of(v Version) string {
	for _, one := range f {
		if one.has(v) {
			return one.About
		}
	}
	return ""
}
