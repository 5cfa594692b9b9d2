package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// SignIn is what the server is told of ways to sign in beside the password.
type SignIn struct {
	// AdminPasswords is set where only administrators and owners sign in by password.
	AdminPasswords bool
	// PortalKeys is the folder of the keys whose tickets count, "" where there is no portal.
	PortalKeys                   string
	PortalIssuer, PortalAudience string
	PortalSkew, PortalLife       time.Duration
	// PortalOrigins are the pages that may hand in tickets and show our frame.
	PortalOrigins []string
	// OIDCIssuer is the address of the OpenID provider, "" where there is none.
	OIDCIssuer, OIDCClient, OIDCSecret string
	// OIDCClaim says who it is: preferred_username or sub is the id, email an address that one account has.
	OIDCClaim  string
	OIDCScopes []string
	// OIDCLabelKo and OIDCLabelEn stand on the button, "" for our own words.
	OIDCLabelKo, OIDCLabelEn string
	// OIDCCreate makes accounts for people who are not known, OIDCSignOut ends the provider's session too.
	OIDCCreate, OIDCSignOut bool
}

var signInSettings = []setting{
	{"passwords", "all", "admins: only administrators and owners sign in by password, everybody else through the portal, OpenID or Kerberos", func(c *Config, v string) error {
		if v != "all" && v != "admins" {
			return errors.New("want all or admins")
		}
		c.SignIn.AdminPasswords = v == "admins"
		return nil
	}},
	{"portal-keys", "", "folder of the portal's keys: NAME.pem (public key) or NAME.key (shared secret)", func(c *Config, v string) error { c.SignIn.PortalKeys = v; return nil }},
	{"portal-issuer", "portal", "what the portal's tickets name as their issuer (iss)", func(c *Config, v string) error { c.SignIn.PortalIssuer = v; return nonEmpty(v) }},
	{"portal-audience", "sendjay", "what they name as their audience (aud)", func(c *Config, v string) error { c.SignIn.PortalAudience = v; return nonEmpty(v) }},
	{"portal-skew", "30s", "how far the portal's clock may be off", func(c *Config, v string) error { return span(v, 0, 5*time.Minute, &c.SignIn.PortalSkew) }},
	{"portal-life", "2m", "longest life of a ticket", func(c *Config, v string) error {
		return span(v, time.Second, 15*time.Minute, &c.SignIn.PortalLife)
	}},
	{"portal-origins", "", "web origins of the portal's pages, which may hand in tickets and embed the messenger, with commas", func(c *Config, v string) error {
		for part := range words(v) {
			o, err := origin(part)
			if err != nil {
				return err
			}
			c.SignIn.PortalOrigins = append(c.SignIn.PortalOrigins, o.String())
		}
		return nil
	}},
	{"oidc-issuer", "", "address of the OpenID provider; needs --public-url and --oidc-client", func(c *Config, v string) error {
		u, err := url.Parse(v)
		if v == "" {
			return nil
		}
		if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !here(u)) {
			return errors.New("want an address such as https://login.example.com/realms/office")
		}
		c.SignIn.OIDCIssuer = v
		return nil
	}},
	{"oidc-client", "", "our client id there", func(c *Config, v string) error { c.SignIn.OIDCClient = v; return nil }},
	{"oidc-secret", "", "our client secret there, empty for a public client", func(c *Config, v string) error { c.SignIn.OIDCSecret = v; return nil }},
	{"oidc-claim", "preferred_username", "what says who it is: preferred_username or sub (the id), or email (the address of one account)", func(c *Config, v string) error {
		if v != "preferred_username" && v != "sub" && v != "email" {
			return errors.New("want preferred_username, sub or email")
		}
		c.SignIn.OIDCClaim = v
		return nil
	}},
	{"oidc-scopes", "openid,profile,email", "what is asked for there, with commas", func(c *Config, v string) error {
		for part := range words(v) {
			c.SignIn.OIDCScopes = append(c.SignIn.OIDCScopes, part)
		}
		if !strings.Contains(","+v+",", ",openid,") {
			return errors.New("openid is missing")
		}
		return nil
	}},
	{"oidc-label-ko", "", "words on the button in Korean", func(c *Config, v string) error { return label(v, &c.SignIn.OIDCLabelKo) }},
	{"oidc-label-en", "", "and in English", func(c *Config, v string) error { return label(v, &c.SignIn.OIDCLabelEn) }},
	{"oidc-create", "off", "on: makes an account for whoever the provider knows and we do not", func(c *Config, v string) error { return onOff(v, &c.SignIn.OIDCCreate) }},
	{"oidc-sign-out", "on", "off: signing out here leaves the provider's own session alone", func(c *Config, v string) error { return onOff(v, &c.SignIn.OIDCSignOut) }},
}

const labelRunes = 40

func label(v string, to *string) error {
	if len([]rune(v)) > labelRunes {
		return fmt.Errorf("want at most %d characters", labelRunes)
	}
	*to = v
	return nil
}

// here reports whether an address is this machine's own: tests and trials need no TLS there.
func here(u *url.URL) bool {
	at := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || at != nil && at.IsLoopback()
}

// together refuses what each setting alone cannot see.
func (s SignIn) together(c Config) error {
	switch {
	case s.OIDCIssuer != "" && c.Public == nil:
		return &Error{"--oidc-issuer", "needs --public-url, to which the provider sends people back"}
	case s.OIDCIssuer != "" && s.OIDCClient == "":
		return &Error{"--oidc-issuer", "needs --oidc-client"}
	case s.OIDCIssuer != "" && s.OIDCClaim == "email" && s.OIDCCreate:
		return &Error{"--oidc-create", "cannot make ids out of addresses; use preferred_username or sub as --oidc-claim"}
	case s.AdminPasswords && s.OIDCIssuer == "" && s.PortalKeys == "" && c.Kerberos.Keytab == "":
		return &Error{"--passwords", "admins would leave no way in for everybody else: configure a portal, OpenID or Kerberos first"}
	}
	return nil
}
