// Package redistest gives tests a real Redis on a private port, which can be stopped, started and hung.
// It knows the program; it knows nothing of what is said over it.
package redistest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"sendjay/shared/freeport"
)

// Server is a Redis of a test.
type Server struct {
	// URL is where it listens, running or not.
	URL string

	t    testing.TB
	addr string
	tls  *tls.Config // nil without
	more []string    // further arguments
	cmd  *exec.Cmd
}

// Start starts a Redis that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := At(t)
	s.Start()
	return s
}

// At returns a Redis that is not running yet.
func At(t testing.TB) *Server {
	t.Helper()
	addr := freeport.Address(t)
	s := &Server{URL: "redis://" + addr + "/0", t: t, addr: addr}
	t.Cleanup(s.Stop)
	return s
}

// Start starts it, empty, at its address.
func (s *Server) Start() {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	args := append([]string{"--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.t.TempDir(), "--loglevel", "warning"}, s.more...)
	if s.tls != nil {
		args = append(args, "--tls-port", port, "--port", "0")
	} else {
		args = append(args, "--port", port)
	}
	s.cmd = exec.Command("redis-server", args...)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("redis-server: %v", err)
	}
	c := redis.NewClient(&redis.Options{Addr: s.addr, MaxRetries: -1, TLSConfig: s.tls})
	defer c.Close() //nolint:errcheck // it only asked
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for c.Ping(ctx).Err() != nil {
		select {
		case <-ctx.Done():
			s.t.Fatal(fmt.Errorf("redis-server at %s does not answer", s.addr))
		case <-tick.C:
		}
	}
}

// Stop kills it. It may be called twice.
func (s *Server) Stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(syscall.SIGKILL)
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Hang lets it keep its connections and do nothing, as behind a line that swallows everything.
func (s *Server) Hang() { s.signal(syscall.SIGSTOP) }

// Resume ends Hang.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}
