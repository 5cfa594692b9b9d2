package api

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sendjay/server/files"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// stallTime is how long a download may bring nothing.
const stallTime = time.Minute

// inline are the kinds that a browser may show in our origin: they hold no script.
var inline = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/bmp": true, "image/x-icon": true,
	"video/mp4": true, "video/webm": true, "video/quicktime": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/ogg": true, "audio/wav": true, "audio/flac": true, "audio/aac": true, "audio/x-m4a": true, "application/pdf": true, "text/plain": true,
}

// file serves a file, or a small picture of it, to whoever sees it in a message; rights are checked anew
// each time.
func (a *API) file(size files.Size) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
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
		f, b, err := a.Files.Open(r.Context(), who.User.ID, protocol.FileID(r.PathValue("id")), size)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		defer b.Close()
		h := w.Header()
		describe(h, f, size, r.URL.Query().Has("save"))
		// Asked again, the rights are looked at again; unchanged bytes are not sent twice.
		h.Set("Cache-Control", "private, no-cache")
		h.Set("ETag", `"`+f.Facts.Hash[:min(32, len(f.Facts.Hash))]+string(size)+`"`)
		a.content(w, r, b.ReadSeekCloser)
	}
}

// describe sets what a browser needs to know, so that nothing a person uploaded runs as ours.
func describe(h http.Header, f store.File, size files.Size, save bool) {
	kind, how := f.Facts.Kind, "attachment"
	switch {
	case size != files.Original:
		kind, how = "", "inline" // a JPEG or PNG of our own making
	case inline[kind] && !save:
		how = "inline"
	case !inline[kind]:
		kind = "application/octet-stream"
	}
	if kind == "text/plain" {
		kind = "text/plain; charset=utf-8"
	}
	if kind != "" {
		h.Set("Content-Type", kind)
	}
	h.Set("Content-Disposition", disposition(how, f.Name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'")
	if f.Facts.Kind == "application/pdf" && how == "inline" && size == files.Original {
		// A browser's own viewer does not start inside a sandbox; it runs no script of ours either.
		h.Set("Content-Security-Policy", "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'")
	}
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// disposition names a file as RFC 6266 says: plainly for old programs, and in full.
func disposition(how, name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`, how, plain, strings.ReplaceAll(url.QueryEscape(name), "+", "%20"))
}

// content sends b, or the part of it that is asked for. The headers that say what it is are set.
func (a *API) content(w http.ResponseWriter, r *http.Request, b io.ReadSeeker) {
	http.ServeContent(&patientWriter{ResponseWriter: w, c: http.NewResponseController(w), refuse: func(status int) {
		h := w.Header()
		for _, of := range []string{"Content-Disposition", "Content-Length", "ETag", "Accept-Ranges"} {
			h.Del(of) // Content-Range stays: it says how much there is
		}
		field := "Range"
		if status == http.StatusPreconditionFailed {
			field = "If-Match"
		}
		a.refuse(asTheirs{w, status}, r, protocol.RefuseField(protocol.BadRequest, field))
	}}, r, "", time.Time{}, b)
}

// patientWriter lets an answer take as long as it takes, while something of it goes out.
type patientWriter struct {
	http.ResponseWriter
	c       *http.ResponseController
	n       int
	refuse  func(status int) // says in our shape what the library would say in words
	refused bool
}

func (p *patientWriter) WriteHeader(status int) {
	switch {
	case p.refused:
	case status >= http.StatusBadRequest:
		p.refused = true
		p.refuse(status)
	default:
		p.ResponseWriter.WriteHeader(status)
	}
}

func (p *patientWriter) Write(b []byte) (int, error) {
	if p.refused {
		return len(b), nil
	}
	if p.n -= len(b); p.n <= 0 {
		p.n = 1 << 20
		_ = p.c.SetWriteDeadline(time.Now().Add(stallTime))
	}
	return p.ResponseWriter.Write(b)
}

// ReadFrom lets the system copy from a file to the line by itself, a stretch at a time.
func (p *patientWriter) ReadFrom(r io.Reader) (int64, error) {
	all, bounded := r.(*io.LimitedReader)
	if !bounded {
		return io.Copy(struct{ io.Writer }{p}, r)
	}
	var n int64
	for all.N > 0 {
		_ = p.c.SetWriteDeadline(time.Now().Add(stallTime))
		m, err := io.CopyN(p.ResponseWriter, all.R, min(all.N, stretch))
		n, all.N = n+m, all.N-m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

const stretch = 4 << 20

func (p *patientWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// cardPicture serves the picture of a link's card to whoever sees the card under a message; rights are checked anew
// each time, as for files.
func (a *API) cardPicture() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
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
		id := protocol.PreviewID(r.PathValue("id"))
		b, err := a.Cards.Picture(r.Context(), who.User.ID, id)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		defer b.Close()
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "private, no-cache")
		h.Set("ETag", `"`+string(id)+`"`) // the picture of a card never changes
		a.content(w, r, b)
	}
}
