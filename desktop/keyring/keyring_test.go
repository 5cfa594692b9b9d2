package keyring

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	system "github.com/zalando/go-keyring"
)

// fake is a keyring that does as told.
type fake struct {
	mu   sync.Mutex
	kept map[string]string
	err  error
	hang chan struct{}
}

func (f *fake) usable() bool { return true }

func (f *fake) wait() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hang != nil {
		hang := f.hang
		f.mu.Unlock()
		<-hang
		f.mu.Lock()
	}
	return f.err
}

func (f *fake) get(server string) (string, error) {
	if err := f.wait(); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if v, ok := f.kept[server]; ok {
		return v, nil
	}
	return "", system.ErrNotFound
}

func (f *fake) set(server, secret string) error {
	if err := f.wait(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept[server] = secret
	return nil
}

func (f *fake) drop(server string) error {
	if err := f.wait(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.kept[server]; !ok {
		return system.ErrNotFound
	}
	delete(f.kept, server)
	return nil
}

func goesRound(t *testing.T, r *Ring, place Place) {
	t.Helper()
	if got, err := r.Get("a"); got != "" || err != nil {
		t.Errorf("before: %q %v", got, err)
	}
	for _, secret := range []string{"one", "two"} {
		if err := r.Set("a", secret); err != nil {
			t.Fatal(err)
		}
		if got, err := r.Get("a"); got != secret || err != nil {
			t.Errorf("%q %v", got, err)
		}
	}
	if r.Place() != place {
		t.Errorf("kept in %s", r.Place())
	}
	if err := r.Delete("a"); err != nil {
		t.Error(err)
	}
	if got, err := r.Get("a"); got != "" || err != nil {
		t.Errorf("after: %q %v", got, err)
	}
	if err := r.Delete("a"); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestSecretsGoToTheSystemsKeyring(t *testing.T) {
	goesRound(t, New(Config{Dir: t.TempDir(), backend: &fake{kept: map[string]string{}}}), System)
}

func TestWithoutAKeyringSecretsGoToAFileThatShowsNothing(t *testing.T) {
	dir := t.TempDir()
	broken := &fake{kept: map[string]string{}, err: errors.New("no such service")}
	goesRound(t, New(Config{Dir: dir, backend: broken}), File)
	r := New(Config{Dir: dir, backend: broken})
	if err := r.Set("https://talk.example", "a secret to find"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{secretsName, keyName} {
		path := filepath.Join(dir, name)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "secret to find") || strings.Contains(string(raw), "talk.example") {
			t.Errorf("%s is readable", name)
		}
		if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", name, info.Mode())
		}
	}
	if got, _ := New(Config{Dir: dir, backend: broken}).Get("https://talk.example"); got != "a secret to find" {
		t.Errorf("after a restart: %q", got)
	}
	// The file alone opens nothing.
	if err := os.Remove(filepath.Join(dir, keyName)); err != nil {
		t.Fatal(err)
	}
	if got, err := New(Config{Dir: dir, backend: broken}).Get("https://talk.example"); got != "" || err != nil {
		t.Errorf("without the key: %q %v", got, err)
	}
}

func TestPolicyCanForbidTheFile(t *testing.T) {
	dir := t.TempDir()
	goesRound(t, New(Config{Dir: dir, NoFile: true, backend: &fake{err: errors.New("none")}}), Nowhere)
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left on disk: %v", left)
	}
}

func TestAKeyringThatAsksAPersonIsGivenUpInTime(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{kept: map[string]string{}, hang: make(chan struct{})}
		r := New(Config{Dir: dir, backend: f})
		if got, err := r.Get("a"); got != "" || err != nil {
			t.Errorf("%q %v", got, err)
		}
		if r.Place() != File {
			t.Errorf("kept in %s", r.Place())
		}
		if err := r.Set("a", "secret"); err != nil {
			t.Error(err)
		}
		close(f.hang)
	})
}

func TestAnOlderSecretInTheKeyringIsNotTakenForTheNewest(t *testing.T) {
	dir := t.TempDir()
	f := &fake{kept: map[string]string{"a": "old"}}
	r := New(Config{Dir: dir, backend: f})
	if got, _ := r.Get("a"); got != "old" {
		t.Fatalf("%q", got)
	}
	f.mu.Lock()
	f.err = errors.New("locked")
	f.mu.Unlock()
	if err := r.Set("a", "new"); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.err = nil
	f.mu.Unlock()
	if got, _ := New(Config{Dir: dir, backend: f}).Get("a"); got != "new" {
		t.Errorf("after a restart with the keyring open again: %q", got)
	}
}

func TestNoBusIsStarted(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if r := New(Config{Dir: t.TempDir()}); r.Place() != File {
		t.Errorf("kept in %s", r.Place())
	}
}
