package api

import (
	"errors"
	"io/fs"
	"net/http"
	"slices"

	"sendjay/server/offer"
	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// update says what is offered to whoever asks. A release that is damaged here is offered to nobody, and is the
// operator's business.
func (a *API) update(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	who := offer.Who{User: whoOf(r).User.ID, Org: whoOf(r).User.Org, Channel: q.Get("channel"), Platform: q.Get("platform"), Version: q.Get("version")}
	if !slices.Contains(offer.Channels, who.Channel) {
		return nil, protocol.RefuseField(protocol.BadRequest, "channel")
	}
	if !release.Platform(who.Platform) {
		return nil, protocol.RefuseField(protocol.BadRequest, "platform")
	}
	found, err := a.Offers.For(who)
	if err != nil {
		return nil, err
	}
	if found == nil {
		found = new(protocol.Update)
	}
	return found, nil
}

// program sends a program of a published version.
func (a *API) program(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		a.wrongMethod(w, r, []string{http.MethodGet, http.MethodHead})
		return
	}
	who, _, err := a.Who(r)
	if err == nil {
		err = Settled(who)
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	f, about, err := a.Offers.Open(r.PathValue("version"), r.PathValue("os")+"/"+r.PathValue("arch"), r.PathValue("name"))
	if errors.Is(err, offer.ErrNoVersion) || errors.Is(err, fs.ErrNotExist) {
		err = protocol.Refuse(protocol.NotFound)
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	defer func() { _ = f.Close() }()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", "attachment")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+about.SHA256[:32]+`"`)
	a.content(w, r, f)
}
