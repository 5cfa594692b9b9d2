package download_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"sendjay/desktop/download"
	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

const patience = 30 * time.Second

// house is a server with one file, a folder for downloads and the memory of one device.
type house struct {
	t       *testing.T
	dir     string
	memory  *state.State
	profile string
	url     *url.URL
	content []byte
	tag     string

	mu    sync.Mutex // guards the fields below
	cutAt int        // the answer ends after so many bytes, 0 for never
	asked []string   // the Range of each request
	opens []string
	shows []string
	now   map[string]protocol.Download
	was   map[string][]protocol.DownloadState
	moved chan struct{}
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: filepath.Join(t.TempDir(), "다운로드"), profile: t.TempDir(), content: bytes.Repeat([]byte("sendjay "), 1<<17), now: map[string]protocol.Download{}, was: map[string][]protocol.DownloadState{}, moved: make(chan struct{})}
	sum := blake3.Sum256(h.content)
	h.tag = `"` + protocol.FileSum + hex.EncodeToString(sum[:])[:29] + `"`
	srv := httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(srv.Close)
	h.url, _ = url.Parse(srv.URL)
	h.remember()
	return h
}

func (h *house) remember() {
	h.t.Helper()
	var err error
	if h.memory, err = state.Open(h.profile); err != nil {
		h.t.Fatal(err)
	}
	if err := h.memory.SetAccount("server kim"); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = h.memory.Close() })
}

