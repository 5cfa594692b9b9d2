//go:build unix

package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user without rights, for tests that run as root: root may write everywhere.
const nobody = 65534

// powerless returns the server as a process that may not override the rights of files, and a folder of its own.
func powerless(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := process(t, nil, args...)
	if os.Getuid() != 0 {
		return c
	}
	// The test binary lies where only root may look.
	raw, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := open(t)
	path := filepath.Join(dir, "sendjay-server")
	if err := os.WriteFile(path, raw, 0o755); err != nil { //nolint:gosec // it has to be run by somebody else
		t.Fatal(err)
	}
	c.Path, c.Args[0], c.Dir = path, path, dir
	c.Env = append(c.Env, "GOCOVERDIR="+dir)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return c
}

// open returns a folder that everybody may enter; those of the testing package are not.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sendjay-open-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // see above
		t.Fatal(err)
	}
	return dir
}

func TestReadOnlyFolder(t *testing.T) {
	t.Run("is named when it is new", func(t *testing.T) {
		dir := open(t)
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		wrong(t, finish(t, powerless(t, "--listen=127.0.0.1:0", "--data", dir), ""), 1, dir, "write")
		wrong(t, finish(t, powerless(t, "--listen=127.0.0.1:0", "--data", filepath.Join(dir, "below")), ""), 1, dir)
	})
	t.Run("is named when there is a database in it, which stays as it is", func(t *testing.T) {
		dir := open(t)
		s := start(t, dir)
		if code := s.stop(t); code != 0 {
			t.Fatal(code)
		}
		before, err := os.ReadFile(filepath.Join(dir, "sendjay.db"))
		if err != nil {
			t.Fatal(err)
		}
		for path, mode := range map[string]os.FileMode{filepath.Join(dir, "sendjay.db"): 0o444, dir: 0o555} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		wrong(t, finish(t, powerless(t, "--listen=127.0.0.1:0", "--data", dir), ""), 1, dir)
		if after, err := os.ReadFile(filepath.Join(dir, "sendjay.db")); err != nil || string(after) != string(before) {
			t.Errorf("it was changed: %v", err)
		}
	})
}

// limited returns the server as a process whose files cannot grow beyond so many blocks (of 512 bytes), as on a full disk.
func limited(t *testing.T, blocks string, args ...string) *exec.Cmd {
	t.Helper()
	c := process(t, nil)
	c.Args = append([]string{"sh", "-c", `ulimit -f ` + blocks + ` && exec "$0" "$@"`, c.Path}, args...)
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	c.Path = sh
	return c
}

func TestFullDisk(t *testing.T) {
	t.Run("at the start is named", func(t *testing.T) {
		dir := t.TempDir()
		wrong(t, finish(t, limited(t, "16", "--listen=127.0.0.1:0", "--data", dir), ""), 1, dir, "space")
	})
	t.Run("later refuses what cannot be kept, and goes on", func(t *testing.T) {
		dir := t.TempDir()
		s := wait(t, limited(t, "4096", "--listen=127.0.0.1:0", "--demo", "--rate-limits=off", "--data", dir))
		status, in := s.login(t, "kim", demoPassword)
		if status != 200 {
			t.Fatal(status)
		}
		post := func(op, body string) (int, string) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api/v1/commands/"+op, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+in.AccessToken)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			raw := make([]byte, 64<<10)
			n, _ := answer.Body.Read(raw)
			return answer.StatusCode, string(raw[:n])
		}
		_, made := post("room.create", `{"members":["lee"]}`)
		_, id, _ := strings.Cut(made, `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		kept, refused := 0, 0
		for i := 0; i < 500 && refused < 3; i++ {
			switch status, raw := post("message.send", `{"id":"full-`+strconv.Itoa(i)+`","room":"`+id+`","body":"`+strings.Repeat("가", 4000)+`"}`); {
			case status == 200:
				kept++
			case status == 503 && strings.Contains(raw, `"unavailable"`):
				refused++
			default:
				t.Fatalf("%d %.300s", status, raw)
			}
		}
		if kept == 0 || refused == 0 {
			t.Fatalf("%d kept, %d refused", kept, refused)
		}
		var ready struct{ Missing map[string]string }
		if status := get(t, s.url+"/readyz", "", &ready); status != 503 || !strings.Contains(ready.Missing["database"], "room") {
			t.Errorf("ready all the same: %d %v", status, ready.Missing)
		}
		var page struct{ Messages []struct{ ID string } }
		if status := get(t, s.url+"/api/v1/rooms/"+id+"/messages", in.AccessToken, &page); status != 200 || len(page.Messages) == 0 {
			t.Errorf("reading: %d, %d messages", status, len(page.Messages))
		}
		if code := s.stop(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
		// With room again, everything acknowledged is there and nothing else.
		again := start(t, dir, "--rate-limits=off")
		_, in = again.login(t, "kim", demoPassword)
		got := 0
		for after := 0; ; {
			var page struct {
				Messages []struct {
					ID  string
					Seq int
				}
				More bool
			}
			get(t, again.url+"/api/v1/rooms/"+id+"/messages?limit=100&after="+strconv.Itoa(after), in.AccessToken, &page)
			for _, m := range page.Messages {
				after = m.Seq
				if strings.HasPrefix(m.ID, "full-") {
					got++
				}
			}
			if !page.More {
				break
			}
		}
		if got != kept {
			t.Errorf("%d acknowledged, %d there", kept, got)
		}
	})
}
