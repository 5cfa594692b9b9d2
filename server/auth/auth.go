// Package auth says who is asking: passwords, access tokens, refresh tokens.
// It does not know rooms, sockets or HTTP.
// A refresh token is kept as a hash only and serves once; using an old one ends the whole sign-in.
package auth

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Store is what auth needs of the database.
type Store interface {
	Account(ctx context.Context, id protocol.UserID) (store.Account, error)
	SetPassword(ctx context.Context, id protocol.UserID, hash string, mustChange bool) error
	Keys(ctx context.Context) ([]store.Key, error)
	AddKey(ctx context.Context, k store.Key) error
	AddSignIn(ctx context.Context, i store.SignIn) error
	SignIn(ctx context.Context, id string) (store.SignIn, error)
	SignIns(ctx context.Context, user protocol.UserID) ([]store.SignIn, error)
	RotateSignIn(ctx context.Context, id string, oldHash, newHash []byte, attempt string, used, expires time.Time) (bool, error)
	RevokeSignIn(ctx context.Context, id string) error
	AccountByMail(ctx context.Context, mail string) (store.Account, error)
	UseTicket(ctx context.Context, name string, until time.Time) (bool, error)
	DeskStore
	FactorStore
}

// Config sets up an Auth. Zero lives have the defaults of the wire contract.
type Config struct {
	Store       Store
	AccessLife  time.Duration
	RefreshLife time.Duration
	// Ended is called when a sign-in has ended, so that its live session closes.
	Ended func(user protocol.UserID, signIn string)
	// EndedAll is called when all sign-ins of a person have.
	EndedAll func(user protocol.UserID)
	// Guessed is told of every guess of a password here, for other nodes, which hand it to Guess.
	Guessed func(g Guess)
	// Nodes is among how many nodes that cannot hear of each other's guesses these are shared; nil is one.
	Nodes func() int
	// Directory judges passwords before ours do; nil is none. Local says whose of ours count beside it, by role.
	Directory Directory
	Local     func(r protocol.Role) bool
	// AdminPasswords lets only administrators and owners sign in by password.
	AdminPasswords bool
	Portal         Portal
	// Noted, unless nil, is told who signed in, signed out, was refused or ended. It must not wait.
	Noted    func(c store.Came)
	OIDC     OIDC
	Kerberos Kerberos
	Log      *slog.Logger
}

// Auth answers who is asking.
type Auth struct {
	Config
	keys     keyring
	portal   portalKeys
	provider provider
	guard    guard
	refusals refusals
	hashing  chan struct{}
	binding  chan struct{}
	waiting  atomic.Int64
	// cleaner gives the memory of hashing back once nobody has hashed for a while.
	cleaner *time.Timer

	mu    sync.Mutex // guards the fields below
	alive map[string]lease
	// ends counts what ended, so that an answer of the database from before is not kept after it.
	ends int
	// policy is what the database said at policyAt.
	policy   protocol.Policy
	policyAt time.Time

	refreshLife atomic.Int64 // nanoseconds
}

// lease is how long a sign-in is taken to be alive without asking the database again.
type lease struct {
	until time.Time
	user  protocol.User
}

// leaseLife bounds how long another process's change, such as a deactivation by the command line, stays unseen.
const leaseLife = 3 * time.Second

// attemptWindow is how long a refresh that was sent twice under the same name gets the same answer.
const attemptWindow = time.Minute

