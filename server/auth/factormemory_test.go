package auth

import (
	"context"
	"slices"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func (m *memory) Factor(_ context.Context, id protocol.UserID) (store.Factor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.factors[id], nil
}

// factor changes id's when it fits, and writes act down.
func (m *memory) factor(id protocol.UserID, act *store.Act, fits func(store.Factor) bool, change func(*store.Factor)) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.factors[id]
	if !fits(f) {
		return false, nil
	}
	change(&f)
	m.factors[id] = f
	if act != nil {
		m.acts = append(m.acts, *act)
	}
	return true, nil
}

func live(f store.Factor) bool { return f.Live }

func (m *memory) BeginFactor(_ context.Context, id protocol.UserID, secret string) (bool, error) {
	return m.factor(id, nil, func(f store.Factor) bool { return !f.Live }, func(f *store.Factor) { *f = store.Factor{Secret: secret} })
}

func (m *memory) ConfirmFactor(_ context.Context, by store.Act, id protocol.UserID, secret string, codes []string, step int64) (bool, error) {
	return m.factor(id, &by, func(f store.Factor) bool { return f.Secret == secret && !f.Live }, func(f *store.Factor) {
		f.Live, f.Codes, f.Step = true, codes, step
	})
}

func (m *memory) UseStep(_ context.Context, id protocol.UserID, step int64) (bool, error) {
	return m.factor(id, nil, func(f store.Factor) bool { return f.Live && f.Step < step }, func(f *store.Factor) { f.Step = step })
}

func (m *memory) UseCode(_ context.Context, by store.Act, id protocol.UserID, mark string) (bool, error) {
	return m.factor(id, &by, func(f store.Factor) bool { return slices.Contains(f.Codes, mark) }, func(f *store.Factor) {
		f.Codes = slices.DeleteFunc(slices.Clone(f.Codes), func(c string) bool { return c == mark })
	})
}

func (m *memory) SetCodes(_ context.Context, by store.Act, id protocol.UserID, codes []string) (bool, error) {
	return m.factor(id, &by, live, func(f *store.Factor) { f.Codes = codes })
}

func (m *memory) DropFactor(_ context.Context, by store.Act, id protocol.UserID) (bool, error) {
	return m.factor(id, &by, func(f store.Factor) bool { return f.Secret != "" }, func(f *store.Factor) { *f = store.Factor{} })
}
