// Package update is a newer version of this program: found, proved, fetched, put in place, taken back.
// It knows signatures, files and the order of versions; it does not know screens, nor when a person is busy.
//
// Nothing is believed but the signature of a pinned key. A version is put in place as a whole, and only by the
// watcher, while no tray runs; until the new tray has said that it is well, the old one lies beside it.
package update

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// Key is who may sign versions of this build, as minisign prints public keys; set by -ldflags. Policy can name
// others in its place.
var Key string

// The errors that are more than "later perhaps".
var (
	ErrOld      = errors.New("it is older than one that was here or was offered before")
	ErrPlatform = errors.New("it has nothing for this kind of computer")
	ErrFailed   = errors.New("it did not come up here before")
)

// Line is the way to the server: a link.Link.
type Line interface {
	Get(ctx context.Context, path string, into any) error
	Do(r *http.Request) (*http.Response, error)
}

// Config sets up an Updater. Dir, Program and Version are needed.
type Config struct {
	// Dir is the folder for what is fetched, Program the path of the running program.
	Dir, Program string
	// Version is the running one. One that is no release is never replaced.
	Version string
	// Channel is stable, early or lts; Platform such as linux/amd64, "" for this one.
	Channel, Platform string
	Keys              release.Keys
	Line              Line
	// Shunned returns versions that failed on this computer for somebody else; nil for none.
	Shunned func() []string
	Log     *slog.Logger
}

// Updater looks for versions and keeps what it fetched.
type Updater struct {
	Config

	mu sync.Mutex // one look at a time
}

// New returns an Updater.
func New(c Config) *Updater {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "update")
	if c.Platform == "" {
		c.Platform = runtime.GOOS + "/" + runtime.GOARCH
	}
	return &Updater{Config: c}
}

// Able reports whether this build can be replaced at all: it is a release, and a key is known.
func (u *Updater) Able() bool { return len(u.Keys) > 0 && release.Valid(u.Version) }

// Installable reports whether the folder of the program may be written by this person.
func (u *Updater) Installable() bool {
	f, err := os.CreateTemp(filepath.Dir(u.Program), ".sendjay-try-*")
	if err != nil {
		return false
	}
	_ = f.Close()
	return os.Remove(f.Name()) == nil
}

// memo is what is remembered across restarts.
type memo struct {
	// Seen is the newest version that was proved: nobody can offer an older one as the newest any more.
	Seen string `json:"seen,omitempty"`
	// Failed are versions that did not come up here; Told is the one that the person was told of.
	Failed []string `json:"failed,omitempty"`
	Told   string   `json:"told,omitempty"`
	// Balked is a version that could not be put in place here, how often that was tried, and when last.
	Balked   string    `json:"balked,omitempty"`
	Balks    int       `json:"balks,omitempty"`
	BalkedAt time.Time `json:"balkedAt,omitzero"`
	// Changed are the programs of the last change, whose old ones may still lie about.
	Changed []string `json:"changed,omitempty"`
}

func (u *Updater) memo() (m memo) {
	raw, err := os.ReadFile(filepath.Join(u.Dir, "memo.json"))
	if err != nil || json.Unmarshal(raw, &m) != nil {
		return memo{} // at worst something is told or tried twice
	}
	return m
}

func (u *Updater) note(change func(*memo)) error {
	m := u.memo()
	change(&m)
	return writeJSON(filepath.Join(u.Dir, "memo.json"), m)
}

// Told reports whether the person was told of version, and notes that now.
func (u *Updater) Told(version string) bool {
	was := u.memo().Told == version
	if !was {
		if err := u.note(func(m *memo) { m.Told = version }); err != nil {
			u.Log.Warn("it will be told again", "error", err)
		}
	}
	return was
}

// Failed returns the versions that did not come up here.
func (u *Updater) Failed() []string { return u.memo().Failed }

// maxBalks is how often in a row it is tried to put a version in place, balkRest how long it is left alone afterwards: by then
// IT may have mended what was in the way.
const (
	maxBalks = 3
	balkRest = 7 * 24 * time.Hour
)

// Balked reports whether there is no use in trying once more to put version in place.
func (u *Updater) Balked(version string) bool {
	m := u.memo()
	return m.Balked == version && m.Balks >= maxBalks && time.Since(m.BalkedAt) < balkRest
}

// Balk notes that version could not be put in place, and whether another try would be in vain.
func (u *Updater) Balk(version string, vain bool) error {
	return u.note(func(m *memo) {
		if m.Balked != version || time.Since(m.BalkedAt) >= balkRest {
			m.Balked, m.Balks = version, 0
		}
		if m.Balks++; vain {
			m.Balks = maxBalks
		}
		m.BalkedAt = time.Now()
	})
}

// Look asks the server for a version that follows on this one, and returns its name once it is proved, "" for
// none. Without fetch the programs stay where they are; with it they lie here afterwards, whole and proved, unless
// it was tried in vain to put them in place.
func (u *Updater) Look(ctx context.Context, fetch bool) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	q := url.Values{"channel": {u.Channel}, "platform": {u.Platform}, "version": {u.Version}}
	var offer protocol.Update
	if err := u.Line.Get(ctx, "/updates?"+q.Encode(), &offer); err != nil {
		return "", err
	}
	if offer.Version == "" {
		return "", u.forget()
	}
	m, err := u.believe([]byte(offer.Manifest), []byte(offer.Signature))
	if err != nil {
		return "", err
	}
	if !fetch || u.Balked(m.Version) {
		return m.Version, nil
	}
	return m.Version, u.fetch(ctx, m, offer)
}

