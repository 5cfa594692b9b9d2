package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// vouchLife is how long a browser's word for the desktop application counts: it is on its way from one program to
// another of the same machine.
const vouchLife = time.Minute

// verifierBytes bounds what hashes to a challenge (RFC 7636).
const verifierLeast, verifierMost = 43, 128

// vouched is what a code says.
type vouched struct {
	User      protocol.UserID `json:"u"`
	SignIn    string          `json:"i"`
	Challenge string          `json:"c"`
	Until     int64           `json:"t"`
	ID        string          `json:"n"`
}

// Vouch returns a code with which whoever knows the verifier behind the challenge signs in as who.
func (a *Auth) Vouch(who Who, challenge string) (string, error) {
	if !protocol.Challenge(challenge) {
		return "", protocol.RefuseField(protocol.BadRequest, "challenge")
	}
	raw, err := json.Marshal(vouched{who.User.ID, who.SignIn, challenge, time.Now().Add(vouchLife).Unix(), rand.Text()})
	if err != nil {
		return "", err
	}
	payload := base64.RawURLEncoding.EncodeToString(raw)
	return payload + "." + a.keys.seal("vouch", payload), nil
}

// TakeVouched signs a desktop in with a code and the verifier that only the program that asked for it knows. A code
// serves once, and dies with the sign-in that gave it.
func (a *Auth) TakeVouched(ctx context.Context, in protocol.VouchedLogin, from From) (protocol.SignedIn, error) {
	refused := protocol.Refuse(protocol.BadCredentials)
	payload, mac, _ := strings.Cut(in.Code, ".")
	if !hmac.Equal([]byte(mac), []byte(a.keys.seal("vouch", payload))) || len(in.Verifier) < verifierLeast || len(in.Verifier) > verifierMost {
		return protocol.SignedIn{}, refused
	}
	var v vouched
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(raw, &v) != nil {
		return protocol.SignedIn{}, refused
	}
	sum := sha256.Sum256([]byte(in.Verifier))
	if time.Now().Unix() > v.Until || subtle.ConstantTimeCompare([]byte(v.Challenge), []byte(base64.RawURLEncoding.EncodeToString(sum[:]))) != 1 {
		return protocol.SignedIn{}, refused
	}
	first, err := a.Store.UseTicket(ctx, "vouch\x00"+v.ID, time.Unix(v.Until, 0).Add(time.Minute))
	if err != nil {
		return protocol.SignedIn{}, err
	}
	by, err := a.Store.SignIn(ctx, v.SignIn)
	if err != nil && !errors.Is(err, store.ErrNoSignIn) {
		return protocol.SignedIn{}, err
	}
	if !first || err != nil || by.Revoked || by.User != v.User {
		return protocol.SignedIn{}, refused
	}
	account, err := a.known(ctx, v.User)
	if _, bad := errors.AsType[*badTicket](err); bad {
		return protocol.SignedIn{}, refused
	}
	if err != nil {
		return protocol.SignedIn{}, err
	}
	out, _, err := a.signInBy(ctx, wayBrowser, account.User, from)
	return out, err
}
