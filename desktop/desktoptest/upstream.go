// Package desktoptest stands in for the world around the desktop in tests: a server that speaks the wire,
// a line that can be cut.
// It knows the wire of shared/protocol; it does not know the parts it tests.
package desktoptest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

// Password lets everybody in.
const Password = "open sesame"

// Upstream is a server with one room for everybody.
type Upstream struct {
	URL string
	// Page is what GET / answers, Assets the files beside it.
	Page   atomic.Pointer[string]
	Assets sync.Map
	// LoseRefresh makes the answer of that many refreshes get lost.
	LoseRefresh atomic.Int32
	// LoseSends stores that many messages without an answer.
	LoseSends atomic.Int32
	// RefuseTokens makes every access token bad once.
	RefuseTokens atomic.Bool
	// Heartbeat in seconds, 25 when zero; Mute swallows what sessions send.
	Heartbeat atomic.Int32
	Mute      atomic.Bool
	Build     atomic.Pointer[string]

	t   testing.TB
	srv *httptest.Server

	mu       sync.Mutex // guards the fields below
	tokens   map[string]string
	refresh  map[string]*family
	sessions map[*session]bool
	room     protocol.Room
	messages []protocol.Message
	rev      protocol.Rev
	count    int
	asked    []protocol.Ask
	requests []string
	changed  chan struct{}
}

type family struct {
	user, current, before, attempt string
	dead                           bool
}

type session struct {
	ws   *websocket.Conn
	user string
	mu   sync.Mutex
}

func (s *session) put(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
	_ = s.ws.WriteMessage(websocket.TextMessage, frame)
}

// RoomID is the one room.
const RoomID protocol.RoomID = "r1"

// NewUpstream starts a server that ends with the test.
func NewUpstream(t testing.TB) *Upstream {
	u := &Upstream{
		t: t, tokens: map[string]string{}, refresh: map[string]*family{}, sessions: map[*session]bool{},
		room: protocol.Room{ID: RoomID, Title: "Room"}, rev: 1, changed: make(chan struct{}),
	}
	u.srv = httptest.NewServer(http.HandlerFunc(u.serve))
	u.URL = u.srv.URL
	t.Cleanup(func() {
		u.Drop(0)
		u.srv.Close()
	})
	return u
}

