// Package webui is the built web UI and how it is served: caching, compression, content policy.
// It knows files; it knows neither the server nor the tray, which both hand it out.
package webui

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// policyOf lets the page use nothing but its own origin. Styles in attributes are what the virtual list
// positions its rows with; style elements and scripts in the page stay forbidden. The icon with the
// unread number is a data address.
func policyOf(ancestors ...string) string {
	return "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; " +
		"img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; object-src 'none'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors " + strings.Join(append([]string{"'self'"}, ancestors...), " ")
}

var policy = policyOf()

// The frame for the pages of a company's portal, and the script beside it.
const (
	portalFrame  = "portal.html"
	portalScript = "portal.js"
)

// file is one file in every form it can be served in.
type file struct {
	kind  string
	etag  string
	forms map[string]form // by content coding, "" for the plain one
	fixed bool            // the name changes with the content
}

// form is a file to hand out. It stays where it is, in the program: a copy of all would be most of an idle server's
// memory.
type form struct {
	name string
	size int64
}

type site struct {
	dist  fs.FS
	files map[string]file
	build string
}

// Read at the first request: a command of the same binary that serves nothing should not pay for it.
var whole = sync.OnceValue(func() *site {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		panic("webui: " + err.Error()) // the folder is part of the program
	}
	return read(dist)
})

// Build names the build of the web UI: it changes whenever the page would.
func Build() string { return build() }

// build reads the page alone: a server says it in every hello, also where nobody ever asks for the page.
var build = sync.OnceValue(func() string {
	page, err := built.ReadFile("dist/index.html")
	if err != nil {
		page = unbuiltText()
	}
	return hashOf(page)
})

// Handler serves the built UI. Paths that are none of its files are 404.
func Handler() http.Handler { return HandlerFor() }

// HandlerFor serves the built UI as Handler does, and lets pages of these origins show the frame that is made for them.
// The messenger itself is shown in nobody's frame.
func HandlerFor(origins ...string) http.Handler {
	framed := policyOf(origins...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { whole().serve(w, r, framed) })
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

func read(dist fs.FS) *site {
	s := &site{dist: dist, files: map[string]file{}}
	if err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		plain, coding := name, ""
		switch path.Ext(name) {
		case ".gz":
			plain, coding = strings.TrimSuffix(name, ".gz"), "gzip"
		case ".br":
			plain, coding = strings.TrimSuffix(name, ".br"), "br"
		}
		f := s.files[plain]
		if f.forms == nil {
			f.forms = map[string]form{}
		}
		f.forms[coding] = form{name, info.Size()}
		s.files[plain] = f
		return nil
	}); err != nil {
		panic("webui: " + err.Error()) // the files are part of the program
	}
	if f, ok := s.files["index.html"]; !ok || f.forms[""].name == "" {
		s.dist = unbuilt
		s.files = map[string]file{"index.html": {forms: map[string]form{"": {unbuiltName, int64(len(unbuiltText()))}}}}
	}
	for name, f := range s.files {
		f.kind = kindOf(name)
		if f.fixed = strings.HasPrefix(name, "assets/"); f.fixed {
			f.etag = hashOf([]byte(name))
		} else if data, err := fs.ReadFile(s.dist, f.forms[""].name); err == nil {
			f.etag = hashOf(data)
		}
		s.files[name] = f
	}
	// The page names every asset by its hash, so its own hash stands for all.
	s.build = s.files["index.html"].etag
	return s
}

// kindOf does not ask the machine's own tables, which differ and are wrong on some Windows machines.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".json", ".webmanifest":
		return "application/json"
	case ".png":
		return "image/png"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r, policy) }

func (s *site) serve(w http.ResponseWriter, r *http.Request, framed string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	switch name {
	case portalFrame:
		h.Set("Content-Security-Policy", framed)
	case portalScript:
		h.Set("Cross-Origin-Resource-Policy", "cross-origin") // other pages load it: that is what it is for
	}
	f, ok := s.files[name]
	switch {
	case name == "edge/v1/keep/settings" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		// The page asks here whether a tray serves it. The tray answers itself; this is a server.
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return
	case !ok:
		refuse(w, http.StatusNotFound, "not_found", "There is nothing here.")
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "This address does not support that method.")
		return
	}
	body, coding := f.forms[""], ""
	for _, c := range []string{"br", "gzip"} {
		if packed, ok := f.forms[c]; ok && accepts(r, c) {
			body, coding = packed, c
			break
		}
	}
	etag := `"` + f.etag + `"`
	if coding != "" {
		etag = `"` + f.etag + "-" + coding + `"`
		h.Set("Content-Encoding", coding)
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", etag)
	h.Set("Content-Type", f.kind)
	if f.fixed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if slices.ContainsFunc(strings.Split(r.Header.Get("If-None-Match"), ","), func(t string) bool {
		return strings.TrimPrefix(strings.TrimSpace(t), "W/") == etag
	}) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	from, err := s.dist.Open(body.name)
	if err != nil {
		panic("webui: " + err.Error()) // it was listed there
	}
	defer func() { _ = from.Close() }() // it was only read
	h.Set("Content-Length", strconv.FormatInt(body.size, 10))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, from) // the reader may be gone
	}
}

// accepts reports whether the reader takes this content coding; "br;q=0" says no.
func accepts(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, param, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q := strings.ReplaceAll(strings.TrimSpace(param), " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// refuse answers in the shape of every refusal over HTTP.
func refuse(w http.ResponseWriter, status int, code, message string) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"error":{"code":"` + code + `","message":"` + message + "\"}}\n"))
}
