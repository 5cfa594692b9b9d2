package auth

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// memory is a Store in memory.
type memory struct {
	DeskStore
	mu      sync.Mutex // guards the fields below
	people  map[protocol.UserID]store.Account
	keys    []store.Key
	signIns map[string]store.SignIn
	used    map[string]bool
	factors map[protocol.UserID]store.Factor
	acts    []store.Act
	policy  *protocol.Policy
	wrong   map[protocol.UserID]int
	asked   int
	// meanwhile runs inside SignIn, once what it returns is decided.
	meanwhile func()
}

func newMemory() *memory {
	return &memory{
		people: map[protocol.UserID]store.Account{}, signIns: map[string]store.SignIn{}, used: map[string]bool{},
		factors: map[protocol.UserID]store.Factor{}, wrong: map[protocol.UserID]int{},
	}
}

func (m *memory) Account(_ context.Context, id protocol.UserID) (store.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.people[id]
	if !ok {
		return a, store.ErrNoUser
	}
	return a, nil
}

func (m *memory) SetPassword(_ context.Context, id protocol.UserID, hash string, must bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.people[id]
	a.PasswordHash, a.MustChange, a.User.MustChange = hash, must, must
	m.people[id] = a
	return nil
}

func (m *memory) Keys(context.Context) ([]store.Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	return slices.Clone(m.keys), nil
}

func (m *memory) AddKey(_ context.Context, k store.Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys = slices.Insert(m.keys, 0, k)
	return nil
}

func (m *memory) AddSignIn(_ context.Context, i store.SignIn) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.signIns[i.ID] = i
	return nil
}

func (m *memory) SignIn(_ context.Context, id string) (store.SignIn, error) {
	m.mu.Lock()
	i, ok := m.signIns[id]
	f := m.meanwhile
	m.meanwhile = nil
	m.mu.Unlock()
	if f != nil {
		f()
	}
	if !ok {
		return i, store.ErrNoSignIn
	}
	return i, nil
}

func (m *memory) SignIns(_ context.Context, user protocol.UserID) ([]store.SignIn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []store.SignIn
	for _, i := range m.signIns {
		if i.User == user && !i.Revoked {
			out = append(out, i)
		}
	}
	return out, nil
}

func (m *memory) RotateSignIn(_ context.Context, id string, oldHash, newHash []byte, attempt string, used, expires time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.signIns[id]
	if !ok {
		return false, store.ErrNoSignIn
	}
	if i.Revoked || !bytes.Equal(i.Hash, oldHash) {
		return false, nil
	}
	i.PrevHash, i.Hash, i.Attempt, i.Used, i.Expires = i.Hash, newHash, attempt, used, expires
	m.signIns[id] = i
	return true, nil
}

func (m *memory) RevokeSignIn(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.signIns[id]
	if !ok {
		return store.ErrNoSignIn
	}
	i.Revoked = true
	m.signIns[id] = i
	return nil
}

// kim's password. The hash is as ours, but cheap.
const password = "correct horse"

var cheap = hashWith(password, 1, 64)

// world is an Auth over a memory in which kim may sign in.
func world(t *testing.T) (*Auth, *memory) {
	t.Helper()
	m := newMemory()
	m.people["kim"] = store.Account{User: protocol.User{ID: "kim", Name: "김서연"}, PasswordHash: cheap, Active: true}
	a, err := New(t.Context(), Config{Store: m})
	if err != nil {
		t.Fatal(err)
	}
	return a, m
}

var home = From{Device: protocol.Desktop, Address: "10.0.0.1", Agent: "test"}

func login(t *testing.T, a *Auth) protocol.SignedIn {
	t.Helper()
	in, _, err := a.Login(t.Context(), creds("kim", password), home)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func wants(t *testing.T, err error, code protocol.Code) {
	t.Helper()
	if got := protocol.CodeOf(err); got != code {
		t.Fatalf("got %q (%v), want %q", got, err, code)
	}
}

func (m *memory) Kept(_ context.Context, _ string, v any) error {
	if p, ok := v.(*protocol.Policy); ok && m.policy != nil {
		*p = *m.policy
	}
	return nil
}

func (m *memory) Wrong(_ context.Context, id protocol.UserID) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wrong[id]++
	return m.wrong[id], nil
}

func (m *memory) WrongSoFar(_ context.Context, id protocol.UserID) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wrong[id], nil
}

func (m *memory) Unlock(_ context.Context, _ *store.Act, id protocol.UserID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.wrong, id)
	return nil
}

func (m *memory) Note(_ context.Context, act store.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acts = append(m.acts, act)
	return nil
}

// creds are what somebody types.
func creds(id protocol.UserID, password string) protocol.Login {
	return protocol.Login{UserID: id, Password: password}
}

func (m *memory) UseTicket(_ context.Context, name string, _ time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := !m.used[name]
	m.used[name] = true
	return first, nil
}

func (m *memory) AccountByMail(context.Context, string) (store.Account, error) {
	return store.Account{}, store.ErrNoUser
}