func (u *Upstream) serve(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	u.requests = append(u.requests, r.Method+" "+r.URL.RequestURI())
	for _, name := range []string{"Cookie", "Origin", "Referer"} {
		if v := r.Header.Get(name); v != "" {
			u.t.Errorf("%s %s came with %s", r.Method, r.URL.Path, name)
		}
	}
	u.note()
	u.mu.Unlock()
	switch path := r.URL.Path; {
	case path == "/healthz":
		write(w, 200, struct{}{})
	case path == "/api/v1/auth/login":
		var in protocol.Login
		_ = json.NewDecoder(r.Body).Decode(&in)
		if in.Password != Password {
			no(w, protocol.BadCredentials)
			return
		}
		if in.Device != protocol.Desktop {
			u.t.Errorf("sign-in as %q", in.Device)
		}
		u.mu.Lock()
		f := &family{user: string(in.UserID)}
		out := u.issue(f)
		u.mu.Unlock()
		write(w, 200, out)
	case path == "/api/v1/auth/refresh":
		u.renew(w, r)
	case strings.HasPrefix(path, "/api/") || path == "/ws":
		user := u.who(r)
		if user == "" {
			no(w, protocol.Unauthenticated)
			return
		}
		u.signedIn(w, r, user)
	case path == "/":
		page := u.Page.Load()
		if page == nil {
			http.NotFound(w, r)
			return
		}
		etag := fmt.Sprintf(`"%x"`, *page)
		w.Header().Set("Etag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(304)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(*page))
	default:
		body, ok := u.Assets.Load(path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write([]byte(body.(string)))
	}
}

// issue makes new tokens; u.mu is held.
func (u *Upstream) issue(f *family) protocol.SignedIn {
	u.count++
	f.before, f.current = f.current, fmt.Sprintf("refresh-%d", u.count)
	u.refresh[f.current] = f
	access := fmt.Sprintf("access-%d", u.count)
	u.tokens[access] = f.user
	return protocol.SignedIn{AccessToken: access, ExpiresIn: 900, RefreshToken: f.current, User: person(f.user)}
}

func person(id string) protocol.User {
	return protocol.User{ID: protocol.UserID(id), Name: strings.ToUpper(id)}
}

func (u *Upstream) renew(w http.ResponseWriter, r *http.Request) {
	var in struct{ RefreshToken, Attempt string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	u.mu.Lock()
	f := u.refresh[in.RefreshToken]
	var out protocol.SignedIn
	ok := f != nil && !f.dead
	switch {
	case !ok:
	case in.RefreshToken == f.current:
		out = u.issue(f)
		f.attempt = in.Attempt
	case in.RefreshToken == f.before && in.Attempt != "" && in.Attempt == f.attempt:
		out = protocol.SignedIn{AccessToken: "again-" + f.current, ExpiresIn: 900, RefreshToken: f.current, User: person(f.user)}
		u.tokens[out.AccessToken] = f.user
	default:
		f.dead, ok = true, false
	}
	u.mu.Unlock()
	if !ok {
		no(w, protocol.Unauthenticated)
		return
	}
	if u.LoseRefresh.Add(-1) >= 0 {
		panic(http.ErrAbortHandler)
	}
	write(w, 200, out)
}

func (u *Upstream) who(r *http.Request) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	user := u.tokens[token]
	if user != "" && u.RefuseTokens.CompareAndSwap(true, false) {
		clear(u.tokens)
		return ""
	}
	return user
}

func (u *Upstream) signedIn(w http.ResponseWriter, r *http.Request, user string) {
	u.mu.Lock()
	room, messages := u.room, slices.Clone(u.messages)
	room.Seq, room.Rev = protocol.Seq(len(messages)), u.rev
	u.mu.Unlock()
	switch r.URL.Path {
	case "/ws":
		u.socket(w, r, user)
	case "/api/v1/me":
		write(w, 200, person(user))
	case "/api/v1/auth/logout":
		write(w, 200, struct{}{})
		u.Drop(protocol.CloseSignedOut)
	case "/api/v1/rooms":
		write(w, 200, protocol.RoomsPage{Rooms: []protocol.Room{room}})
	case "/api/v1/rooms/r1":
		write(w, 200, room)
	case "/api/v1/rooms/r1/messages":
		write(w, 200, protocol.MessagesPage{Messages: messages})
	case "/api/v1/unread":
		write(w, 200, protocol.UnreadPage{Rooms: []protocol.UnreadRoom{}})
	case "/api/v1/echo":
		w.Header().Set("Set-Cookie", "stolen=1")
		w.WriteHeader(200)
		buf := make([]byte, 32<<10)
		for {
			n, err := r.Body.Read(buf)
			_, _ = w.Write(buf[:n])
			if err != nil {
				return
			}
		}
	default:
		no(w, protocol.NotFound)
	}
}

func (u *Upstream) socket(w http.ResponseWriter, r *http.Request, user string) {
	up := websocket.Upgrader{EnableCompression: true, CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	s := &session{ws: ws, user: user}
	beat, build := int(u.Heartbeat.Load()), ""
	if beat == 0 {
		beat = 25
	}
	if b := u.Build.Load(); b != nil {
		build = *b
	}
	u.mu.Lock()
	u.sessions[s] = true
	u.count++
	hello := protocol.Hello{
		User: person(user), Device: protocol.Desktop, Session: protocol.SessionID(fmt.Sprint(u.count)), Heartbeat: beat,
		Server: protocol.Server{Version: "test", Node: "fake", UI: build}, Attention: []protocol.DeviceAttention{}, Native: []string{},
	}
	u.note()
	u.mu.Unlock()
	s.put(protocol.Push{Ev: protocol.EvHello, Data: hello}.Encode())
	defer func() {
		u.mu.Lock()
		delete(u.sessions, s)
		u.note()
		u.mu.Unlock()
		_ = ws.Close()
	}()
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return
		}
		ask, err := protocol.ReadAsk(frame)
		if err != nil || u.Mute.Load() {
			continue
		}
		u.carryOut(s, ask)
	}
}

func (u *Upstream) carryOut(s *session, ask protocol.Ask) {
	request, err := protocol.ReadRequest(ask.Op, ask.Data)
	if err != nil {
		s.put(protocol.Answer{Re: ask.ID, Error: &protocol.Fault{Code: protocol.CodeOf(err)}}.Encode())
		return
	}
	u.mu.Lock()
	u.asked = append(u.asked, ask)
	u.note()
	u.mu.Unlock()
	var out any = protocol.Done{}
	if m, ok := request.(protocol.SendMessage); ok {
		stored := u.Store(m, s.user, s)
		out = protocol.MessageSent{ID: stored.ID, Room: stored.Room, Seq: stored.Seq, Rev: stored.Rev, At: stored.At}
		if u.LoseSends.Add(-1) >= 0 {
			return
		}
	}
	s.put(protocol.Answer{Re: ask.ID, Data: out}.Encode())
}

// Store keeps a message as the server does, and tells all sessions but one.
func (u *Upstream) Store(m protocol.SendMessage, by string, but *session) protocol.Message {
	u.mu.Lock()
	for _, old := range u.messages {
		if old.ID == m.ID {
			u.mu.Unlock()
			return old
		}
	}
	u.rev++
	stored := protocol.Message{
		ID: m.ID, Room: m.Room, Seq: protocol.Seq(len(u.messages) + 1), Rev: u.rev, Sender: protocol.UserID(by), SenderName: by,
		Type: protocol.Talk, Body: string(m.Body), At: protocol.At(time.Now()),
	}
	u.messages = append(u.messages, stored)
	all := u.others(but)
	u.note()
	u.mu.Unlock()
	frame := protocol.Push{Ev: protocol.EvMessage, Room: m.Room, Rev: stored.Rev, Data: stored}.Encode()
	for _, s := range all {
		s.put(frame)
	}
	return stored
}

// Say lets somebody else send a message.
func (u *Upstream) Say(id, body string) protocol.Message {
	return u.Store(protocol.SendMessage{ID: protocol.MessageID(id), Room: RoomID, Type: protocol.Talk, Body: protocol.Text(body)}, "lee", nil)
}

// Push sends an event to all sessions.
func (u *Upstream) Push(p protocol.Push) {
	u.mu.Lock()
	all := u.others(nil)
	u.mu.Unlock()
	for _, s := range all {
		s.put(p.Encode())
	}
}

// others returns the sessions but one; u.mu is held.
func (u *Upstream) others(but *session) []*session {
	var all []*session
	for s := range u.sessions {
		if s != but {
			all = append(all, s)
		}
	}
	return all
}

// Drop ends all sessions with a code, which they read before the line ends; without any when it is 0.
func (u *Upstream) Drop(code protocol.CloseCode) {
	u.mu.Lock()
	all := u.others(nil)
	u.mu.Unlock()
	for _, s := range all {
		if code != 0 {
			_ = s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(int(code), ""), time.Now().Add(time.Second))
			continue // the other side answers and goes
		}
		_ = s.ws.NetConn().Close()
	}
}

