package auth

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pquerna/otp/hotp"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// phone is an authenticator app.
type phone struct {
	t      *testing.T
	secret string
}

// at returns the code of the step that begins steps from now.
func (p phone) at(steps int) string {
	p.t.Helper()
	code, err := hotp.GenerateCode(p.secret, uint64(time.Now().Unix()/30+int64(steps)))
	if err != nil {
		p.t.Fatal(err)
	}
	return code
}

var kim = Who{User: protocol.User{ID: "kim"}}

// enrolled is a world in which kim has a second factor. A minute has passed since.
func enrolled(t *testing.T) (*Auth, *memory, phone, []string) {
	t.Helper()
	a, m := world(t)
	s, err := a.BeginFactor(t.Context(), kim, password, "10.0.0.1")
	wants(t, err, "")
	p := phone{t, s.Secret}
	codes, err := a.ConfirmFactor(t.Context(), kim, p.at(0), "10.0.0.1")
	wants(t, err, "")
	time.Sleep(time.Minute)
	return a, m, p, codes.Codes
}

func try(t *testing.T, a *Auth, code string) error {
	t.Helper()
	_, _, err := a.Login(t.Context(), protocol.Login{UserID: "kim", Password: password, Code: code}, home)
	return err
}

func refusedAt(t *testing.T, err error, code protocol.Code, field string) {
	t.Helper()
	wants(t, err, code)
	if r, ok := err.(*protocol.Refusal); !ok || r.Field != field {
		t.Fatalf("got %+v, want the field %q", err, field)
	}
}

