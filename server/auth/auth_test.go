package auth

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func TestSigningIn(t *testing.T) {
	t.Run("the right password opens, and the token names person, device and sign-in", func(t *testing.T) {
		a, _ := world(t)
		in := login(t, a)
		who, err := a.Check(t.Context(), in.AccessToken)
		wants(t, err, "")
		if who.User.ID != "kim" || who.User.Name != "김서연" || who.Device != protocol.Desktop || who.SignIn == "" {
			t.Errorf("got %+v", who)
		}
		if in.ExpiresIn != 900 || in.RefreshToken == "" {
			t.Errorf("got %+v", in)
		}
	})
	t.Run("the web gets no refresh token in the answer", func(t *testing.T) {
		a, _ := world(t)
		in, refresh, err := a.Login(t.Context(), creds("kim", password), From{Device: protocol.Web})
		wants(t, err, "")
		if in.RefreshToken != "" || refresh == "" {
			t.Errorf("got %q and %q", in.RefreshToken, refresh)
		}
	})
	t.Run("a wrong password, an unknown id, an impossible id and a deactivated person sound the same", func(t *testing.T) {
		a, m := world(t)
		m.people["lee"] = store.Account{User: protocol.User{ID: "lee"}, PasswordHash: cheap}
		for _, try := range [][2]string{{"kim", "wrong"}, {"nobody", password}, {"a b", password}, {strings.Repeat("x", 500), password}, {"lee", password}} {
			_, _, err := a.Login(t.Context(), creds(protocol.UserID(try[0]), try[1]), home)
			wants(t, err, protocol.BadCredentials)
		}
	})
	t.Run("an empty hash lets nobody in", func(t *testing.T) {
		a, m := world(t)
		m.people["new"] = store.Account{User: protocol.User{ID: "new"}, Active: true}
		_, _, err := a.Login(t.Context(), creds("new", ""), home)
		wants(t, err, protocol.BadCredentials)
	})
	t.Run("no token or secret stands in the store", func(t *testing.T) {
		a, m := world(t)
		in := login(t, a)
		for _, s := range m.signIns {
			if strings.Contains(in.RefreshToken, string(s.Hash)) || len(s.Hash) != 32 {
				t.Errorf("kept %q", s.Hash)
			}
		}
	})
}

