package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"sendjay/shared/protocol"
)

// Key signs access tokens. All nodes share the keys.
type Key struct {
	ID     string
	Secret []byte
	At     time.Time
}

// Keys returns the signing keys, newest first.
func (s *Store) Keys(ctx context.Context) ([]Key, error) {
	var out []Key
	err := each(ctx, s.read, func(r row) error {
		var k Key
		var ms int64
		err := r.Scan(&k.ID, &k.Secret, &ms)
		k.At = time.UnixMilli(ms).UTC()
		out = append(out, k)
		return err
	}, "SELECT KEYID, SECRET, ATMS FROM S_KEY_TBL ORDER BY ATMS DESC, KEYID DESC")
	return out, s.d.translate(err)
}

// AddKey adds a signing key.
func (s *Store) AddKey(ctx context.Context, k Key) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO S_KEY_TBL (KEYID, SECRET, ATMS) VALUES (?,?,?)", k.ID, k.Secret, k.At.UnixMilli())
		return err
	}, nil)
}

// SignIn is one device that signed in; its refresh tokens form one family.
type SignIn struct {
	ID     string
	User   protocol.UserID
	Device protocol.Device
	// Hash is of the current refresh token, PrevHash of the one before.
	Hash, PrevHash []byte
	// Attempt is the client's name for the last rotation; Counter counts rotations.
	Attempt       string
	Counter       int64
	Agent         string
	Address       string
	At            time.Time
	Used, Expires time.Time
	Revoked       bool
	// Way is how the person proved who it is, "" for a password.
	Way string
}

const signInColumns = "SIGNINID, USER_ID, DEVICE, HASH, PREVHASH, ATTEMPT, COUNTER, AGENT, ADDRESS, ATMS, USEDMS, EXPIRESMS, REVOKED, WAY"

func scanSignIn(scan func(...any) error) (SignIn, error) {
	var i SignIn
	var at, used, expires int64
	var revoked string
	err := scan(&i.ID, &i.User, &i.Device, &i.Hash, &i.PrevHash, &i.Attempt, &i.Counter, &i.Agent, &i.Address, &at, &used, &expires, &revoked, &i.Way)
	i.At, i.Used, i.Expires = time.UnixMilli(at).UTC(), time.UnixMilli(used).UTC(), time.UnixMilli(expires).UTC()
	i.Revoked = revoked == "Y"
	return i, err
}

// AddSignIn adds i.
func (s *Store) AddSignIn(ctx context.Context, i SignIn) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO S_SIGNIN_TBL ("+signInColumns+") VALUES "+marks(1, 14),
			i.ID, string(i.User), string(i.Device), i.Hash, bytesOr(i.PrevHash), i.Attempt, i.Counter, cutRunes(i.Agent, 200), cutRunes(i.Address, 64),
			i.At.UnixMilli(), i.Used.UnixMilli(), i.Expires.UnixMilli(), yes(i.Revoked), i.Way)
		return err
	}, nil)
}

func bytesOr(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// SignIn returns one sign-in, ErrNoSignIn when there is none.
func (s *Store) SignIn(ctx context.Context, id string) (SignIn, error) {
	i, err := scanSignIn(s.read.QueryRowContext(ctx, "SELECT "+signInColumns+" FROM S_SIGNIN_TBL WHERE SIGNINID=?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return i, ErrNoSignIn
	}
	return i, s.d.translate(err)
}

// LiveSignIns returns those of ids that are there and were not ended.
func (s *Store) LiveSignIns(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	out, err := list[string](ctx, s.read, "SELECT SIGNINID FROM S_SIGNIN_TBL WHERE REVOKED='N' AND SIGNINID IN "+marks(1, len(args)), args...)
	return out, s.d.translate(err)
}

// SignIns returns a person's sign-ins that are neither ended nor expired, last used first.
func (s *Store) SignIns(ctx context.Context, user protocol.UserID) ([]SignIn, error) {
	var out []SignIn
	err := each(ctx, s.read, func(r row) error {
		i, err := scanSignIn(r.Scan)
		out = append(out, i)
		return err
	}, "SELECT "+signInColumns+" FROM S_SIGNIN_TBL WHERE USER_ID=? AND REVOKED='N' AND EXPIRESMS>? ORDER BY USEDMS DESC", string(user), s.now().UnixMilli())
	return out, s.d.translate(err)
}

// RotateSignIn puts newHash in the place of oldHash. It reports false, and changes nothing, when oldHash is
// no longer the current one or the sign-in has ended.
func (s *Store) RotateSignIn(ctx context.Context, id string, oldHash, newHash []byte, attempt string, used, expires time.Time) (bool, error) {
	swapped := false
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		swapped = false
		i, err := scanSignIn(tx.QueryRowContext(ctx, "SELECT "+signInColumns+" FROM S_SIGNIN_TBL WHERE SIGNINID=?"+s.d.lockRows(), id).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoSignIn
		}
		if err != nil || i.Revoked || !bytes.Equal(i.Hash, oldHash) {
			return err
		}
		swapped = true
		_, err = tx.ExecContext(ctx, "UPDATE S_SIGNIN_TBL SET PREVHASH=HASH, HASH=?, ATTEMPT=?, COUNTER=COUNTER+1, USEDMS=?, EXPIRESMS=? WHERE SIGNINID=?",
			newHash, attempt, used.UnixMilli(), expires.UnixMilli(), id)
		return err
	}, nil)
	return swapped, err
}

// RevokeSignIn ends a sign-in. Ending it twice is fine.
func (s *Store) RevokeSignIn(ctx context.Context, id string) error {
	return s.change(ctx, ErrNoSignIn, "UPDATE S_SIGNIN_TBL SET REVOKED='Y' WHERE SIGNINID=?", id)
}

// ForgetSignIns removes sign-ins that expired, or were ended, before t.
func (s *Store) ForgetSignIns(ctx context.Context, t time.Time) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM S_SIGNIN_TBL WHERE EXPIRESMS<?", t.UnixMilli())
		return err
	}, nil)
}

// Names returns the names of ids; those unknown are absent.
func (s *Store) Names(ctx context.Context, ids []protocol.UserID) (map[protocol.UserID]string, error) {
	out := make(map[protocol.UserID]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = string(id)
	}
	err := each(ctx, s.read, func(r row) error {
		var id protocol.UserID
		var name string
		err := r.Scan(&id, &name)
		out[id] = name
		return err
	}, "SELECT USER_ID, USER_NM FROM Z_USER_TBL WHERE USER_ID IN "+marks(1, len(args)), args...)
	return out, s.d.translate(err)
}