// believe reads the manifest of a version that may follow on this one, and notes that it was seen.
func (u *Updater) believe(raw, signature []byte) (*release.Manifest, error) {
	m, err := release.Open(raw, signature, u.Keys)
	if err != nil {
		return nil, err
	}
	if err := u.acceptable(m); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Version, err)
	}
	if u.memo().Seen != m.Version {
		if err := u.note(func(k *memo) { k.Seen = m.Version }); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// acceptable reports whether a proved version may follow on this one.
func (u *Updater) acceptable(m *release.Manifest) error {
	k := u.memo()
	switch {
	case slices.Contains(k.Failed, m.Version), u.Shunned != nil && slices.Contains(u.Shunned(), m.Version):
		return ErrFailed
	case !release.Newer(m.Version, u.Version), k.Seen != "" && m.Version != k.Seen && !release.Newer(m.Version, k.Seen):
		return ErrOld
	case len(m.Files[u.Platform]) == 0 || !slices.ContainsFunc(m.Files[u.Platform], func(f release.File) bool { return f.Name == filepath.Base(u.Program) }):
		return ErrPlatform
	}
	return nil
}

// staged is the folder of a version that is being fetched, or was.
func (u *Updater) staged() string { return filepath.Join(u.Dir, "staged") }

// forget lets go of what was fetched and is offered no more.
func (u *Updater) forget() error { return os.RemoveAll(u.staged()) }

// Forget lets go of what was fetched: somebody else has put it in place, or taken it back.
func (u *Updater) Forget() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.forget()
}

// Ready returns the version that lies here, proved and whole, "" for none.
func (u *Updater) Ready() string {
	m, err := u.prove()
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			u.Log.Warn("what was fetched is not used", "error", err)
		}
		return ""
	}
	return m.Version
}

// prove reads what was fetched as if a stranger had put it there.
func (u *Updater) prove() (*release.Manifest, error) {
	raw, err := os.ReadFile(filepath.Join(u.staged(), release.ManifestName))
	if err != nil {
		return nil, err
	}
	signature, err := os.ReadFile(filepath.Join(u.staged(), release.SignatureName))
	if err != nil {
		return nil, err
	}
	m, err := release.Open(raw, signature, u.Keys)
	if err != nil {
		return nil, err
	}
	if err := u.acceptable(m); err != nil {
		return nil, err
	}
	for _, f := range m.Files[u.Platform] {
		if err := check(filepath.Join(u.staged(), f.Name), f); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return m, nil
}

func check(path string, f release.File) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return f.Check(in)
}

// fetch brings the programs of m here. What was fetched of the same version before is gone on with.
func (u *Updater) fetch(ctx context.Context, m *release.Manifest, offer protocol.Update) error {
	dir := u.staged()
	if old, err := os.ReadFile(filepath.Join(dir, release.ManifestName)); err != nil || !bytes.Equal(old, []byte(offer.Manifest)) {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := u.begin([]byte(offer.Manifest), []byte(offer.Signature)); err != nil {
		return err
	}
	for _, f := range m.Files[u.Platform] {
		if check(filepath.Join(dir, f.Name), f) == nil {
			continue
		}
		if err := u.fetchFile(ctx, m.Version, f, filepath.Join(dir, f.Name)); err != nil {
			return fmt.Errorf("%s of %s: %w", f.Name, m.Version, err)
		}
	}
	return nil
}

// begin writes down what is going to lie here: whether it does is found out by reading it.
func (u *Updater) begin(manifest, signature []byte) error {
	if err := os.MkdirAll(u.staged(), 0o700); err != nil {
		return err
	}
	for name, text := range map[string][]byte{release.ManifestName: manifest, release.SignatureName: signature} {
		if err := writeFile(filepath.Join(u.staged(), name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// fetchFile fetches one program, from where an earlier try has left it.
func (u *Updater) fetchFile(ctx context.Context, version string, f release.File, to string) error {
	part, err := os.OpenFile(to+".part", os.O_RDWR|os.O_CREATE, 0o700)
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }()
	have, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if have > f.Size {
		have = 0
	}
	if have < f.Size {
		if err := u.rest(ctx, version, f, part, have); err != nil {
			return err
		}
	}
	if _, err := part.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := f.Check(part); err != nil {
		// Whatever came is not to be built upon.
		_ = part.Close()
		return errors.Join(err, os.Remove(to+".part"))
	}
	if err := errors.Join(part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Rename(to+".part", to)
}

// rest writes what of f comes after have bytes. It never writes more than the manifest allows.
func (u *Updater) rest(ctx context.Context, version string, f release.File, part *os.File, have int64) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/updates/"+version+"/"+u.Platform+"/"+f.Name, http.NoBody)
	if err != nil {
		return err
	}
	if have > 0 {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
	}
	resp, err := u.Line.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK:
		have = 0 // the whole of it
	default:
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	if err := part.Truncate(have); err != nil {
		return err
	}
	if _, err := part.Seek(have, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(part, io.LimitReader(resp.Body, f.Size-have+1))
	return err
}

func writeJSON(path string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeFile(path, raw, 0o600)
}

// writeFile replaces a file as a whole, and returns when it is on the disk.
func writeFile(path string, raw []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
