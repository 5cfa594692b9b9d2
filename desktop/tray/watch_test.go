package main

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// life is one tray of a watched sequence: how long it runs, and how it ends.
type life struct {
	runs time.Duration
	ends ending
}

// watchAll lets a watcher run these lives, and returns why each was started and after what rest.
func watchAll(t *testing.T, ctx context.Context, lives ...life) (births []birth, rests []time.Duration, code int, gaveUp bool) {
	t.Helper()
	ended := time.Now()
	w := &watcher{log: slog.New(slog.DiscardHandler), gaveUp: func() { gaveUp = true }}
	w.run = func(ctx context.Context, as birth) ending {
		if len(births) == len(lives) {
			t.Fatal("started once more")
		}
		now := lives[len(births)]
		births, rests = append(births, as), append(rests, time.Since(ended))
		select {
		case <-time.After(now.runs):
		case <-ctx.Done():
		}
		ended = time.Now()
		return now.ends
	}
	code = w.watch(ctx)
	return births, rests, code, gaveUp
}

func TestACrashedTrayIsStartedAgainLessAndLessEagerly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crash := life{time.Second, ending{code: -1, crashed: true}}
		births, rests, code, gaveUp := watchAll(t, t.Context(), crash, crash, crash, life{time.Hour, crash.ends}, life{time.Minute, ending{}})
		if !slices.Equal(births, []birth{first, again, again, again, again}) || code != 0 || gaveUp {
			t.Errorf("%v, code %d, gave up %v", births, code, gaveUp)
		}
		if want := []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, time.Second}; !slices.Equal(rests, want) {
			t.Errorf("rested %v, want %v: after a good hour all is forgiven", rests, want)
		}
	})
}

func TestATrayThatCrashesAgainAndAgainIsGivenUpAndThePersonIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crash := life{time.Second, ending{code: 2, crashed: true}}
		births, _, code, gaveUp := watchAll(t, t.Context(), crash, crash, crash, crash, crash)
		if len(births) != maxFalls || code != exitFailed || !gaveUp {
			t.Errorf("%d starts, code %d, gave up %v", len(births), code, gaveUp)
		}
	})
}

func TestAnEndThatSomebodyWantedIsTheEnd(t *testing.T) {
	for _, code := range []int{0, exitFailed} {
		synctest.Test(t, func(t *testing.T) {
			if births, _, got, gaveUp := watchAll(t, t.Context(), life{time.Minute, ending{code: code}}); len(births) != 1 || got != code || gaveUp {
				t.Errorf("code %d: %v, code %d, gave up %v", code, births, got, gaveUp)
			}
		})
	}
}

func TestTheEndOfTheSessionIsNoCrash(t *testing.T) {
	for _, end := range []ending{{}, {code: -1, crashed: true}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			if births, _, code, gaveUp := watchAll(t, ctx, life{time.Hour, end}); len(births) != 1 || code != 0 || gaveUp {
				t.Errorf("%v: %v, code %d, gave up %v", end, births, code, gaveUp)
			}
		})
	}
}

func TestASessionThatEndsDuringTheRestEndsTheWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer stop()
		crash := life{time.Second, ending{code: -1, crashed: true}}
		if births, _, code, _ := watchAll(t, ctx, crash); len(births) != 1 || code != 0 {
			t.Errorf("%v, code %d", births, code)
		}
	})
}

func TestATrayThatMakesRoomIsFollowedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		births, rests, code, _ := watchAll(t, t.Context(), life{time.Second, ending{code: exitRenew}}, life{time.Second, ending{}})
		if !slices.Equal(births, []birth{first, renewed}) || rests[1] != 0 || code != 0 {
			t.Errorf("%v after %v, code %d", births, rests, code)
		}
	})
}
