// Package ldap asks a company's LDAP or Active Directory servers: who somebody is, whether a password is his, who there is.
// It does not know accounts, sessions or data sets, nor what follows from an answer.
// The servers are asked in the order in which they were given; one that was silent goes to the end for a while.
package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	ldap "github.com/go-ldap/ldap/v3"
)

// Config says where the servers are and how to read them.
type Config struct {
	// URLs are ldap://host[:port] or ldaps://host[:port].
	URLs []string
	// StartTLS encrypts ldap:// before anything is said.
	StartTLS bool
	// CA is a PEM file of authorities to trust beside the system's, "" for none.
	CA string
	// User and Password are of the account that searches; both "" asks without one.
	User, Password string
	// Base is where people are looked for, below it included.
	Base string
	// Filter finds somebody by what he types at sign-in, {login}.
	Filter string
	// DN, when not "", is the name to bind with, with {login} in it: nothing is searched for then.
	DN string
	// ID are the attributes that hold the id of the account; the first that is there counts.
	ID []string
	// Everybody is the filter of all people, and Map says which attributes make them.
	Everybody string
	Map       Map
	// Within bounds one question to one server.
	Within time.Duration
	Log    *slog.Logger
}

// The errors that somebody acts on. Whatever else is returned means that no server answered.
var (
	ErrNobody = errors.New("the directory knows nobody by this name")
	ErrWrong  = errors.New("the directory does not take this password")
)

// DefaultFilter finds people of OpenLDAP and of Active Directory, by id, by user principal name or by mail.
const DefaultFilter = "(|(uid={login})(sAMAccountName={login})(userPrincipalName={login})(mail={login}))"

// asideFor is how long a server that was silent is asked last.
const asideFor = 30 * time.Second

// Client asks the servers. It keeps no connection: people sign in rarely, and a pool of idle lines dies at firewalls.
type Client struct {
	Config
	tls *tls.Config

	mu     sync.Mutex // guards the field below
	silent map[string]time.Time
}

// New returns a Client. It asks nobody yet.
func New(c Config) (*Client, error) {
	if c.Within == 0 {
		c.Within = 5 * time.Second
	}
	if c.Filter == "" {
		c.Filter = DefaultFilter
	}
	if len(c.ID) == 0 {
		c.ID = []string{"uid", "sAMAccountName"}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	out := &Client{Config: c, tls: &tls.Config{MinVersion: tls.VersionTLS12}, silent: map[string]time.Time{}}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, err
		}
		if out.tls.RootCAs, err = x509.SystemCertPool(); err != nil {
			out.tls.RootCAs = x509.NewCertPool()
		}
		if !out.tls.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", c.CA)
		}
	}
	if c.DN == "" {
		if _, err := ldap.CompileFilter(fill(c.Filter, "x", ldap.EscapeFilter)); err != nil {
			return nil, err
		}
	}
	c.Map.defaults()
	out.Map = c.Map
	if out.Everybody == "" {
		out.Everybody = defaultEverybody
	}
	_, err := ldap.CompileFilter(out.Everybody)
	return out, err
}

func fill(pattern, login string, escape func(string) string) string {
	return strings.ReplaceAll(pattern, "{login}", escape(login))
}

