package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// OIDC is an OpenID provider that signs people in. The zero value is a server without one.
type OIDC struct {
	Issuer, Client, Secret string
	// Claim says who it is: preferred_username or sub is the id, email the address that one account has.
	Claim  string
	Scopes []string
	// Return is the address to which the provider sends people back, Home where they are after signing out.
	Return, Home string
	// Create makes accounts for people who are not known, SignOut ends the provider's session too.
	Create, SignOut bool
	Label           protocol.ButtonLabel
}

const (
	// providerWithin bounds each question to the provider, providerBytes each of its answers.
	providerWithin = 10 * time.Second
	providerBytes  = 1 << 20
	// askAgain is how long a provider that did not answer is left alone.
	askAgain = 3 * time.Second
	// OIDCFlowLife is how long a sign-in at the provider may take.
	OIDCFlowLife = 15 * time.Minute
	// atProvider bounds how many people are asked about at once.
	atProvider = 32
)

// OIDCFlow is one sign-in on its way. The browser keeps it, and comes back with it: so nobody can be signed in with
// the code of somebody else.
type OIDCFlow struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
}

// provider is what is known of the OpenID provider, once it has answered.
type provider struct {
	client *http.Client
	slots  chan struct{}

	turn   chan struct{} // whoever holds it has the fields below
	made   *oidc.Provider
	end    string // where its session ends, "" where it cannot be ended
	failed time.Time
}

func (p *provider) init() {
	t, _ := http.DefaultTransport.(*http.Transport)
	p.client = &http.Client{Timeout: providerWithin, Transport: short{t.Clone()}}
	p.slots = make(chan struct{}, atProvider)
	p.turn = make(chan struct{}, 1)
}

// short cuts answers that are longer than any honest one.
type short struct{ http.RoundTripper }

func (s short) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, providerBytes), answer.Body}
	}
	return answer, err
}

// HasOIDC reports whether an OpenID provider signs people in here.
func (a *Auth) HasOIDC() bool { return a.OIDC.Issuer != "" }

// discover asks the provider once where its parts are. A server may start before its provider does.
func (a *Auth) discover(ctx context.Context) (*oidc.Provider, string, error) {
	p := &a.provider
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
	if p.made != nil {
		return p.made, p.end, nil
	}
	if time.Since(p.failed) < askAgain {
		return nil, "", protocol.Refuse(protocol.Unavailable)
	}
	made, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), a.OIDC.Issuer)
	if err != nil {
		p.failed = time.Now()
		a.Log.Warn("the OpenID provider does not answer as one", "issuer", a.OIDC.Issuer, "err", err)
		return nil, "", protocol.Refuse(protocol.Unavailable)
	}
	var more struct {
		End string `json:"end_session_endpoint"`
	}
	if err := made.Claims(&more); err != nil {
		return nil, "", err
	}
	p.made, p.end = made, more.End
	return made, more.End, nil
}

func (a *Auth) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: a.OIDC.Client, ClientSecret: a.OIDC.Secret, Endpoint: p.Endpoint(), RedirectURL: a.OIDC.Return, Scopes: a.OIDC.Scopes}
}

// BeginOIDC returns where to send a browser, and what it has to keep meanwhile.
func (a *Auth) BeginOIDC(ctx context.Context) (string, OIDCFlow, error) {
	if !a.HasOIDC() {
		return "", OIDCFlow{}, protocol.Refuse(protocol.NotFound)
	}
	p, _, err := a.discover(ctx)
	if err != nil {
		return "", OIDCFlow{}, err
	}
	f := OIDCFlow{rand.Text(), rand.Text(), oauth2.GenerateVerifier()}
	return a.oauth(p).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), f, nil
}

