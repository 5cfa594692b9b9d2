package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"sendjay/server/feed"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// deed is what the log says of who asks.
func (a *API) deed(r *http.Request, act, target string) store.Act {
	return store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: act, Target: target}
}

func (a *API) deliveries(_ http.ResponseWriter, r *http.Request) (any, error) {
	from, n, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if err := plain(q, "q"); err != nil {
		return nil, err
	}
	sets, total, err := a.Desk.Deliveries(r.Context(), store.DeliveryQuery{Q: q, Sort: r.URL.Query().Get("sort"), Offset: from, Limit: n})
	if errors.Is(err, store.ErrQuery) {
		return nil, protocol.RefuseField(protocol.BadRequest, "sort")
	}
	page := protocol.DeliveriesPage{Sets: sets, Total: total}
	if from+len(sets) < total {
		page.Next = strconv.Itoa(from + len(sets))
	}
	return page, err
}

func (a *API) dropFeed(_ http.ResponseWriter, r *http.Request) (any, error) {
	key := r.PathValue("key")
	return struct{}{}, refuseFeed(a.Desk.DropFeed(r.Context(), a.deed(r, "feed.drop", key), key))
}

func (a *API) feedKeys(_ http.ResponseWriter, r *http.Request) (any, error) {
	keys, err := a.Desk.FeedKeys(r.Context())
	return protocol.FeedKeys{Keys: keys}, err
}

func (a *API) newFeedKey(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.NewFeedKey
	if err := body(r, &in); err != nil {
		return nil, err
	}
	key, k, err := feed.NewKey(string(in.Name), in.Nets)
	if err != nil {
		return nil, err
	}
	return protocol.FeedKey{ID: k.ID, Name: k.Name, Nets: append([]string{}, in.Nets...), Key: key}, a.Desk.AddFeedKey(r.Context(), a.deed(r, "feed.key", k.Name), k)
}

func (a *API) dropFeedKey(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, refuseFeed(a.Desk.DropFeedKey(r.Context(), a.deed(r, "feed.unkey", ""), r.PathValue("id")))
}