// Messages returns what is stored.
func (u *Upstream) Messages() []protocol.Message {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.messages)
}

// Asked returns the commands that came, but for signs of life and attention.
func (u *Upstream) Asked() []protocol.Ask {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(u.asked), func(a protocol.Ask) bool { return a.Op == protocol.OpPing || a.Op == protocol.OpAttention })
}

// AskedFor returns the data of the commands of one kind.
func (u *Upstream) AskedFor(op protocol.Op) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []string
	for _, a := range u.asked {
		if a.Op == op {
			all = append(all, string(a.Data))
		}
	}
	return all
}

// Requests counts the requests whose method and address begin so.
func (u *Upstream) Requests(prefix string) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := 0
	for _, r := range u.requests {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

// Sessions counts the open ones.
func (u *Upstream) Sessions() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.sessions)
}

// note wakes whoever waits; u.mu is held.
func (u *Upstream) note() {
	close(u.changed)
	u.changed = make(chan struct{})
}

// Until waits until something holds that changes with what reaches the server.
func (u *Upstream) Until(what string, holds func() bool) {
	u.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		u.mu.Lock()
		changed := u.changed
		u.mu.Unlock()
		if holds() {
			return
		}
		select {
		case <-changed:
		case <-limit:
			u.t.Fatalf("waited in vain until %s", what)
		}
	}
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func no(w http.ResponseWriter, code protocol.Code) {
	write(w, code.Status(), protocol.Refused{Error: protocol.Fault{Code: code}})
}
