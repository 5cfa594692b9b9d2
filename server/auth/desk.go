package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// DeskStore is what looking after accounts needs of the database.
type DeskStore interface {
	OpenAccount(ctx context.Context, by store.Act, a store.Account) error
	EditAccount(ctx context.Context, by store.Act, id protocol.UserID, e protocol.EditAccount) error
	ResetPassword(ctx context.Context, by store.Act, id protocol.UserID, hash string) error
	FirstPasswords(ctx context.Context, by store.Act, limit int, make func() (password, hash string)) ([]protocol.OneTime, int, error)
	EndSignIns(ctx context.Context, by store.Act, user protocol.UserID, one string) ([]string, error)
	Wrong(ctx context.Context, id protocol.UserID) (int, error)
	WrongSoFar(ctx context.Context, id protocol.UserID) (int, error)
	Unlock(ctx context.Context, by *store.Act, id protocol.UserID) error
	Kept(ctx context.Context, name string, v any) error
	Keep(ctx context.Context, by store.Act, name string, v any) error
	Note(ctx context.Context, a store.Act) error
}

// By is who looks after an account, and from where.
type By struct {
	protocol.User
	Address string
}

func (b By) act(act string, target protocol.UserID, about any) store.Act {
	return store.Act{Who: string(b.ID), Address: b.Address, Act: act, Target: string(target), About: about}
}

// may refuses to touch somebody of one's own rank or above, oneself and owners excepted: nobody gains rights by
// resetting another one's password.
func (a *Auth) may(ctx context.Context, by By, id protocol.UserID) (store.Account, error) {
	account, err := a.Store.Account(ctx, id)
	if errors.Is(err, store.ErrNoUser) {
		return account, protocol.Refuse(protocol.NotFound)
	}
	if err == nil && by.Role != protocol.Owner && by.ID != id && account.Role.Reaches(by.Role) {
		err = protocol.Refuse(protocol.Forbidden)
	}
	return account, err
}

// oneTime makes a password that can be read out over the telephone.
func oneTime() string {
	return strings.ToLower(rand.Text()[:4] + "-" + rand.Text()[:4] + "-" + rand.Text()[:4])
}

// OpenAccount makes an account. Without a password it makes one that serves once, and returns it.
func (a *Auth) OpenAccount(ctx context.Context, by By, n protocol.NewAccount) (protocol.OneTime, error) {
	out := protocol.OneTime{ID: n.ID}
	e := protocol.EditAccount{Name: &n.Name, Job: &n.Job, Phone: &n.Phone, Mail: &n.Mail, Org: &n.Org, Role: &n.Role}
	if bad := e.Check(); bad != nil {
		return out, bad
	}
	switch {
	case !n.ID.Valid():
		return out, protocol.RefuseField(protocol.BadRequest, "id")
	case n.Role != "" && by.Role != protocol.Owner:
		return out, protocol.RefuseField(protocol.Forbidden, "role")
	}
	account := store.Account{
		User:   protocol.User{ID: n.ID, Name: strings.TrimSpace(string(n.Name)), Job: string(n.Job), Phone: string(n.Phone), Mail: string(n.Mail), Org: n.Org, Role: n.Role},
		Active: true, MustChange: true,
	}
	if n.Password == "" {
		out.Password = oneTime()
		account.PasswordHash = Hash(out.Password)
	} else {
		if err := a.acceptable(ctx, n.ID, n.Password); err != nil {
			return out, err
		}
		hash, err := a.hash(ctx, n.Password)
		if err != nil {
			return out, err
		}
		account.PasswordHash = hash
	}
	about := map[string]any{"name": n.Name, "role": n.Role}
	if n.Org != "" {
		about["org"] = n.Org
	}
	err := a.Store.OpenAccount(ctx, by.act("account.open", n.ID, about), account)
	if errors.Is(err, store.ErrTaken) {
		return out, protocol.RefuseField(protocol.Conflict, "id")
	}
	return out, unplaced(err)
}

// unplaced names the field of what asks for a unit that there is not.
func unplaced(err error) error {
	switch {
	case errors.Is(err, store.ErrNoUnit):
		return protocol.RefuseField(protocol.NotFound, "org")
	case errors.Is(err, store.ErrNoPostUnit):
		return protocol.RefuseField(protocol.NotFound, "posts")
	}
	return err
}

