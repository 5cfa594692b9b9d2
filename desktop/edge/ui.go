package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"sendjay/desktop/link"
)

const (
	// uiFileBytes bounds one file of the UI, uiFiles the number that one page may name.
	uiFileBytes = 16 << 20
	uiFiles     = 500
	fetchWithin = 15 * time.Second
	// freshFor is how long a page counts as looked after; refreshWait is what opening a window may
	// cost when a newer page is on its way.
	freshFor    = time.Minute
	refreshWait = 2 * time.Second
	// oldAssets is how long a file that the present page does not name is kept for windows that are open.
	oldAssets = 30 * 24 * time.Hour
)

// indexName is the page itself in the cache.
const indexName = "index.html"

// uiCache serves the server's web UI from disk, so that a window opens at once and without a line. A new
// page replaces the old one when all its files are there. Without a cache the copy in the program serves.
type uiCache struct {
	dir      string
	most     int64 // of bytes, for all servers together
	link     *link.Link
	embedded http.Handler
	log      *slog.Logger
	ctx      context.Context
	later    func(func())  // runs something beside the caller
	one      chan struct{} // held while the cache is brought up to date

	mu      sync.Mutex // guards the fields below
	checked map[string]time.Time
	pending chan struct{} // closed when the refresh that a hello asked for is done
}

// uiFile is how a file is kept: this header as one line of JSON, then the content.
type uiFile struct {
	Type   string `json:"type"`
	Policy string `json:"policy,omitempty"`
	Etag   string `json:"etag,omitempty"`
	Build  string `json:"build,omitempty"`
	body   []byte
}

func newUICache(ctx context.Context, later func(func()), dir string, most int64, l *link.Link, embedded http.Handler, log *slog.Logger) *uiCache {
	return &uiCache{ctx: ctx, later: later, dir: dir, most: most, link: l, embedded: embedded, log: log, one: make(chan struct{}, 1), checked: map[string]time.Time{}}
}

// ServeHTTP serves a file of the UI.
func (u *uiCache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		forbid(w, r)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" || name == indexName {
		u.index(w, r)
		return
	}
	f, err := u.load(name)
	if err != nil {
		f, err = u.fetch(r.Context(), name, "")
		if err == nil && fixed(name) && u.fits(f) {
			u.store(name, f)
		}
	}
	if err != nil {
		u.embedded.ServeHTTP(w, r)
		return
	}
	f.serve(w, r, fixed(name))
}

// fits reports whether f is no more than the cache has room for.
func (u *uiCache) fits(f *uiFile) bool {
	_, sum := lying(u.dir)
	return sum+int64(len(f.body)) <= u.most
}

// fixed reports whether a file's name changes with its content.
func fixed(name string) bool { return strings.HasPrefix(name, "assets/") }

func (f *uiFile) serve(w http.ResponseWriter, r *http.Request, fixed bool) {
	h := w.Header()
	h.Set("Content-Type", f.Type)
	if f.Policy != "" {
		h.Set("Content-Security-Policy", f.Policy)
	}
	if fixed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}