func (h *house) serve(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.asked = append(h.asked, r.Header.Get("Range"))
	cut := h.cutAt
	tag, content := h.tag, h.content
	h.cutAt = 0
	h.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/gone"):
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":{"code":"not_found","field":"file","message":"no"}}`))
	case strings.HasSuffix(r.URL.Path, "/transcript"):
		_, _ = w.Write([]byte("first\n"))
		http.NewResponseController(w).Flush()
		if cut > 0 {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte("last\n"))
	default:
		w.Header().Set("ETag", tag)
		if cut > 0 {
			w = &cutter{w, cut}
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

// cutter ends the line after so many bytes.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(b []byte) (int, error) {
	if c.left -= len(b); c.left <= 0 {
		_, _ = c.ResponseWriter.Write(b[:len(b)+c.left])
		http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return c.ResponseWriter.Write(b)
}

// Do is the line to the server.
func (h *house) Do(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host = h.url.Scheme, h.url.Host
	return http.DefaultClient.Do(out)
}

func (h *house) start() *download.Downloads {
	h.t.Helper()
	d := download.New(download.Config{
		Source: h, Memory: h.memory, Dir: func() (string, error) { return h.dir, nil },
		Changed: func(x protocol.Download) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.now[x.ID], h.was[x.ID] = x, append(h.was[x.ID], x.State)
			close(h.moved)
			h.moved = make(chan struct{})
		},
		Start: func(f string) error { h.mu.Lock(); defer h.mu.Unlock(); h.opens = append(h.opens, f); return nil },
		Show:  func(f string) error { h.mu.Lock(); defer h.mu.Unlock(); h.shows = append(h.shows, f); return nil },
	})
	h.t.Cleanup(d.Close)
	return d
}

// await waits until a download is as wanted; while it waits for the line it says that the line is there.
func (h *house) await(d *download.Downloads, id string, want protocol.DownloadState) protocol.Download {
	h.t.Helper()
	end := time.After(patience)
	for {
		h.mu.Lock()
		x, moved := h.now[id], h.moved
		h.mu.Unlock()
		if x.State == want {
			return x
		}
		if x.State == protocol.DownloadWaiting {
			d.Up()
		}
		select {
		case <-moved:
		case <-end:
			h.t.Fatalf("it is %+v, want %s", x, want)
		}
	}
}

// until waits until ready, which is asked under the lock after every change.
func (h *house) until(what string, ready func() bool) {
	h.t.Helper()
	for end := time.After(patience); ; {
		h.mu.Lock()
		done, moved := ready(), h.moved
		h.mu.Unlock()
		if done {
			return
		}
		select {
		case <-moved:
		case <-end:
			h.t.Fatalf("in vain until %s", what)
		}
	}
}

func (h *house) begin(d *download.Downloads, path, name string) string {
	h.t.Helper()
	x, err := d.Begin(path, name)
	if err != nil {
		h.t.Fatal(err)
	}
	return x.ID
}

func (h *house) files() []string {
	h.t.Helper()
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		h.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestAFileArrivesWholeUnderAFreeName(t *testing.T) {
	h := build(t)
	d := h.start()
	for _, want := range []string{"보고서.pdf", "보고서 (1).pdf"} {
		x := h.await(d, h.begin(d, "api/v1/files/f1?save", "보고서.pdf"), protocol.DownloadWhole)
		if x.Name != want || x.Size != int64(len(h.content)) || x.Done != x.Size || !x.Opens {
			t.Errorf("%+v, want %s", x, want)
		}
		got, err := os.ReadFile(filepath.Join(h.dir, want))
		if err != nil || !bytes.Equal(got, h.content) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if info, err := os.Stat(filepath.Join(h.dir, want)); err != nil || info.Mode()&0o111 != 0 {
			t.Errorf("it could run: %v %v", info.Mode(), err)
		}
	}
	if names := h.files(); len(names) != 2 {
		t.Errorf("left over: %q", names)
	}
}

func TestADownloadGoesOnWhereTheLineWasCut(t *testing.T) {
	h := build(t)
	h.cutAt = 300_000
	d := h.start()
	h.await(d, h.begin(d, "api/v1/files/f1", "a.bin"), protocol.DownloadWhole)
	got, err := os.ReadFile(filepath.Join(h.dir, "a.bin"))
	if err != nil || !bytes.Equal(got, h.content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if len(h.asked) != 2 || h.asked[0] != "" || h.asked[1] != "bytes=300000-" {
		t.Errorf("asked for %q", h.asked)
	}
}

func TestADownloadGoesOnAfterARestart(t *testing.T) {
	h := build(t)
	h.cutAt = 300_000
	d := h.start()
	id := h.begin(d, "api/v1/files/f1", "a.bin")
	h.until("it is cut off", func() bool {
		all := h.was[id]
		going := slices.Index(all, protocol.DownloadGoing)
		return going >= 0 && slices.Contains(all[going:], protocol.DownloadWaiting)
	})
	d.Close()
	if err := h.memory.Close(); err != nil {
		t.Fatal(err)
	}
	if names := h.files(); len(names) != 1 || !strings.HasSuffix(names[0], ".sendjay-part") {
		t.Fatalf("half a file is there as %q", names)
	}
	h.remember()
	d = h.start()
	d.Restore()
	if x := h.await(d, id, protocol.DownloadWhole); x.Name != "a.bin" {
		t.Errorf("%+v", x)
	}
	got, err := os.ReadFile(filepath.Join(h.dir, "a.bin"))
	if err != nil || !bytes.Equal(got, h.content) || len(h.asked) != 2 || h.asked[1] != "bytes=300000-" {
		t.Errorf("%d bytes, %v, asked for %q", len(got), err, h.asked)
	}
}

func TestAFileThatHasChangedMeanwhileBeginsAnew(t *testing.T) {
	h := build(t)
	h.cutAt = 300_000
	d := h.start()
	id := h.begin(d, "api/v1/files/f1", "a.bin")
	h.until("it has begun", func() bool { return slices.Contains(h.was[id], protocol.DownloadGoing) })
	h.mu.Lock()
	h.content = bytes.Repeat([]byte("other "), 1<<16)
	sum := sha256.Sum256(h.content)
	h.tag = `"` + hex.EncodeToString(sum[:16]) + `"`
	h.mu.Unlock()
	h.await(d, id, protocol.DownloadWhole)
	if got, err := os.ReadFile(filepath.Join(h.dir, "a.bin")); err != nil || !bytes.Equal(got, h.content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestBytesThatAreNotTheServersGetNoName(t *testing.T) {
	h := build(t)
	d := h.start()
	for _, tag := range []string{strings.Repeat("0", 32), protocol.FileSum + strings.Repeat("0", 29)} {
		h.mu.Lock()
		h.tag = `"` + tag + `"`
		h.mu.Unlock()
		id := h.begin(d, "api/v1/files/f1", "a.pdf")
		if x := h.await(d, id, protocol.DownloadFailed); x.Why != "checksum" {
			t.Errorf("%+v", x)
		}
		if _, err := os.Stat(filepath.Join(h.dir, "a.pdf")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("it is there: %v", err)
		}
		if err := d.Drop(id); err != nil {
			t.Fatal(err)
		}
		if names := h.files(); len(names) != 0 {
			t.Errorf("left over: %q", names)
		}
	}
}

func TestASavedConversationHasNoLengthAndIsNeverHalf(t *testing.T) {
	h := build(t)
	h.cutAt = 1
	d := h.start()
	h.await(d, h.begin(d, "api/v1/rooms/r1/transcript?as=txt", "방.txt"), protocol.DownloadWhole)
	if got, err := os.ReadFile(filepath.Join(h.dir, "방.txt")); err != nil || string(got) != "first\nlast\n" || len(h.asked) != 2 {
		t.Errorf("%q %v after %d requests", got, err, len(h.asked))
	}
}

func TestWhatCannotBeHadSaysWhyAndCanBeTriedAgain(t *testing.T) {
	h := build(t)
	d := h.start()
	id := h.begin(d, "api/v1/files/gone", "a.pdf")
	if x := h.await(d, id, protocol.DownloadFailed); x.Why != "not_found" {
		t.Errorf("%+v", x)
	}
	if err := d.Again(id); err != nil {
		t.Fatal(err)
	}
	h.await(d, id, protocol.DownloadFailed)
	if err := d.Open(id); protocol.CodeOf(err) != protocol.NotFound {
		t.Errorf("opened: %v", err)
	}
	if len(h.asked) != 2 {
		t.Errorf("asked %d times", len(h.asked))
	}
}

func TestWhatCouldRunIsOnlyShown(t *testing.T) {
	h := build(t)
	d := h.start()
	names := []string{"setup.exe", "run.SH", "a.desktop", "note.pdf.scr", "no ending", "b.AppImage", "c.lnk", "d.url", "e.jar", "f.ps1"}
	for _, name := range names {
		x := h.await(d, h.begin(d, "api/v1/files/f1", name), protocol.DownloadWhole)
		if x.Opens {
			t.Errorf("%s may be opened", name)
		}
		if err := d.Open(x.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	x := h.await(d, h.begin(d, "api/v1/files/f1", "g.PDF"), protocol.DownloadWhole)
	if err := d.Open(x.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.Reveal(x.ID); err != nil {
		t.Fatal(err)
	}
	if len(h.opens) != 1 || filepath.Base(h.opens[0]) != "g.PDF" || len(h.shows) != len(names)+1 {
		t.Errorf("opened %q, shown %q", h.opens, h.shows)
	}
	if err := os.Remove(filepath.Join(h.dir, "g.PDF")); err != nil {
		t.Fatal(err)
	}
	if err := d.Open(x.ID); protocol.CodeOf(err) != protocol.NotFound {
		t.Errorf("what is no longer there: %v", err)
	}
}

func TestNothingButFilesAndConversationsIsBrought(t *testing.T) {
	h := build(t)
	d := h.start()
	for _, path := range []string{"", "api/v1/me", "/etc/passwd", "http://elsewhere/api/v1/files/a", "//elsewhere/api/v1/files/a", "api/v1/files/../me", "api/v1/files/", "api/v1/files/a/thumb", "api/v1/rooms/r/messages", "edge/v1/keep/drafts"} {
		if _, err := d.Begin(path, "a"); protocol.CodeOf(err) != protocol.BadRequest {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestAStoppedDownloadLeavesNothing(t *testing.T) {
	h := build(t)
	h.cutAt = 300_000
	d := h.start()
	id := h.begin(d, "api/v1/files/f1", "a.bin")
	h.until("it has begun", func() bool { return slices.Contains(h.was[id], protocol.DownloadGoing) })
	if err := d.Drop(id); err != nil {
		t.Fatal(err)
	}
	h.await(d, id, protocol.DownloadDropped)
	d.Close()
	if names := h.files(); len(names) != 0 {
		t.Errorf("left over: %q", names)
	}
	if kept, err := h.memory.All(state.Downloads); err != nil || len(kept) != 0 {
		t.Errorf("remembered: %v %v", kept, err)
	}
}

func TestAFolderThatCannotBeWrittenIsSaid(t *testing.T) {
	h := build(t)
	if err := os.WriteFile(h.dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := h.start()
	if _, err := d.Begin("api/v1/files/f1", "a"); protocol.CodeOf(err) != protocol.Unavailable {
		t.Errorf("%v", err)
	}
}

func TestNamesAreSafeOnEverySystem(t *testing.T) {
	for name, want := range map[string]string{
		"보고서.pdf": "보고서.pdf", "../../.bashrc": "_.._.bashrc", `C:\Windows\a.dll`: "C__Windows_a.dll", ".hidden": "hidden", "": "download", "...": "download",
		"CON": "_CON", "nul.txt": "_nul.txt", "com1.tar.gz": "_com1.tar.gz", "COM10.txt": "COM10.txt", "a.txt. . ": "a.txt", "a\u202Egpj.exe": "agpj.exe", "a\nb\x00.txt": "ab.txt",
		"a<b>c|d?e*f.txt": "a_b_c_d_e_f.txt", "👩\u200d💻.png": "👩\u200d💻.png",
	} {
		if got := download.SafeName(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	long := download.SafeName(strings.Repeat("가", 200) + ".pdf")
	if len(long) > 255-7 || !strings.HasSuffix(long, "가.pdf") {
		t.Errorf("%d bytes: %q", len(long), long)
	}
}
