// Package download brings what the server has to the person's downloads folder, also across a cut line and a restart.
// It knows bytes, names and folders; it does not know the server's rules, windows or notifications.
//
// A file has its name only once it is whole and is what the server says it is; until then it lies beside that place
// under a name that says so. Nothing that is there is ever written over.
package download

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

// Source is the line to the server: a link.Link.
type Source interface {
	Do(r *http.Request) (*http.Response, error)
}

// Memory keeps what has begun across restarts: a state.State.
type Memory interface {
	All(b state.Bucket) (map[string]json.RawMessage, error)
	Put(b state.Bucket, key string, value json.RawMessage) error
	Delete(b state.Bucket, key string) error
}

// Config sets up Downloads. Source, Memory and Dir are needed.
type Config struct {
	Source Source
	Memory Memory
	// Dir returns the folder of the person's downloads.
	Dir func() (string, error)
	// Changed is told of every change, in order, so it must not wait and must not call back.
	Changed func(protocol.Download)
	// Whole is told when a file is there.
	Whole func(protocol.Download)
	// Start hands a file to the program that is meant for it, Show shows it in its folder.
	Start, Show func(file string) error
	Log         *slog.Logger
}

const (
	atOnce = 3
	// waitingMost bounds what waits, keptMost what is done and still in the list.
	waitingMost, keptMost = 200, 50
	nameBytes             = 255
)

// job is one download.
type job struct {
	protocol.Download
	Path string    `json:"path"`           // of the server
	Dir  string    `json:"dir"`            // where it goes
	Part string    `json:"part,omitempty"` // the name of what is here so far
	Tag  string    `json:"tag,omitempty"`  // the server's name for these very bytes
	At   time.Time `json:"at"`

	want string // the name it shall have
	stop context.CancelFunc
	told time.Time
}

// Downloads is everything that is being brought, and what was.
type Downloads struct {
	Config
	slots chan struct{}
	ctx   context.Context
	end   context.CancelFunc
	work  sync.WaitGroup

	mu   sync.Mutex // guards the fields below
	jobs map[string]*job
	up   chan struct{} // closed and made anew when the line comes
}

// New returns Downloads. Restore takes up what a restart has cut.
func New(c Config) *Downloads {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "download")
	if c.Changed == nil {
		c.Changed = func(protocol.Download) {}
	}
	if c.Whole == nil {
		c.Whole = func(protocol.Download) {}
	}
	d := &Downloads{Config: c, slots: make(chan struct{}, atOnce), jobs: map[string]*job{}, up: make(chan struct{})}
	d.ctx, d.end = context.WithCancel(context.Background())
	return d
}

// Close leaves what is not whole for the next start, and returns when all is quiet.
func (d *Downloads) Close() {
	d.mu.Lock()
	d.end()
	d.mu.Unlock()
	d.work.Wait()
}

// Begin starts to bring what the server has at path.
func (d *Downloads) Begin(path, name string) (protocol.Download, error) {
	path, err := allowed(path)
	if err != nil {
		return protocol.Download{}, err
	}
	dir, err := d.Dir()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		d.Log.Warn("no folder for downloads", "error", err)
		return protocol.Download{}, protocol.RefuseField(protocol.Unavailable, "folder")
	}
	j := &job{
		Download: protocol.Download{ID: strings.ToLower(rand.Text()), Name: SafeName(name), State: protocol.DownloadWaiting}, Path: path, Dir: dir, At: time.Now(),
	}
	j.want = j.Name
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return protocol.Download{}, protocol.Refuse(protocol.Unavailable)
	}
	waiting := 0
	for _, other := range d.jobs {
		if other.Path == path && other.goes() {
			return other.Download, nil // pressed twice
		}
		if other.goes() {
			waiting++
		}
	}
	if waiting >= waitingMost {
		return protocol.Download{}, protocol.RefuseField(protocol.TooLarge, "downloads")
	}
	d.jobs[j.ID] = j
	d.trim()
	d.keep(j)
	d.Changed(j.Download)
	d.run(j)
	return j.Download, nil
}

func (j *job) goes() bool {
	return j.State == protocol.DownloadWaiting || j.State == protocol.DownloadGoing
}

// allowed lets two kinds of paths pass: files, and saved conversations. Other answers are no files, and this is no
// way to have the tray ask for anything else.
func allowed(path string) (string, error) {
	bad := protocol.RefuseField(protocol.BadRequest, "path")
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || len(path) > 16<<10 || strings.Contains(u.EscapedPath(), "..") {
		return "", bad
	}
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	ok := len(parts) == 4 && parts[2] == "files" || len(parts) == 5 && parts[2] == "rooms" && parts[4] == "transcript"
	if !ok || parts[0] != "api" || parts[1] != "v1" || parts[3] == "" {
		return "", bad
	}
	return "/" + strings.TrimPrefix(u.String(), "/"), nil
}

