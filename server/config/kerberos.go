package config

import (
	"errors"
	"strings"
	"time"
)

// Kerberos is what the server is told of the company's Kerberos realm (Active Directory). Without a keytab it is off.
type Kerberos struct {
	// Keytab is the file with the keys of Service, HTTP/host@REALM.
	Keytab, Service string
	// Realms are those whose people sign in; none is that of Service.
	Realms []string
	// ByDirectory asks LDAP whose account a name is; otherwise the name in small letters is the id.
	ByDirectory bool
	Skew        time.Duration
	// Silent lets the sign-in page try without being asked. LabelKo and LabelEn stand on its button, "" for our own words.
	Silent           bool
	LabelKo, LabelEn string
}

var kerberosSettings = []setting{
	{"kerberos-keytab", "", "file with the key of --kerberos-service: people sign in by the Kerberos ticket of their computer", func(c *Config, v string) error { c.Kerberos.Keytab = v; return nil }},
	{"kerberos-service", "", "our name in the realm, HTTP/host@REALM, where host is what people type into the browser", func(c *Config, v string) error {
		c.Kerberos.Service = v
		name, realm, _ := strings.Cut(v, "@")
		host, web := strings.CutPrefix(name, "HTTP/")
		if v != "" && (!web || host == "" || realm == "" || strings.ContainsAny(host+realm, "/@\\ ")) {
			return errors.New("want a service such as HTTP/talk.example.com@EXAMPLE.COM")
		}
		return nil
	}},
	{"kerberos-realms", "", "realms whose people sign in, with commas (default: that of --kerberos-service)", func(c *Config, v string) error {
		for part := range words(v) {
			if strings.ContainsAny(part, "/@\\ ") {
				return errors.New("want realms such as EXAMPLE.COM")
			}
			c.Kerberos.Realms = append(c.Kerberos.Realms, part)
		}
		return nil
	}},
	{"kerberos-account", "name", "whose account a ticket is: name (the part before the @, in small letters, is the id) or directory (LDAP is asked, --ldap-id is the id)", func(c *Config, v string) error {
		if v != "name" && v != "directory" {
			return errors.New("want name or directory")
		}
		c.Kerberos.ByDirectory = v == "directory"
		return nil
	}},
	{"kerberos-skew", "5m", "how far the clocks of computers may be off", func(c *Config, v string) error {
		return span(v, time.Second, 15*time.Minute, &c.Kerberos.Skew)
	}},
	{"kerberos-silent", "off", "on: the sign-in page tries by itself, for companies whose browsers are all told to show tickets here; off: it does where the button worked before", func(c *Config, v string) error {
		return onOff(v, &c.Kerberos.Silent)
	}},
	{"kerberos-label-ko", "", "words on the button in Korean", func(c *Config, v string) error { return label(v, &c.Kerberos.LabelKo) }},
	{"kerberos-label-en", "", "and in English", func(c *Config, v string) error { return label(v, &c.Kerberos.LabelEn) }},
}

// check says what is missing.
func (k Kerberos) check(l LDAP) error {
	switch {
	case k.Keytab == "" && k.Service == "":
		return nil
	case k.Keytab == "":
		return &Error{"--kerberos-service", "needs --kerberos-keytab, in which its key is"}
	case k.Service == "":
		return &Error{"--kerberos-keytab", "needs --kerberos-service, HTTP/host@REALM"}
	case k.ByDirectory && len(l.URLs) == 0:
		return &Error{"--kerberos-account", "directory needs --ldap"}
	}
	return nil
}
