package api

import (
	"net/http"

	"sendjay/shared/protocol"
)

// settling lets those in as well of whom a second factor is demanded, once they have a password of their own.
func (a *API) settling(h handler) handler {
	return a.fresh(func(w http.ResponseWriter, r *http.Request) (any, error) {
		who := whoOf(r)
		who.User.MustEnrol = false
		if err := Settled(who); err != nil {
			return nil, err
		}
		return h(w, r)
	})
}

func (a *API) factor(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Auth.Factor(r.Context(), whoOf(r))
}

func (a *API) beginFactor(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.BeginFactor
	if err := body(r, &in); err != nil {
		return nil, err
	}
	return a.Auth.BeginFactor(r.Context(), whoOf(r), in.Password, a.Address(r))
}

// code reads a code that proves the second factor.
func code(r *http.Request) (string, error) {
	var in protocol.FactorCode
	err := body(r, &in)
	if err == nil && in.Code == "" {
		err = protocol.RefuseField(protocol.BadRequest, "code")
	}
	return in.Code, err
}

func (a *API) confirmFactor(_ http.ResponseWriter, r *http.Request) (any, error) {
	c, err := code(r)
	if err != nil {
		return nil, err
	}
	return a.Auth.ConfirmFactor(r.Context(), whoOf(r), c, a.Address(r))
}

func (a *API) renewCodes(_ http.ResponseWriter, r *http.Request) (any, error) {
	c, err := code(r)
	if err != nil {
		return nil, err
	}
	return a.Auth.RenewCodes(r.Context(), whoOf(r), c, a.Address(r))
}

func (a *API) giveFactorUp(_ http.ResponseWriter, r *http.Request) (any, error) {
	c, err := code(r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, a.Auth.GiveFactorUp(r.Context(), whoOf(r), c, a.Address(r))
}

func (a *API) dropFactor(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, a.Auth.DropFactor(r.Context(), a.by(r), userOf(r))
}
