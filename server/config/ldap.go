package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// LDAP says where the company's directory is. Without URLs there is none.
type LDAP struct {
	URLs     []string
	StartTLS bool
	// CA is a PEM file. User and Password are of the account that searches.
	CA, User, Password string
	Base, Filter, DN   string
	// People is the filter of everybody; the others name attributes.
	People                     string
	ID, Name, Job, Phone, Mail []string
	Unit                       string
}

// localPasswords are the ranks that may sign in with a password of their own beside a directory.
var localPasswords = []string{"everyone", "admin", "owner", "nobody"}

var ldapSettings = []setting{
	{"ldap", "", "LDAP or Active Directory servers, ldap://host or ldaps://host, with commas, asked in this order", func(c *Config, v string) error {
		for part := range words(v) {
			u, err := url.Parse(part)
			if err != nil || u.Scheme != "ldap" && u.Scheme != "ldaps" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
				return fmt.Errorf("%q is not ldap://host[:port] or ldaps://host[:port]", part)
			}
			c.LDAP.URLs = append(c.LDAP.URLs, u.Scheme+"://"+u.Host)
		}
		return nil
	}},
	{"ldap-starttls", "on", "off: ldap:// stays unencrypted, passwords included", func(c *Config, v string) error { return onOff(v, &c.LDAP.StartTLS) }},
	{"ldap-ca", "", "PEM file of the authority that vouches for the LDAP servers, beside the system's", func(c *Config, v string) error { c.LDAP.CA = v; return nil }},
	{"ldap-user", "", "name (DN) of the account that searches the directory", func(c *Config, v string) error { c.LDAP.User = v; return nil }},
	{"ldap-password", "", "its password; better in the environment or the file than as a flag", func(c *Config, v string) error { c.LDAP.Password = v; return nil }},
	{"ldap-base", "", "where people are looked for, such as dc=example,dc=com", func(c *Config, v string) error { c.LDAP.Base = v; return nil }},
	{"ldap-filter", "", "finds somebody by what he types, {login} (default: uid, sAMAccountName, userPrincipalName or mail)", func(c *Config, v string) error {
		if v != "" && !strings.Contains(v, "{login}") {
			return errors.New("want {login} in it")
		}
		c.LDAP.Filter = v
		return nil
	}},
	{"ldap-dn", "", "binds with this name at once instead of searching, such as uid={login},ou=people,dc=example,dc=com or {login}@example.com", func(c *Config, v string) error {
		if v != "" && !strings.Contains(v, "{login}") {
			return errors.New("want {login} in it")
		}
		c.LDAP.DN = v
		return nil
	}},
	{"ldap-id", "uid,sAMAccountName", "attributes that hold the id of the account; the first that is there counts", func(c *Config, v string) error { return attributes(v, &c.LDAP.ID) }},
	{"ldap-people", "", "filter of all people for HR data out of the directory (default: inetOrgPerson, user or posixAccount)", func(c *Config, v string) error { c.LDAP.People = v; return nil }},
	{"ldap-name", "displayName,cn", "attributes of the name", func(c *Config, v string) error { return attributes(v, &c.LDAP.Name) }},
	{"ldap-job", "title", "attributes of the job", func(c *Config, v string) error { return attributes(v, &c.LDAP.Job) }},
	{"ldap-phone", "telephoneNumber,mobile", "attributes of the telephone number", func(c *Config, v string) error { return attributes(v, &c.LDAP.Phone) }},
	{"ldap-mail", "mail", "attributes of the mail address", func(c *Config, v string) error { return attributes(v, &c.LDAP.Mail) }},
	{"ldap-unit", "", "attribute of the department, such as department (default: the OUs that people stand in)", func(c *Config, v string) error { c.LDAP.Unit = v; return nil }},
	{"local-passwords", "admin", "who may also sign in with a password of ours beside LDAP: everyone, admin (administrators and owners), owner, nobody", func(c *Config, v string) error {
		if !slices.Contains(localPasswords, v) {
			return errors.New("want everyone, admin, owner or nobody")
		}
		c.LocalPasswords = v
		return nil
	}},
}

func attributes(v string, to *[]string) error {
	for part := range words(v) {
		if strings.ContainsAny(part, " ()=*\\") {
			return fmt.Errorf("%q is no attribute", part)
		}
		*to = append(*to, part)
	}
	if len(*to) == 0 {
		return errors.New("want at least one attribute")
	}
	return nil
}

// check says what is missing.
func (l LDAP) check() error {
	switch {
	case len(l.URLs) == 0:
		return nil
	case l.Base == "" && l.DN == "":
		return &Error{"--ldap-base", "is missing: where are people looked for?"}
	case (l.User == "") != (l.Password == ""):
		return &Error{"--ldap-user", "and --ldap-password come together"}
	}
	return nil
}