// index serves the page: what is on disk at once, unless a newer one is just arriving.
func (u *uiCache) index(w http.ResponseWriter, r *http.Request) {
	server := u.link.Server()
	u.mu.Lock()
	pending, stale := u.pending, time.Since(u.checked[server]) > freshFor
	u.mu.Unlock()
	if pending != nil {
		timer := time.NewTimer(refreshWait)
		defer timer.Stop()
		select {
		case <-pending:
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	} else if stale && server != "" {
		u.later(func() { u.refresh(u.ctx, "") })
	}
	f, err := u.load(indexName)
	if err != nil {
		u.embedded.ServeHTTP(w, r)
		return
	}
	f.serve(w, r, false)
}

// expect is told the build that the server's hello names: a page of another build is replaced, and
// windows that open meanwhile wait a little.
func (u *uiCache) expect(ctx context.Context, build string) {
	if f, err := u.load(indexName); err == nil && build != "" && f.Build == build {
		return
	}
	done := make(chan struct{})
	u.mu.Lock()
	u.pending = done
	u.mu.Unlock()
	u.refresh(ctx, build)
	u.mu.Lock()
	if u.pending == done {
		u.pending = nil
	}
	u.mu.Unlock()
	close(done)
}

// asset finds the files that a page names, beside those that a script imports from its own folder.
var (
	asset  = regexp.MustCompile(`["'(/](assets/[A-Za-z0-9._/-]+)["')]`)
	beside = regexp.MustCompile("\\b(?:from|import\\(?)[\"'`]\\./([A-Za-z0-9._-]+\\.js)[\"'`]")
)

// refresh asks the server for its page and takes it over with all its files. One at a time.
func (u *uiCache) refresh(ctx context.Context, build string) {
	select {
	case u.one <- struct{}{}:
		defer func() { <-u.one }()
	case <-ctx.Done():
		return
	}
	server := u.link.Server()
	if server == "" {
		return
	}
	old, err := u.load(indexName)
	etag := ""
	if err == nil {
		etag = old.Etag
	}
	f, err := u.fetch(ctx, "", etag)
	if err != nil {
		u.log.Debug("the server's UI cannot be had", "error", err)
		return
	}
	u.mu.Lock()
	u.checked[server] = time.Now()
	u.mu.Unlock()
	if f == nil { // not changed
		if old.Build != build && build != "" {
			old.Build = build
			u.store(indexName, old)
		}
		return
	}
	if !strings.Contains(f.Type, "html") {
		return
	}
	f.Build = build
	named, err := u.complete(ctx, f.body)
	if err != nil {
		u.log.Info("a new UI is not complete, the old one stays", "error", err)
		u.prune(u.named())
		return
	}
	if server != u.link.Server() {
		return
	}
	u.store(indexName, f)
	u.prune(named)
	u.log.Info("the UI was brought up to date", "files", len(named))
	debug.FreeOSMemory() // it is megabytes for once, in a process that then rests for days
}

// complete fetches everything that a page and its scripts and styles name.
func (u *uiCache) complete(ctx context.Context, page []byte) (map[string]bool, error) {
	named := map[string]bool{}
	fresh := int64(len(page))
	text, from, todo := page, "", []string(nil) // names, not contents: one file at a time is in memory
	for {
		for _, name := range names(text, from) {
			if named[name] || !fixed(name) {
				continue
			}
			if len(named) == uiFiles {
				return nil, fmt.Errorf("a page that names more than %d files", uiFiles)
			}
			named[name] = true
			if _, err := u.load(name); err != nil {
				f, err := u.fetch(ctx, name, "")
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				// The one that is there now has the other half.
				if fresh += int64(len(f.body)); fresh > u.most/2 {
					return nil, fmt.Errorf("a UI that is larger than %d bytes", u.most/2)
				}
				u.store(name, f)
			}
			if strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".css") {
				todo = append(todo, name)
			}
		}
		if len(todo) == 0 {
			return named, nil
		}
		f, err := u.load(todo[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", todo[0], err)
		}
		text, from, todo = f.body, todo[0], todo[1:]
	}
}

// named lists what the page that is there needs.
func (u *uiCache) named() map[string]bool {
	all := map[string]bool{}
	var look func(name string)
	look = func(name string) {
		f, err := u.load(name)
		if err != nil {
			return
		}
		from := name
		if name == indexName {
			from = ""
		}
		for _, next := range names(f.body, from) {
			if fixed(next) && !all[next] {
				all[next] = true
				look(next)
			}
		}
	}
	look(indexName)
	return all
}

// names lists what a page, or a script or style of the name from, needs besides itself.
func names(text []byte, from string) []string {
	var out []string
	for _, m := range asset.FindAllSubmatch(text, -1) {
		out = append(out, path.Clean(string(m[1])))
	}
	if strings.HasSuffix(from, ".js") {
		for _, m := range beside.FindAllSubmatch(text, -1) {
			out = append(out, path.Join(path.Dir(from), string(m[1])))
		}
	}
	return out
}

// fetch asks the server for a file; nil when it still is the one of etag.
func (u *uiCache) fetch(ctx context.Context, name, etag string) (*uiFile, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/"+name, http.NoBody)
	if err != nil {
		return nil, err
	}
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	resp, err := u.link.Fetch(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode == http.StatusNotModified && etag != "":
		return nil, nil
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, uiFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > uiFileBytes {
		return nil, fmt.Errorf("%s is larger than a UI's file may be", name)
	}
	f := &uiFile{Type: resp.Header.Get("Content-Type"), Policy: resp.Header.Get("Content-Security-Policy"), Etag: resp.Header.Get("Etag"), body: body}
	if f.Type == "" {
		f.Type = mime.TypeByExtension(path.Ext(name))
	}
	return f, nil
}

// file returns where a file of the present server's UI is kept.
func (u *uiCache) file(name string) string {
	return filepath.Join(u.dir, digest(u.link.Server()), digest(name))
}

func (u *uiCache) load(name string) (*uiFile, error) {
	raw, err := os.ReadFile(u.file(name))
	if err != nil {
		return nil, err
	}
	head, body, ok := bytes.Cut(raw, []byte("\n"))
	f := &uiFile{body: body}
	if !ok || json.Unmarshal(head, f) != nil {
		return nil, os.ErrNotExist
	}
	return f, nil
}

func (u *uiCache) store(name string, f *uiFile) {
	head, err := json.Marshal(f)
	at := u.file(name)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(at), 0o700)
	}
	if err == nil {
		err = writeWhole(at, append(append(head, '\n'), f.body...))
	}
	if err != nil {
		u.log.Warn("the UI cannot be kept", "error", err)
	}
}

// prune drops files that the present page does not name and that no open window can still need, and, when they take too
// much room, those that one could need, and other servers'.
func (u *uiCache) prune(named map[string]bool) {
	keep := map[string]bool{digest(indexName): true}
	for name := range named {
		keep[digest(name)] = true
	}
	dir := filepath.Dir(u.file(indexName))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, f := range entries {
		if info, err := f.Info(); err == nil && !keep[f.Name()] && time.Since(info.ModTime()) > oldAssets {
			_ = os.Remove(filepath.Join(dir, f.Name()))
		}
	}
	trim(u.dir, u.most, func(path string) bool { return filepath.Dir(path) == dir && keep[filepath.Base(path)] })
}
