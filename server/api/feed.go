package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"sendjay/server/feed"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// FeedStore is what feeds need of the database.
type FeedStore interface {
	PutFeedOrgs(ctx context.Context, by store.Act, key string, rows []protocol.FeedOrg) error
	PutFeedUsers(ctx context.Context, by store.Act, key string, rows []protocol.FeedUser) error
	FeedSets(ctx context.Context) (protocol.FeedSets, error)
	PlanFeed(ctx context.Context, orgKey, userKey string) (protocol.FeedPlan, error)
	ApplyFeed(ctx context.Context, by store.Act, orgKey, userKey string, force bool) (protocol.FeedPlan, []protocol.UserID, error)
	UndoFeed(ctx context.Context, by store.Act) ([]protocol.UserID, error)
	FeedKeyOf(ctx context.Context, hash string) (store.FeedKey, error)
	FeedKeys(ctx context.Context) ([]protocol.FeedKey, error)
	AddFeedKey(ctx context.Context, by store.Act, k store.FeedKey) error
	UseFeedKey(ctx context.Context, id string) error
	DropFeedKey(ctx context.Context, by store.Act, id string) error
	Deliveries(ctx context.Context, q store.DeliveryQuery) ([]protocol.Delivery, int, error)
	DropFeed(ctx context.Context, by store.Act, key string) error
}

// feedBytes bounds a data set: 100,000 people fit.
const feedBytes = 32 << 20

// feedIn answers what the company's own system delivers under a key of its own.
func (a *API) feedIn(w http.ResponseWriter, r *http.Request) {
	a.large(w, r, feedBytes, func() (any, error) {
		token, _ := bearer(r)
		key, err := a.feedKey(r, token)
		if err != nil {
			return nil, err
		}
		return a.takeFeed(r, store.Act{Who: "feed:" + key.Name, Address: a.Address(r), Act: "feed.put"})
	})
}

// feedUpload answers an administrator who delivers a data set by hand.
func (a *API) feedUpload(w http.ResponseWriter, r *http.Request) {
	a.large(w, r, feedBytes, func() (any, error) {
		return a.signed(only(protocol.Administrator, func(_ http.ResponseWriter, r *http.Request) (any, error) {
			return a.takeFeed(r, store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "feed.put"})
		}))(w, r)
	})
}

// large answers a request whose body may have more bytes than those of the others.
func (a *API) large(w http.ResponseWriter, r *http.Request, most int64, h func() (any, error)) {
	if r.Method != http.MethodPost {
		a.wrongMethod(w, r, []string{http.MethodPost})
		return
	}
	err := a.ours(r)
	var out any
	if err == nil {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		out, err = h()
	}
	// What was read and looked at may have taken longer than an answer is usually given.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(stallTime))
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	write(w, http.StatusOK, out)
}

// within reports whether an address is in one of the networks; no networks are all.
func within(address, nets string) bool {
	if nets == "" {
		return true
	}
	at, err := netip.ParseAddr(address)
	for n := range strings.SplitSeq(nets, ",") {
		if p, bad := netip.ParsePrefix(n); err == nil && bad == nil && p.Contains(at.Unmap()) {
			return true
		}
	}
	return false
}

func (a *API) takeFeed(r *http.Request, by store.Act) (any, error) {
	raw, err := readAll(r.Body)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	f, err := feed.Of(kind, raw)
	if err != nil {
		return nil, err
	}
	return a.keepFeed(r.Context(), by, f)
}

// keepFeed keeps a data set in place of the one with the same key.
func (a *API) keepFeed(ctx context.Context, by store.Act, f protocol.Feed) (protocol.FeedTaken, error) {
	if f.Key == "" {
		f.Key = feed.Key(time.Now())
	}
	by.Target = f.Key
	return protocol.FeedTaken{Key: f.Key, Orgs: len(f.Orgs), Users: len(f.Users)}, feed.Keep(ctx, a.Feeds.Store, by, f)
}

func (a *API) feedSets(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Desk.FeedSets(r.Context())
}

// refuseFeed turns what the store says about feeds into an answer.
func refuseFeed(err error) error {
	switch {
	case errors.Is(err, store.ErrNoSet), errors.Is(err, store.ErrUndone):
		return protocol.Refuse(protocol.NotFound)
	case errors.Is(err, store.ErrGuard):
		return protocol.RefuseField(protocol.TooLarge, "leave")
	}
	return err
}

func (a *API) feedPlan(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.FeedPick
	if err := body(r, &in); err != nil {
		return nil, err
	}
	plan, err := a.Desk.PlanFeed(r.Context(), in.Orgs, in.Users)
	return plan, refuseFeed(err)
}

func (a *API) feedApply(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.FeedPick
	if err := body(r, &in); err != nil {
		return nil, err
	}
	by := store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "feed.apply", Target: in.Orgs + " " + in.Users}
	plan, left, err := a.Desk.ApplyFeed(r.Context(), by, in.Orgs, in.Users, in.Force)
	if err != nil {
		return nil, refuseFeed(err)
	}
	a.Auth.Left(left)
	return plan, nil
}

func (a *API) feedUndo(_ http.ResponseWriter, r *http.Request) (any, error) {
	left, err := a.Desk.UndoFeed(r.Context(), store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "feed.undo"})
	if err != nil {
		return nil, refuseFeed(err)
	}
	a.Auth.Left(left)
	return struct{}{}, nil
}
