package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wrong wants a process that ends with this code and one sentence that names the thing.
func wrong(t *testing.T, r ran, code int, says ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d: %s", r.code, code, r.err)
	}
	if lines := strings.Split(strings.TrimSpace(r.err), "\n"); !strings.HasPrefix(lines[len(lines)-1], "sendjay-server: ") {
		t.Errorf("the last line is no sentence: %q", r.err)
	}
	for _, s := range says {
		if !strings.Contains(r.err, s) {
			t.Errorf("%q does not say %q", r.err, s)
		}
	}
	for _, inside := range []string{"goroutine ", "panic", ".go:"} {
		if strings.Contains(r.err, inside) {
			t.Errorf("%q", r.err)
		}
	}
}

func TestBadStart(t *testing.T) {
	t.Run("an unknown setting is named, with exit code 2, wherever it stands", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "conf")
		if err := os.WriteFile(path, []byte("COLOUR=red\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		wrong(t, finish(t, process(t, nil, "--colour=red"), ""), 2, "--colour")
		wrong(t, finish(t, process(t, []string{"SENDJAY_COLOUR=red"}), ""), 2, "SENDJAY_COLOUR")
		wrong(t, finish(t, process(t, nil, "--config", path), ""), 2, "COLOUR")
		wrong(t, finish(t, process(t, nil, "frobnicate"), ""), 2, "frobnicate")
		wrong(t, finish(t, process(t, []string{"SENDJAY_REDIS=http://127.0.0.1"}), ""), 2, "SENDJAY_REDIS")
	})
	t.Run("a port in use is named, and the data is not touched", func(t *testing.T) {
		at, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer at.Close()
		data := filepath.Join(t.TempDir(), "data")
		wrong(t, finish(t, process(t, nil, "--listen", at.Addr().String(), "--data", data), ""), 1, at.Addr().String(), "another program")
		if _, err := os.Stat(data); !os.IsNotExist(err) {
			t.Errorf("the data folder was made: %v", err)
		}
	})
	t.Run("an address that is not ours is named", func(t *testing.T) {
		wrong(t, finish(t, process(t, nil, "--listen=192.0.2.1:1"), ""), 1, "192.0.2.1:1")
	})
	t.Run("a file in the place of the data folder is named", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wrong(t, finish(t, process(t, nil, "--listen=127.0.0.1:0", "--data", path), ""), 1, path)
	})
	t.Run("a database that is none is named and left as it is", func(t *testing.T) {
		dir := t.TempDir()
		path, text := filepath.Join(dir, "sendjay.db"), strings.Repeat("this is not a database\n", 100)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		wrong(t, finish(t, process(t, nil, "--listen=127.0.0.1:0", "--data", dir), ""), 1, dir)
		if now, err := os.ReadFile(path); err != nil || string(now) != text {
			t.Errorf("it was changed: %v", err)
		}
	})
	t.Run("a database that does not answer is named, without its password", func(t *testing.T) {
		at, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		nobody := at.Addr().String()
		_ = at.Close()
		r := finish(t, process(t, nil, "--listen=127.0.0.1:0", "--database=mysql://me:hush-hush@"+nobody+"/talk"), "")
		wrong(t, r, 1, "--database", nobody)
		if strings.Contains(r.err+r.out, "hush-hush") {
			t.Errorf("%q tells the password", r.err)
		}
	})
}
