package api

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"sendjay/server/offer"
	"sendjay/server/store"
	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// updates shows administration which versions are here and what is offered.
func (a *API) updates(http.ResponseWriter, *http.Request) (any, error) {
	list, err := a.Offers.List()
	if err != nil {
		return nil, err
	}
	here, err := a.Offers.Versions()
	if err != nil {
		return nil, err
	}
	page := protocol.UpdatesPage{
		Versions: []protocol.UpdateVersion{}, Offers: append([]protocol.UpdateOffer{}, list...),
		Channels: offer.Channels, Signs: a.Offers.Signs(),
	}
	for _, v := range here {
		slices.Sort(v.Platforms)
		page.Versions = append(page.Versions, protocol.UpdateVersion{
			Version: v.Name, Platforms: append([]string{}, v.Platforms...), Bytes: v.Size, Bad: v.Fault != nil,
		})
		if v.Fault != nil {
			a.Log.Warn("a version of the desktop is offered to nobody", "version", v.Name, "error", v.Fault)
		}
	}
	return page, nil
}

// takeUpdate takes a version in. It takes as long as it takes, while something of it comes.
func (a *API) takeUpdate(w http.ResponseWriter, r *http.Request) (any, error) {
	m, err := a.Offers.Take(&patientReader{r.Body, http.NewResponseController(w)})
	if err != nil {
		return nil, aboutUpdate(err)
	}
	if err := a.noteUpdate(r, "update.take", m.Version, nil); err != nil {
		return nil, err
	}
	return a.updates(w, r)
}

func (a *API) offerUpdate(w http.ResponseWriter, r *http.Request) (any, error) {
	var one protocol.UpdateOffer
	if err := body(r, &one); err != nil {
		return nil, err
	}
	one.Version = r.PathValue("version")
	if len(one.Orgs) > protocol.Limits.PeoplePage || len(one.Users) > protocol.Limits.PeoplePage {
		return nil, protocol.Refuse(protocol.TooLarge)
	}
	if err := a.Offers.Set(one); err != nil {
		return nil, aboutUpdate(err)
	}
	if err := a.noteUpdate(r, "update.offer", one.Version, one); err != nil {
		return nil, err
	}
	return a.updates(w, r)
}

func (a *API) withdrawUpdate(w http.ResponseWriter, r *http.Request) (any, error) {
	version := r.PathValue("version")
	was, err := a.Offers.Withdraw(version)
	if err != nil {
		return nil, err
	}
	if !was {
		return nil, protocol.Refuse(protocol.NotFound)
	}
	if err := a.noteUpdate(r, "update.withdraw", version, nil); err != nil {
		return nil, err
	}
	return a.updates(w, r)
}

func (a *API) noteUpdate(r *http.Request, act, version string, about any) error {
	return a.Desk.Note(r.Context(), store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: act, Target: version, About: about})
}

// aboutUpdate turns what is wrong with a release into what its bringer can act on.
func aboutUpdate(err error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return protocol.Refuse(protocol.TooLarge)
	}
	for _, c := range []struct {
		is    error
		code  protocol.Code
		field string
	}{
		{release.ErrNoKey, protocol.Conflict, "key"},
		{offer.ErrKnown, protocol.Conflict, "version"},
		{offer.ErrBusy, protocol.Conflict, "busy"},
		{offer.ErrNoVersion, protocol.NotFound, ""},
		{offer.ErrOffer, protocol.BadRequest, "percent"},
		{release.ErrSignature, protocol.BadRequest, "signature"},
		{release.ErrManifest, protocol.BadRequest, "signature"},
		{release.ErrFile, protocol.BadRequest, "files"},
		{offer.ErrArchive, protocol.BadRequest, "archive"},
		{fs.ErrNotExist, protocol.BadRequest, "files"},
	} {
		if errors.Is(err, c.is) {
			return protocol.RefuseField(c.code, c.field)
		}
	}
	return err
}

// patientReader lets a body take as long as it takes, while something of it comes in.
type patientReader struct {
	io.Reader
	c *http.ResponseController
}

func (p *patientReader) Read(b []byte) (int, error) {
	_ = p.c.SetReadDeadline(time.Now().Add(stallTime)) // a recorder in a test has none
	return p.Reader.Read(b)
}

// bringUpdate is the path of takeUpdate: its body is larger than those of the others.
func (a *API) bringUpdate(w http.ResponseWriter, r *http.Request) {
	a.large(w, r, offer.MaxArchive, func() (any, error) {
		return a.signed(only(protocol.Administrator, a.takeUpdate))(w, r)
	})
}