// EditAccount changes what e gives. Roles are the owner's to give, and the last owner stays one.
func (a *Auth) EditAccount(ctx context.Context, by By, id protocol.UserID, e protocol.EditAccount) error {
	if bad := e.Check(); bad != nil {
		return bad
	}
	account, err := a.may(ctx, by, id)
	if err != nil {
		return err
	}
	if e.Role != nil && *e.Role != account.Role && by.Role != protocol.Owner {
		return protocol.RefuseField(protocol.Forbidden, "role")
	}
	if by.ID == id && (e.Active != nil && !*e.Active || e.Role != nil && *e.Role != account.Role) {
		return protocol.RefuseField(protocol.Conflict, "id") // nobody shuts himself out
	}
	act := "account.edit"
	if e.Active != nil && *e.Active != account.Active {
		act = map[bool]string{true: "account.reopen", false: "account.close"}[*e.Active]
	}
	if err := a.Store.EditAccount(ctx, by.act(act, id, e), id, e); errors.Is(err, store.ErrLastOwner) {
		return protocol.RefuseField(protocol.Conflict, "role")
	} else if err != nil {
		return fmt.Errorf("edit account: %w", unplaced(err))
	}
	a.forget()
	if e.Active != nil && !*e.Active {
		a.endedAll(id, "account closed by "+string(by.ID))
	}
	return nil
}

// ResetPassword gives id a password that serves once, and ends the sign-ins.
func (a *Auth) ResetPassword(ctx context.Context, by By, id protocol.UserID) (protocol.OneTime, error) {
	if _, err := a.may(ctx, by, id); err != nil {
		return protocol.OneTime{}, err
	}
	password := oneTime()
	hash, err := a.hash(ctx, password)
	if err != nil {
		return protocol.OneTime{}, err
	}
	if err := a.Store.ResetPassword(ctx, by.act("password.reset", id, nil), id, hash); err != nil {
		return protocol.OneTime{}, err
	}
	a.forget()
	a.endedAll(id, "password reset by "+string(by.ID))
	return protocol.OneTime{ID: id, Password: password}, nil
}

// firstAtOnce is how many first passwords are made in one go.
const firstAtOnce = 500

// FirstPasswords gives people who have none a password that serves once. They are long enough to be hashed in little
// time, so that a whole company has them in seconds.
func (a *Auth) FirstPasswords(ctx context.Context, by By) (protocol.OneTimes, error) {
	people, left, err := a.Store.FirstPasswords(ctx, by.act("password.first", "", nil), firstAtOnce, func() (string, string) {
		password := strings.ToLower(rand.Text()[:4] + "-" + rand.Text()[:4] + "-" + rand.Text()[:4] + "-" + rand.Text()[:4])
		return password, HashMade(password)
	})
	return protocol.OneTimes{People: people, Left: left}, err
}

// Unlock lets id try again.
func (a *Auth) Unlock(ctx context.Context, by By, id protocol.UserID) error {
	if _, err := a.may(ctx, by, id); err != nil {
		return err
	}
	act := by.act("account.unlock", id, nil)
	return a.Store.Unlock(ctx, &act, id)
}

// EndDevices ends user's sign-ins, or only the one with the id.
func (a *Auth) EndDevices(ctx context.Context, by By, user protocol.UserID, one string) error {
	if _, err := a.may(ctx, by, user); err != nil {
		return err
	}
	return a.endDevices(ctx, by, user, one)
}

func (a *Auth) endDevices(ctx context.Context, by By, user protocol.UserID, one string) error {
	ended, err := a.Store.EndSignIns(ctx, by.act("device.end", user, one), user, one)
	if errors.Is(err, store.ErrNoSignIn) {
		return protocol.Refuse(protocol.NotFound)
	}
	if err != nil {
		return err
	}
	a.forget()
	for _, id := range ended {
		if in, err := a.Store.SignIn(ctx, id); err == nil {
			a.note(protocol.WasEnded, user, of(in), "by "+string(by.ID))
		}
		if a.Ended != nil {
			a.Ended(user, id)
		}
	}
	return nil
}

// Devices returns where user is signed in; here is the sign-in that asks.
func (a *Auth) Devices(ctx context.Context, user protocol.UserID, here string) (protocol.DevicesPage, error) {
	page := protocol.DevicesPage{Devices: []protocol.SignedDevice{}}
	all, err := a.Store.SignIns(ctx, user)
	for _, i := range all {
		page.Devices = append(page.Devices, protocol.SignedDevice{
			ID: i.ID, Device: i.Device, Agent: i.Agent, Address: i.Address, At: protocol.At(i.At), Used: protocol.At(i.Used), Here: i.ID == here,
		})
	}
	return page, err
}