func TestTheSecondFactor(t *testing.T) {
	run := func(name string, f func(t *testing.T)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
	}
	run("is asked for after the right password only", func(t *testing.T) {
		a, _, p, _ := enrolled(t)
		refusedAt(t, try(t, a, ""), protocol.Unauthenticated, "code")
		_, _, err := a.Login(t.Context(), protocol.Login{UserID: "kim", Password: "wrong", Code: p.at(0)}, home)
		refusedAt(t, err, protocol.BadCredentials, "")
		refusedAt(t, try(t, a, "000 000"), protocol.BadCredentials, "code")
		wants(t, try(t, a, p.at(0)), "")
	})
	run("takes the step before and after, and no other", func(t *testing.T) {
		a, _, p, _ := enrolled(t)
		refusedAt(t, try(t, a, p.at(-2)), protocol.BadCredentials, "code")
		refusedAt(t, try(t, a, p.at(2)), protocol.BadCredentials, "code")
		wants(t, try(t, a, p.at(-1)), "")
		wants(t, try(t, a, p.at(1)), "")
	})
	run("takes a code once, and none from before it", func(t *testing.T) {
		a, _, p, _ := enrolled(t)
		wants(t, try(t, a, p.at(0)), "")
		refusedAt(t, try(t, a, p.at(0)), protocol.BadCredentials, "code")
		refusedAt(t, try(t, a, p.at(-1)), protocol.BadCredentials, "code")
	})
	run("lets each recovery code serve once, however it is typed", func(t *testing.T) {
		a, m, _, codes := enrolled(t)
		if len(codes) != recoveryCodes {
			t.Fatalf("%d codes", len(codes))
		}
		wants(t, try(t, a, strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))), "")
		refusedAt(t, try(t, a, codes[3]), protocol.BadCredentials, "code")
		wants(t, try(t, a, codes[4]), "")
		f, err := a.Factor(t.Context(), kim)
		wants(t, err, "")
		if f.Codes != recoveryCodes-2 || m.acts[len(m.acts)-1].Act != "factor.recovery" {
			t.Errorf("%+v, %+v", f, m.acts)
		}
	})
	run("counts wrong codes, also from elsewhere and with right passwords in between", func(t *testing.T) {
		a, _, p, _ := enrolled(t)
		for i := range 100 {
			from := From{Device: protocol.Web, Address: fmt.Sprintf("10.1.0.%d", i)}
			_, _, err := a.Login(t.Context(), protocol.Login{UserID: "kim", Password: password, Code: "000000"}, from)
			if protocol.CodeOf(err) == protocol.RateLimited {
				if i > 40 {
					t.Errorf("%d codes were tried", i)
				}
				wants(t, try(t, a, p.at(0)), protocol.RateLimited)
				return
			}
			refusedAt(t, err, protocol.BadCredentials, "code")
			if err := try(t, a, ""); protocol.CodeOf(err) != protocol.RateLimited {
				refusedAt(t, err, protocol.Unauthenticated, "code")
			}
		}
		t.Fatal("no end of guessing")
	})
	run("locks the account where the policy says so", func(t *testing.T) {
		a, m, p, _ := enrolled(t)
		m.policy = &protocol.Policy{PasswordLeast: 8, LockAfter: 3}
		for range 3 {
			refusedAt(t, try(t, a, "000000"), protocol.BadCredentials, "code")
		}
		refusedAt(t, try(t, a, p.at(0)), protocol.Forbidden, "locked")
	})
	run("is not begun with a wrong password, nor twice, nor confirmed by a wrong code", func(t *testing.T) {
		a, _ := world(t)
		_, err := a.BeginFactor(t.Context(), kim, "wrong", "10.0.0.1")
		refusedAt(t, err, protocol.BadCredentials, "password")
		_, err = a.ConfirmFactor(t.Context(), kim, "000000", "10.0.0.1")
		wants(t, err, protocol.Conflict)
		s, err := a.BeginFactor(t.Context(), kim, password, "10.0.0.1")
		wants(t, err, "")
		p := phone{t, s.Secret}
		_, err = a.ConfirmFactor(t.Context(), kim, p.at(7), "10.0.0.1")
		refusedAt(t, err, protocol.BadCredentials, "code")
		wants(t, try(t, a, ""), "") // nothing is asked before
		_, err = a.ConfirmFactor(t.Context(), kim, p.at(0), "10.0.0.1")
		wants(t, err, "")
		refusedAt(t, try(t, a, p.at(0)), protocol.BadCredentials, "code") // it was used to confirm
		_, err = a.BeginFactor(t.Context(), kim, password, "10.0.0.1")
		wants(t, err, protocol.Conflict)
	})
	run("is given up, and its recovery codes are renewed, by a code only", func(t *testing.T) {
		a, _, p, codes := enrolled(t)
		_, err := a.RenewCodes(t.Context(), kim, "000000", "10.0.0.1")
		refusedAt(t, err, protocol.BadCredentials, "code")
		fresh, err := a.RenewCodes(t.Context(), kim, p.at(0), "10.0.0.1")
		wants(t, err, "")
		refusedAt(t, try(t, a, codes[0]), protocol.BadCredentials, "code")
		wants(t, try(t, a, fresh.Codes[0]), "")
		wants(t, a.GiveFactorUp(t.Context(), kim, "000000", "10.0.0.1"), protocol.BadCredentials)
		wants(t, a.GiveFactorUp(t.Context(), kim, fresh.Codes[1], "10.0.0.1"), "")
		wants(t, try(t, a, ""), "")
	})
	run("is kept where neither secret nor codes can be read, nor moved to another person", func(t *testing.T) {
		a, m, p, codes := enrolled(t)
		all, err := json.Marshal(m.factors)
		wants(t, err, "")
		for _, s := range append(codes, p.secret, strings.ToUpper(strings.ReplaceAll(codes[0], "-", ""))) {
			if strings.Contains(string(all), s) {
				t.Errorf("%s stands in %s", s, all)
			}
		}
		m.people["lee"] = store.Account{User: protocol.User{ID: "lee"}, PasswordHash: cheap, Active: true}
		m.factors["lee"] = m.factors["kim"]
		_, _, err = a.Login(t.Context(), protocol.Login{UserID: "lee", Password: password, Code: p.at(0)}, home)
		wants(t, err, protocol.Internal)
	})
	run("is demanded of those with a role where the rules say so, and nobody shuts himself out", func(t *testing.T) {
		a, m := world(t)
		boss := store.Account{User: protocol.User{ID: "boss", Role: protocol.Owner}, PasswordHash: cheap, Active: true}
		m.people["boss"] = boss
		_, err := a.SetPolicy(t.Context(), By{User: boss.User}, protocol.Policy{PasswordLeast: 8, FactorStaff: true})
		refusedAt(t, err, protocol.Conflict, "factorStaff")
		m.policy = &protocol.Policy{PasswordLeast: 8, FactorStaff: true}
		in, _, err := a.Login(t.Context(), creds("boss", password), home)
		wants(t, err, "")
		who, err := a.Check(t.Context(), in.AccessToken)
		wants(t, err, "")
		if !in.User.MustEnrol || !who.User.MustEnrol {
			t.Fatalf("%+v, %+v", in.User, who.User)
		}
		if login(t, a).User.MustEnrol {
			t.Error("demanded of somebody without a role")
		}
		s, err := a.BeginFactor(t.Context(), who, password, "")
		wants(t, err, "")
		_, err = a.ConfirmFactor(t.Context(), who, phone{t, s.Secret}.at(0), "")
		wants(t, err, "")
		if who, err = a.Check(t.Context(), in.AccessToken); err != nil || who.User.MustEnrol {
			t.Errorf("%+v %v", who, err)
		}
	})
}

func TestThePictureOfASecretSaysWhatTheAppNeeds(t *testing.T) {
	rows, err := picture("otpauth://totp/Sendjay:kim?secret=ABC&issuer=Sendjay")
	if err != nil || len(rows) < 21 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, r := range rows {
		if len(r) != len(rows) || strings.Trim(r, "01") != "" {
			t.Errorf("row %d is %q", i, r)
		}
	}
	if !strings.HasPrefix(rows[0], "1111111") || !strings.HasPrefix(rows[1], "1000001") {
		t.Errorf("no finder pattern: %q, %q", rows[0], rows[1])
	}
}
