package desktoptest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Server is the real server's program with its own data; it can be killed and started again.
type Server struct {
	// URL stays the same over a restart.
	URL string

	t    testing.TB
	bin  string
	data string
	env  []string
	cmd  *exec.Cmd
}

// Build makes a program of pkg at a path, in the way in which make build does: then only the linking is left to do,
// because the cache has the rest.
func Build(at, pkg, ldflags string) error {
	c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w "+ldflags, "-o", at, pkg)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// ServerProgram returns the server's program, which is made once for all tests of a package.
var ServerProgram = sync.OnceValues(func() (string, error) {
	dir, err := Works()
	if err != nil {
		return "", err
	}
	at := filepath.Join(dir, "sendjay-server")
	return at, Build(at, "sendjay/server", "")
})

// NewServer starts the real server with these people, whose password is Password. Further settings are
// NAME=value. It ends with the test.
func NewServer(t testing.TB, people []string, settings ...string) *Server {
	bin, err := ServerProgram()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, bin: bin, data: t.TempDir()}
	s.env = append(os.Environ(), "SENDJAY_DATA="+s.data)
	s.env = append(s.env, settings...)
	for _, id := range people {
		add := exec.Command(bin, "user", "add", id, "--name", strings.ToUpper(id), "--password-stdin")
		add.Env, add.Stdin = s.env, strings.NewReader(Password+"\n")
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("add %s: %v\n%s", id, err, out)
		}
	}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// Start starts the server and returns when it listens.
func (s *Server) Start() {
	s.t.Helper()
	listen := "127.0.0.1:0"
	if s.URL != "" {
		listen = strings.TrimPrefix(s.URL, "http://")
	}
	s.cmd = exec.Command(s.bin, "--listen", listen)
	s.cmd.Env = s.env
	s.cmd.Stderr = io.Discard
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), " listening on "); ok {
			s.URL = strings.TrimSpace(url)
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return
		}
	}
	s.Kill()
	s.t.Fatal("the server did not start")
}

// Kill ends the server without a word, as kill -9 does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}
