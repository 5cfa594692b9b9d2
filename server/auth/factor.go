package auth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// FactorStore is what second factors need of the database.
type FactorStore interface {
	Factor(ctx context.Context, id protocol.UserID) (store.Factor, error)
	BeginFactor(ctx context.Context, id protocol.UserID, secret string) (bool, error)
	ConfirmFactor(ctx context.Context, by store.Act, id protocol.UserID, secret string, codes []string, step int64) (bool, error)
	UseStep(ctx context.Context, id protocol.UserID, step int64) (bool, error)
	UseCode(ctx context.Context, by store.Act, id protocol.UserID, mark string) (bool, error)
	SetCodes(ctx context.Context, by store.Act, id protocol.UserID, codes []string) (bool, error)
	DropFactor(ctx context.Context, by store.Act, id protocol.UserID) (bool, error)
}

// What every authenticator app understands (RFC 6238), and a minute and a half for clocks that differ.
const (
	stepLife      = 30 * time.Second
	stepSkew      = 1
	factorDigits  = 6
	recoveryCodes = 10
	// recoveryLetters of 32 kinds are 60 bits: hopeless to guess, bearable to type.
	recoveryLetters = 12
)

// Factor says how it is with the second factor of who.
func (a *Auth) Factor(ctx context.Context, who Who) (protocol.Factor, error) {
	f, err := a.Store.Factor(ctx, who.User.ID)
	if err != nil || f.Live {
		return protocol.Factor{Live: f.Live, Codes: len(f.Codes)}, err
	}
	account, err := a.Store.Account(ctx, who.User.ID)
	return protocol.Factor{Password: a.hasWord(account)}, err
}

// BeginFactor makes a secret for who, who proves himself by his password where he has one: a session that
// somebody left open must not be enough to shut him out.
func (a *Auth) BeginFactor(ctx context.Context, who Who, password, address string) (protocol.FactorSecret, error) {
	var out protocol.FactorSecret
	account, err := a.Store.Account(ctx, who.User.ID)
	if err != nil {
		return out, err
	}
	if a.hasWord(account) {
		v, err := a.guess(ctx, account, account.ID, address, func() (verdict, error) { return passwordVerdict(password, account), nil })
		if err != nil {
			return out, err
		}
		if v != right {
			return out, protocol.RefuseField(protocol.BadCredentials, "password")
		}
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Sendjay", AccountName: string(account.ID), Period: uint(stepLife.Seconds()), Digits: factorDigits})
	if err != nil {
		return out, err
	}
	sealed, err := a.keys.hide(account.ID, key.Secret())
	if err != nil {
		return out, err
	}
	begun, err := a.Store.BeginFactor(ctx, account.ID, sealed)
	if err == nil && !begun {
		err = protocol.Refuse(protocol.Conflict)
	}
	if err != nil {
		return out, err
	}
	out.Secret, out.URI = key.Secret(), key.URL()
	out.Rows, err = picture(out.URI)
	return out, err
}

// picture draws text as a QR code.
func picture(text string) ([]string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, err
	}
	size := code.Bounds().Dx()
	rows := make([]string, size)
	for y := range rows {
		row := make([]byte, size)
		for x := range row {
			row[x] = '0'
			if dark, _, _, _ := code.At(x, y).RGBA(); dark == 0 {
				row[x] = '1'
			}
		}
		rows[y] = string(row)
	}
	return rows, nil
}

// ConfirmFactor makes the secret that who began count, since the code shows that the app knows it.
func (a *Auth) ConfirmFactor(ctx context.Context, who Who, code, address string) (protocol.FactorCodes, error) {
	id := who.User.ID
	f, err := a.Store.Factor(ctx, id)
	if err != nil {
		return protocol.FactorCodes{}, err
	}
	if f.Secret == "" || f.Live {
		return protocol.FactorCodes{}, protocol.Refuse(protocol.Conflict)
	}
	step, err := a.stepOf(id, f, plainCode(code))
	if err != nil {
		return protocol.FactorCodes{}, err
	}
	if step == 0 {
		return protocol.FactorCodes{}, protocol.RefuseField(protocol.BadCredentials, "code")
	}
	codes, marks := a.newCodes(id)
	live, err := a.Store.ConfirmFactor(ctx, By{who.User, address}.act("factor.on", id, nil), id, f.Secret, marks, step)
	if err == nil && !live {
		err = protocol.Refuse(protocol.Conflict)
	}
	if err != nil {
		return protocol.FactorCodes{}, err
	}
	a.forget() // nothing is demanded any longer
	return codes, nil
}

// RenewCodes gives who other recovery codes.
func (a *Auth) RenewCodes(ctx context.Context, who Who, code, address string) (protocol.FactorCodes, error) {
	if err := a.guessCode(ctx, who.User.ID, code, address); err != nil {
		return protocol.FactorCodes{}, err
	}
	codes, marks := a.newCodes(who.User.ID)
	_, err := a.Store.SetCodes(ctx, By{who.User, address}.act("factor.codes", who.User.ID, nil), who.User.ID, marks)
	return codes, err
}

