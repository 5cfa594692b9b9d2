package link

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"sendjay/shared/protocol"
)

// errSignedOut says that there is no credential for the server.
var errSignedOut = errors.New("nobody is signed in")

// early is how long before its end an access token is renewed, at most; a short-lived one at half its life.
const early = time.Minute

// tokens is what the present sign-in holds.
type tokens struct {
	access string
	renew  time.Time // wall time: sleep counts
	// unsaved is a refresh token that could not be stored yet. Until it is, it outweighs the stored one.
	unsaved string
}

// access returns a valid access token. One that equals refused is renewed first. Callers at the same
// time share one refresh.
func (l *Link) access(ctx context.Context, refused string) (string, error) {
	select {
	case l.grant <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-l.grant }()
	l.mu.Lock()
	server, t, signIn := l.server, l.token, l.signIns
	l.mu.Unlock()
	if server == "" {
		return "", errSignedOut
	}
	if t.unsaved != "" && l.Keys.Set(server, t.unsaved) == nil {
		l.mu.Lock()
		if l.token.unsaved == t.unsaved {
			l.token.unsaved = ""
		}
		l.mu.Unlock()
	}
	if t.access != "" && t.access != refused && time.Now().Round(0).Before(t.renew) {
		return t.access, nil
	}
	old := t.unsaved
	if old == "" {
		var err error
		if old, err = l.Keys.Get(server); err != nil {
			return "", err
		}
	}
	if old == "" {
		return "", errSignedOut
	}
	// Renewing goes on when the asker gives up: the answer holds the only token that still counts.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshWithin)
	defer cancel()
	var in protocol.SignedIn
	err := l.post(ctx, server, "/auth/refresh", map[string]string{"refreshToken": old, "attempt": l.attempt(old)}, &in)
	switch {
	case err == nil && in.AccessToken != "" && in.RefreshToken != "":
		l.take(server, in)
		return in.AccessToken, nil
	case protocol.CodeOf(err) == protocol.Unauthenticated:
		l.forget(server, signIn)
		return "", errSignedOut
	case err == nil:
		return "", ErrDown // somebody in between who answers 200 to everything
	}
	return "", err
}

const refreshWithin = 20 * time.Second

// attempt names the refresh of one token, always by the same name: asked again because the answer was
// lost, the server repeats its answer instead of taking us for a thief. The device's id makes sure that
// a thief of the token cannot make the name.
func (l *Link) attempt(token string) string {
	m := hmac.New(sha256.New, []byte(l.Device))
	m.Write([]byte(token))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// take keeps new tokens. The stored one is replaced before anything is done with the new one.
func (l *Link) take(server string, in protocol.SignedIn) {
	unsaved := ""
	if err := l.Keys.Set(server, in.RefreshToken); err != nil {
		l.Log.Error("the credential could not be stored; signed in until the program ends", "error", err)
		unsaved = in.RefreshToken
	}
	life := time.Duration(in.ExpiresIn) * time.Second
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == server {
		l.token = tokens{access: in.AccessToken, renew: time.Now().Round(0).Add(life - min(early, life/2)), unsaved: unsaved}
	}
}

// forget drops the credential for server, unless somebody has signed in again since.
func (l *Link) forget(server string, signIn int) {
	l.mu.Lock()
	if l.signIns != signIn {
		l.mu.Unlock()
		return
	}
	if l.server == server {
		l.token, l.hello = tokens{}, nil
	}
	l.mu.Unlock()
	if err := l.Keys.Delete(server); err != nil {
		l.Log.Warn("the credential could not be deleted", "error", err)
	}
}

// stale makes the next request renew access.
func (l *Link) stale(access string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token.access == access {
		l.token.access = ""
	}
}

// SignIn signs this device in and connects. The code is "" until it is asked for.
func (l *Link) SignIn(ctx context.Context, user protocol.UserID, password, code string) (protocol.SignedIn, error) {
	return l.signIn(ctx, l.Server(), "/auth/login", "", protocol.Login{UserID: user, Password: password, Device: protocol.Desktop, Code: code})
}

// SignInVouched does the same with a code that a browser was given, and the verifier that only we know.
func (l *Link) SignInVouched(ctx context.Context, code, verifier string) (protocol.SignedIn, error) {
	return l.signIn(ctx, l.Server(), "/auth/vouched", "", protocol.VouchedLogin{Code: code, Verifier: verifier})
}

func (l *Link) signIn(ctx context.Context, server, path, authorization string, ask any) (protocol.SignedIn, error) {
	var in protocol.SignedIn
	if server == "" {
		return in, protocol.Refuse(protocol.Unavailable)
	}
	if err := l.postAs(ctx, server, path, authorization, ask, &in); err != nil {
		return in, err
	}
	if in.AccessToken == "" || in.RefreshToken == "" {
		return in, protocol.Refuse(protocol.Unavailable)
	}
	l.grant <- struct{}{} // a refresh under way belongs to the sign-in before
	l.mu.Lock()
	l.signIns++
	l.mu.Unlock()
	l.take(server, in)
	<-l.grant
	l.mu.Lock()
	at := l.line
	l.mu.Unlock()
	if at != nil {
		at.leave() // it speaks for whoever was signed in before
	}
	l.Use()
	return in, nil
}

// SignOut ends this device's sign-in. The credential is gone when it returns; an error says that the
// server could not be told.
func (l *Link) SignOut(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, signOutWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/auth/logout", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := l.Do(r)
	if err == nil {
		_ = resp.Body.Close()
	}
	l.mu.Lock()
	server, signIn, at := l.server, l.signIns, l.line
	l.mu.Unlock()
	l.forget(server, signIn)
	if at != nil {
		at.leave()
	}
	l.Wake()
	if protocol.CodeOf(err) == protocol.Unauthenticated {
		return nil
	}
	return err
}

const signOutWithin = 5 * time.Second
