package edge

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"sendjay/desktop/download"
	"sendjay/desktop/policy"
	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

// asRefusal returns the refusal inside err; whatever else went wrong is Unavailable.
func asRefusal(err error) *protocol.Refusal {
	if no, ok := errors.AsType[*protocol.Refusal](err); ok {
		return no
	}
	return protocol.Refuse(protocol.Unavailable)
}

func (e *Edge) routes() {
	m := http.NewServeMux()
	m.HandleFunc("/ws", e.socket)
	m.HandleFunc("POST /api/v1/auth/login", e.login)
	m.HandleFunc("POST /api/v1/auth/kerberos", e.byTicket)
	m.HandleFunc("GET /api/v1/auth/ways", e.ways)
	m.HandleFunc("POST /api/v1/auth/logout", e.logout)
	m.HandleFunc("POST /api/v1/auth/refresh", e.refresh)
	m.HandleFunc("GET /api/v1/me", e.whoami)
	m.HandleFunc("/api/v1/line/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, protocol.Refuse(protocol.NotFound)) // it would end our own session: windows share that one
	})
	m.HandleFunc("/api/", e.forward)
	m.HandleFunc("GET /edge/v1/keep/{bucket}", e.kept)
	m.HandleFunc("PUT /edge/v1/keep/{bucket}/{key...}", e.keep)
	m.HandleFunc("DELETE /edge/v1/keep/{bucket}/{key...}", e.drop)
	m.HandleFunc("GET /edge/v1/server", e.server)
	m.HandleFunc("PUT /edge/v1/server", e.setServer)
	m.HandleFunc("GET /edge/v1/proxy", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, atProxy{Proxy: e.Link.AskingProxy()})
	})
	m.HandleFunc("PUT /edge/v1/proxy", e.signInAtProxy)
	m.HandleFunc("POST /edge/v1/browser", e.askBrowser)
	m.HandleFunc("GET /edge/v1/browser/{number}", e.browserAnswer)
	m.HandleFunc("POST /edge/v1/use", func(w http.ResponseWriter, _ *http.Request) { e.Link.Use(); w.WriteHeader(http.StatusNoContent) })
	m.HandleFunc("POST /edge/v1/retry", func(w http.ResponseWriter, _ *http.Request) { e.Link.Wake(); w.WriteHeader(http.StatusNoContent) })
	m.HandleFunc("POST /edge/v1/window", e.popOut)
	m.HandleFunc("GET /edge/v1/diagnose", func(w http.ResponseWriter, r *http.Request) {
		if e.Diagnose == nil {
			fail(w, r, protocol.Refuse(protocol.NotFound))
			return
		}
		answer(w, http.StatusOK, diagnosis{e.Diagnose()})
	})
	m.HandleFunc("POST /edge/v1/line", func(w http.ResponseWriter, r *http.Request) { answer(w, http.StatusOK, e.Link.Check(r.Context())) })
	m.HandleFunc("POST /edge/v1/notify", func(w http.ResponseWriter, r *http.Request) {
		if e.Try == nil {
			fail(w, r, protocol.Refuse(protocol.NotFound))
			return
		}
		answer(w, http.StatusOK, e.Try())
	})
	m.HandleFunc("POST /edge/v1/downloads", e.download)
	m.HandleFunc("DELETE /edge/v1/downloads/{id}", e.downloaded((*download.Downloads).Drop))
	m.HandleFunc("POST /edge/v1/downloads/{id}/again", e.downloaded((*download.Downloads).Again))
	m.HandleFunc("POST /edge/v1/downloads/{id}/open", e.downloaded((*download.Downloads).Open))
	m.HandleFunc("POST /edge/v1/downloads/{id}/show", e.downloaded((*download.Downloads).Reveal))
	m.HandleFunc("/edge/", func(w http.ResponseWriter, r *http.Request) { fail(w, r, protocol.Refuse(protocol.NotFound)) })
	m.Handle("/", e.ui)
	e.mux = m
}

const (
	keptBytes = 64 << 10
	keyBytes  = 200
)

// copyKey is the name beside the settings under which a page gets the key of what its web engine keeps on the disk. No
// setting can have it, for it has a slash.
const copyKey = "/copy"

// bucketOf returns the bucket of a path; the outbox is read and deleted from, but written by us alone.
func bucketOf(r *http.Request) (state.Bucket, error) {
	switch b := state.Bucket(r.PathValue("bucket")); b {
	case state.Drafts, state.Settings, state.Outbox:
		return b, nil
	}
	return "", protocol.Refuse(protocol.NotFound)
}