// FinishOIDC returns who came back from the provider, and the provider's word for it. Whoever it knows and we do not,
// or whose account is closed, sounds like a bad code: only the log says which.
func (a *Auth) FinishOIDC(ctx context.Context, f OIDCFlow, q url.Values, address string) (protocol.User, string, error) {
	if !a.HasOIDC() {
		return protocol.User{}, "", protocol.Refuse(protocol.NotFound)
	}
	select {
	case a.provider.slots <- struct{}{}:
		defer func() { <-a.provider.slots }()
	case <-ctx.Done():
		return protocol.User{}, "", ctx.Err()
	}
	account, word, err := a.finishOIDC(ctx, f, q, address)
	if why, bad := errors.AsType[*badTicket](err); bad {
		a.Log.Info("sign-in by OpenID refused", "why", why.Error(), "address", address)
		err = protocol.Refuse(protocol.BadCredentials)
		a.Refused(account.ID, From{Address: address}, err)
		return protocol.User{}, "", err
	}
	return account.User, word, err
}

func (a *Auth) finishOIDC(ctx context.Context, f OIDCFlow, q url.Values, address string) (store.Account, string, error) {
	none := store.Account{}
	if f.State == "" || subtle.ConstantTimeCompare([]byte(f.State), []byte(q.Get("state"))) != 1 {
		return none, "", &badTicket{"it did not begin in this browser"}
	}
	// Another provider's answer must not be taken for ours (RFC 9207).
	if iss := q.Get("iss"); iss != "" && iss != a.OIDC.Issuer {
		return none, "", &badTicket{"it comes from another issuer"}
	}
	if first, err := a.Store.UseTicket(ctx, "oidc\x00"+f.State, time.Now().Add(OIDCFlowLife)); err != nil {
		return none, "", err
	} else if !first {
		return none, "", &badTicket{"it was used before"}
	}
	switch q.Get("error") {
	case "":
	case "server_error", "temporarily_unavailable":
		return none, "", protocol.Refuse(protocol.Unavailable)
	default:
		return none, "", &badTicket{"the provider refused"}
	}
	p, _, err := a.discover(ctx)
	if err != nil {
		return none, "", err
	}
	ctx = oidc.ClientContext(ctx, a.provider.client)
	tokens, err := a.oauth(p).Exchange(ctx, q.Get("code"), oauth2.VerifierOption(f.Verifier))
	if refused, is := errors.AsType[*oauth2.RetrieveError](err); is && refused.Response.StatusCode < http.StatusInternalServerError {
		return none, "", &badTicket{"the provider does not take the code: " + refused.ErrorCode}
	} else if err != nil {
		a.Log.Warn("the OpenID provider does not answer", "err", err)
		return none, "", protocol.Refuse(protocol.Unavailable)
	}
	word, _ := tokens.Extra("id_token").(string)
	said, err := a.idToken(ctx, p, f, tokens, word)
	if err != nil {
		return none, "", err
	}
	account, err := a.mapped(ctx, said, address)
	return account, word, err
}

// personClaims is what the provider says of a person.
type personClaims struct {
	Subject  string `json:"sub"`
	Username string `json:"preferred_username"`
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // some say "true"
	Name     string `json:"name"`
	Azp      string `json:"azp"`
}

func (c personClaims) verified() bool { return c.Verified == true || c.Verified == "true" }

// idToken checks the provider's word, and asks for what is not in it.
func (a *Auth) idToken(ctx context.Context, p *oidc.Provider, f OIDCFlow, tokens *oauth2.Token, word string) (personClaims, error) {
	var c personClaims
	t, err := p.VerifierContext(ctx, &oidc.Config{ClientID: a.OIDC.Client}).Verify(ctx, word)
	switch {
	case err != nil:
		return c, &badTicket{"its id token does not hold: " + err.Error()}
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(f.Nonce)) != 1:
		return c, &badTicket{"its id token is for another sign-in"}
	case t.AccessTokenHash != "" && t.VerifyAccessToken(tokens.AccessToken) != nil:
		return c, &badTicket{"its two tokens do not belong together"}
	}
	if err := t.Claims(&c); err != nil {
		return c, &badTicket{"its id token cannot be read: " + err.Error()}
	}
	if c.Azp != "" && c.Azp != a.OIDC.Client || c.Azp == "" && len(t.Audience) > 1 {
		return c, &badTicket{"its id token is for another program"}
	}
	if a.OIDC.Claim == "sub" || c.value(a.OIDC.Claim) != "" || p.UserInfoEndpoint() == "" {
		return c, nil
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		a.Log.Warn("the OpenID provider does not say who it is", "err", err)
		return c, protocol.Refuse(protocol.Unavailable)
	}
	// Somebody else's answer under a stolen access token.
	if info.Subject != t.Subject {
		return c, &badTicket{"its two answers are of two people"}
	}
	if err := info.Claims(&c); err != nil {
		return c, &badTicket{"what it says of the person cannot be read: " + err.Error()}
	}
	return c, nil
}

