package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendjay/shared/protocol"
)

func TestUserCommands(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	user := func(t *testing.T, stdin string, args ...string) ran {
		t.Helper()
		return finish(t, process(t, []string{"SENDJAY_DATA=" + data}, append([]string{"user"}, args...)...), stdin)
	}
	ok := func(t *testing.T, stdin string, args ...string) ran {
		t.Helper()
		r := user(t, stdin, args...)
		if r.code != 0 || r.err != "" {
			t.Fatalf("%q: %+v", args, r)
		}
		return r
	}
	t.Run("add works beside a live server, and the person can sign in at once", func(t *testing.T) {
		ok(t, "first line\nsecond line\n", "add", "kim", "--name", "김서연", "--org", "A10", "--password-stdin")
		status, in := s.login(t, "kim", "first line")
		if status != 200 || in.User.Name != "김서연" || in.User.Org != "A10" || in.User.Admin || in.User.MustChange {
			t.Errorf("%d %+v", status, in)
		}
	})
	t.Run("a password may hold spaces and end with CR LF or with the input", func(t *testing.T) {
		ok(t, " with spaces \r\n", "add", "a1", "--name=One", "--password-stdin")
		ok(t, "no line end", "add", "a2", "--name=Two", "--password-stdin", "--admin")
		if status, _ := s.login(t, "a1", " with spaces "); status != 200 {
			t.Error(status)
		}
		if status, in := s.login(t, "a2", "no line end"); status != 200 || !in.User.Admin {
			t.Error(status)
		}
	})
	t.Run("--json prints JSON", func(t *testing.T) {
		var u protocol.User
		if r := ok(t, "pw\n", "add", "lee", "--name", "이준호", "--json", "--password-stdin"); json.Unmarshal([]byte(r.out), &u) != nil || u.ID != "lee" || u.Name != "이준호" {
			t.Errorf("%q", r.out)
		}
		var all []struct {
			ID     string
			Active bool
		}
		if r := ok(t, "", "list", "--json"); json.Unmarshal([]byte(r.out), &all) != nil || len(all) != 5 {
			t.Errorf("%q", r.out)
		}
		if r := ok(t, "", "deactivate", "lee", "--json"); strings.TrimSpace(r.out) != `{"id":"lee","active":false}` {
			t.Errorf("%q", r.out)
		}
		ok(t, "", "activate", "lee")
	})
	t.Run("list shows names and who is out", func(t *testing.T) {
		ok(t, "", "deactivate", "a1")
		r := ok(t, "", "list")
		if !strings.Contains(r.out, "김서연") || strings.Count(r.out, "deactivated") != 1 || !strings.Contains(r.out, "administrator") {
			t.Errorf("%s", r.out)
		}
		if status, _ := s.login(t, "a1", " with spaces "); status != 401 {
			t.Error(status)
		}
		ok(t, "", "activate", "a1")
		if status, _ := s.login(t, "a1", " with spaces "); status != 200 {
			t.Error(status)
		}
	})
	t.Run("a new password ends what was signed in with the old one", func(t *testing.T) {
		_, before := s.login(t, "kim", "first line")
		ok(t, "another\n", "password", "kim", "--password-stdin", "--must-change")
		if status, _ := s.login(t, "kim", "first line"); status != 401 {
			t.Error(status)
		}
		if status, in := s.login(t, "kim", "another"); status != 200 || !in.User.MustChange {
			t.Error(status)
		}
		var me protocol.User
		if status := get(t, s.url+"/api/v1/me", before.AccessToken, &me); status != 401 {
			t.Error(status)
		}
	})
	for name, c := range map[string]struct {
		stdin string
		args  []string
		says  string
	}{
		"an existing id":                    {"x\n", []string{"add", "kim", "--name", "x", "--password-stdin"}, `"kim" exists`},
		"an empty id":                       {"x\n", []string{"add", "", "--name", "x", "--password-stdin"}, "id"},
		"no id":                             {"x\n", []string{"add", "--name", "x", "--password-stdin"}, "id"},
		"an id with a space":                {"x\n", []string{"add", "a b", "--name", "x", "--password-stdin"}, `"a b"`},
		"an id that is too long":            {"x\n", []string{"add", strings.Repeat("a", 21), "--name", "x", "--password-stdin"}, "20"},
		"two ids":                           {"x\n", []string{"add", "a", "b", "--name", "x", "--password-stdin"}, "one id"},
		"an empty password":                 {"\nsecond\n", []string{"add", "new", "--name", "x", "--password-stdin"}, "password is empty"},
		"no input at all":                   {"", []string{"add", "new", "--name", "x", "--password-stdin"}, "password is empty"},
		"a password over the limit":         {strings.Repeat("x", 300), []string{"add", "new", "--name", "x", "--password-stdin"}, "256"},
		"a password that is no text":        {"\xff\xfe\n", []string{"add", "new", "--name", "x", "--password-stdin"}, "text"},
		"a password not on standard input":  {"x\n", []string{"add", "new", "--name", "x"}, "--password-stdin"},
		"no name":                           {"x\n", []string{"add", "new", "--password-stdin"}, "--name"},
		"a blank name":                      {"x\n", []string{"add", "new", "--name", "  ", "--password-stdin"}, "--name"},
		"a name over the limit":             {"x\n", []string{"add", "new", "--name", strings.Repeat("x", 51), "--password-stdin"}, "--name"},
		"an unknown option":                 {"x\n", []string{"add", "new", "--name", "x", "--colour", "red", "--password-stdin"}, "--colour"},
		"an unknown verb":                   {"", []string{"promote", "kim"}, "promote"},
		"no verb":                           {"", nil, "want add"},
		"an unknown person's password":      {"x\n", []string{"password", "nobody", "--password-stdin"}, `"nobody"`},
		"deactivating somebody unknown":     {"", []string{"deactivate", "nobody"}, `"nobody"`},
		"a list of one":                     {"", []string{"list", "kim"}, "list"},
		"an option without its value (end)": {"", []string{"add", "new", "--name"}, "--name"},
	} {
		t.Run(name+" is refused with a sentence and an exit code", func(t *testing.T) {
			r := user(t, c.stdin, c.args...)
			if r.code == 0 || r.out != "" || !strings.HasPrefix(r.err, "sendjay-server: ") || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, c.says) {
				t.Errorf("%+v", r)
			}
		})
	}
	t.Run("what is asked wrongly makes no database", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "none")
		finish(t, process(t, nil, "user", "add", "--data", dir, "new", "--password-stdin"), "x\n")
		finish(t, process(t, nil, "user", "promote", "--data", dir, "new"), "")
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("it is there: %v", err)
		}
	})
	t.Run("people added before the first start keep an administrator from being made", func(t *testing.T) {
		dir := t.TempDir()
		if r := finish(t, process(t, nil, "user", "add", "boss", "--name", "Boss", "--admin", "--password-stdin", "--data", dir), "pw\n"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
		s := start(t, dir)
		if s.said != "" {
			t.Errorf("said %q", s.said)
		}
		if status, in := s.login(t, "boss", "pw"); status != 200 || !in.User.Admin {
			t.Error(status)
		}
	})
}