// bare is what somebody typed without the domain in front of it, as Windows writes it.
func bare(login string) string {
	if _, after, ok := strings.Cut(login, `\`); ok {
		return after
	}
	return login
}

// Person is somebody of the directory.
type Person struct {
	// ID is of the account.
	ID string
	dn string
}

// Find returns who signs in as login, ErrNobody when there is nobody, or more than one.
func (c *Client) Find(ctx context.Context, login string) (Person, error) {
	login = bare(login)
	if login == "" || len(login) > 256 || strings.ContainsRune(login, 0) {
		return Person{}, ErrNobody
	}
	if c.DN != "" {
		escape := ldap.EscapeDN
		if !strings.Contains(c.DN, "=") {
			escape = plainName
		}
		id, _, _ := strings.Cut(login, "@")
		if name := escape(id); name != "" {
			return Person{ID: id, dn: fill(c.DN, id, escape)}, nil
		}
		return Person{}, ErrNobody
	}
	var found Person
	err := c.ask(ctx, func(conn *ldap.Conn) error {
		r, err := conn.Search(ldap.NewSearchRequest(c.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, int(c.Within.Seconds()), false,
			fill(c.Filter, login, ldap.EscapeFilter), c.ID, nil))
		if ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) || err == nil && len(r.Entries) > 1 {
			c.Log.Warn("the directory knows more than one by one name: nobody signs in by it")
			return ErrNobody
		}
		if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) || err == nil && len(r.Entries) == 0 {
			return ErrNobody
		}
		if err != nil {
			return err
		}
		found.dn = r.Entries[0].DN
		if found.ID = c.idOf(r.Entries[0]); found.ID == "" || found.dn == "" {
			return ErrNobody
		}
		return nil
	}, c.User, c.Password)
	return found, err
}

// plainName lets nothing through that would lead elsewhere in a name such as {login}@example.com.
func plainName(login string) string {
	if strings.ContainsAny(login, "@\\/,=\"<>;: ") {
		return ""
	}
	return login
}

func (c *Client) idOf(e *ldap.Entry) string {
	for _, name := range c.ID {
		if v := e.GetEqualFoldAttributeValue(name); v != "" {
			return v
		}
	}
	return ""
}

// Prove returns nil when password is p's, ErrWrong when not.
func (c *Client) Prove(ctx context.Context, p Person, password string) error {
	// RFC 4513, 5.1.2: a bind with a name and no password is no proof at all, and succeeds on many servers.
	if p.dn == "" || password == "" {
		return ErrWrong
	}
	return c.ask(ctx, nil, p.dn, password)
}

// ask puts a question to the first server that answers, as user. Without a question the bind itself is one.
func (c *Client) ask(ctx context.Context, question func(*ldap.Conn) error, user, password string) error {
	var errs []error
	for _, at := range c.inOrder() {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		err := c.askOne(ctx, at, question, user, password)
		if err == nil || errors.Is(err, ErrNobody) || errors.Is(err, ErrWrong) {
			return err
		}
		errs = append(errs, fmt.Errorf("%s: %w", at, err))
		c.note(at, time.Now())
		c.Log.Warn("a directory server does not answer", "server", at, "err", err)
	}
	return errors.Join(errs...)
}

func (c *Client) askOne(ctx context.Context, at string, question func(*ldap.Conn) error, user, password string) error {
	conn, err := c.dial(ctx, at)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing more is said over it
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	switch {
	case user == "" && question != nil:
		err = conn.UnauthenticatedBind("")
	case password == "":
		return errors.New("a name without a password proves nothing")
	default:
		err = conn.Bind(user, password)
	}
	if question == nil && refusedBind(err) {
		return ErrWrong
	}
	if err != nil || question == nil {
		return err
	}
	return question(conn)
}

// refusedBind reports whether a server said no to the person, rather than not answering.
func refusedBind(err error) bool {
	for _, code := range []uint16{
		ldap.LDAPResultInvalidCredentials, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultInappropriateAuthentication,
		ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultConstraintViolation, ldap.LDAPResultInsufficientAccessRights,
	} {
		if ldap.IsErrorWithCode(err, code) {
			return true
		}
	}
	return false
}

func (c *Client) dial(ctx context.Context, at string) (*ldap.Conn, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	safe := c.tls.Clone()
	safe.ServerName = u.Hostname()
	dialer := &net.Dialer{Timeout: c.Within}
	if until, ok := ctx.Deadline(); ok {
		dialer.Deadline = until
	}
	conn, err := ldap.DialURL(at, ldap.DialWithDialer(dialer), ldap.DialWithTLSConfig(safe))
	if err != nil {
		return nil, err
	}
	conn.SetTimeout(c.Within)
	if u.Scheme == "ldap" && c.StartTLS {
		if err := conn.StartTLS(safe); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// inOrder returns the servers, those that were silent lately last.
func (c *Client) inOrder() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var well, ill []string
	for _, at := range c.URLs {
		if time.Since(c.silent[at]) < asideFor {
			ill = append(ill, at)
		} else {
			well = append(well, at)
		}
	}
	return append(well, ill...)
}

func (c *Client) note(at string, when time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent[at] = when
}
