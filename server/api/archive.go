package api

import (
	"net/http"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// archive lists what was sent to a room.
func (a *API) archive(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roomOf(r)
	if err != nil {
		return nil, err
	}
	before, _, err := number(r, "before")
	if err != nil {
		return nil, err
	}
	n, err := limit(r, protocol.Limits.PageDefault, protocol.Limits.PageMax)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	since, err := instant(q.Get("since"), "since")
	if err != nil {
		return nil, err
	}
	until, err := instant(q.Get("until"), "until")
	if err != nil {
		return nil, err
	}
	return a.Chat.Archive(r.Context(), whoOf(r).User.ID, id, store.ArchiveQuery{
		Kind: protocol.ArchiveKind(q.Get("kind")), Name: q.Get("q"), From: protocol.UserID(q.Get("from")), Since: since, Until: until,
		Before: protocol.Seq(before), Limit: n,
	})
}