// New returns an Auth. It makes a first signing key in an empty database.
func New(ctx context.Context, c Config) (*Auth, error) {
	if c.AccessLife == 0 {
		c.AccessLife = 15 * time.Minute
	}
	if c.RefreshLife == 0 {
		c.RefreshLife = 30 * 24 * time.Hour
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	a := &Auth{
		Config: c, alive: map[string]lease{}, hashing: make(chan struct{}, parallelHashes()),
		binding: make(chan struct{}, parallelBinds),
		cleaner: time.AfterFunc(time.Hour, debug.FreeOSMemory),
	}
	a.cleaner.Stop()
	a.SetRefreshLife(c.RefreshLife)
	a.guard.init()
	a.guard.nodes = c.Nodes
	a.provider.init()
	a.portal.folder, a.portal.log = c.Portal.Keys, c.Log
	if a.HasPortal() {
		if err := a.portal.load(); err != nil {
			return nil, fmt.Errorf("--portal-keys: %w", err)
		}
	}
	return a, a.keys.load(ctx, c.Store)
}

// SetRefreshLife changes how long a device stays signed in without being used; for one that is, from its next use on.
func (a *Auth) SetRefreshLife(life time.Duration) { a.refreshLife.Store(int64(life)) }

// StaysIn is how long a device stays signed in without being used.
func (a *Auth) StaysIn() time.Duration { return time.Duration(a.refreshLife.Load()) }

// Renew makes a new signing key when the newest is old. Tokens under the older ones stay good.
func (a *Auth) Renew(ctx context.Context) error { return a.keys.renew(ctx, a.Store, time.Now()) }

// Tidy forgets what is known no longer, so that a morning's rush leaves no memory behind.
func (a *Auth) Tidy(context.Context) error {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.alive) == 0 {
		return nil
	}
	kept := map[string]lease{}
	for id, l := range a.alive {
		if now.Before(l.until) {
			kept[id] = l
		}
	}
	a.alive = kept // a map does not shrink
	return nil
}

// From describes the device that signs in.
type From struct {
	Device  protocol.Device
	Address string
	Agent   string
}

// Login checks a password, and a code where there is a second factor, and signs the device in. It returns the
// refresh token beside the answer.
func (a *Auth) Login(ctx context.Context, in protocol.Login, from From) (protocol.SignedIn, string, error) {
	// An unknown id costs as much as a known one, so that time does not tell which ids exist.
	c, err := a.claimed(ctx, in.UserID)
	if err != nil {
		return protocol.SignedIn{}, "", err
	}
	id, account := c.id, c.account
	v := wrong
	if locked, bad := a.locked(ctx, id); bad != nil || locked {
		err = cmp.Or(bad, error(protocol.RefuseField(protocol.Forbidden, "locked")))
	} else if v, err = a.guess(ctx, account, id, from.Address, func() (verdict, error) {
		if v, err := a.word(ctx, c, in.Password); err != nil || v != right {
			return v, err
		}
		f, err := a.Store.Factor(ctx, account.ID)
		if err != nil || !f.Live {
			return right, err
		}
		return a.codeVerdict(ctx, account.ID, f, in.Code, from.Address)
	}); err == nil {
		err = a.counted(ctx, account, from.Address, v)
	}
	if err == nil {
		err = v.refusal()
	}
	if err != nil {
		a.Refused(account.ID, from, err) // "" for an unknown id: it may be a password in the wrong field
		return protocol.SignedIn{}, "", err
	}
	// Only who knows the password learns that it is of no use.
	if a.AdminPasswords && !account.Role.Reaches(protocol.Administrator) {
		err := protocol.RefuseField(protocol.Forbidden, "passwords")
		a.Refused(account.ID, from, err)
		return protocol.SignedIn{}, "", err
	}
	return a.SignIn(ctx, account.User, from)
}

// Forget lets a sign-in, or all for "", be looked up again, since it was ended at another node.
func (a *Auth) Forget(signIn string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ends++
	if signIn == "" {
		clear(a.alive)
	} else {
		delete(a.alive, signIn)
	}
}

// SignIn signs user's device in without asking for anything. It returns the refresh token beside the
// answer, which carries it for other devices than the web.
func (a *Auth) SignIn(ctx context.Context, user protocol.User, from From) (protocol.SignedIn, string, error) {
	return a.signIn(ctx, "", user, from)
}

