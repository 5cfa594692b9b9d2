package story

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// house is a real server that is spoken to in plain JSON, as somebody would who has read the documents and
// none of our code.
type house struct {
	*testing.T
	w   *world
	url string
}

// newHouse starts a server with more settings than those of every story.
func newHouse(t *testing.T, settings ...string) *house {
	t.Helper()
	w := newWorld(t, t.TempDir())
	w.settings = settings
	t.Cleanup(w.close)
	if err := w.start(nil); err != nil {
		t.Fatal(err)
	}
	return &house{T: t, w: w, url: "http://" + w.addr}
}

// run runs the server's binary as an operator does, beside the living server.
func (h *house) run(stdin string, args ...string) (string, error) {
	c := exec.Command(filepath.Join(bins, "sendjay-server"), args...)
	c.Env = h.w.environ()
	c.Stdin = strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	return string(out), err
}

// obj is a JSON object.
type obj = map[string]any

// said is an answer of the server over HTTP.
type said struct {
	status int
	header http.Header
	body   obj // nil when it was not an object
	raw    string
	sets   []*http.Cookie
}

// code is the code of a refusal in the one shape that refusals have.
func (s said) code() string {
	e, _ := s.body["error"].(obj)
	code, _ := e["code"].(string)
	if m, _ := e["message"].(string); m == "" {
		return "no message beside " + code
	}
	return code
}

// call asks over HTTP. A body that is a string is sent as it is; header is pairs of name and value.
func (h *house) call(method, path, token string, body any, header ...string) said {
	h.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		j, err := json.Marshal(b)
		if err != nil {
			h.Fatal(err)
		}
		r = bytes.NewReader(j)
	}
	ctx, stop := soon()
	defer stop()
	q, err := http.NewRequestWithContext(ctx, method, h.url+path, r)
	if err != nil {
		h.Fatal(err)
	}
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	a, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		h.Fatal(err)
	}
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	if err != nil {
		h.Fatal(err)
	}
	s := said{status: a.StatusCode, header: a.Header, raw: string(raw), sets: a.Cookies()}
	_ = json.Unmarshal(raw, &s.body) // a body that is no object has none
	return s
}

// refuses fails unless the answer is this refusal, in the shape of all refusals.
func (h *house) refuses(what string, s said, status int, code string) {
	h.Helper()
	if s.status != status || s.code() != code {
		h.Errorf("%s: %d %s, want %d %s", what, s.status, s.raw, status, code)
	}
	if ct := s.header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") || s.header.Get("X-Content-Type-Options") != "nosniff" {
		h.Errorf("%s: comes as %q, nosniff %q", what, ct, s.header.Get("X-Content-Type-Options"))
	}
}

// tokens are what a sign-in gives.
type tokens struct{ access, refresh string }

func (h *house) login(user, device string) tokens {
	h.Helper()
	s := h.call("POST", "/api/v1/auth/login", "", obj{"userId": user, "password": password, "device": device})
	if s.status != http.StatusOK {
		h.Fatalf("sign in %s: %d %s", user, s.status, s.raw)
	}
	t := tokens{}
	t.access, _ = s.body["accessToken"].(string)
	t.refresh, _ = s.body["refreshToken"].(string)
	return t
}

// wire is one WebSocket.
type wire struct {
	h     *house
	conn  *websocket.Conn
	hello obj

	mu     sync.Mutex // guards the fields below
	frames []obj
	closed int // the close code, 0 while it stands, -1 when it broke
	news   chan struct{}
	next   int
	write  sync.Mutex
}

// dial opens a WebSocket and waits for the hello.
func (h *house) dial(token string) *wire {
	h.Helper()
	ctx, stop := soon()
	defer stop()
	c, _, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(h.url, "http")+"/ws", http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		h.Fatal(err)
	}
	w := &wire{h: h, conn: c, news: make(chan struct{})}
	h.Cleanup(func() { c.Close() })
	go w.read()
	w.hello = w.await("hello", func(f obj) bool { return f["ev"] == "hello" })
	return w
}

// at signs in and opens a WebSocket.
func (h *house) at(user, device string) *wire { return h.dial(h.login(user, device).access) }

