package api

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// search answers GET /search.
func (a *API) search(_ http.ResponseWriter, r *http.Request) (any, error) {
	n, err := limit(r, protocol.Limits.PageDefault, protocol.Limits.PageMax)
	if err != nil {
		return nil, err
	}
	v := r.URL.Query()
	q := store.SearchQuery{Text: v.Get("q"), Room: protocol.RoomID(v.Get("room")), From: protocol.UserID(v.Get("from")), Limit: n}
	if q.Room != "" && !q.Room.Valid() {
		return nil, protocol.Refuse(protocol.NotFound)
	}
	if q.From != "" && !q.From.Valid() {
		return nil, protocol.RefuseField(protocol.BadRequest, "from")
	}
	for name, to := range map[string]*protocol.Instant{"since": &q.Since, "until": &q.Until} {
		if *to, err = instant(v.Get(name), name); err != nil {
			return nil, err
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(v.Get("before"))
	if err != nil || !utf8.Valid(raw) || len(raw) > 500 {
		return nil, protocol.RefuseField(protocol.BadRequest, "before")
	}
	q.Cursor = string(raw)
	page, err := a.Chat.Search(r.Context(), whoOf(r).User.ID, q)
	page.Next = cursorText(page.Next)
	return page, err
}

// instant reads a moment, the empty text as the zero one.
func instant(text, name string) (protocol.Instant, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.Year() < 1970 || t.Year() > 9000 {
		return 0, protocol.RefuseField(protocol.BadRequest, name)
	}
	return protocol.At(t), nil
}

// place answers GET /rooms/{id}/place.
func (a *API) place(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roomOf(r)
	if err != nil {
		return nil, err
	}
	var at []protocol.Instant
	for text := range strings.SplitSeq(r.URL.Query().Get("at"), ",") {
		one, err := instant(text, "at")
		if text == "" || err != nil || len(at) > protocol.Limits.Places {
			return nil, protocol.RefuseField(protocol.BadRequest, "at")
		}
		at = append(at, one)
	}
	return a.Chat.Places(r.Context(), whoOf(r).User.ID, id, at)
}
