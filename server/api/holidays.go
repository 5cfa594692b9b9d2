package api

import (
	"net/http"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// holidays says on which days the company rests, as far as a device can be asked about them.
func (a *API) holidays(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Chat.ComingHolidays(r.Context())
}

// allHolidays shows administration those that are over too.
func (a *API) allHolidays(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Chat.Holidays(r.Context())
}

func (a *API) setHolidays(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.Holidays
	if err := body(r, &in); err != nil {
		return nil, err
	}
	everybody, err := a.People.Everybody(r.Context())
	if err != nil {
		return nil, err
	}
	act := store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "holidays"}
	return a.Chat.SetHolidays(r.Context(), act, in, everybody)
}