// GiveFactorUp ends the second factor of who.
func (a *Auth) GiveFactorUp(ctx context.Context, who Who, code, address string) error {
	if err := a.guessCode(ctx, who.User.ID, code, address); err != nil {
		return err
	}
	_, err := a.Store.DropFactor(ctx, By{who.User, address}.act("factor.off", who.User.ID, nil), who.User.ID)
	a.forget()
	return err
}

// DropFactor takes the second factor of id away, who lost it.
func (a *Auth) DropFactor(ctx context.Context, by By, id protocol.UserID) error {
	if _, err := a.may(ctx, by, id); err != nil {
		return err
	}
	dropped, err := a.Store.DropFactor(ctx, by.act("factor.drop", id, nil), id)
	if err == nil && !dropped {
		err = protocol.Refuse(protocol.NotFound)
	}
	a.forget()
	return err
}

// guessCode lets through who proves his second factor; wrong codes count as at sign-in.
func (a *Auth) guessCode(ctx context.Context, id protocol.UserID, code, address string) error {
	account, err := a.Store.Account(ctx, id)
	if err != nil {
		return err
	}
	f, err := a.Store.Factor(ctx, id)
	if err != nil {
		return err
	}
	if !f.Live {
		return protocol.Refuse(protocol.Conflict)
	}
	v, err := a.guess(ctx, account, id, address, func() (verdict, error) { return a.codeVerdict(ctx, id, f, code, address) })
	if err == nil {
		err = a.counted(ctx, account, address, v)
	}
	if err == nil && v != right {
		err = protocol.RefuseField(protocol.BadCredentials, "code")
	}
	return err
}

// codeVerdict judges a code of the app or a recovery code, and uses it up.
func (a *Auth) codeVerdict(ctx context.Context, id protocol.UserID, f store.Factor, code, address string) (verdict, error) {
	if code = plainCode(code); code == "" {
		return asked, nil
	}
	good := false
	if len(code) == factorDigits {
		step, err := a.stepOf(id, f, code)
		if err == nil && step > 0 {
			good, err = a.Store.UseStep(ctx, id, step)
		}
		if err != nil {
			return wrong, err
		}
	} else {
		var err error
		act := store.Act{Who: string(id), Address: address, Act: "factor.recovery", Target: string(id)}
		if good, err = a.Store.UseCode(ctx, act, id, a.keys.mark(id, code)); err != nil {
			return wrong, err
		}
	}
	if good {
		return right, nil
	}
	return wrongCode, nil
}

// stepOf returns the step to which a code of the app belongs, 0 when it is wrong, too old or used.
func (a *Auth) stepOf(id protocol.UserID, f store.Factor, code string) (int64, error) {
	secret, err := a.keys.reveal(id, f.Secret)
	if err != nil || len(code) != factorDigits {
		return 0, err
	}
	now := time.Now().Unix() / int64(stepLife.Seconds())
	for step := max(now-stepSkew, f.Step+1); step <= now+stepSkew; step++ {
		if ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: factorDigits, Algorithm: otp.AlgorithmSHA1}); ok || err != nil {
			return step, err
		}
	}
	return 0, nil
}

// plainCode takes out what people write between the letters.
func plainCode(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\t", "").Replace(code))
}

func (a *Auth) newCodes(id protocol.UserID) (out protocol.FactorCodes, marks []string) {
	for range recoveryCodes {
		code := rand.Text()[:recoveryLetters]
		marks = append(marks, a.keys.mark(id, code))
		out.Codes = append(out.Codes, strings.ToLower(code[:4]+"-"+code[4:8]+"-"+code[8:]))
	}
	return out, marks
}

// demanded reports whether the rules demand a second factor of u, who has none. Whoever comes by another way than
// a password was asked for what that way asks for.
func (a *Auth) demanded(ctx context.Context, way string, u protocol.User) (bool, error) {
	if way != "" || u.Role == "" {
		return false, nil
	}
	p, err := a.Policy(ctx)
	if err != nil || !p.FactorStaff {
		return false, err
	}
	f, err := a.Store.Factor(ctx, u.ID)
	return !f.Live, err
}

// keyFor derives a key for one purpose from the oldest signing key, which stays.
func (k *keyring) keyFor(purpose string) []byte {
	k.mu.RLock()
	secret := k.oldest.Secret
	k.mu.RUnlock()
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(purpose))
	return m.Sum(nil)
}

// mark is what is kept of a recovery code. It takes the key to try which code it is of.
func (k *keyring) mark(id protocol.UserID, code string) string {
	m := hmac.New(sha256.New, k.keyFor("recovery codes"))
	m.Write([]byte(string(id) + "\x00" + code))
	return hex.EncodeToString(m.Sum(nil))
}

func (k *keyring) sealer() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.keyFor("second factors"))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// hide makes a secret unreadable for whoever has the table alone, and useless in another one's row.
func (k *keyring) hide(id protocol.UserID, secret string) (string, error) {
	box, err := k.sealer()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return base64.RawStdEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(secret), []byte(id))), nil
}

func (k *keyring) reveal(id protocol.UserID, sealed string) (string, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return "", err
	}
	box, err := k.sealer()
	if err != nil {
		return "", err
	}
	if len(raw) < box.NonceSize() {
		return "", errors.New("a sealed secret that is cut short")
	}
	plain, err := box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], []byte(id))
	return string(plain), err
}
