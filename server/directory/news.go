package directory

import (
	"context"
	"reflect"

	"sendjay/shared/protocol"
)

// News returns who reads differently than when it was last asked; nobody the first time. It asks the store for no
// more than its version while nothing changed. One at a time may ask.
func (d *Directory) News(ctx context.Context) ([]protocol.User, error) {
	before := d.told
	if before != nil {
		if version, err := d.store.PeopleVersion(ctx); err != nil || version == before.version {
			return nil, err
		}
	}
	now, err := d.now(ctx)
	if err != nil {
		return nil, err
	}
	if d.told = now; before == nil || before == now {
		return nil, nil
	}
	var out []protocol.User
	for at := range now.people {
		was, known := before.byID[now.people[at].ID]
		if u := now.seen(at); known && !reflect.DeepEqual(before.seen(was), u) {
			u.Admin, u.Role, u.MustChange = false, "", false
			out = append(out, u)
		}
	}
	return out, nil
}
