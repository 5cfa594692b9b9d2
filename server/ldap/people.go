package ldap

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	ldap "github.com/go-ldap/ldap/v3"
)

// Map says which attribute becomes what.
type Map struct {
	Name, Job, Phone, Mail []string
	// Unit is the attribute that names somebody's unit, "" when the folders (OU) people stand in are the units.
	Unit string
}

func (m *Map) defaults() {
	for to, preset := range map[*[]string][]string{&m.Name: {"displayName", "cn"}, &m.Job: {"title"}, &m.Phone: {"telephoneNumber", "mobile"}, &m.Mail: {"mail"}} {
		if len(*to) == 0 {
			*to = preset
		}
	}
}

// defaultEverybody asks for what exists only: on a server that does not know a class, "not of it" holds for nobody.
const defaultEverybody = "(|(objectClass=inetOrgPerson)(objectClass=user)(objectClass=posixAccount))"

// Unit is a department. Its parent stands before it.
type Unit struct {
	Code, Name string
	Level      int
}

// Entry is somebody of the directory, as an account may be made of him.
type Entry struct {
	ID, Name, Job, Phone, Mail, Unit string
}

const (
	// pageOf is how many people are asked for at once: Active Directory gives no more than 1,000.
	pageOf = 500
	// mostPeople bounds what a mistaken base or filter brings.
	mostPeople = 200_000
	// disabled is the bit of userAccountControl that closes an account.
	disabled = 2
)

// Everyone returns all people who are not disabled, and their units from the top down.
func (c *Client) Everyone(ctx context.Context) ([]Unit, []Entry, error) {
	var units []Unit
	var people []Entry
	wanted := slices.Concat(c.ID, c.Map.Name, c.Map.Job, c.Map.Phone, c.Map.Mail, []string{"userAccountControl", "objectClass"})
	if c.Map.Unit != "" {
		wanted = append(wanted, c.Map.Unit)
	}
	base, err := ldap.ParseDN(c.Base)
	if err != nil {
		return nil, nil, fmt.Errorf("%q is no base: %w", c.Base, err)
	}
	err = c.ask(ctx, func(conn *ldap.Conn) error {
		tree, seen := &tree{}, map[string]bool{}
		people = nil
		paging := ldap.NewControlPaging(pageOf)
		for {
			r, err := conn.Search(ldap.NewSearchRequest(c.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, c.Everybody, wanted, []ldap.Control{paging}))
			if err != nil {
				return err
			}
			for _, e := range r.Entries {
				p := c.entry(e, base, tree)
				if p.ID == "" || seen[strings.ToLower(p.ID)] || closed(e) {
					continue
				}
				seen[strings.ToLower(p.ID)] = true
				people = append(people, p)
			}
			if len(people) > mostPeople {
				return errors.New("too many people: look at base and filter")
			}
			next, ok := ldap.FindControl(r.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
			if !ok || len(next.Cookie) == 0 {
				break
			}
			paging.SetCookie(next.Cookie)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		units = tree.flat()
		return nil
	}, c.User, c.Password)
	return units, people, err
}

// closed reports whether an entry is of nobody who works here: disabled, or a computer, which is a kind of user in Active Directory.
func closed(e *ldap.Entry) bool {
	for _, class := range e.GetEqualFoldAttributeValues("objectClass") {
		if strings.EqualFold(class, "computer") {
			return true
		}
	}
	flags, err := strconv.Atoi(e.GetEqualFoldAttributeValue("userAccountControl"))
	return err == nil && flags&disabled != 0
}

func (c *Client) entry(e *ldap.Entry, base *ldap.DN, units *tree) Entry {
	first := func(names []string) string {
		for _, n := range names {
			if v := strings.TrimSpace(e.GetEqualFoldAttributeValue(n)); v != "" {
				return v
			}
		}
		return ""
	}
	p := Entry{ID: c.idOf(e), Job: cut(first(c.Map.Job), 50), Phone: cut(first(c.Map.Phone), 20), Mail: cut(first(c.Map.Mail), 100)}
	p.Name = cut(first(c.Map.Name), 50)
	if p.Name == "" {
		p.Name = p.ID
	}
	if closed(e) {
		return p // a unit of nobody else is none
	}
	if c.Map.Unit != "" {
		if name := first([]string{c.Map.Unit}); name != "" {
			p.Unit = units.add([]string{name})
		}
	} else {
		p.Unit = units.add(folders(e.DN, base))
	}
	return p
}

// folders are the OUs between base and the entry, from the top.
func folders(dn string, base *ldap.DN) []string {
	at, err := ldap.ParseDN(dn)
	if err != nil || len(at.RDNs) <= len(base.RDNs) {
		return nil
	}
	var path []string
	for _, rdn := range at.RDNs[1 : len(at.RDNs)-len(base.RDNs)] {
		for _, a := range rdn.Attributes {
			if strings.EqualFold(a.Type, "ou") {
				path = append(path, a.Value)
			}
		}
	}
	slices.Reverse(path)
	return path
}

// tree gathers units.
type tree struct {
	Unit
	below map[string]*tree
}

// add returns the code of the unit at path, "" for none. The code is made of the path, so that it stays the same.
func (t *tree) add(path []string) string {
	at := t
	for i, name := range path {
		key := strings.ToLower(name)
		if at.below == nil {
			at.below = map[string]*tree{}
		}
		if at.below[key] == nil {
			sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(path[:i+1], "\x00"))))
			at.below[key] = &tree{Unit: Unit{Code: "L" + hex.EncodeToString(sum[:8]), Name: cut(name, 50), Level: i + 1}}
		}
		at = at.below[key]
	}
	return at.Code
}

// flat lists the units, each before those below it, by name.
func (t *tree) flat() []Unit {
	var out []Unit
	if t.Code != "" {
		out = append(out, t.Unit)
	}
	names := make([]string, 0, len(t.below))
	for n := range t.below {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		out = append(out, t.below[n].flat()...)
	}
	return out
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
