package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func opened(t *testing.T, dir, secret string) *State {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Moved() != "" {
		t.Fatal("taken for damaged")
	}
	if secret != "" {
		if err := s.Seal(secret); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestWhatBelongsToAPersonLiesSealedOnTheDisk(t *testing.T) {
	dir := t.TempDir()
	words := json.RawMessage(`"the merger is on friday"`)
	s := opened(t, dir, "")
	for _, err := range []error{s.SetAccount("kim"), s.Put(Drafts, "r1", words), s.Put(Outbox, "m1", words)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	s = opened(t, dir, "key") // seals what lay open
	for _, put := range []func() error{
		func() error { return s.Put(Outbox, "m2", words) },
		func() error { return s.PutAll(Verdicts, map[string]json.RawMessage{"v": words}) },
		func() error { _, err := s.Append(Queue, words); return err },
	} {
		if err := put(); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range []Bucket{Drafts, Outbox, Queue, Verdicts} {
		all, err := s.All(b)
		if err != nil || len(all) == 0 {
			t.Errorf("%s: %v, %v", b, all, err)
		}
		for _, v := range all {
			if !bytes.Equal(v, words) {
				t.Errorf("%s came back as %s", b, v)
			}
		}
	}
	_ = s.Close()
	s = opened(t, dir, "key")
	if v, err := s.Get(Drafts, "r1"); err != nil || !bytes.Equal(v, words) {
		t.Errorf("after a restart: %s, %v", v, err)
	}
	if err := s.Put(Drafts, "r1", json.RawMessage(`"other"`)); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	raw, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	// Pages that bbolt has freed keep their bytes until they are used again: only what is in use is looked at.
	s = opened(t, dir, "")
	if all, _ := s.All(Outbox); len(all) != 0 {
		t.Errorf("read without the key: %v", all)
	}
	_ = s.Close()
	if bytes.Contains(raw, []byte(`"other"`)) {
		t.Error("a text that was written under the key stands in the file")
	}
}

func TestAnotherKeyLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir, "key")
	_ = s.SetAccount("kim")
	if err := s.Put(Outbox, "m1", json.RawMessage(`"hello"`)); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	s = opened(t, dir, "")
	if err := s.Seal("not the key"); !errors.Is(err, ErrOtherKey) {
		t.Errorf("another key: %v", err)
	}
	if v, err := s.Get(Outbox, "m1"); v != nil || err != nil {
		t.Errorf("read without the key: %s, %v", v, err)
	}
	if err := s.Put(Outbox, "m2", json.RawMessage(`"meanwhile"`)); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	s = opened(t, dir, "key")
	if all, err := s.All(Outbox); err != nil || len(all) != 2 {
		t.Errorf("with the key again: %v, %v", all, err)
	}
	if err := s.Wipe(); err != nil {
		t.Fatal(err)
	}
	if all, _ := s.All(Outbox); len(all) != 0 {
		t.Errorf("after the sign-out: %v", all)
	}
	_ = s.Close()
}

func TestAnotherKeyComesOfTheSecretAndOfWhatItIsFor(t *testing.T) {
	s := opened(t, t.TempDir(), "")
	if key := s.Key("pages"); key != "" {
		t.Errorf("a key of nothing: %q", key)
	}
	_ = s.Close()
	had := map[string]bool{}
	for _, secret := range []string{"one", "two"} {
		dir := t.TempDir()
		for range 2 { // the same after a restart
			s := opened(t, dir, secret)
			had[s.Key("pages")], had[s.Key("others")] = true, true
			_ = s.Close()
		}
	}
	if len(had) != 4 || had[""] {
		t.Errorf("got %v", had)
	}
}
