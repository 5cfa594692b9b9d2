package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sendjay/server/servertest"
	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// asServer makes this test binary the server itself.
const asServer = "THIS_TEST_IS_THE_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
		return
	}
	storetest.Main(m)
}

// process returns the server as a process, with these settings in its environment alone.
func process(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append([]string{asServer + "=1", "GOCOVERDIR=" + t.TempDir()}, environ...)
	return c
}

// ran is what a process said, and its exit code.
type ran struct {
	out, err string
	code     int
}

func finish(t *testing.T, c *exec.Cmd, stdin string) ran {
	t.Helper()
	var out, err bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &err
	if e := c.Run(); e != nil {
		if _, ok := e.(*exec.ExitError); !ok {
			t.Fatal(e)
		}
	}
	return ran{out.String(), err.String(), c.ProcessState.ExitCode()}
}

// running is a live server.
type running struct {
	*exec.Cmd
	url string
	// said holds what stood on standard output before it served.
	said   string
	stderr *servertest.Log
	waited func() error
}

func start(t *testing.T, data string, args ...string) *running {
	t.Helper()
	return wait(t, process(t, nil, append([]string{"--listen=127.0.0.1:0", "--data=" + data}, args...)...))
}

func wait(t *testing.T, c *exec.Cmd) *running {
	t.Helper()
	r := &running{Cmd: c, stderr: &servertest.Log{}}
	c.Stderr = r.stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r.waited = sync.OnceValue(c.Wait)
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = r.waited()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), " listening on "); ok {
			r.url = url
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return r
		}
		r.said += lines.Text() + "\n"
	}
	_ = r.waited()
	t.Fatalf("it never served: %s", r.stderr)
	return nil
}

// stop ends it as an operator does and returns the exit code.
func (r *running) stop(t *testing.T) int {
	t.Helper()
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = r.waited()
	return r.ProcessState.ExitCode()
}

func (r *running) login(t *testing.T, id, password string) (int, protocol.SignedIn) {
	t.Helper()
	body, _ := json.Marshal(protocol.Login{UserID: protocol.UserID(id), Password: password, Device: protocol.Desktop})
	answer, err := http.Post(r.url+"/api/v1/auth/login", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var in protocol.SignedIn
	_ = json.NewDecoder(answer.Body).Decode(&in)
	return answer.StatusCode, in
}

func get(t *testing.T, url, token string, out any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	_ = json.NewDecoder(answer.Body).Decode(out)
	return answer.StatusCode
}

func TestFirstStart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "folder")
	s := start(t, data)
	_, rest, ok := strings.Cut(s.said, "password  ")
	password, _, _ := strings.Cut(rest, "\n")
	if !ok || len(password) < 16 {
		t.Fatalf("no password in %q", s.said)
	}
	t.Run("makes an administrator with a one-time password, printed and not logged", func(t *testing.T) {
		status, in := s.login(t, "admin", password)
		if status != 200 || !in.User.Admin || !in.User.MustChange {
			t.Errorf("%d %+v", status, in)
		}
		if strings.Contains(s.stderr.String(), password) {
			t.Error("it is in the log")
		}
	})
	t.Run("no default password exists", func(t *testing.T) {
		for _, p := range []string{"admin", "password", demoPassword, "sendjay", "1234"} {
			if status, _ := s.login(t, "admin", p); status != 401 {
				t.Errorf("%q: %d", p, status)
			}
		}
	})
	t.Run("the second start prints nothing of it and keeps the tokens valid", func(t *testing.T) {
		_, in := s.login(t, "admin", password)
		if code := s.stop(t); code != 0 {
			t.Fatalf("exit code %d: %s", code, s.stderr)
		}
		again := start(t, data)
		if strings.Contains(again.said, "password") {
			t.Errorf("said %q", again.said)
		}
		var me protocol.User
		if status := get(t, again.url+"/api/v1/me", in.AccessToken, &me); status != 200 || me.ID != "admin" {
			t.Errorf("%d %+v", status, me)
		}
	})
	t.Run("a made-up company is refused in a database with people in it", func(t *testing.T) {
		r := finish(t, process(t, nil, "--listen=127.0.0.1:0", "--data="+data, "--demo"), "")
		if r.code == 0 || !strings.Contains(r.err, "--demo") || !strings.Contains(r.err, "not empty") {
			t.Errorf("%+v", r)
		}
	})
	t.Run("the folder is nobody else's to read", func(t *testing.T) {
		info, err := os.Stat(data)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%v %v", info, err)
		}
	})
}

func TestDemo(t *testing.T) {
	s := start(t, t.TempDir(), "--demo")
	t.Run("says whom to sign in as, and they can", func(t *testing.T) {
		for _, id := range []string{"kim", "lee"} {
			if !strings.Contains(s.said, id) || !strings.Contains(s.said, demoPassword) {
				t.Errorf("said %q", s.said)
			}
			status, in := s.login(t, id, demoPassword)
			if status != 200 {
				t.Fatal(status)
			}
			var rooms protocol.RoomsPage
			if get(t, s.url+"/api/v1/rooms", in.AccessToken, &rooms); len(rooms.Rooms) < 3 || rooms.Rooms[0].LastMessage == nil {
				t.Errorf("%s has %+v", id, rooms)
			}
			var unread protocol.UnreadPage
			if get(t, s.url+"/api/v1/unread", in.AccessToken, &unread); unread.Total == 0 {
				t.Errorf("%s has read everything", id)
			}
		}
	})
	t.Run("everybody in a room is in the company", func(t *testing.T) {
		people := map[protocol.UserID]bool{}
		for _, p := range demoPeople {
			people[protocol.UserID(p.id)] = true
			if !slices.ContainsFunc(demoOrgs, func(o store.OrgRow) bool { return o.Code == p.org }) {
				t.Errorf("%s works nowhere", p.id)
			}
		}
		for _, r := range demoRooms {
			for _, m := range r.members {
				if !people[m] {
					t.Errorf("%s", m)
				}
			}
		}
	})
}

func TestStopping(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(fmt.Sprint(signal, " ends it with exit code 0"), func(t *testing.T) {
			s := start(t, t.TempDir())
			if err := s.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if _ = s.waited(); s.ProcessState.ExitCode() != 0 {
				t.Errorf("exit code %d: %s", s.ProcessState.ExitCode(), s.stderr)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}, {"user", "--help"}} {
		if r := finish(t, process(t, nil, args...), ""); r.code != 0 || !strings.Contains(r.out, "--listen") || !strings.Contains(r.out, "user add") {
			t.Errorf("%q: %+v", args, r)
		}
	}
	if r := finish(t, process(t, nil, "version"), ""); r.code != 0 || !strings.Contains(r.out, protocol.Version) {
		t.Errorf("%+v", r)
	}
}
