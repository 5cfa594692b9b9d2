package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sendjay/server/auth"
	"sendjay/server/feed"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// DeskStore is what administration reads of the database.
type DeskStore interface {
	Desk(ctx context.Context, q store.AccountQuery) ([]protocol.Account, int, error)
	Audit(ctx context.Context, q store.AuditQuery) ([]protocol.AuditLine, error)
	Note(ctx context.Context, a store.Act) error
	Comings(ctx context.Context, q store.ComingsQuery) ([]protocol.Coming, error)
	ChangeOrgs(ctx context.Context, by store.Act, f func([]store.OrgRow) ([]store.OrgRow, error)) error
	FeedStore
}

// desk holds what those who look after others may ask. Who they have to be stands in protocol.DeskRoutes.
func (a *API) desk() map[string]handler {
	const at = "/api/v1/admin/"
	return map[string]handler{
		"GET " + at + "accounts":                          a.accounts,
		"POST " + at + "accounts":                         a.openAccount,
		"POST " + at + "passwords":                        a.firstPasswords,
		"GET " + at + "accounts/{id}":                     a.account,
		"PUT " + at + "accounts/{id}":                     a.editAccount,
		"POST " + at + "accounts/{id}/password":           a.resetPassword,
		"DELETE " + at + "accounts/{id}/factor":           a.dropFactor,
		"POST " + at + "accounts/{id}/unlock":             a.unlock,
		"GET " + at + "accounts/{id}/devices":             a.devicesOf,
		"DELETE " + at + "accounts/{id}/devices":          a.endDevices,
		"DELETE " + at + "accounts/{id}/devices/{device}": a.endDevices,
		"GET " + at + "org":                               a.units,
		"POST " + at + "org":                              a.newUnit,
		"PUT " + at + "org/{code}":                        a.editUnit,
		"DELETE " + at + "org/{code}":                     a.dropUnit,
		"GET " + at + "audit":                             a.audit,
		"GET " + at + "audit.csv":                         a.auditCSV,
		"GET " + at + "comings":                           a.comings,
		"GET " + at + "comings.csv":                       a.comingsCSV,
		"GET " + at + "limits":                            a.limits,
		"PUT " + at + "limits":                            a.setLimits,
		"GET " + at + "policy":                            a.policy,
		"PUT " + at + "policy":                            a.setPolicy,
		"GET " + at + "holidays":                          a.allHolidays,
		"PUT " + at + "holidays":                          a.setHolidays,
		"POST " + at + "notice":                           a.announce,
		"GET " + at + "updates":                           a.updates,
		"PUT " + at + "updates/{version}":                 a.offerUpdate,
		"DELETE " + at + "updates/{version}":              a.withdrawUpdate,
		"GET " + at + "health":                            a.health,
		"GET " + at + "feed":                              a.feedSets,
		"GET " + at + "feed/sets":                         a.deliveries,
		"DELETE " + at + "feed/sets/{key}":                a.dropFeed,
		"GET " + at + "feed/keys":                         a.feedKeys,
		"POST " + at + "feed/keys":                        a.newFeedKey,
		"DELETE " + at + "feed/keys/{id}":                 a.dropFeedKey,
		"POST " + at + "feed/directory":                   a.feedDirectory,
		"GET " + at + "feed/schedule":                     a.feedSchedule,
		"PUT " + at + "feed/schedule":                     a.setFeedSchedule,
		"POST " + at + "feed/plan":                        a.feedPlan,
		"POST " + at + "feed/apply":                       a.feedApply,
		"POST " + at + "feed/undo":                        a.feedUndo,
	}
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

func (a *API) by(r *http.Request) auth.By { return auth.By{User: whoOf(r).User, Address: a.Address(r)} }

func userOf(r *http.Request) protocol.UserID { return protocol.UserID(r.PathValue("id")) }

func (a *API) accounts(_ http.ResponseWriter, r *http.Request) (any, error) {
	from, n, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	if err := plain(q.Get("q"), "q"); err != nil {
		return nil, err
	}
	policy, err := a.Auth.Policy(r.Context())
	if err != nil {
		return nil, err
	}
	accounts, total, err := a.Desk.Desk(r.Context(), store.AccountQuery{
		Q: strings.TrimSpace(q.Get("q")), State: q.Get("state"), Sort: q.Get("sort"), Offset: from, Limit: n, LockAfter: policy.LockAfter,
	})
	if errors.Is(err, store.ErrQuery) {
		return nil, protocol.RefuseField(protocol.BadRequest, "sort")
	}
	if err != nil {
		return nil, err
	}
	page := protocol.AccountsPage{Accounts: accounts, Total: total}
	if from+len(accounts) < total {
		page.Next = strconv.Itoa(from + len(accounts))
	}
	return page, nil
}

func (a *API) account(_ http.ResponseWriter, r *http.Request) (any, error) {
	policy, err := a.Auth.Policy(r.Context())
	if err != nil {
		return nil, err
	}
	found, _, err := a.Desk.Desk(r.Context(), store.AccountQuery{ID: userOf(r), Limit: 1, LockAfter: policy.LockAfter})
	if err == nil && len(found) == 0 {
		err = protocol.Refuse(protocol.NotFound)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (a *API) openAccount(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.NewAccount
	if err := body(r, &in); err != nil {
		return nil, err
	}
	return a.Auth.OpenAccount(r.Context(), a.by(r), in)
}

func (a *API) editAccount(w http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.EditAccount
	if err := body(r, &in); err != nil {
		return nil, err
	}
	if err := a.Auth.EditAccount(r.Context(), a.by(r), userOf(r), in); err != nil {
		return nil, err
	}
	if err := a.Chat.Changed(r.Context(), userOf(r)); err != nil {
		return nil, err
	}
	return a.account(w, r)
}

func (a *API) resetPassword(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Auth.ResetPassword(r.Context(), a.by(r), userOf(r))
}

func (a *API) firstPasswords(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Auth.FirstPasswords(r.Context(), a.by(r))
}

func (a *API) unlock(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, a.Auth.Unlock(r.Context(), a.by(r), userOf(r))
}

func (a *API) devicesOf(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Auth.Devices(r.Context(), userOf(r), whoOf(r).SignIn)
}

func (a *API) endDevices(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, a.Auth.EndDevices(r.Context(), a.by(r), userOf(r), r.PathValue("device"))
}

func (a *API) myDevices(_ http.ResponseWriter, r *http.Request) (any, error) {
	who := whoOf(r)
	return a.Auth.Devices(r.Context(), who.User.ID, who.SignIn)
}

func (a *API) endMine(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, a.Auth.EndMine(r.Context(), whoOf(r), r.PathValue("id"), a.Address(r))
}

func (a *API) policy(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Auth.Policy(r.Context())
}

// setPolicy changes what the body names; what it does not name stays.
func (a *API) setPolicy(_ http.ResponseWriter, r *http.Request) (any, error) {
	p, err := a.Auth.Policy(r.Context())
	if err != nil {
		return nil, err
	}
	if err := body(r, &p); err != nil {
		return nil, err
	}
	return a.Auth.SetPolicy(r.Context(), a.by(r), p)
}

func (a *API) announce(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.Announcement
	if err := body(r, &in); err != nil {
		return nil, err
	}
	now := protocol.At(time.Now())
	switch {
	case in.Text.Runes() > protocol.Limits.AnnounceRunes:
		return nil, protocol.RefuseField(protocol.TooLarge, "text")
	case in.English.Runes() > protocol.Limits.AnnounceRunes:
		return nil, protocol.RefuseField(protocol.TooLarge, "english")
	case in.Until != 0 && in.Until <= now:
		return nil, protocol.RefuseField(protocol.BadRequest, "until")
	case strings.TrimSpace(string(in.Text)) == "":
		in.Text, in.English, in.Until = "", "", 0 // the last one is taken back
	}
	everybody, err := a.People.Everybody(r.Context())
	if err != nil {
		return nil, err
	}
	who := whoOf(r).User
	in.By, in.At = who.Name, now
	act := store.Act{Who: string(who.ID), Address: a.Address(r), Act: "announce", About: in.Text}
	if in.English != "" || in.Until != 0 {
		act.About = map[string]any{"text": in.Text, "english": in.English, "until": in.Until}
	}
	return struct{}{}, a.Chat.Announce(r.Context(), act, in, everybody)
}

func (a *API) announcement(_ http.ResponseWriter, r *http.Request) (any, error) {
	last, err := a.Chat.Announcement(r.Context())
	if err != nil || !whoOf(r).User.Role.Reaches(protocol.Administrator) {
		return last, err
	}
	// Administrators hear of people who were not brought up to date, until they are.
	s, err := a.Feeds.Schedule(r.Context())
	if err != nil {
		return nil, err
	}
	if w := feed.Warning(s.Last); w != nil && w.At > last.At {
		return *w, nil
	}
	return last, nil
}

func (a *API) health(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Health(r.Context())
}

func (a *API) limits(http.ResponseWriter, *http.Request) (any, error) { return a.Limits.Page(), nil }

func (a *API) setLimits(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.SetLimits
	if err := body(r, &in); err != nil {
		return nil, err
	}
	return a.Limits.Set(r.Context(), store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "limits"}, in)
}
