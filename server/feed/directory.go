package feed

import (
	"context"
	"fmt"

	"sendjay/server/ldap"
	"sendjay/shared/protocol"
)

// Directory is where a company keeps its people.
type Directory interface {
	Everyone(ctx context.Context) ([]ldap.Unit, []ldap.Entry, error)
}

// OfDirectory reads everybody of a directory. Whose id cannot be one of ours, and who stands in no unit, is left out
// or stands in none; a directory of nobody is refused, since it would close every account.
func OfDirectory(ctx context.Context, d Directory) (protocol.Feed, error) {
	var f protocol.Feed
	units, people, err := d.Everyone(ctx)
	if err != nil {
		return f, fmt.Errorf("%w: %w", protocol.Refuse(protocol.Unavailable), err)
	}
	names := map[string]string{}
	for i, u := range units {
		names[u.Code] = u.Name
		f.Orgs = append(f.Orgs, protocol.FeedOrg{Code: u.Code, Name: u.Name, Seq: fmt.Sprintf("%08d", i), Level: u.Level - 1})
	}
	for _, p := range people {
		id := protocol.UserID(p.ID)
		if !id.Valid() {
			continue
		}
		f.Users = append(f.Users, protocol.FeedUser{ID: id, Name: p.Name, Org: p.Unit, OrgName: names[p.Unit], Job: p.Job, Phone: p.Phone, Mail: p.Mail})
	}
	if len(f.Users) == 0 {
		return f, protocol.RefuseField(protocol.NotFound, "ldap")
	}
	return f, nil
}