func (c personClaims) value(claim string) string {
	switch claim {
	case "sub":
		return c.Subject
	case "email":
		return c.Email
	}
	return c.Username
}

// mapped returns the account of whom the provider speaks.
func (a *Auth) mapped(ctx context.Context, c personClaims, address string) (store.Account, error) {
	said := c.value(a.OIDC.Claim)
	if a.OIDC.Claim == "email" {
		if !c.verified() {
			return store.Account{}, &badTicket{"the provider has not verified the mail address"}
		}
		account, err := a.Store.AccountByMail(ctx, said)
		switch {
		case errors.Is(err, store.ErrNoUser):
			return account, &badTicket{"no account, or more than one, has this mail address"}
		case err == nil && !account.Active:
			return account, &badTicket{"the account is closed"}
		}
		return account, err
	}
	id := protocol.UserID(said)
	if !id.Valid() {
		return store.Account{}, &badTicket{fmt.Sprintf("its %s is no id", a.OIDC.Claim)}
	}
	account, err := a.Store.Account(ctx, id)
	if errors.Is(err, store.ErrNoUser) && a.OIDC.Create {
		return a.created(ctx, id, c, address)
	}
	if err == nil || errors.Is(err, store.ErrNoUser) {
		return a.known(ctx, id)
	}
	return account, err
}

// created makes an account that has no password.
func (a *Auth) created(ctx context.Context, id protocol.UserID, c personClaims, address string) (store.Account, error) {
	name, mail := strings.TrimSpace(c.Name), c.Email
	if text := protocol.Text(name); name == "" || (protocol.EditAccount{Name: &text}).Check() != nil {
		name = string(id)
	}
	if text := protocol.Text(mail); !c.verified() || (protocol.EditAccount{Mail: &text}).Check() != nil {
		mail = ""
	}
	act := store.Act{Who: "oidc", Address: address, Act: "account.open", Target: string(id), About: map[string]any{"name": name}}
	err := a.Store.OpenAccount(ctx, act, store.Account{User: protocol.User{ID: id, Name: name, Mail: mail}, Active: true})
	if err != nil && !errors.Is(err, store.ErrTaken) { // taken: by the same person in another tab
		return store.Account{}, err
	}
	return a.known(ctx, id)
}

// OIDCSignIn signs a device in for whom the provider vouches.
func (a *Auth) OIDCSignIn(ctx context.Context, user protocol.User, from From) (protocol.SignedIn, string, error) {
	return a.signInBy(ctx, wayOIDC, user, from)
}

// OIDCSignOut returns where a browser ends the provider's session too, "" where it cannot or should not.
func (a *Auth) OIDCSignOut(ctx context.Context, word string) string {
	if !a.HasOIDC() || !a.OIDC.SignOut {
		return ""
	}
	_, end, err := a.discover(ctx)
	at, bad := url.Parse(end)
	if err != nil || bad != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
		return ""
	}
	q := at.Query()
	q.Set("client_id", a.OIDC.Client)
	q.Set("id_token_hint", word)
	q.Set("post_logout_redirect_uri", a.OIDC.Home)
	at.RawQuery = q.Encode()
	return at.String()
}