// run works on j beside the caller; d.mu is held.
func (d *Downloads) run(j *job) {
	ctx, stop := context.WithCancel(d.ctx)
	j.stop = stop
	d.work.Go(func() {
		defer stop()
		select {
		case d.slots <- struct{}{}:
			defer func() { <-d.slots }()
		case <-ctx.Done():
			return
		}
		d.bring(ctx, j)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.jobs[j.ID] != j { // Windows deletes no file that is open, so it may still be there
			j.clear()
		}
	})
}

// Each tells of all, the oldest first, in one order with Changed: who is told of both has the last state of each.
func (d *Downloads) Each(tell func(protocol.Download)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, j := range d.sorted() {
		tell(j.Download)
	}
}

func (d *Downloads) sorted() []*job {
	out := make([]*job, 0, len(d.jobs))
	for _, j := range d.jobs {
		out = append(out, j)
	}
	slices.SortFunc(out, func(a, b *job) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return out
}

// Drop stops a download, or takes one that has ended out of the list. A whole file stays where it is.
func (d *Downloads) Drop(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	j := d.jobs[id]
	if j == nil {
		return protocol.Refuse(protocol.NotFound)
	}
	d.drop(j)
	return nil
}

func (d *Downloads) drop(j *job) {
	if j.stop != nil {
		j.stop()
	}
	delete(d.jobs, j.ID)
	j.clear()
	if err := d.Memory.Delete(state.Downloads, j.ID); err != nil {
		d.Log.Warn("a download is not forgotten", "error", err)
	}
	gone := j.Download
	gone.State = protocol.DownloadDropped
	d.Changed(gone)
}

// clear removes what is here of a file that is not whole.
func (j *job) clear() {
	if j.State != protocol.DownloadWhole && j.Part != "" {
		_ = os.Remove(filepath.Join(j.Dir, j.Part)) // it may never have been made
	}
}

// trim takes the oldest that have ended out of the list.
func (d *Downloads) trim() {
	ended := slices.DeleteFunc(d.sorted(), func(j *job) bool { return j.goes() })
	for _, j := range ended[:max(0, len(ended)-keptMost)] {
		d.drop(j)
	}
}

// Again tries once more what has failed.
func (d *Downloads) Again(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	j := d.jobs[id]
	switch {
	case j == nil || d.ctx.Err() != nil:
		return protocol.Refuse(protocol.NotFound)
	case j.State != protocol.DownloadFailed:
		return protocol.Refuse(protocol.Conflict)
	}
	j.State, j.Why = protocol.DownloadWaiting, ""
	d.keep(j)
	d.Changed(j.Download)
	d.run(j)
	return nil
}

// Open hands a whole file to the program that is meant for it. What could run is shown in its folder instead: a
// program starts only where a person starts it knowingly.
func (d *Downloads) Open(id string) error { return d.hand(id, true) }

// Reveal shows a whole file in its folder.
func (d *Downloads) Reveal(id string) error { return d.hand(id, false) }

func (d *Downloads) hand(id string, open bool) error {
	d.mu.Lock()
	j := d.jobs[id]
	d.mu.Unlock()
	if j == nil || j.State != protocol.DownloadWhole {
		return protocol.Refuse(protocol.NotFound)
	}
	file := filepath.Join(j.Dir, j.Name)
	if _, err := os.Lstat(file); err != nil {
		return protocol.RefuseField(protocol.NotFound, "file") // moved or deleted meanwhile
	}
	do := d.Show
	if open && j.Opens {
		do = d.Start
	}
	if err := do(file); err != nil {
		d.Log.Warn("a downloaded file cannot be shown", "error", err)
		return protocol.RefuseField(protocol.Unavailable, "program")
	}
	return nil
}

// Up ends the waits for the next try: the line is there again.
func (d *Downloads) Up() {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.up)
	d.up = make(chan struct{})
}

// Restore takes up what the account at hand has begun, and leaves what another one has.
func (d *Downloads) Restore() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, j := range d.jobs {
		if j.stop != nil {
			j.stop()
		}
		delete(d.jobs, id)
	}
	kept, err := d.Memory.All(state.Downloads)
	if err != nil {
		d.Log.Warn("the downloads of before cannot be read", "error", err)
	}
	for id, raw := range kept {
		j := &job{}
		if json.Unmarshal(raw, j) != nil || j.ID != id || j.Part != filepath.Base(j.Part) && j.Part != "" {
			continue
		}
		j.want = j.Name
		d.jobs[id] = j
	}
	for _, j := range d.sorted() {
		if j.goes() && d.ctx.Err() == nil {
			d.run(j)
		}
	}
}

// keep writes j down; d.mu is held.
func (d *Downloads) keep(j *job) {
	raw, err := json.Marshal(j)
	if err == nil {
		err = d.Memory.Put(state.Downloads, j.ID, raw)
	}
	if err != nil {
		d.Log.Warn("a download would not survive a restart", "error", err)
	}
}

// change changes j unless it was dropped, and tells of it.
func (d *Downloads) change(j *job, how func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.jobs[j.ID] != j {
		return context.Canceled
	}
	how()
	d.keep(j)
	d.Changed(j.Download)
	return nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

var errChanged = errors.New("the bytes are not those that the server has")