func (a *Auth) signIn(ctx context.Context, way string, user protocol.User, from From) (protocol.SignedIn, string, error) {
	var err error
	if user.MustEnrol, err = a.demanded(ctx, way, user); err != nil {
		return protocol.SignedIn{}, "", err
	}
	now := time.Now()
	id := rand.Text()
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	token := id + "." + base64.RawURLEncoding.EncodeToString(secret)
	if err := a.Store.AddSignIn(ctx, store.SignIn{
		ID: id, User: user.ID, Device: from.Device, Hash: hashOf(token), Agent: from.Agent, Address: from.Address,
		At: now, Used: now, Expires: now.Add(a.StaysIn()), Way: way,
	}); err != nil {
		return protocol.SignedIn{}, "", err
	}
	a.note(protocol.CameIn, user.ID, from, "")
	return a.answer(user, id, from.Device, token)
}

func (a *Auth) answer(user protocol.User, signIn string, device protocol.Device, refresh string) (protocol.SignedIn, string, error) {
	access, err := a.keys.sign(user, signIn, device, a.AccessLife)
	if err != nil {
		return protocol.SignedIn{}, "", err
	}
	out := protocol.SignedIn{AccessToken: access, ExpiresIn: int(a.AccessLife.Seconds()), User: user}
	if device != protocol.Web {
		out.RefreshToken = refresh
	}
	return out, refresh, nil
}

// Refresh takes a refresh token for new tokens. The same token under the same attempt, a name that the
// client makes, gets the same answer again for a minute: a reply that was lost signs nobody out. Any
// other second use ends the sign-in.
func (a *Auth) Refresh(ctx context.Context, token, attempt string) (protocol.SignedIn, string, error) {
	refused := protocol.Refuse(protocol.Unauthenticated)
	id, _, ok := strings.Cut(token, ".")
	if !ok || len(id) > 64 || len(attempt) > 64 {
		return protocol.SignedIn{}, "", refused
	}
	in, err := a.Store.SignIn(ctx, id)
	if errors.Is(err, store.ErrNoSignIn) {
		return protocol.SignedIn{}, "", refused
	}
	if err != nil {
		return protocol.SignedIn{}, "", err
	}
	now := time.Now()
	if in.Revoked || now.After(in.Expires) {
		return protocol.SignedIn{}, "", refused
	}
	account, err := a.Store.Account(ctx, in.User)
	if err != nil || !account.Active {
		return protocol.SignedIn{}, "", errors.Join(refused, ignore(err, store.ErrNoUser))
	}
	account.User.MustChange = account.User.MustChange && in.Way == ""
	if account.MustEnrol, err = a.demanded(ctx, in.Way, account.User); err != nil {
		return protocol.SignedIn{}, "", err
	}
	hash := hashOf(token)
	next := a.keys.successor(token, attempt)
	if hmac.Equal(hash, in.Hash) {
		swapped, err := a.Store.RotateSignIn(ctx, id, hash, hashOf(next), attempt, now, now.Add(a.StaysIn()))
		if err != nil {
			return protocol.SignedIn{}, "", err
		}
		if swapped {
			return a.answer(account.User, id, in.Device, next)
		}
		if in, err = a.Store.SignIn(ctx, id); err != nil {
			return protocol.SignedIn{}, "", err
		}
	}
	if attempt != "" && attempt == in.Attempt && hmac.Equal(hash, in.PrevHash) && hmac.Equal(hashOf(next), in.Hash) && now.Sub(in.Used) < attemptWindow {
		return a.answer(account.User, id, in.Device, next)
	}
	a.Log.Warn("refresh token used again, sign-in ended", "user", in.User, "device", in.Device)
	a.note(protocol.WasEnded, in.User, of(in), "token used twice")
	return protocol.SignedIn{}, "", errors.Join(refused, a.End(ctx, in.User, id))
}

// End ends a sign-in: its tokens die and its live session closes.
func (a *Auth) End(ctx context.Context, user protocol.UserID, id string) error {
	err := a.Store.RevokeSignIn(ctx, id)
	a.mu.Lock()
	delete(a.alive, id)
	a.ends++
	a.mu.Unlock()
	if a.Ended != nil {
		a.Ended(user, id)
	}
	return ignore(err, store.ErrNoSignIn)
}

// Leave ends the sign-in of who asks for it.
func (a *Auth) Leave(ctx context.Context, who Who, from From) error {
	if err := a.End(ctx, who.User.ID, who.SignIn); err != nil {
		return err
	}
	from.Device = who.Device
	a.note(protocol.WentOut, who.User.ID, from, "")
	return nil
}

