package journal_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/server/journal"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// book is a store that keeps lines in memory.
type book struct {
	mu    sync.Mutex // guards the fields below
	came  []store.Came
	went  []store.Went
	calls int
	fails bool
}

func (b *book) LogComings(_ context.Context, came []store.Came, went []store.Went) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls++; b.fails {
		return errors.New("no")
	}
	b.came, b.went = append(b.came, came...), append(b.went, went...)
	return nil
}

func (b *book) ForgetComings(_ context.Context, _ time.Time, limit int) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.came), limit)
	b.came = b.came[n:]
	return n, nil
}

func TestLinesAreGatheredAndConnectionsGetTheirLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		j := journal.Start(b, slog.New(slog.DiscardHandler))
		short := j.Opened("kim", protocol.Web, "10.0.0.1", "Firefox")
		long := j.Opened("kim", protocol.Desktop, "10.0.0.1", "")
		j.Closed(short)
		j.Note(store.Came{Kind: protocol.CameIn, User: "lee"})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if b.calls != 1 || len(b.came) != 3 || b.came[0].Seconds != 0 || b.came[1].Seconds != -1 || len(b.went) != 0 {
			t.Fatalf("%d calls, %+v %+v", b.calls, b.came, b.went)
		}
		for i, c := range b.came {
			if i > 0 && c.N <= b.came[i-1].N {
				t.Errorf("line %d has the number %d after %d", i, c.N, b.came[i-1].N)
			}
		}
		time.Sleep(time.Hour)
		j.Closed(long)
		j.Stop() // writes what waits
		if len(b.went) != 1 || b.went[0].N != long || b.went[0].Seconds < 3601 {
			t.Errorf("%+v", b.went)
		}
		j.Stop()
	})
}

func TestAFloodOfRefusalsIsWrittenOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		j := journal.Start(b, slog.New(slog.DiscardHandler))
		refused := func(address, why string) {
			for range 50 {
				j.Note(store.Came{Kind: protocol.WasRefused, User: "kim", Address: address, Why: why})
			}
		}
		refused("10.0.0.1", "rate_limited")
		refused("10.0.0.2", "rate_limited")
		refused("10.0.0.1", "locked")
		time.Sleep(2 * time.Minute)
		refused("10.0.0.1", "rate_limited")
		j.Stop()
		if len(b.came) != 4 {
			t.Errorf("%d lines", len(b.came))
		}
	})
}

func TestADatabaseThatFailsStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{fails: true}
		j := journal.Start(b, slog.New(slog.DiscardHandler))
		for range 30_000 {
			j.Note(store.Came{Kind: protocol.CameIn, User: "kim"})
		}
		time.Sleep(time.Minute)
		b.mu.Lock()
		b.fails = false
		b.mu.Unlock()
		j.Note(store.Came{Kind: protocol.CameIn, User: "lee"})
		j.Stop()
		if n := len(b.came); n != 1 || b.came[0].User != "lee" {
			t.Errorf("%d lines", n)
		}
	})
}

func TestOldLinesGoUnlessTheyAreKeptForEver(t *testing.T) {
	b := &book{came: make([]store.Came, 2500)}
	j := journal.Start(b, slog.New(slog.DiscardHandler))
	defer j.Stop()
	if err := j.Forget(t.Context(), 0); err != nil || len(b.came) != 2500 {
		t.Errorf("%d %v", len(b.came), err)
	}
	if err := j.Forget(t.Context(), time.Hour); err != nil || len(b.came) != 0 {
		t.Errorf("%d %v", len(b.came), err)
	}
}