func TestLimitOnSigningIn(t *testing.T) {
	spend := func(t *testing.T, a *Auth, id protocol.UserID, from From) (tries int, refused *protocol.Refusal) {
		t.Helper()
		for tries = range 100 {
			_, _, err := a.Login(t.Context(), creds(id, "wrong"), from)
			if protocol.CodeOf(err) == protocol.RateLimited {
				return tries, err.(*protocol.Refusal)
			}
			wants(t, err, protocol.BadCredentials)
		}
		t.Fatal("no end of guessing")
		return 0, nil
	}
	t.Run("after at most 40 wrong tries the right password is refused too, until the time has passed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, _ := world(t)
			tries, refused := spend(t, a, "kim", home)
			if tries > 40 || refused.RetryAfter < 1 {
				t.Errorf("%d tries, then %+v", tries, refused)
			}
			_, _, err := a.Login(t.Context(), creds("kim", password), home)
			wants(t, err, protocol.RateLimited)
			time.Sleep(time.Duration(refused.RetryAfter) * time.Second)
			login(t, a)
		})
	})
	t.Run("others at the address and the person elsewhere are untouched", func(t *testing.T) {
		a, m := world(t)
		m.people["lee"] = store.Account{User: protocol.User{ID: "lee"}, PasswordHash: cheap, Active: true}
		spend(t, a, "kim", home)
		_, _, err := a.Login(t.Context(), creds("lee", password), home)
		wants(t, err, "")
		_, _, err = a.Login(t.Context(), creds("kim", password), From{Device: protocol.Web, Address: "10.0.0.2"})
		wants(t, err, "")
	})
	t.Run("unknown ids are limited as well", func(t *testing.T) {
		a, _ := world(t)
		if tries, _ := spend(t, a, "nobody", home); tries > 40 {
			t.Errorf("%d tries", tries)
		}
	})
	t.Run("wrong passwords at once are no better than one after the other", func(t *testing.T) {
		a, _ := world(t)
		var wrong atomic.Int64
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				if _, _, err := a.Login(t.Context(), creds("kim", "wrong"), home); protocol.CodeOf(err) == protocol.BadCredentials {
					wrong.Add(1)
				}
			})
		}
		all.Wait()
		if wrong.Load() > 40 {
			t.Errorf("%d guesses were answered", wrong.Load())
		}
	})
	t.Run("32 good sign-ins at once pass", func(t *testing.T) {
		a, _ := world(t)
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				if _, _, err := a.Login(t.Context(), creds("kim", password), home); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
	t.Run("what is remembered of guessers is bounded, and whoever is blocked stays so", func(t *testing.T) {
		var g guard
		g.init()
		for range wrongTries {
			g.failed("kim", "bad")
		}
		for i := range 2 * guarded {
			g.failed(protocol.UserID(strings.Repeat("x", i%9)+string(rune('a'+i%26))), string(rune(i)))
		}
		if len(g.seen) > guarded+1 {
			t.Errorf("%d remembered", len(g.seen))
		}
		if g.blocked("kim", "bad") == 0 {
			t.Error("forgot the one that matters")
		}
	})
}

func TestRefreshing(t *testing.T) {
	t.Run("a token serves once and gives the next", func(t *testing.T) {
		a, _ := world(t)
		first := login(t, a)
		second, _, err := a.Refresh(t.Context(), first.RefreshToken, "")
		wants(t, err, "")
		if second.RefreshToken == first.RefreshToken || second.User.Name != "김서연" {
			t.Errorf("got %+v", second)
		}
		_, err = a.Check(t.Context(), second.AccessToken)
		wants(t, err, "")
		_, _, err = a.Refresh(t.Context(), second.RefreshToken, "")
		wants(t, err, "")
	})
	t.Run("using an old one ends the whole family, and its live session", func(t *testing.T) {
		a, _ := world(t)
		ended := ""
		a.Ended = func(_ protocol.UserID, id string) { ended = id }
		first := login(t, a)
		other := login(t, a)
		second, _, err := a.Refresh(t.Context(), first.RefreshToken, "")
		wants(t, err, "")
		_, _, err = a.Refresh(t.Context(), first.RefreshToken, "")
		wants(t, err, protocol.Unauthenticated)
		_, _, err = a.Refresh(t.Context(), second.RefreshToken, "")
		wants(t, err, protocol.Unauthenticated)
		for _, token := range []string{first.AccessToken, second.AccessToken} {
			_, err = a.Check(t.Context(), token)
			wants(t, err, protocol.Unauthenticated)
		}
		if ended == "" {
			t.Error("nobody was told")
		}
		_, err = a.Check(t.Context(), other.AccessToken)
		wants(t, err, "")
	})
	t.Run("an attempt whose answer was lost gets it again, for a minute, under its own name", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, _ := world(t)
			first := login(t, a)
			one, _, err := a.Refresh(t.Context(), first.RefreshToken, "try-1")
			wants(t, err, "")
			time.Sleep(50 * time.Second)
			two, _, err := a.Refresh(t.Context(), first.RefreshToken, "try-1")
			wants(t, err, "")
			if one.RefreshToken != two.RefreshToken {
				t.Error("two tokens for one attempt")
			}
			time.Sleep(20 * time.Second)
			_, _, err = a.Refresh(t.Context(), first.RefreshToken, "try-1")
			wants(t, err, protocol.Unauthenticated)
			_, _, err = a.Refresh(t.Context(), two.RefreshToken, "")
			wants(t, err, protocol.Unauthenticated)
		})
	})
	t.Run("many at once under one name get one token, and one without a name ends it", func(t *testing.T) {
		a, _ := world(t)
		first := login(t, a)
		got := make([]string, 8)
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				in, _, err := a.Refresh(t.Context(), first.RefreshToken, "same")
				if err != nil {
					t.Error(err)
				}
				got[i] = in.RefreshToken
			})
		}
		all.Wait()
		for _, g := range got {
			if g != got[0] || g == "" {
				t.Fatalf("got %q", got)
			}
		}
		_, _, err := a.Refresh(t.Context(), first.RefreshToken, "other")
		wants(t, err, protocol.Unauthenticated)
	})
	t.Run("it ends for a deactivated person and after the time of a device that was not used", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, m := world(t)
			in := login(t, a)
			time.Sleep(a.RefreshLife + time.Second)
			_, _, err := a.Refresh(t.Context(), in.RefreshToken, "")
			wants(t, err, protocol.Unauthenticated)
			in = login(t, a)
			m.people["kim"] = store.Account{User: protocol.User{ID: "kim"}, PasswordHash: cheap}
			_, _, err = a.Refresh(t.Context(), in.RefreshToken, "")
			wants(t, err, protocol.Unauthenticated)
		})
	})
	t.Run("rubbish is refused", func(t *testing.T) {
		a, _ := world(t)
		for _, token := range []string{"", ".", "x", "x.y", strings.Repeat("x", 100) + ".y"} {
			_, _, err := a.Refresh(t.Context(), token, "")
			wants(t, err, protocol.Unauthenticated)
		}
	})
}

