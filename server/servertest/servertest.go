// Package servertest starts a whole server inside a test: real parts, a real port, an empty SQLite database
// in a temporary folder.
// It knows how to make people and sign them in; it does not know what is tested.
package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sendjay/server/auth"
	"sendjay/server/config"
	"sendjay/server/node"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Server is a running server.
type Server struct {
	// URL is http://host:port, without a slash at the end.
	URL   string
	Store *store.Store
	Node  *node.Node
	// Log holds what was logged.
	Log *Log

	t      testing.TB
	config config.Config
	at     string
}

// Password is everybody's.
const Password = "correct horse"

// Start starts a server that ends with the test. The settings are flags, such as "--access-life=2s"; the
// limits on commands are off unless asked for.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	args := append([]string{"--listen=127.0.0.1:0", "--data=" + t.TempDir()}, settings...)
	if !strings.Contains(strings.Join(args, " "), "--rate-limits") {
		args = append(args, "--rate-limits=off")
	}
	if !strings.Contains(strings.Join(args, " "), "--previews") && !strings.Contains(strings.Join(args, " "), "--preview-inside") {
		args = append(args, "--previews=off") // tests ask nobody
	}
	c, _, err := config.Read(args, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, config: c, at: c.Listen, Log: &Log{}}
	s.start()
	t.Cleanup(s.Stop)
	return s
}

func (s *Server) start() {
	s.t.Helper()
	log := slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	db, err := store.Open(s.t.Context(), store.Config{DSN: s.config.Database, Dir: s.config.Data, Log: log})
	if err != nil {
		s.t.Fatal(err)
	}
	at, err := net.Listen("tcp", s.at)
	if err != nil {
		s.t.Fatal(err)
	}
	n, err := node.Start(s.t.Context(), s.config, db, at, log)
	if err != nil {
		s.t.Fatal(err)
	}
	s.at = at.Addr().String()
	s.URL, s.Store, s.Node = "http://"+s.at, db, n
}

// Stop stops the server as SIGTERM does. It may be called twice.
func (s *Server) Stop() {
	if s.Node == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Second)
	defer cancel()
	s.Node.Stop(ctx)
	s.Node = nil
	if err := s.Store.Close(); err != nil {
		s.t.Error(err)
	}
}

// Restart stops the server and starts it on the same data and port.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.start()
}

// Log is a place for log lines that a test may read.
type Log struct {
	mu   sync.Mutex // guards the field below
	text bytes.Buffer
}

func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String returns everything logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Hashed is Password under a hash that is quick to compare; people share it.
var Hashed = sync.OnceValue(func() string { return auth.HashMade(Password) })

// Add makes people with these ids; the name is the id with a capital.
func (s *Server) Add(ids ...protocol.UserID) {
	s.t.Helper()
	for _, id := range ids {
		name := strings.ToUpper(string(id[:1])) + string(id[1:])
		a := store.Account{User: protocol.User{ID: id, Name: name}, PasswordHash: Hashed(), Active: true}
		if err := s.Store.AddAccount(s.t.Context(), a); err != nil {
			s.t.Fatal(err)
		}
	}
}

// Person is somebody with an access token.
type Person struct {
	protocol.SignedIn
	// RefreshToken is set for the web too.
	RefreshToken string

	server *Server
}

// SignIn signs a person's device in, past the password.
func (s *Server) SignIn(id protocol.UserID, device protocol.Device) *Person {
	s.t.Helper()
	account, err := s.Store.Account(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	in, refresh, err := s.Node.Auth.SignIn(s.t.Context(), account.User, auth.From{Device: device, Address: "127.0.0.1", Agent: "servertest"})
	if err != nil {
		s.t.Fatal(err)
	}
	return &Person{SignedIn: in, RefreshToken: refresh, server: s}
}

// Person makes somebody and signs him in on the desktop.
func (s *Server) Person(id protocol.UserID) *Person {
	s.t.Helper()
	s.Add(id)
	return s.SignIn(id, protocol.Desktop)
}

// Get asks for a path under /api/v1, decodes the answer into out and returns the status.
func (p *Person) Get(path string, out any) int { return p.do(http.MethodGet, path, nil, out) }

// Do carries out a command over HTTP, decodes the answer into out and returns the status.
func (p *Person) Do(op protocol.Op, data, out any) int {
	return p.do(http.MethodPost, "/commands/"+string(op), data, out)
}

func (p *Person) do(method, path string, data, out any) int {
	t := p.server.t
	t.Helper()
	body, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, p.server.URL+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.AccessToken)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			t.Fatalf("%s %s: %d %s: %v", method, path, answer.StatusCode, raw, err)
		}
	}
	return answer.StatusCode
}