// EndWith ends the sign-in of a refresh token, for a device whose access token has run out.
func (a *Auth) EndWith(ctx context.Context, token string) error {
	id, _, _ := strings.Cut(token, ".")
	in, err := a.Store.SignIn(ctx, id)
	if errors.Is(err, store.ErrNoSignIn) || err == nil && !hmac.Equal(hashOf(token), in.Hash) {
		return protocol.Refuse(protocol.Unauthenticated)
	}
	if err != nil {
		return err
	}
	if !in.Revoked {
		a.note(protocol.WentOut, in.User, of(in), "")
	}
	return a.End(ctx, in.User, id)
}

// Who is the bearer of an access token.
type Who struct {
	User   protocol.User
	Device protocol.Device
	SignIn string
}

// Check returns who bears the access token. The sign-in behind it must be alive.
func (a *Auth) Check(ctx context.Context, token string) (Who, error) {
	c, err := a.keys.verify(ctx, a.Store, token)
	if err != nil {
		return Who{}, protocol.Refuse(protocol.Unauthenticated)
	}
	who := Who{User: protocol.User{ID: protocol.UserID(c.Subject)}, Device: c.Device, SignIn: c.SignIn}
	now := time.Now()
	a.mu.Lock()
	l, ok := a.alive[c.SignIn]
	ends := a.ends
	a.mu.Unlock()
	if ok && now.Before(l.until) {
		who.User = l.user
		return who, nil
	}
	in, err := a.Store.SignIn(ctx, c.SignIn)
	if err != nil && !errors.Is(err, store.ErrNoSignIn) {
		return Who{}, err
	}
	if err != nil || in.Revoked || string(in.User) != c.Subject {
		return Who{}, protocol.Refuse(protocol.Unauthenticated)
	}
	account, err := a.Store.Account(ctx, in.User)
	if err != nil && !errors.Is(err, store.ErrNoUser) {
		return Who{}, err
	}
	if err != nil || !account.Active {
		return Who{}, protocol.Refuse(protocol.Unauthenticated)
	}
	who.User = account.User
	who.User.MustChange = who.User.MustChange && in.Way == ""
	if who.User.MustEnrol, err = a.demanded(ctx, in.Way, who.User); err != nil {
		return Who{}, err
	}
	a.mu.Lock()
	if len(a.alive) > 20_000 {
		clear(a.alive) // they are asked for again; better than growing without end
	}
	if ends == a.ends {
		a.alive[c.SignIn] = lease{now.Add(leaseLife), who.User}
	}
	a.mu.Unlock()
	return who, nil
}

// ChangePassword sets a new password for id, who knows the old one, and ends the other sign-ins.
func (a *Auth) ChangePassword(ctx context.Context, who Who, old, fresh, address string) error {
	account, err := a.Store.Account(ctx, who.User.ID)
	if err != nil {
		return err
	}
	if !a.local(account) {
		return protocol.RefuseField(protocol.Forbidden, "directory")
	}
	v, err := a.guess(ctx, account, account.ID, address, func() (verdict, error) { return passwordVerdict(old, account), nil })
	if err != nil {
		return err
	}
	if v != right {
		return protocol.RefuseField(protocol.BadCredentials, "old")
	}
	if old == fresh {
		return protocol.RefuseField(protocol.BadRequest, "new")
	}
	if err := a.acceptable(ctx, account.ID, fresh); err != nil {
		return err
	}
	hash, err := a.hash(ctx, fresh)
	if err != nil {
		return err
	}
	if err := a.Store.SetPassword(ctx, who.User.ID, hash, false); err != nil {
		return err
	}
	a.forget()
	others, err := a.Store.SignIns(ctx, who.User.ID)
	for _, in := range others {
		if in.ID != who.SignIn {
			a.note(protocol.WasEnded, in.User, of(in), "new password")
			err = errors.Join(err, a.End(ctx, who.User.ID, in.ID))
		}
	}
	return err
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}
