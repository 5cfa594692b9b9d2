package auth

import (
	"errors"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// note writes down what happened at the door, where somebody keeps a log.
func (a *Auth) note(kind protocol.ComingKind, user protocol.UserID, from From, why string) {
	if a.Noted != nil {
		a.Noted(store.Came{Kind: kind, User: user, From: from.Device, Address: from.Address, Agent: from.Agent, Why: why})
	}
}

// Refused writes down that somebody, "" for nobody we know, was not let in, when err is a refusal.
func (a *Auth) Refused(user protocol.UserID, from From, err error) {
	refusal, ok := errors.AsType[*protocol.Refusal](err)
	if !ok {
		return
	}
	why := string(refusal.Code)
	if refusal.Field != "" {
		why = refusal.Field
	}
	a.note(protocol.WasRefused, user, from, why)
}

// of is the device of a sign-in.
func of(in store.SignIn) From { return From{Device: in.Device, Address: in.Address, Agent: in.Agent} }
