package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestJobs(t *testing.T) {
	t.Run("each is done at its own pace, a failed one again, and none after the stop", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			var often, seldom int
			j := Start(slog.New(slog.NewTextHandler(&log, nil)),
				Job{"often", time.Minute, func(context.Context) error { often++; return errors.New("no luck") }},
				Job{"seldom", time.Hour, func(context.Context) error { seldom++; return nil }},
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
			j := Start(slog.New(slog.DiscardHandler), Job{"slow", time.Second, func(ctx context.Context) error {
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
