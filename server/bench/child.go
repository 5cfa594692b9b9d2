package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// child is a running server.
type child struct {
	cmd  *exec.Cmd
	wire *wire
	addr string
	cold time.Duration // from start to the first answer
	gone bool
}

// start runs the server over the data in dir, or over database, and waits for its first answer.
func start(ctx context.Context, p plan, dir, database string, environ ...string) (*child, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	return startAt(ctx, p, addr, dir, database, environ...)
}

// startAt is start at an address of one's choice.
func startAt(ctx context.Context, p plan, addr, dir, database string, environ ...string) (*child, error) {
	cmd := exec.CommandContext(ctx, p.server, "--listen", addr, "--data", dir)
	cmd.Env = append(os.Environ(), "SENDJAY_RATE_LIMITS=off", "SENDJAY_ACCESS_LIFE=2h")
	if database != "" {
		cmd.Env = append(cmd.Env, "SENDJAY_DATABASE="+database)
	}
	cmd.Env = append(cmd.Env, environ...)
	return launch(ctx, p, ours, addr, cmd)
}

// launch runs a server and waits for its first answer.
func launch(ctx context.Context, p plan, w *wire, addr string, cmd *exec.Cmd) (*child, error) {
	cmd.Stderr = io.Discard
	if p.logs {
		cmd.Stderr = os.Stderr
	}
	c := &child{cmd: cmd, wire: w, addr: addr}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(began) < time.Minute {
		if answers(ctx, addr, w.health) {
			c.cold = time.Since(began)
			return c, nil
		}
		time.Sleep(500 * time.Microsecond)
	}
	c.stop()
	return nil, fmt.Errorf("%s did not answer in a minute", cmd.Path)
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr := l.Addr().String()
	return addr, l.Close()
}

func answers(ctx context.Context, addr, path string) bool {
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second)) // the connection is new
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n", path); err != nil {
		return false
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// stop ends the server politely and reports how long that took.
func (c *child) stop() time.Duration {
	if c.gone {
		return 0
	}
	c.gone = true
	began := time.Now()
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	killer := time.AfterFunc(20*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer killer.Stop()
	if err := c.cmd.Wait(); err != nil && !strings.Contains(err.Error(), "signal: killed") {
		fmt.Fprintln(os.Stderr, "bench: the server ended with:", err)
	}
	return time.Since(began)
}
