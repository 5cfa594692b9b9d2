package api

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"sendjay/shared/protocol"
)

// offset reads a cursor that counts: the order it counts in may change between two pages, which for a list that
// is looked at is good enough.
func offset(r *http.Request) (int, error) {
	s := r.URL.Query().Get("cursor")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, protocol.RefuseField(protocol.BadRequest, "cursor")
	}
	return n, nil
}

// pageOf reads cursor and limit.
func pageOf(r *http.Request) (from, n int, err error) {
	if n, err = limit(r, protocol.Limits.PageDefault, protocol.Limits.PeoplePage); err != nil {
		return 0, 0, err
	}
	from, err = offset(r)
	return from, n, err
}

// plain checks a word of a query.
func plain(s, field string) error {
	if utf8.RuneCountInString(s) > protocol.Limits.SearchRunes || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return protocol.RefuseField(protocol.BadRequest, field)
	}
	return nil
}

func usersPage(users []protocol.User, more bool, from int) protocol.UsersPage {
	page := protocol.UsersPage{Users: users}
	if more {
		page.Next = strconv.Itoa(from + len(users))
	}
	return page
}

// users finds people to talk to, or names those with these ids.
func (a *API) users(_ http.ResponseWriter, r *http.Request) (any, error) {
	from, n, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	if ids := r.URL.Query().Get("ids"); ids != "" {
		var all []protocol.UserID
		for id := range strings.SplitSeq(ids, ",") {
			all = append(all, protocol.UserID(id))
		}
		if len(all) > protocol.Limits.PeoplePage {
			return nil, protocol.RefuseField(protocol.TooLarge, "ids")
		}
		users, err := a.People.These(r.Context(), all)
		return protocol.UsersPage{Users: users}, err
	}
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if err := plain(q, "q"); err != nil {
		return nil, err
	}
	users, more, err := a.People.Find(r.Context(), q, from, n)
	if err != nil {
		return nil, err
	}
	return usersPage(users, more, from), nil
}

func (a *API) card(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.People.Card(r.Context(), whoOf(r).User.ID, protocol.UserID(r.PathValue("id")))
}

func (a *API) org(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	return a.People.Units(r.Context(), whoOf(r).User.ID, q.Get("under"), q.Get("all") == "1")
}

func (a *API) orgUsers(_ http.ResponseWriter, r *http.Request) (any, error) {
	from, n, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	users, more, err := a.People.InUnit(r.Context(), r.PathValue("code"), r.URL.Query().Get("deep") == "1", from, n)
	if err != nil {
		return nil, err
	}
	return usersPage(users, more, from), nil
}

func (a *API) circle(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.People.Circle(r.Context(), whoOf(r).User.ID)
}

// mark marks a person for who asks, or takes the mark away.
func (a *API) mark(on bool) handler {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return struct{}{}, a.People.Mark(r.Context(), whoOf(r).User.ID, protocol.UserID(r.PathValue("id")), on)
	}
}
