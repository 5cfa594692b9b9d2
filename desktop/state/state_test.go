package state_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"sendjay/desktop/state"
)

func open(t *testing.T, dir string) *state.State {
	t.Helper()
	s, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func text(s string) json.RawMessage {
	raw, _ := json.Marshal(s)
	return raw
}

func TestASecondProcessIsToldThatTheProfileIsBusy(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := state.Open(dir); !errors.Is(err, state.ErrBusy) {
		t.Fatalf("%v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestWhoOnlyLooksSeesWhatIsRemembered(t *testing.T) {
	dir := t.TempDir()
	if _, err := state.Look(dir); err == nil {
		t.Fatal("there is a profile already")
	}
	s := open(t, dir)
	if err := s.Remember("server", "https://talk.example.com"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := state.Look(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Recall("server"); got != "https://talk.example.com" {
		t.Errorf("remembered %q", got)
	}
	if s.Remember("server", "https://other.example.com") == nil {
		t.Error("it was changed")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheProfileIsForItsUserAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("rights on Windows come from the folder above")
		return
	}
	dir := filepath.Join(t.TempDir(), "profile")
	open(t, dir)
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "state.db"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
}

func TestADamagedFileIsMovedAsideAndReported(t *testing.T) {
	for name, damage := range map[string]func(raw []byte) []byte{
		"not a database": func([]byte) []byte { return []byte("this is no database, however long one looks at it") },
		"cut off":        func(raw []byte) []byte { return raw[:len(raw)/2] },
		"cut to a page":  func(raw []byte) []byte { return raw[:5000] },
		"overwritten": func(raw []byte) []byte {
			for i := 2 * os.Getpagesize(); i < len(raw); i++ {
				raw[i] = 0x5a
			}
			return raw
		},
		"zeroed": func(raw []byte) []byte { return make([]byte, len(raw)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			for i := range 200 {
				if err := s.Put(state.Settings, string(rune('a'+i%26))+string(rune('a'+i/26)), text(name)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "state.db")
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			bad := damage(raw)
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if s, err := state.Look(dir); err == nil {
				_ = s.Recall("server") // whatever it says
				_ = s.Close()
			}
			if raw, err := os.ReadFile(path); err != nil || !bytes.Equal(raw, bad) {
				t.Fatalf("who only looked has changed it: %v", err)
			}
			s = open(t, dir)
			if s.Moved() == "" {
				t.Fatal("nothing was reported")
			}
			if _, err := os.Stat(s.Moved()); err != nil {
				t.Error(err)
			}
			if err := s.Put(state.Settings, "theme", text("dark")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOfManyDamagedFilesTheNewestStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a [b]")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := func(year int) string {
		return filepath.Join(dir, fmt.Sprintf("state.db.damaged-%d0101T000000.000", year))
	}
	for year := 2015; year < 2020; year++ {
		if err := os.WriteFile(old(year), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "state.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	for path, want := range map[string]bool{old(2016): false, old(2017): false, old(2018): true, old(2019): true, s.Moved(): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsNoDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := state.Open(filepath.Join(path, "profile")); err == nil || errors.Is(err, state.ErrBusy) {
		t.Fatalf("%v", err)
	}
}

func TestEverybodyHasTheirOwnDrafts(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(state.Drafts, "r1", text("x")); !errors.Is(err, state.ErrNobody) {
		t.Fatalf("a draft of nobody: %v", err)
	}
	for _, who := range []string{"kim", "lee"} {
		if err := s.SetAccount(who); err != nil {
			t.Fatal(err)
		}
		if err := s.Put(state.Drafts, "r1", text("draft of "+who)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if s.Account() != "lee" {
		t.Errorf("account %q", s.Account())
	}
	for _, who := range []string{"lee", "kim"} {
		if err := s.SetAccount(who); err != nil {
			t.Fatal(err)
		}
		if v, err := s.Get(state.Drafts, "r1"); err != nil || string(v) != string(text("draft of "+who)) {
			t.Errorf("%s: %s %v", who, v, err)
		}
	}
}

func TestADraftIsSeenBeforeItIsWritten(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.SetAccount("kim"); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"a", "ab", "abc"} {
		if err := s.Put(state.Drafts, "r1", text(v)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.All(state.Drafts)
	if err != nil || string(all["r1"]) != `"abc"` {
		t.Errorf("%s %v", all, err)
	}
	if err := s.Delete(state.Drafts, "r1"); err != nil {
		t.Fatal(err)
	}
	if all, _ := s.All(state.Drafts); len(all) != 0 {
		t.Errorf("%s", all)
	}
}

func TestAppendedThingsKeepTheirOrder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.SetAccount("kim"); err != nil {
		t.Fatal(err)
	}
	var want []string
	for range 30 {
		key, err := s.Append(state.Queue, text("x"))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, key)
	}
	_ = s.Delete(state.Queue, want[29])
	_ = s.Close()
	s = open(t, dir)
	last, err := s.Append(state.Queue, text("y"))
	if err != nil {
		t.Fatal(err)
	}
	all, _ := s.All(state.Queue)
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, append(want[:29], last)) {
		t.Errorf("%v", got)
	}
}

func TestTheDeviceKeepsItsID(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	id, err := s.ID()
	if err != nil || len(id) < 20 {
		t.Fatalf("%q %v", id, err)
	}
	if err := s.Remember("place", "10x10"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	s = open(t, dir)
	if again, _ := s.ID(); again != id {
		t.Errorf("%q, then %q", id, again)
	}
	if s.Recall("place") != "10x10" || s.Recall("other") != "" {
		t.Error("what was remembered is gone")
	}
}
