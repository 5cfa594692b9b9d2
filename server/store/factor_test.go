package store_test

import (
	"testing"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
)

func TestASecondFactorServesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim")
		by := store.Act{Who: "kim", Act: "factor.on", Target: "kim"}
		is := func(what string, want bool) func(bool, error) {
			return func(got bool, err error) {
				t.Helper()
				if err != nil || got != want {
					t.Errorf("%s: %v %v, want %v", what, got, err, want)
				}
			}
		}
		is("a step without a factor", false)(s.UseStep(t.Context(), "kim", 5))
		is("a beginning", true)(s.BeginFactor(t.Context(), "kim", "sealed 1"))
		is("another beginning", true)(s.BeginFactor(t.Context(), "kim", "sealed 2"))
		is("a step before it is confirmed", false)(s.UseStep(t.Context(), "kim", 5))
		is("confirming what was begun before", false)(s.ConfirmFactor(t.Context(), by, "kim", "sealed 1", []string{"a", "b"}, 5))
		is("confirming", true)(s.ConfirmFactor(t.Context(), by, "kim", "sealed 2", []string{"a", "b"}, 5))
		is("confirming again", false)(s.ConfirmFactor(t.Context(), by, "kim", "sealed 2", []string{"c"}, 6))
		is("beginning over a living one", false)(s.BeginFactor(t.Context(), "kim", "sealed 3"))
		is("the step of the confirmation", false)(s.UseStep(t.Context(), "kim", 5))
		is("the next step", true)(s.UseStep(t.Context(), "kim", 6))
		is("the same step again", false)(s.UseStep(t.Context(), "kim", 6))
		is("a code", true)(s.UseCode(t.Context(), by, "kim", "a"))
		is("the code again", false)(s.UseCode(t.Context(), by, "kim", "a"))
		is("other codes", true)(s.SetCodes(t.Context(), by, "kim", []string{"d"}))
		is("a code that was replaced", false)(s.UseCode(t.Context(), by, "kim", "b"))
		f, err := s.Factor(t.Context(), "kim")
		if err != nil || !f.Live || f.Secret != "sealed 2" || f.Step != 6 || len(f.Codes) != 1 {
			t.Errorf("%+v %v", f, err)
		}
		is("giving it up", true)(s.DropFactor(t.Context(), by, "kim"))
		is("giving it up again", false)(s.DropFactor(t.Context(), by, "kim"))
		if _, _, broken, err := s.VerifyAudit(t.Context()); err != nil || broken != 0 {
			t.Errorf("the log is broken at %d, %v", broken, err)
		}
	})
}
