package edge

import (
	"encoding/json"
	"io"
	"net/http"

	"sendjay/shared/protocol"
)

// proxyBytes bounds a name or a password for a proxy.
const proxyBytes = 256

// atProxy is what a proxy on the way wants to hear, as host:port of it; the answers never hold the rest.
type atProxy struct {
	Proxy    string `json:"proxy"`
	Name     string `json:"name,omitempty"`
	Password string `json:"password,omitempty"`
}

// signInAtProxy keeps a name and a password for the proxy that has just asked for them, and for no other.
func (e *Edge) signInAtProxy(w http.ResponseWriter, r *http.Request) {
	var in atProxy
	err := json.NewDecoder(io.LimitReader(r.Body, keptBytes)).Decode(&in)
	switch {
	case err != nil:
		fail(w, r, protocol.Refuse(protocol.BadRequest))
	case in.Proxy == "" || in.Proxy != e.Link.AskingProxy():
		fail(w, r, protocol.RefuseField(protocol.BadRequest, "proxy"))
	case in.Name == "" || len(in.Name) > proxyBytes:
		fail(w, r, protocol.RefuseField(protocol.BadRequest, "name"))
	case in.Password == "" || len(in.Password) > proxyBytes:
		fail(w, r, protocol.RefuseField(protocol.BadRequest, "password"))
	default:
		if err := e.Link.SignInAtProxy(in.Name, in.Password); err != nil {
			e.Log.Warn("what the proxy wants to hear cannot be kept", "error", err)
			fail(w, r, protocol.Refuse(protocol.Internal))
			return
		}
		answer(w, http.StatusOK, atProxy{Proxy: in.Proxy})
	}
}
