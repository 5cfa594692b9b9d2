package state

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

func TestWhatWasNotSentIsSavedFromADamagedProfile(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir, "key")
	_ = s.SetAccount("kim")
	if err := s.Put(Outbox, "m1", json.RawMessage(`"not sent yet"`)); err != nil {
		t.Fatal(err)
	}
	id, _ := s.ID()
	_ = s.Close()
	db, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(Settings))
		if err != nil {
			return err
		}
		return b.Put([]byte("theme"), []byte("\x00\x00"))
	}); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	if s, err = Open(dir); err != nil || s.Moved() == "" {
		t.Fatalf("moved %q, %v", s.Moved(), err)
	}
	if err := s.Seal("key"); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Get(Outbox, "m1"); err != nil || string(v) != `"not sent yet"` {
		t.Errorf("saved %s, %v", v, err)
	}
	if again, _ := s.ID(); again != id {
		t.Error("the device has another name at the server")
	}
	_ = s.Close()
}
