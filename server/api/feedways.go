package api

import (
	"errors"
	"mime"
	"net/http"
	"slices"

	"sendjay/server/feed"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// feedKey returns the key that a system of the company shows, unless it comes from where it may not.
func (a *API) feedKey(r *http.Request, token string) (store.FeedKey, error) {
	key, err := a.Desk.FeedKeyOf(r.Context(), feed.HashKey(token))
	from := a.Address(r)
	if errors.Is(err, store.ErrNoSet) || err == nil && !within(from, key.Nets) {
		a.Log.Warn("feed refused", "address", from)
		return key, protocol.Refuse(protocol.Unauthenticated)
	}
	if err == nil {
		err = a.Desk.UseFeedKey(r.Context(), key.ID)
	}
	return key, err
}

// legacyTaken is how the original answers.
type legacyTaken struct {
	Code string `json:"code"`
	Msg  string `json:"msg"`
	Key  string `json:"dtkey"`
}

// feedPosted answers scripts that were written for the original. They show their key in the body, and no cookie of
// ours counts, so that a page elsewhere may post; whose answers it may read stands in the origins.
func (a *API) feedPosted(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		a.wrongMethod(w, r, []string{http.MethodPost})
		return
	}
	if at := r.Header.Get("Origin"); at != "" && slices.Contains(a.Origins, at) {
		w.Header().Set("Access-Control-Allow-Origin", at)
		w.Header().Add("Vary", "Origin")
	}
	r.Body = http.MaxBytesReader(w, r.Body, feedBytes)
	taken, err := a.takePosted(r)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	write(w, http.StatusOK, legacyTaken{"0", "", taken.Key})
}

func (a *API) takePosted(r *http.Request) (protocol.FeedTaken, error) {
	raw, err := readAll(r.Body)
	if err != nil {
		return protocol.FeedTaken{}, err
	}
	read := feed.OfPosted
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		read = feed.OfForm
	}
	in, bad := read(raw)
	key, err := a.feedKey(r, in.Token)
	if err == nil {
		err = bad
	}
	if err != nil {
		return protocol.FeedTaken{}, err
	}
	return a.keepFeed(r.Context(), store.Act{Who: "feed:" + key.Name, Address: a.Address(r), Act: "feed.put"}, in.Feed)
}

func (a *API) feedDirectory(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Feeds.Fetch(r.Context(), store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "feed.put"})
}

func (a *API) feedSchedule(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Feeds.Schedule(r.Context())
}

// setFeedSchedule changes what the body names; what it does not name stays.
func (a *API) setFeedSchedule(_ http.ResponseWriter, r *http.Request) (any, error) {
	s, err := a.Feeds.Schedule(r.Context())
	if err != nil {
		return nil, err
	}
	if err := body(r, &s); err != nil {
		return nil, err
	}
	return a.Feeds.SetSchedule(r.Context(), store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "feed.schedule"}, s)
}
