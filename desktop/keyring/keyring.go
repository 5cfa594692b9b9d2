// Package keyring keeps one secret per server at rest: in the system's keyring, or in an encrypted
// file where there is none.
// It knows where secrets may lie; it does not know what they open.
//
// A keyring that asks a person, or hangs, is given up after a few seconds: the tray must start anyway.
package keyring

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	system "github.com/zalando/go-keyring"
)

// Place says where secrets are kept.
type Place string

// The places.
const (
	System  Place = "keyring"
	File    Place = "file"
	Nowhere Place = "nowhere" // in memory: gone when the program ends
)

const (
	service = "sendjay"
	// patience is how long the system's keyring may take.
	patience = 3 * time.Second
)

// errSlow says that the keyring did not answer in time.
var errSlow = errors.New("the keyring does not answer")

// Config sets up a Ring.
type Config struct {
	// Dir is the folder of the encrypted file.
	Dir string
	// NoFile forbids the file.
	NoFile bool
	Log    *slog.Logger
	// backend stands in for the system's keyring in tests.
	backend backend
}

// backend is the system's keyring.
type backend interface {
	usable() bool
	get(server string) (string, error)
	set(server, secret string) error
	drop(server string) error
}

// Ring holds secrets.
type Ring struct {
	Config
	file *file

	mu     sync.Mutex // guards the fields below; never held while the system's keyring is asked
	place  Place
	memory map[string]string
}

// New returns a Ring. It asks nothing yet.
func New(c Config) *Ring {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "keyring")
	if c.backend == nil {
		c.backend = goKeyring{}
	}
	r := &Ring{Config: c, memory: map[string]string{}, file: &file{dir: c.Dir}}
	r.place = System
	if !c.backend.usable() {
		r.place = r.second()
	}
	return r
}

// second returns where secrets go without a keyring.
func (r *Ring) second() Place {
	if r.NoFile {
		return Nowhere
	}
	return File
}

// Place returns where the secrets are kept, as far as is known.
func (r *Ring) Place() Place {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.place
}

// Get returns the secret for server, "" when there is none.
func (r *Ring) Get(server string) (string, error) {
	r.mu.Lock()
	secret, kept := r.memory[server]
	r.mu.Unlock()
	if kept {
		return secret, nil
	}
	// What is in the file is newer than what is in the keyring: it was written when the keyring failed,
	// and Set empties it when the keyring works again.
	if !r.NoFile {
		if secret, err := r.file.get(server); secret != "" || err != nil {
			return secret, err
		}
	}
	if r.Place() != System {
		return "", nil
	}
	secret, err := patiently(func() (string, error) { return r.backend.get(server) })
	switch {
	case err == nil:
		return secret, nil
	case !errors.Is(err, system.ErrNotFound):
		r.giveUp(err)
	}
	return "", nil
}

// Set keeps secret for server and returns when it is safe.
func (r *Ring) Set(server, secret string) error {
	if r.Place() == System {
		_, err := patiently(func() (string, error) { return "", r.backend.set(server, secret) })
		if err == nil {
			r.forget(server)
			return r.file.drop(server)
		}
		r.giveUp(err)
	}
	if r.Place() == File {
		if err := r.file.set(server, secret); err != nil {
			return err
		}
		r.forget(server)
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.memory[server] = secret
	return nil
}

// Delete forgets the secret for server.
func (r *Ring) Delete(server string) error {
	r.forget(server)
	var err error
	if r.Place() == System {
		if _, err = patiently(func() (string, error) { return "", r.backend.drop(server) }); errors.Is(err, system.ErrNotFound) {
			err = nil
		}
	}
	return errors.Join(err, r.file.drop(server))
}

func (r *Ring) forget(server string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.memory, server)
}

func (r *Ring) giveUp(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.place == System {
		r.place = r.second()
		r.Log.Warn("there is no usable keyring", "error", err, "instead", r.place)
	}
}

// patiently runs ask, but does not wait for ever: some keyrings ask a person first.
func patiently(ask func() (string, error)) (string, error) {
	type answer struct {
		secret string
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		secret, err := ask()
		done <- answer{secret, err}
	}()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case a := <-done:
		return a.secret, a.err
	case <-limit.C:
		return "", errSlow
	}
}

// goKeyring is the real one.
type goKeyring struct{}

func (goKeyring) usable() bool                      { return reachable() }
func (goKeyring) get(server string) (string, error) { return system.Get(service, server) }
func (goKeyring) set(server, secret string) error   { return system.Set(service, server, secret) }
func (goKeyring) drop(server string) error          { return system.Delete(service, server) }
