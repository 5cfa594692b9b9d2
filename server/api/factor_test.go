package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// codeAt is what the app shows, ahead in steps of 30 seconds.
func codeAt(t *testing.T, secret string, ahead int64) string {
	t.Helper()
	c, err := hotp.GenerateCode(secret, uint64(time.Now().Unix()/30+ahead))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// enrol gives p a second factor and returns the secret and the recovery codes.
func enrol(t *testing.T, s *servertest.Server, p *servertest.Person) (string, []string) {
	t.Helper()
	var secret protocol.FactorSecret
	postTo(p, "/me/factor", `{"password":"`+servertest.Password+`"}`).to(t, s).ok(t, &secret)
	var codes protocol.FactorCodes
	put(p, "/me/factor", `{"code":"`+codeAt(t, secret.Secret, 0)+`"}`).to(t, s).ok(t, &codes)
	return secret.Secret, codes.Codes
}

func TestASecondFactorIsAskedFor(t *testing.T) {
	s := servertest.Start(t)
	desk, kim := staff(t, s, "desk", protocol.HelpDesk), s.Person("kim")
	secret, codes := enrol(t, s, kim)
	with := func(code string) call {
		return call{method: "POST", path: "/api/v1/auth/login", body: `{"userId":"kim","password":"` + servertest.Password + `","device":"desktop","code":"` + code + `"}`}
	}
	if f := with("").to(t, s).refused(t, 401, protocol.Unauthenticated); f.Field != "code" {
		t.Errorf("%+v", f)
	}
	if f := with("000000").to(t, s).refused(t, 401, protocol.BadCredentials); f.Field != "code" {
		t.Errorf("%+v", f)
	}
	fresh := codeAt(t, secret, 1) // the step of the confirmation is used up
	with(fresh).to(t, s).ok(t, nil)
	with(fresh).to(t, s).refused(t, 401, protocol.BadCredentials)
	with(codes[0]).to(t, s).ok(t, nil)
	with(codes[0]).to(t, s).refused(t, 401, protocol.BadCredentials)

	t.Run("and taken away by the help desk, which stands in the log; secrets do not", func(t *testing.T) {
		drop(desk, "/admin/accounts/kim/factor").to(t, s).ok(t, nil)
		drop(desk, "/admin/accounts/kim/factor").to(t, s).refused(t, 404, protocol.NotFound)
		with("").to(t, s).ok(t, nil)
		lines, err := s.Store.Audit(t.Context(), store.AuditQuery{Act: "factor.", Target: "kim", Limit: 10})
		if err != nil || len(lines) != 3 || lines[0].Act != "factor.drop" || lines[1].Act != "factor.recovery" || lines[2].Act != "factor.on" {
			t.Errorf("%+v %v", lines, err)
		}
		for _, word := range append(codes, secret, fresh) {
			if strings.Contains(s.Log.String(), word) {
				t.Errorf("%q stands in the log", word)
			}
		}
	})
	t.Run("and survives a restart", func(t *testing.T) {
		lee := s.Person("lee")
		_, codes := enrol(t, s, lee)
		s.Restart()
		body := `{"userId":"lee","password":"` + servertest.Password + `","device":"desktop","code":"` + codes[1] + `"}`
		call{method: "POST", path: "/api/v1/auth/login", body: body}.to(t, s).ok(t, nil)
	})
}

func TestWhoLacksADemandedSecondFactorCanOnlySetItUp(t *testing.T) {
	s := servertest.Start(t)
	owner := staff(t, s, "owner", protocol.Owner)
	put(owner, "/admin/policy", `{"factorStaff":true}`).to(t, s).refused(t, 409, protocol.Conflict)
	enrol(t, s, owner)
	put(owner, "/admin/policy", `{"factorStaff":true}`).to(t, s).ok(t, nil)
	admin := staff(t, s, "admin", protocol.Administrator)
	if f := get(admin, "/rooms").to(t, s).refused(t, 403, protocol.Forbidden); f.Field != "factor" {
		t.Errorf("%+v", f)
	}
	postTo(admin, "/me/factor/off", `{"code":"1"}`).to(t, s).refused(t, 403, protocol.Forbidden)
	var me protocol.User
	if get(admin, "/me").to(t, s).ok(t, &me); !me.MustEnrol {
		t.Errorf("%+v", me)
	}
	enrol(t, s, admin)
	get(admin, "/rooms").to(t, s).ok(t, nil)
	get(s.Person("kim"), "/rooms").to(t, s).ok(t, nil)
}
