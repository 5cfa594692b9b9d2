package api

import (
	"net/http"

	"sendjay/shared/protocol"
)

// desk holds what those who look after others may ask. Who they have to be stands in protocol.DeskRoutes.
func (a *API) desk() map[string]handler {
	return map[string]handler{}
}

// allRoutes returns what is served, by path and method. A line of protocol.DeskRoutes is opened for its role alone.
func (a *API) allRoutes() map[string]map[string]handler {
	all, desk := a.routes(), a.desk()
	for _, r := range protocol.DeskRoutes {
		h := desk[r.Method+" "+r.Path]
		if h == nil {
			continue // the test of the table says so
		}
		if all[r.Path] == nil {
			all[r.Path] = map[string]handler{}
		}
		all[r.Path][r.Method] = a.signed(only(r.For, h))
	}
	return all
}

// only lets those in whose role reaches least.
func only(least protocol.Role, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		if !whoOf(r).User.Role.Reaches(least) {
			return nil, protocol.Refuse(protocol.Forbidden)
		}
		return h(w, r)
	}
}