// EndMine ends a sign-in of who himself, or all but the one that asks.
func (a *Auth) EndMine(ctx context.Context, who Who, one, address string) error {
	by := By{who.User, address}
	if one != "" {
		return a.endDevices(ctx, by, who.User.ID, one)
	}
	all, err := a.Store.SignIns(ctx, who.User.ID)
	for _, i := range all {
		if i.ID != who.SignIn {
			err = errors.Join(err, a.endDevices(ctx, by, who.User.ID, i.ID))
		}
	}
	return err
}

// forget lets the next question of everybody go to the database.
func (a *Auth) forget() {
	a.mu.Lock()
	clear(a.alive)
	a.ends++
	a.mu.Unlock()
}

// endedAll closes the live sessions of user.
func (a *Auth) endedAll(user protocol.UserID, why string) {
	a.note(protocol.WasEnded, user, From{}, why)
	if a.EndedAll != nil {
		a.EndedAll(user)
	}
}

// policySetting is the name under which the database keeps the policy.
const policySetting = "policy"

// policyLife bounds how long a node follows an older policy.
const policyLife = 5 * time.Second

// Policy returns the rules for passwords and sign-in.
func (a *Auth) Policy(ctx context.Context) (protocol.Policy, error) {
	a.mu.Lock()
	p, fresh := a.policy, time.Since(a.policyAt) < policyLife
	a.mu.Unlock()
	if fresh {
		return p, nil
	}
	p = protocol.Policy{PasswordLeast: PasswordLeast}
	if err := a.Store.Kept(ctx, policySetting, &p); err != nil {
		return p, err
	}
	a.mu.Lock()
	a.policy, a.policyAt = p, time.Now()
	a.mu.Unlock()
	return p, nil
}

// SetPolicy changes them.
func (a *Auth) SetPolicy(ctx context.Context, by By, p protocol.Policy) (protocol.Policy, error) {
	if bad := p.Check(); bad != nil {
		return p, bad
	}
	if p.FactorStaff {
		// Nobody shuts himself out.
		if f, err := a.Store.Factor(ctx, by.ID); err != nil || !f.Live {
			return p, cmp.Or(err, error(protocol.RefuseField(protocol.Conflict, "factorStaff")))
		}
	}
	if err := a.Store.Keep(ctx, by.act("policy", "", p), policySetting, p); err != nil {
		return p, err
	}
	a.mu.Lock()
	a.policyAt = time.Time{}
	a.mu.Unlock()
	return p, nil
}

// acceptable refuses a password that the policy does not allow.
func (a *Auth) acceptable(ctx context.Context, id protocol.UserID, password string) error {
	p, err := a.Policy(ctx)
	if err != nil {
		return err
	}
	if Acceptable(id, password) != nil || len([]rune(password)) < p.PasswordLeast || p.PasswordMixed && kinds(password) < 3 {
		return protocol.RefuseField(protocol.BadRequest, "new")
	}
	return nil
}

// kinds counts how many of small, large, digit and sign a password has.
func kinds(password string) int {
	n := 0
	for _, in := range []func(r rune) bool{
		func(r rune) bool { return 'a' <= r && r <= 'z' },
		func(r rune) bool { return 'A' <= r && r <= 'Z' },
		func(r rune) bool { return '0' <= r && r <= '9' },
		func(r rune) bool { return r > ' ' && r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' },
	} {
		if strings.ContainsFunc(password, in) {
			n++
		}
	}
	return n
}

// locked reports whether the policy shuts id out for wrong passwords.
func (a *Auth) locked(ctx context.Context, id protocol.UserID) (bool, error) {
	p, err := a.Policy(ctx)
	if err != nil || p.LockAfter == 0 {
		return false, err
	}
	n, err := a.Store.WrongSoFar(ctx, id)
	return n >= p.LockAfter, err
}

// counted keeps count of wrong passwords and codes in a row where the policy locks accounts.
func (a *Auth) counted(ctx context.Context, account store.Account, address string, v verdict) error {
	p, err := a.Policy(ctx)
	if err != nil || p.LockAfter == 0 || account.ID == "" || v == asked {
		return err
	}
	if v == right {
		return a.Store.Unlock(ctx, nil, account.ID)
	}
	n, err := a.Store.Wrong(ctx, account.ID)
	if err == nil && n == p.LockAfter {
		a.Log.Warn("account locked after wrong passwords", "user", account.ID, "address", address)
		err = a.Store.Note(ctx, store.Act{Who: "server", Address: address, Act: "account.lock", Target: string(account.ID), About: fmt.Sprintf("%d wrong passwords", n)})
	}
	return err
}

// Left ends the sessions of people whose accounts were closed.
func (a *Auth) Left(people []protocol.UserID) {
	a.forget()
	for _, id := range people {
		a.endedAll(id, "left")
	}
}