func TestEnding(t *testing.T) {
	t.Run("both tokens die at once, other devices go on", func(t *testing.T) {
		a, _ := world(t)
		one, other := login(t, a), login(t, a)
		who, err := a.Check(t.Context(), one.AccessToken)
		wants(t, err, "")
		wants(t, a.End(t.Context(), "kim", who.SignIn), "")
		_, err = a.Check(t.Context(), one.AccessToken)
		wants(t, err, protocol.Unauthenticated)
		_, _, err = a.Refresh(t.Context(), one.RefreshToken, "")
		wants(t, err, protocol.Unauthenticated)
		_, err = a.Check(t.Context(), other.AccessToken)
		wants(t, err, "")
	})
	t.Run("a check under way while it ends does not keep it alive", func(t *testing.T) {
		a, m := world(t)
		in := login(t, a)
		id, _, _ := strings.Cut(in.RefreshToken, ".")
		m.meanwhile = func() { wants(t, a.End(t.Context(), "kim", id), "") }
		_, _ = a.Check(t.Context(), in.AccessToken) // it began before the end: either answer is right
		_, err := a.Check(t.Context(), in.AccessToken)
		wants(t, err, protocol.Unauthenticated)
	})
	t.Run("the refresh token alone can end it too", func(t *testing.T) {
		a, _ := world(t)
		in := login(t, a)
		wants(t, a.EndWith(t.Context(), in.RefreshToken+"x"), protocol.Unauthenticated)
		wants(t, a.EndWith(t.Context(), in.RefreshToken), "")
		_, err := a.Check(t.Context(), in.AccessToken)
		wants(t, err, protocol.Unauthenticated)
	})
	t.Run("what another process ended or deactivated is seen within seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, m := world(t)
			in := login(t, a)
			_, err := a.Check(t.Context(), in.AccessToken)
			wants(t, err, "")
			m.people["kim"] = store.Account{User: protocol.User{ID: "kim"}, PasswordHash: cheap}
			time.Sleep(leaseLife)
			_, err = a.Check(t.Context(), in.AccessToken)
			wants(t, err, protocol.Unauthenticated)
		})
	})
}

func TestTidying(t *testing.T) {
	t.Run("forgets who was checked long ago, and nobody else", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, _ := world(t)
			tokens := []string{login(t, a).AccessToken, login(t, a).AccessToken}
			for _, token := range tokens {
				_, err := a.Check(t.Context(), token)
				wants(t, err, "")
				time.Sleep(leaseLife / 2)
			}
			wants(t, a.Tidy(t.Context()), "")
			if len(a.alive) != 1 {
				t.Errorf("%d known", len(a.alive))
			}
			for _, token := range tokens {
				_, err := a.Check(t.Context(), token)
				wants(t, err, "")
			}
		})
	})
}

func TestChangingThePassword(t *testing.T) {
	change := func(t *testing.T, a *Auth, token, old, fresh string) error {
		t.Helper()
		who, err := a.Check(t.Context(), token)
		wants(t, err, "")
		return a.ChangePassword(t.Context(), who, old, fresh, "10.0.0.1")
	}
	t.Run("it needs the old one, ends the other sign-ins and keeps this one", func(t *testing.T) {
		a, m := world(t)
		one, other := login(t, a), login(t, a)
		p := m.people["kim"]
		p.MustChange, p.User.MustChange = true, true
		m.people["kim"] = p
		wants(t, change(t, a, one.AccessToken, "wrong", "another one"), protocol.BadCredentials)
		wants(t, change(t, a, one.AccessToken, password, "another one"), "")
		who, err := a.Check(t.Context(), one.AccessToken)
		wants(t, err, "")
		if who.User.MustChange {
			t.Error("it still has to be changed")
		}
		_, err = a.Check(t.Context(), other.AccessToken)
		wants(t, err, protocol.Unauthenticated)
		_, _, err = a.Login(t.Context(), creds("kim", "another one"), home)
		wants(t, err, "")
	})
	t.Run("short, equal to the id, the same again, broken: refused", func(t *testing.T) {
		a, _ := world(t)
		in := login(t, a)
		for _, fresh := range []string{"", "seven77", "kim", password, "a\x00bcdefghi", strings.Repeat("x", 257), "\xff\xfe\xfdabcdef"} {
			wants(t, change(t, a, in.AccessToken, password, fresh), protocol.BadRequest)
		}
	})
}
