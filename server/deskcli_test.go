package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDeskCommands(t *testing.T) {
	data := t.TempDir()
	do := func(t *testing.T, code int, stdin string, args ...string) ran {
		t.Helper()
		r := finish(t, process(t, []string{"SENDJAY_DATA=" + data}, args...), stdin)
		if r.code != code {
			t.Fatalf("%q: %+v", args, r)
		}
		return r
	}
	do(t, 0, "long enough\n", "user", "add", "kim", "--name", "김서연", "--password-stdin")
	do(t, 0, "", "session", "end", "kim")
	var all []any
	if r := do(t, 0, "", "session", "list", "kim", "--json"); json.Unmarshal([]byte(r.out), &all) != nil || len(all) != 0 {
		t.Errorf("%q", r.out)
	}
	var v struct{ Lines, Broken int }
	if r := do(t, 0, "", "audit", "verify", "--json"); json.Unmarshal([]byte(r.out), &v) != nil || v.Lines != 2 || v.Broken != 0 {
		t.Errorf("%q", r.out)
	}
	do(t, 0, "", "org", "add", "A00", "한빛")
	do(t, 0, "", "org", "add", "A10", "영업", "A00")
	do(t, 0, "", "org", "add", "A20", "개발", "A10")
	do(t, 0, "", "org", "move", "A20", "A00")
	do(t, 0, "", "org", "rename", "A20", "연구")
	do(t, 0, "", "org", "remove", "A10")
	if r := do(t, 0, "", "org", "list"); r.out != "한빛    A00\n  연구  A20\n" {
		t.Errorf("%q", r.out)
	}
	do(t, 1, "", "org", "remove", "A00")
	do(t, 2, "", "org", "add", "A30")
	do(t, 0, "", "notice", "say", "18시 점검", "Maintenance at 18")
	do(t, 0, "", "notice", "clear")
	do(t, 2, "", "notice", "say")
	do(t, 0, "", "user", "edit", "kim", "--job", "팀장", "--mail", "kim@example.com", "--role", "owner")
	do(t, 0, "", "user", "edit", "kim", "--posts", "A00:자문,A20")
	do(t, 2, "", "user", "edit", "kim", "--posts", "A00,A00")
	for _, c := range [][]string{{"edit", "kim", "--org", "A99"}, {"edit", "kim", "--posts", "A00,A99"}, {"add", "new", "--name", "New", "--org", "A99", "--password-stdin"}} {
		if r := do(t, 1, "long enough\n", append([]string{"user"}, c...)...); !strings.Contains(r.err, "there is no") || !strings.Contains(r.err, "unit") || !strings.Contains(r.err, c[len(c)-2]+":") && !strings.Contains(r.err, "--org:") {
			t.Errorf("%q: %+v", c, r)
		}
	}
	do(t, 0, "", "user", "unlock", "kim")
	do(t, 2, "", "user", "edit", "kim")
	do(t, 2, "", "user", "edit", "kim", "--role", "king")
	if r := do(t, 1, "", "user", "edit", "kim", "--role", "none"); !strings.Contains(r.err, "last owner") {
		t.Errorf("%+v", r)
	}
	do(t, 1, "", "user", "deactivate", "kim")
	if r := do(t, 0, "", "user", "list", "--json"); !strings.Contains(r.out, `"role":"owner"`) || !strings.Contains(r.out, "kim@example.com") {
		t.Errorf("%q", r.out)
	}
	if r := do(t, 0, "", "audit", "list", "cli", "announce"); strings.Count(r.out, "\n") != 2 {
		t.Errorf("%q", r.out)
	}
	do(t, 1, "", "factor", "off", "kim")
	do(t, 2, "", "factor", "on", "kim")
	do(t, 2, "", "audit", "nonsense")
	do(t, 2, "", "session", "list")
}
