package main

import (
	"bytes"
	"encoding/base64"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"sendjay/shared/protocol"
)

// upload sends a file to a room, as a browser does.
func (p *page) upload(room protocol.RoomID, name string, content []byte) protocol.FileID {
	p.t.Helper()
	ask := func(method, path string, body []byte, head ...string) *http.Response {
		r, err := http.NewRequest(method, p.base+path, bytes.NewReader(body))
		if err != nil {
			p.t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+p.auth)
		r.Header.Set("Tus-Resumable", "1.0.0")
		for i := 0; i < len(head); i += 2 {
			r.Header.Set(head[i], head[i+1])
		}
		resp, err := p.http.Do(r)
		if err != nil {
			p.t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode/100 != 2 {
			p.t.Fatalf("%s %s: %s %s", method, path, resp.Status, raw)
		}
		return resp
	}
	said := base64.StdEncoding.EncodeToString
	made := ask("POST", "/api/v1/uploads/", nil, "Upload-Length", strconv.Itoa(len(content)), "Upload-Metadata", "room "+said([]byte(room))+",name "+said([]byte(name)))
	at, err := url.Parse(made.Header.Get("Location"))
	if err != nil {
		p.t.Fatal(err)
	}
	ask("PATCH", at.Path, content, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	id := protocol.FileID(at.Path[strings.LastIndexByte(at.Path, '/')+1:])
	p.call("POST", "/api/v1/commands/message.send", protocol.SendMessage{ID: message(), Room: room, Type: protocol.File, File: id}, nil)
	return id
}

// sluice is a way to the server that is shut after so many bytes of the way down, from a moment on and until it is opened.
type sluice struct {
	net.Listener
	open chan struct{}
	once sync.Once
	left atomic.Int64
}

func (h *house) sluice() *sluice {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	s := &sluice{Listener: l, open: make(chan struct{})}
	s.after(math.MaxInt64)
	h.t.Cleanup(func() { s.free(); _ = l.Close() })
	to := strings.TrimPrefix(h.server, "http://")
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			go func() {
				defer near.Close()
				_, _ = io.Copy(near, struct{ io.Reader }{&stream{far, s}})
			}()
		}
	}()
	return s
}

// stream is a connection's way down.
type stream struct {
	from io.Reader
	s    *sluice
}

func (d *stream) Read(to []byte) (int, error) {
	n, err := d.from.Read(to[:min(len(to), 32<<10)])
	if d.s.left.Add(-int64(n)) < 0 {
		<-d.s.open
	}
	return n, err
}

// after shuts it as soon as so many bytes have passed.
func (s *sluice) after(most int64) { s.left.Store(most) }

func (s *sluice) free() { s.once.Do(func() { close(s.open) }) }

// The whole way with real programs: a file begun in the window is cut off by the tray's sudden end, goes on after its
// start, and is shown and opened from its notification.
func TestAFileComesToTheDownloadsFolderAcrossARestart(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.serve("kim", "lee")
	manager := h.bus.FileManager(t)
	lee := h.person("lee")
	room := lee.room()
	content := bytes.Repeat([]byte("분기 보고서 sendjay\n"), 1<<18)
	file := lee.upload(room, `..\2026년 보고서.pdf`, content)
	tool := lee.upload(room, "setup.exe", []byte("MZ not really"))
	// Read already, so that the icon tells of nothing else.
	h.person("kim").call("POST", "/api/v1/commands/message.read", protocol.ReadMessages{Room: room, Seq: 2}, nil)
	way := h.sluice()
	direct := h.server
	h.server = "http://" + way.Addr().String()
	r, _, page := h.moveIn()
	// The pages come down the same way, and would take from what the file may have.
	h.await("the pages", func() bool { return strings.Contains(h.stderr.String(), "the UI was brought up to date") })
	way.after(3 << 20)

	folder := ""
	for _, e := range h.env {
		if home, is := strings.CutPrefix(e, "HOME="); is {
			folder = filepath.Join(home, "Downloads")
		}
	}
	var begun protocol.Download
	page.call("POST", "/edge/v1/downloads", map[string]string{"path": "api/v1/files/" + string(file) + "?save", "name": `..\2026년 보고서.pdf`}, &begun)
	h.await("half of the file", func() bool {
		parts, _ := filepath.Glob(filepath.Join(folder, ".*.sendjay-part"))
		if len(parts) != 1 {
			return false
		}
		info, err := os.Stat(parts[0])
		return err == nil && info.Size() > 1<<20
	})
	// All at once, as when the power goes: whoever ends in good order could bring the rest first.
	child := h.childOf(r, 0)
	for _, pid := range []int{r.Process.Pid, child} {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	_ = h.wait(r) // it was killed
	way.free()
	h.start("--server", h.server)

	note := h.notes.Await(1)
	want := filepath.Join(folder, "_2026년 보고서.pdf")
	if note.Summary != filepath.Base(want) || strings.Join(note.Actions, " ") != "default Show in folder open Open show Show in folder" {
		t.Errorf("notification %+v", note)
	}
	if got, err := os.ReadFile(want); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	h.notes.Act(note.ID, "show")
	if uris := manager.Await(); len(uris) != 1 || uris[0] != (&url.URL{Scheme: "file", Path: want}).String() {
		t.Errorf("shown %q", uris)
	}

	// What could run is shown where it lies, whatever was pressed.
	link, _ := strings.CutPrefix(h.awaitLine("load ", 2), "load ")
	page = h.open(link)
	page.call("POST", "/edge/v1/downloads", map[string]string{"path": "api/v1/files/" + string(tool), "name": "setup.exe"}, &begun)
	second := h.notes.Await(2)
	if strings.Contains(strings.Join(second.Actions, " "), "open Open show") {
		t.Errorf("it could be opened: %+v", second)
	}
	h.notes.Act(second.ID, "open")
	if uris := manager.Await(); len(uris) != 1 || !strings.HasSuffix(uris[0], "/setup.exe") {
		t.Errorf("shown %q", uris)
	}
	page.call("POST", "/edge/v1/downloads", map[string]string{"path": "api/v1/files/" + string(file), "name": "b.pdf"}, &begun)
	h.notes.Act(h.notes.Await(3).ID, "open")
	if line := h.awaitLine("browser /", 1); line != "browser "+filepath.Join(folder, "b.pdf") {
		t.Errorf("opened %q", line)
	}
	h.server = direct
}
