package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// keptTroubles is how many warnings and errors the diagnostics show.
const keptTroubles = 20

// troubles is a log that also keeps its last warnings and errors, for the diagnostics. What must not be told
// stands in no log, so it does not stand here either.
type troubles struct {
	slog.Handler
	with []slog.Attr
	last *lastTroubles
}

type lastTroubles struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func keepTroubles(h slog.Handler) troubles { return troubles{Handler: h, last: new(lastTroubles)} }

// Handle logs, and keeps what is worth it.
func (t troubles) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s %s", r.Time.Format(time.DateTime), r.Level, r.Message)
		add := func(a slog.Attr) bool {
			fmt.Fprintf(&b, " %s=%q", a.Key, a.Value.String())
			return true
		}
		for _, a := range t.with {
			add(a)
		}
		r.Attrs(add)
		t.last.mu.Lock()
		t.last.lines = append(t.last.lines, b.String())
		t.last.lines = t.last.lines[max(0, len(t.last.lines)-keptTroubles):]
		t.last.mu.Unlock()
	}
	return t.Handler.Handle(ctx, r)
}

// WithAttrs keeps the same list.
func (t troubles) WithAttrs(a []slog.Attr) slog.Handler {
	return troubles{t.Handler.WithAttrs(a), append(slices.Clone(t.with), a...), t.last}
}

// WithGroup keeps the same list.
func (t troubles) WithGroup(name string) slog.Handler {
	return troubles{t.Handler.WithGroup(name), t.with, t.last}
}

// latestTroubles returns what a log has kept, the newest last.
func latestTroubles(log *slog.Logger) []string {
	t, keeps := log.Handler().(troubles)
	if !keeps {
		return nil
	}
	t.last.mu.Lock()
	defer t.last.mu.Unlock()
	return slices.Clone(t.last.lines)
}
