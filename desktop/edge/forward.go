package edge

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"sendjay/shared/protocol"
)

// passed are the headers that go up and come down; everything else is between the page and us, or
// between us and the server.
var (
	passedUp = []string{
		"Accept", "Accept-Language", "Content-Type", "If-None-Match", "If-Match", "If-Range", "Range",
		"Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset", "Upload-Checksum",
	}
	passedDown = []string{
		"Allow", "Content-Type", "Content-Length", "Content-Disposition", "Content-Range", "Accept-Ranges", "Cache-Control",
		"Etag", "Last-Modified", "Retry-After", "Content-Security-Policy", "X-Content-Type-Options", "Cross-Origin-Resource-Policy",
		"Location", "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm", "Upload-Length", "Upload-Offset",
	}
)

// forward passes a request to the server as this device, and the answer back, both streaming.
func (e *Edge) forward(w http.ResponseWriter, r *http.Request) {
	up, err := upstream(r)
	if err != nil {
		fail(w, r, err)
		return
	}
	memo := cacheable(r)
	account := e.State.Account()
	resp, err := e.Link.Do(up)
	if err != nil {
		if memo != "" && asRefusal(err).Code == protocol.Unavailable && e.Me() != nil {
			if page := e.pages.get(account, memo); page != nil {
				w.Header().Set("Sendjay-Cached", "1")
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Cache-Control", "no-store")
				_, _ = w.Write(page) // the window may be gone
				return
			}
		}
		fail(w, r, err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	h := w.Header()
	for _, name := range passedDown {
		if v := resp.Header.Values(name); len(v) > 0 {
			h[name] = v
		}
	}
	w.WriteHeader(resp.StatusCode)
	if memo == "" || resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(w, resp.Body) // either side may be gone; the length tells the page
		return
	}
	var copied bytes.Buffer
	kept := &limited{w: &copied, left: pageBytes}
	if _, err := io.Copy(io.MultiWriter(w, kept), resp.Body); err == nil && !kept.over {
		e.pages.put(account, memo, copied.Bytes())
	}
}

// limited keeps what it is given unless it is too much.
type limited struct {
	w    *bytes.Buffer
	left int
	over bool
}

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.left {
		l.over = true
	}
	if !l.over {
		l.left -= len(b)
		l.w.Write(b)
	}
	return len(b), nil
}

// upstream makes the request for the server. A short body is read first, so that the request can be
// repeated when the token has to be renewed; a long one streams.
func upstream(r *http.Request) (*http.Request, error) {
	body := io.Reader(http.NoBody)
	length := r.ContentLength
	var head []byte
	if r.Body != nil && length != 0 {
		var err error
		if head, err = io.ReadAll(io.LimitReader(r.Body, bodyBytes+1)); err != nil {
			return nil, protocol.Refuse(protocol.BadRequest)
		}
		if len(head) > bodyBytes {
			body = io.MultiReader(bytes.NewReader(head), r.Body)
		} else {
			body = bytes.NewReader(head) // http.NewRequest makes GetBody of it
		}
	}
	at := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	up, err := http.NewRequestWithContext(r.Context(), r.Method, at.String(), body)
	if err != nil {
		return nil, protocol.Refuse(protocol.BadRequest)
	}
	if len(head) > bodyBytes {
		up.ContentLength = length
	}
	for _, name := range passedUp {
		if v := r.Header.Values(name); len(v) > 0 {
			up.Header[name] = v
		}
	}
	return up, nil
}

// cacheable returns the name under which the answer is kept for the time without a line: the first page
// of rooms, a room, its newest messages. "" for everything else.
func cacheable(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/api/v1/rooms")
	if !ok {
		return ""
	}
	q := r.URL.Query()
	for _, name := range []string{"cursor", "before", "after"} {
		if q.Get(name) != "" {
			return ""
		}
	}
	parts := strings.Split(strings.TrimPrefix(rest, "/"), "/")
	switch {
	case rest == "", len(parts) == 1, len(parts) == 2 && (parts[1] == "messages" || parts[1] == "members"):
		return r.URL.Path
	}
	return ""
}
