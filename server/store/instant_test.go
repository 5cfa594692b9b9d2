package store

import (
	"math/rand/v2"
	"testing"

	"sendjay/shared/protocol"
)

func TestAMomentIsReadAsItsLayoutSays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	slow := func(s string) protocol.Instant {
		at, err := parseStamp(s)
		if err != nil {
			return 0
		}
		return protocol.At(at)
	}
	check := func(s string) {
		t.Helper()
		if got, want := instantOf(s), slow(s); got != want {
			t.Errorf("%q is %d, not %d", s, got, want)
		}
	}
	for _, s := range []string{
		"", "0000-00-00 00:00:00.000000", "0000-01-01 00:00:00.000000", "1969-12-31 23:59:59.999999", "2026-02-28 24:00:00.000000", "2026-02-29 12:00:00.000000",
		"2024-02-29 12:00:00.999999", "2026-13-01 12:00:00.000000", "2026-04-31 12:00:00.000000", "2026-04-30 12:60:00.000000", "2026-04-30 12:00:60.000000",
		"2026-04-30T12:00:00.000000", "2026-04-30 12:00:00,000000", "2026-04-30 12:00:00.00000", "2026-04-30 12:00:00.0000000", "2026-04-30 12:00:00", "9999-12-31 23:59:59.999999",
	} {
		check(s)
	}
	quick := 0
	for range 20_000 {
		at := protocol.Instant(random.Int64N(8_000*366*24*3600*1000) - 1_900*366*24*3600*1000)
		s := []byte(stampOf(at))
		if i, ok := quickInstant(string(s)); ok {
			quick++
			if i != at {
				t.Errorf("%s is %d, not %d", s, i, at)
			}
		}
		check(string(s))
		s[random.IntN(len(s))] = "0123456789 -:.T"[random.IntN(15)]
		check(string(s))
	}
	if quick != 20_000 {
		t.Errorf("only %d of 20,000 were read quickly", quick)
	}
}