func (e *Edge) kept(w http.ResponseWriter, r *http.Request) {
	b, err := bucketOf(r)
	if err != nil {
		fail(w, r, err)
		return
	}
	all, err := e.State.All(b)
	if err != nil {
		e.Log.Warn("what is kept cannot be read", "bucket", b, "error", err)
		fail(w, r, protocol.Refuse(protocol.Internal))
		return
	}
	if key := e.State.Key("window copy"); b == state.Settings && key != "" {
		all[copyKey], _ = json.Marshal(key) // a text always is JSON
	}
	answer(w, http.StatusOK, all)
}

func (e *Edge) keep(w http.ResponseWriter, r *http.Request) {
	b, err := bucketOf(r)
	key := r.PathValue("key")
	switch {
	case err != nil:
	case b == state.Outbox:
		err = protocol.Refuse(protocol.Forbidden)
	case key == "" || len(key) > keyBytes:
		err = protocol.RefuseField(protocol.BadRequest, "key")
	}
	if err != nil {
		fail(w, r, err)
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, keptBytes+1))
	switch {
	case len(raw) > keptBytes:
		fail(w, r, protocol.RefuseField(protocol.TooLarge, "value"))
		return
	case err != nil || !json.Valid(raw):
		fail(w, r, protocol.RefuseField(protocol.BadRequest, "value"))
		return
	}
	err = e.State.Put(b, key, raw)
	if err == nil && b == state.Settings && e.Chose != nil {
		e.Chose()
	}
	e.stored(w, r, err)
}

func (e *Edge) drop(w http.ResponseWriter, r *http.Request) {
	b, err := bucketOf(r)
	key := r.PathValue("key")
	if err == nil && (key == "" || len(key) > keyBytes) {
		err = protocol.RefuseField(protocol.BadRequest, "key")
	}
	if err != nil {
		fail(w, r, err)
		return
	}
	e.stored(w, r, e.State.Delete(b, key))
}

func (e *Edge) stored(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, state.ErrNobody):
		fail(w, r, protocol.Refuse(protocol.Unauthenticated))
	default:
		e.Log.Error("the profile cannot be written", "error", err)
		fail(w, r, protocol.Refuse(protocol.Internal))
	}
}

// diagnosis is what the device says of itself.
type diagnosis struct {
	Text string `json:"text"`
}

// popOut opens a window of its own for a room.
func (e *Edge) popOut(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Room protocol.RoomID `json:"room"`
	}
	switch {
	case e.PopOut == nil:
		fail(w, r, protocol.Refuse(protocol.NotFound))
	case e.Me() == nil:
		fail(w, r, protocol.Refuse(protocol.Unauthenticated))
	case json.NewDecoder(io.LimitReader(r.Body, keptBytes)).Decode(&in) != nil || !in.Room.Valid():
		fail(w, r, protocol.RefuseField(protocol.BadRequest, "room"))
	default:
		e.PopOut(in.Room)
		w.WriteHeader(http.StatusNoContent)
	}
}

// serverAddress is the address of the server as windows read and choose it.
type serverAddress struct {
	URL   string `json:"url"`
	Fixed bool   `json:"fixed"`
}

func (e *Edge) server(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, serverAddress{e.Link.Server(), e.ServerFixed})
}

// KeyServer is where the address that a person chose is kept in the state.
const KeyServer = "server"

func (e *Edge) setServer(w http.ResponseWriter, r *http.Request) {
	if e.ServerFixed {
		forbid(w, r)
		return
	}
	var in serverAddress
	if json.NewDecoder(io.LimitReader(r.Body, keptBytes)).Decode(&in) != nil {
		fail(w, r, protocol.Refuse(protocol.BadRequest))
		return
	}
	at, err := policy.Address(in.URL)
	if err != nil {
		fail(w, r, protocol.RefuseField(protocol.BadRequest, "url"))
		return
	}
	if err := e.Link.Try(r.Context(), at); err != nil {
		e.Log.Info("no server answers at the address that was given", "error", err)
		no := e.Link.Unreached(err)
		no.Field = cmp.Or(no.Field, "url")
		fail(w, r, no)
		return
	}
	if at != e.Link.Server() {
		if err := e.State.Remember(KeyServer, at); err != nil {
			e.stored(w, r, err)
			return
		}
		e.Link.SetServer(at)
		e.recall()
		e.later(func() { e.ui.refresh(e.ctx, "") })
	}
	answer(w, http.StatusOK, serverAddress{at, false})
}
