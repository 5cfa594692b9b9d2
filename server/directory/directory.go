// Package directory knows people and departments: the tree, who is in it, and how a person is found.
// It does not know rooms, HTTP or SQL.
// Every node holds a picture of everybody in memory. It asks the store for its version before it answers, and
// reads anew when somebody changed something, on whatever node.
package directory

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Store is what the directory needs of the database.
type Store interface {
	PeopleVersion(ctx context.Context) (int64, error)
	Directory(ctx context.Context) (store.Directory, error)
	Favourites(ctx context.Context, user protocol.UserID) ([]protocol.UserID, error)
	SetFavourite(ctx context.Context, user, person protocol.UserID, on bool) error
	Recent(ctx context.Context, user protocol.UserID, limit int) ([]protocol.UserID, error)
}

// anewEvery is how long changes may stay unseen that others wrote straight into the tables.
const anewEvery = 5 * time.Minute

// Directory answers who there is.
type Directory struct {
	store   Store
	loading sync.Mutex // held by the one who reads anew
	last    atomic.Pointer[picture]
	told    *picture // of which News spoke last
}

// New returns a Directory over s. It reads at the first question.
func New(s Store) *Directory { return &Directory{store: s} }

// now returns the present picture.
func (d *Directory) now(ctx context.Context) (*picture, error) {
	version, err := d.store.PeopleVersion(ctx)
	if err != nil {
		return nil, err
	}
	fresh := func() *picture {
		if p := d.last.Load(); p != nil && p.version >= version && time.Since(p.read) < anewEvery {
			return p
		}
		return nil
	}
	if p := fresh(); p != nil {
		return p, nil
	}
	d.loading.Lock()
	defer d.loading.Unlock()
	if p := fresh(); p != nil {
		return p, nil // somebody read it meanwhile
	}
	at := time.Now()
	all, err := d.store.Directory(ctx)
	if err != nil {
		return nil, err
	}
	p := draw(all, at)
	d.last.Store(p)
	return p, nil
}

// Units returns the units right below under, or with all everything below it; "" is the top. For the top it
// also says the way to the unit of who asks.
func (d *Directory) Units(ctx context.Context, who protocol.UserID, under string, all bool) (protocol.OrgPage, error) {
	out := protocol.OrgPage{Units: []protocol.OrgUnit{}}
	p, err := d.now(ctx)
	if err != nil {
		return out, err
	}
	children := p.top
	if under != "" {
		at, ok := p.byCode[under]
		if !ok {
			return out, protocol.Refuse(protocol.NotFound)
		}
		children = p.units[at].below
	}
	var add func(at int)
	add = func(at int) {
		out.Units = append(out.Units, p.units[at].OrgUnit)
		if all {
			for _, b := range p.units[at].below {
				add(b)
			}
		}
	}
	for _, at := range children {
		add(at)
	}
	if me, ok := p.byID[who]; ok && under == "" {
		out.Mine = p.path(p.people[me].Org)
	}
	return out, nil
}

// InUnit returns a page of the people of a unit, of everybody below it too when deep, in order of name.
func (d *Directory) InUnit(ctx context.Context, code string, deep bool, offset, limit int) ([]protocol.User, bool, error) {
	p, err := d.now(ctx)
	if err != nil {
		return nil, false, err
	}
	at, ok := p.byCode[code]
	if !ok {
		return nil, false, protocol.Refuse(protocol.NotFound)
	}
	here := p.units[at].here
	if deep {
		here = p.below(at)
	}
	users, more := p.page(here, offset, limit)
	return users, more, nil
}

// Find returns a page of those who fit q, the best first; everybody by name when q is empty.
func (d *Directory) Find(ctx context.Context, q string, offset, limit int) ([]protocol.User, bool, error) {
	p, err := d.now(ctx)
	if err != nil {
		return nil, false, err
	}
	users, more := p.page(p.find(q), offset, limit)
	return users, more, nil
}

// These returns the people with these ids; unknown ones are absent. Those who are no longer here are named too.
func (d *Directory) These(ctx context.Context, ids []protocol.UserID) ([]protocol.User, error) {
	p, err := d.now(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]protocol.User, 0, len(ids))
	for _, id := range ids {
		if at, ok := p.byID[id]; ok {
			out = append(out, p.seen(at))
		}
	}
	return out, nil
}

// Card returns everything that colleagues see of id.
func (d *Directory) Card(ctx context.Context, who, id protocol.UserID) (protocol.Card, error) {
	p, err := d.now(ctx)
	if err != nil {
		return protocol.Card{}, err
	}
	at, ok := p.byID[id]
	if !ok {
		return protocol.Card{}, protocol.Refuse(protocol.NotFound)
	}
	c := protocol.Card{User: p.seen(at), Path: p.path(p.people[at].Org), Posts: p.people[at].posts, Gone: !p.people[at].active}
	marked, err := d.store.Favourites(ctx, who)
	if err != nil {
		return c, err
	}
	for _, m := range marked {
		c.Favourite = c.Favourite || m == id
	}
	return c, nil
}

// recentPeople is how many people a circle shows of those talked to last.
const recentPeople = 20

// Circle returns whom who marked and whom he talked to last, without those who are gone.
func (d *Directory) Circle(ctx context.Context, who protocol.UserID) (protocol.Circle, error) {
	c := protocol.Circle{Favourites: []protocol.User{}, Recent: []protocol.User{}}
	p, err := d.now(ctx)
	if err != nil {
		return c, err
	}
	marked, err := d.store.Favourites(ctx, who)
	if err != nil {
		return c, err
	}
	recent, err := d.store.Recent(ctx, who, recentPeople)
	if err != nil {
		return c, err
	}
	add := func(to []protocol.User, ids []protocol.UserID) []protocol.User {
		for _, id := range ids {
			if at, ok := p.byID[id]; ok && p.people[at].active {
				to = append(to, p.seen(at))
			}
		}
		return to
	}
	c.Favourites, c.Recent = add(c.Favourites, marked), add(c.Recent, recent)
	return c, nil
}

// favouritesMost bounds what one person may mark.
const favouritesMost = 200

// Mark marks id for who, or takes the mark away.
func (d *Directory) Mark(ctx context.Context, who, id protocol.UserID, on bool) error {
	p, err := d.now(ctx)
	if err != nil {
		return err
	}
	if _, ok := p.byID[id]; !ok {
		return protocol.Refuse(protocol.NotFound)
	}
	if on {
		marked, err := d.store.Favourites(ctx, who)
		if err != nil {
			return err
		}
		if len(marked) >= favouritesMost {
			return protocol.Refuse(protocol.TooLarge)
		}
	}
	return d.store.SetFavourite(ctx, who, id, on)
}

// Everybody returns the ids of all who are here.
func (d *Directory) Everybody(ctx context.Context) ([]protocol.UserID, error) {
	p, err := d.now(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]protocol.UserID, 0, len(p.active))
	for _, at := range p.active {
		out = append(out, p.people[at].ID)
	}
	return out, nil
}
