package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/server/bus"
)

func TestJobs(t *testing.T) {
	t.Run("each is done at its own pace, a failed one again, and none after the stop", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			var often, seldom int
			j := Start(slog.New(slog.NewTextHandler(&log, nil)), nil,
				Job{Name: "often", Every: time.Minute, Do: func(context.Context) error { often++; return errors.New("no luck") }},
				Job{Name: "seldom", Every: time.Hour, Do: func(context.Context) error { seldom++; return nil }},
			)
			time.Sleep(2*time.Hour + time.Second)
			synctest.Wait()
			if often != 120 || seldom != 2 {
				t.Errorf("often %d, seldom %d", often, seldom)
			}
			if strings.Count(log.String(), "no luck") != 120 || !strings.Contains(log.String(), "job=often") {
				t.Errorf("%.300s", log.String())
			}
			j.Stop()
			j.Stop()
			time.Sleep(24 * time.Hour)
			if often != 120 {
				t.Errorf("goes on: %d", often)
			}
		})
	})
	t.Run("one under way is told to end, and waited for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ended := false
			j := Start(slog.New(slog.DiscardHandler), nil, Job{Name: "slow", Every: time.Second, Do: func(ctx context.Context) error {
				<-ctx.Done()
				ended = true
				return ctx.Err()
			}})
			time.Sleep(2 * time.Second)
			j.Stop()
			if !ended {
				t.Error("not waited for")
			}
		})
	})
}

func TestLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m bus.Memory
		nodes := []*bus.Node{m.Node(), m.Node()}
		var broken [2]atomic.Bool
		var done, local [2]atomic.Int64
		start := func(n int) *Jobs {
			lease := func(ctx context.Context, keep time.Duration) (bool, error) {
				if broken[n].Load() {
					return false, errors.New("no line")
				}
				return nodes[n].Lease(ctx, "jobs", keep)
			}
			return Start(slog.New(slog.DiscardHandler), lease,
				Job{Name: "for all", Every: time.Second, Do: func(context.Context) error { done[n].Add(1); return nil }},
				Job{Name: "for oneself", Every: time.Second, Local: true, Do: func(context.Context) error { local[n].Add(1); return nil }},
			)
		}
		a := start(0)
		synctest.Wait()
		b := start(1)
		defer b.Stop()
		minute := func(want0, want1 bool) {
			t.Helper()
			before0, before1 := done[0].Load(), done[1].Load()
			time.Sleep(time.Minute)
			if did := done[0].Load() > before0; did != want0 {
				t.Errorf("the first did: %t", did)
			}
			if did := done[1].Load() > before1; did != want1 {
				t.Errorf("the second did: %t", did)
			}
		}
		minute(true, false)
		// Whoever cannot keep it stops before the other begins.
		broken[0].Store(true)
		time.Sleep(leaseLife - leaseMargin + time.Second)
		if a.Holder() {
			t.Error("it is held by one who cannot keep it")
		}
		time.Sleep(leaseLife)
		minute(false, true)
		broken[0].Store(false)
		minute(false, true)
		b.Stop()
		time.Sleep(leaseEvery + time.Second)
		if !a.Holder() {
			t.Error("it was not given back")
		}
		a.Stop()
		if local[0].Load() < 200 || local[1].Load() < 200 {
			t.Error("a node neglected what is its own")
		}
	})
}