func (w *wire) read() {
	for {
		_, b, err := w.conn.ReadMessage()
		w.mu.Lock()
		if err != nil {
			w.closed = -1
			if e, ok := err.(*websocket.CloseError); ok {
				w.closed = e.Code
			}
		}
		for line := range bytes.Lines(b) { // frames that waited together may come in one
			var f obj
			if json.Unmarshal(line, &f) == nil {
				w.frames = append(w.frames, f)
			}
		}
		close(w.news)
		w.news = make(chan struct{})
		w.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// until waits for something to become true; ok is asked with the lock held.
func (w *wire) until(what string, ok func() bool) {
	w.h.Helper()
	late := time.After(patience)
	for {
		w.mu.Lock()
		done, news := ok(), w.news
		w.mu.Unlock()
		if done {
			return
		}
		select {
		case <-news:
		case <-late:
			w.mu.Lock()
			defer w.mu.Unlock()
			w.h.Fatalf("waited in vain for %s; closed %d, heard %v", what, w.closed, w.frames[max(0, len(w.frames)-5):])
		}
	}
}

// await takes the first frame that fits.
func (w *wire) await(what string, fits func(obj) bool) (found obj) {
	w.h.Helper()
	w.until(what, func() bool {
		for i, f := range w.frames {
			if fits(f) {
				found = f
				w.frames = append(w.frames[:i:i], w.frames[i+1:]...)
				return true
			}
		}
		return false
	})
	return found
}

// event takes the first event of this name and room, "" for any.
func (w *wire) event(name, room string) obj {
	w.h.Helper()
	return w.await(name, func(f obj) bool { return f["ev"] == name && (room == "" || f["room"] == room) })
}

// ended waits for the end and returns the close code.
func (w *wire) ended() int {
	w.h.Helper()
	w.until("the end", func() bool { return w.closed != 0 })
	return w.closed
}

func (w *wire) send(kind int, b []byte) error {
	w.write.Lock()
	defer w.write.Unlock()
	return w.conn.WriteMessage(kind, b)
}

// ask gives a command and returns the data of its reply, and the code of a refusal.
func (w *wire) ask(op string, data any) (obj, string) {
	w.h.Helper()
	return w.raw(obj{"op": op, "data": data})
}

func (w *wire) raw(frame obj) (obj, string) {
	w.h.Helper()
	w.mu.Lock()
	w.next++
	id := w.next
	w.mu.Unlock()
	frame["id"] = id
	b, err := json.Marshal(frame)
	if err != nil {
		w.h.Fatal(err)
	}
	if err := w.send(websocket.TextMessage, b); err != nil {
		w.h.Fatalf("send %v: %v", frame["op"], err)
	}
	f := w.await(fmt.Sprintf("the reply to %v", frame["op"]), func(f obj) bool { return f["re"] == float64(id) })
	if e, ok := f["error"].(obj); ok {
		return nil, said{body: obj{"error": e}}.code()
	}
	data, _ := f["data"].(obj)
	return data, ""
}

// must gives a command that has to succeed.
func (w *wire) must(op string, data any) obj {
	w.h.Helper()
	d, code := w.ask(op, data)
	if code != "" {
		w.h.Fatalf("%s %v: %s", op, data, code)
	}
	return d
}

// denied gives a command that has to be refused so.
func (w *wire) denied(code, op string, data any) {
	w.h.Helper()
	if d, got := w.ask(op, data); got != code {
		w.h.Errorf("%s %.200v: %q %v, want %s", op, data, got, d, code)
	}
}

// room makes a room with these and returns its id.
func (w *wire) room(members ...string) string {
	w.h.Helper()
	r, _ := w.must("room.create", obj{"members": members})["room"].(obj)
	id, _ := r["id"].(string)
	if id == "" {
		w.h.Fatal("a room without an id")
	}
	return id
}

// say sends a text under a new id and returns the id and the reply.
func (w *wire) say(room, text string) (string, obj) {
	w.h.Helper()
	id := newID()
	return id, w.must("message.send", obj{"id": id, "room": room, "type": "talk", "body": text})
}

// kill ends the server at once and starts it again.
func (h *house) kill() {
	h.Helper()
	if err := h.w.stop(syscall.SIGKILL); err != nil {
		h.Fatal(err)
	}
	if err := h.w.start(nil); err != nil {
		h.Fatal(err)
	}
}

// stopped ends the server as systemd does and returns its exit code.
func (h *house) stopped() int {
	h.Helper()
	server := h.w.server
	if err := h.w.stop(syscall.SIGTERM); err != nil {
		h.Fatal(err)
	}
	return server.ProcessState.ExitCode()
}

// eventually asks again until it is so; for what the documents promise within some seconds.
func (h *house) eventually(what string, ok func() bool) {
	h.Helper()
	ctx, stop := soon()
	defer stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			h.Fatal(what + ": not so")
		case <-again.C:
		}
	}
}

// newID makes a message id as a client does.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
