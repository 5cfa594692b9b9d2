package directory

import (
	"slices"
	"strings"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// unit is a unit with what belongs to it, as places in the picture.
type unit struct {
	protocol.OrgUnit
	below []int
	here  []int // people of the unit itself, ascending: in order of name
}

// person is somebody with what he is found by.
type person struct {
	protocol.User
	posts  []protocol.Post
	active bool
	keys   keys
}

// picture is everybody and every unit at one version. Nothing in it changes.
type picture struct {
	version int64
	read    time.Time
	units   []unit
	top     []int
	byCode  map[string]int
	people  []person
	byID    map[protocol.UserID]int
	active  []int
}

// draw makes the picture. Units stand in order of Seq; what follows a unit at a higher level is below it.
// People whose unit the company's own system does not name get one from what stands with them.
func draw(all store.Directory, at time.Time) *picture {
	p := &picture{version: all.Version, read: at, byCode: map[string]int{}, byID: make(map[protocol.UserID]int, len(all.People))}
	var way []int
	for _, o := range all.Orgs {
		for len(way) > 0 && p.units[way[len(way)-1]].Level >= o.Level {
			way = way[:len(way)-1]
		}
		u := protocol.OrgUnit{Code: o.Code, Name: o.Name, Level: o.Level}
		here := len(p.units)
		if len(way) > 0 {
			u.Under = p.units[way[len(way)-1]].Code
			p.units[way[len(way)-1]].below = append(p.units[way[len(way)-1]].below, here)
		} else {
			p.top = append(p.top, here)
		}
		p.units = append(p.units, unit{OrgUnit: u})
		p.byCode[o.Code] = here
		way = append(way, here)
	}
	posts := map[protocol.UserID][]store.Post{}
	for _, x := range all.Posts {
		posts[x.User] = append(posts[x.User], x)
	}
	p.people = make([]person, 0, len(all.People))
	flat := flattener{}
	for _, a := range all.People {
		p.add(a, posts[a.ID], flat)
	}
	for i := range p.units {
		p.units[i].Units, p.units[i].Here = len(p.units[i].below), len(p.units[i].here)
	}
	return p
}

func (p *picture) add(a store.Account, posts []store.Post, flat flattener) {
	at := len(p.people)
	u := a.User
	u.Admin, u.Role, u.MustChange = false, "", false
	if u.Org != "" {
		where, ok := p.byCode[u.Org]
		if !ok {
			where = len(p.units)
			name := u.OrgName
			if name == "" {
				name = u.Org
			}
			p.units = append(p.units, unit{OrgUnit: protocol.OrgUnit{Code: u.Org, Name: name}})
			p.top = append(p.top, where)
			p.byCode[u.Org] = where
		}
		u.Org, u.OrgName = p.units[where].Code, p.units[where].Name
	}
	x := person{User: u, posts: []protocol.Post{}, active: a.Active}
	codes := []string{u.Org}
	for _, post := range posts {
		if where, ok := p.byCode[post.Org]; ok && !slices.Contains(codes, post.Org) {
			codes = append(codes, post.Org)
			x.posts = append(x.posts, protocol.Post{Org: post.Org, OrgName: p.units[where].Name, Job: post.Job})
		}
	}
	x.keys = flat.keysOf(x)
	p.people = append(p.people, x)
	p.byID[u.ID] = at
	if !a.Active {
		return
	}
	p.active = append(p.active, at)
	counted := make([]string, 0, 8) // the way up is short
	for _, code := range codes {
		where, ok := p.byCode[code]
		if !ok {
			continue
		}
		p.units[where].here = append(p.units[where].here, at)
		for up := code; up != "" && !slices.Contains(counted, up); up = p.units[p.byCode[up]].Under {
			counted = append(counted, up)
			p.units[p.byCode[up]].People++
		}
	}
}

// path leads from the top to code; nil for an unknown one.
func (p *picture) path(code string) []protocol.OrgUnit {
	out := []protocol.OrgUnit{}
	for code != "" {
		at, ok := p.byCode[code]
		if !ok {
			break
		}
		out = append(out, p.units[at].OrgUnit)
		code = p.units[at].Under
	}
	slices.Reverse(out)
	return out
}

// below returns everybody of a unit and of those below it, each once, in order of name.
func (p *picture) below(at int) []int {
	var out []int
	var add func(at int)
	add = func(at int) {
		out = append(out, p.units[at].here...)
		for _, b := range p.units[at].below {
			add(b)
		}
	}
	add(at)
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *picture) page(from []int, offset, limit int) (users []protocol.User, more bool) {
	from = from[min(max(offset, 0), len(from)):]
	users = make([]protocol.User, 0, min(limit, len(from)))
	for _, at := range from[:min(limit, len(from))] {
		users = append(users, p.seen(at))
	}
	return users, len(from) > limit
}

// seen is the person as others see one today: an absence that is over is none.
func (p *picture) seen(at int) protocol.User {
	u := p.people[at].User
	if u.Absence != nil && u.Absence.To != "" && strings.Compare(u.Absence.To, time.Now().Format(time.DateOnly)) < 0 {
		u.Absence = nil
	}
	return u
}
