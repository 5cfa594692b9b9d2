package edge

import (
	"encoding/json"
	"io"
	"net/http"

	"sendjay/desktop/download"
	"sendjay/shared/protocol"
)

// download begins to bring a file to the downloads folder.
func (e *Edge) download(w http.ResponseWriter, r *http.Request) {
	if e.Downloads == nil {
		fail(w, r, protocol.Refuse(protocol.NotFound))
		return
	}
	if e.Me() == nil {
		fail(w, r, protocol.Refuse(protocol.Unauthenticated))
		return
	}
	var in struct {
		Path string `json:"path"`
		Name string `json:"name"`
	}
	if json.NewDecoder(io.LimitReader(r.Body, keptBytes)).Decode(&in) != nil {
		fail(w, r, protocol.Refuse(protocol.BadRequest))
		return
	}
	begun, err := e.Downloads.Begin(in.Path, in.Name)
	if err != nil {
		fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, begun)
}

// downloaded does something to one download.
func (e *Edge) downloaded(do func(*download.Downloads, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if e.Downloads == nil {
			fail(w, r, protocol.Refuse(protocol.NotFound))
			return
		}
		if err := do(e.Downloads, r.PathValue("id")); err != nil {
			fail(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// Downloaded tells the windows how far a file is.
func (e *Edge) Downloaded(d protocol.Download) {
	e.broadcast(protocol.Push{Ev: protocol.EvDownload, Data: d}.Encode(), nil)
}
