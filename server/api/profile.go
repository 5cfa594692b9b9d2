package api

import (
	"io"
	"net/http"
	"strings"

	"sendjay/shared/protocol"
)

func (a *API) profile(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Chat.Profile(r.Context(), whoOf(r).User.ID)
}

// setProfile changes what the body names; what it does not name stays.
func (a *API) setProfile(_ http.ResponseWriter, r *http.Request) (any, error) {
	who := whoOf(r).User.ID
	p, err := a.Chat.Profile(r.Context(), who)
	if err != nil {
		return nil, err
	}
	if err := body(r, &p); err != nil {
		return nil, err
	}
	return a.Chat.SetProfile(r.Context(), who, p)
}

// setPicture takes a picture in. What is kept is made anew of it.
func (a *API) setPicture(_ http.ResponseWriter, r *http.Request) (any, error) {
	raw, err := readAll(io.LimitReader(r.Body, int64(protocol.Limits.PictureBytes)+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > protocol.Limits.PictureBytes {
		return nil, protocol.Refuse(protocol.TooLarge)
	}
	face, err := a.Files.Face(r.Context(), raw)
	if err != nil {
		return nil, err
	}
	return a.Chat.SetPicture(r.Context(), whoOf(r).User.ID, face, http.DetectContentType(face))
}

func (a *API) dropPicture(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Chat.SetPicture(r.Context(), whoOf(r).User.ID, nil, "")
}

// wide lets a body be as long as a picture.
func (a *API) wide(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var out any
		err := a.ours(r)
		if err == nil {
			r.Body = http.MaxBytesReader(w, r.Body, int64(protocol.Limits.PictureBytes)+1)
			out, err = a.signed(h)(w, r)
		}
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		write(w, http.StatusOK, out)
	})
}

// myPicture changes my picture or takes it away.
func (a *API) myPicture(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPut:
		a.wide(a.setPicture).ServeHTTP(w, r)
	case http.MethodDelete:
		a.wide(a.dropPicture).ServeHTTP(w, r)
	default:
		a.wrongMethod(w, r, []string{http.MethodPut, http.MethodDelete})
	}
}

// picture sends a person's picture. Its address changes with it, so that browsers keep it for good.
func (a *API) picture(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		a.wrongMethod(w, r, []string{http.MethodGet, http.MethodHead})
		return
	}
	who, _, err := a.Who(r)
	if err == nil {
		err = Settled(who)
	}
	var bytes []byte
	var kind string
	if err == nil {
		bytes, kind, err = a.Chat.Picture(r.Context(), protocol.UserID(r.PathValue("id")))
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	// The original kept what was uploaded; what is no picture is not served as one.
	if seen := http.DetectContentType(bytes); !strings.HasPrefix(seen, "image/") || !strings.HasPrefix(kind, "image/") {
		a.unknown(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", http.DetectContentType(bytes))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
	if r.URL.Query().Get("v") != "" {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	_, _ = w.Write(bytes) // the reader may be gone
}
