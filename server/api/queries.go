package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"unicode/utf8"

	"sendjay/server/command"
	"sendjay/shared/protocol"
)

func unmarshal(raw []byte, v any) error {
	if err := json.Unmarshal(raw, v); err != nil {
		return protocol.Refuse(protocol.BadRequest)
	}
	return nil
}

func roomOf(r *http.Request) (protocol.RoomID, error) {
	id := protocol.RoomID(r.PathValue("id"))
	if !id.Valid() {
		return "", protocol.Refuse(protocol.NotFound)
	}
	return id, nil
}

// number reads a query parameter that counts; has is unset when it is not given.
func number(r *http.Request, name string) (n int64, has bool, err error) {
	values, has := r.URL.Query()[name]
	if !has {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(values[0], 10, 64)
	if err != nil || n < 0 {
		return 0, true, protocol.RefuseField(protocol.BadRequest, name)
	}
	return n, true, nil
}

// limit reads how many are wanted, clamped to most; 0 is nonsense, as is a negative number.
func limit(r *http.Request, preset, most int) (int, error) {
	n, has, err := number(r, "limit")
	if err != nil || !has {
		return preset, err
	}
	if n == 0 {
		return 0, protocol.RefuseField(protocol.BadRequest, "limit")
	}
	return int(min(n, int64(most))), nil
}

func (a *API) settings(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Chat.Settings(r.Context(), whoOf(r).User.ID)
}

// setSettings changes what the body names; what it does not name stays.
func (a *API) setSettings(_ http.ResponseWriter, r *http.Request) (any, error) {
	who := whoOf(r).User.ID
	s, err := a.Chat.Settings(r.Context(), who)
	if err != nil {
		return nil, err
	}
	if err := body(r, &s); err != nil {
		return nil, err
	}
	return a.Chat.SetSettings(r.Context(), who, s)
}

func (a *API) rooms(_ http.ResponseWriter, r *http.Request) (any, error) {
	n, err := limit(r, protocol.Limits.PageDefault, protocol.Limits.RoomsPage)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(r)
	if err != nil {
		return nil, err
	}
	page, err := a.Chat.Rooms(r.Context(), whoOf(r).User.ID, r.URL.Query().Get("q"), cursor, n)
	if protocol.CodeOf(err) == protocol.NotFound {
		err = protocol.RefuseField(protocol.BadRequest, "cursor")
	}
	page.Next = cursorText(page.Next)
	return page, err
}

// A cursor is opaque on the wire.
func cursorOf(r *http.Request) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("cursor"))
	if err != nil || !utf8.Valid(raw) || len(raw) > 300 {
		return "", protocol.RefuseField(protocol.BadRequest, "cursor")
	}
	return string(raw), nil
}

func cursorText(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func (a *API) room(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roomOf(r)
	if err != nil {
		return nil, err
	}
	return a.Chat.Room(r.Context(), whoOf(r).User.ID, id)
}

func (a *API) members(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roomOf(r)
	if err != nil {
		return nil, err
	}
	return a.Chat.Members(r.Context(), whoOf(r).User.ID, id)
}

func (a *API) messages(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roomOf(r)
	if err != nil {
		return nil, err
	}
	before, hasBefore, err := number(r, "before")
	if err != nil {
		return nil, err
	}
	after, hasAfter, err := number(r, "after")
	if err != nil {
		return nil, err
	}
	n, err := limit(r, protocol.Limits.PageDefault, protocol.Limits.PageMax)
	if err != nil {
		return nil, err
	}
	var low, high *protocol.Seq
	if hasBefore {
		s := protocol.Seq(before)
		high = &s
	}
	if hasAfter {
		s := protocol.Seq(after)
		low = &s
	}
	return a.Chat.Messages(r.Context(), whoOf(r).User.ID, id, high, low, n)
}

func (a *API) changes(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := roomOf(r)
	if err != nil {
		return nil, err
	}
	since, has, err := number(r, "since")
	if err != nil || !has {
		return nil, protocol.RefuseField(protocol.BadRequest, "since")
	}
	n, err := limit(r, protocol.Limits.ChangesMax, protocol.Limits.ChangesMax)
	if err != nil {
		return nil, err
	}
	hides, has, err := number(r, "hides")
	if err != nil {
		return nil, err
	}
	if !has {
		hides = -1
	}
	return a.Chat.Changes(r.Context(), whoOf(r).User.ID, id, protocol.Rev(since), hides, n)
}

func messageOf(r *http.Request) (protocol.RoomID, protocol.MessageID, error) {
	room, err := roomOf(r)
	id := protocol.MessageID(r.PathValue("message"))
	if err == nil && !id.Valid() {
		err = protocol.Refuse(protocol.NotFound)
	}
	return room, id, err
}

func (a *API) message(_ http.ResponseWriter, r *http.Request) (any, error) {
	room, id, err := messageOf(r)
	if err != nil {
		return nil, err
	}
	return a.Chat.Message(r.Context(), whoOf(r).User.ID, room, id)
}

func (a *API) readers(_ http.ResponseWriter, r *http.Request) (any, error) {
	room, id, err := messageOf(r)
	if err != nil {
		return nil, err
	}
	return a.Chat.Readers(r.Context(), whoOf(r).User.ID, room, id)
}

func (a *API) unread(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Chat.Unread(r.Context(), whoOf(r).User.ID)
}

// command carries out an op for a script, as the socket would.
func (a *API) command(_ http.ResponseWriter, r *http.Request) (any, error) {
	raw, err := readAll(r.Body)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(raw)) > 0 && !json.Valid(raw) {
		return nil, protocol.Refuse(protocol.BadRequest)
	}
	who := whoOf(r)
	return a.Commands.Do(r.Context(), command.Caller{ID: who.User.ID, Name: who.User.Name, Budget: &a.budgets.of(who.SignIn).commands}, protocol.Op(r.PathValue("op")), bytes.TrimSpace(raw))
}
