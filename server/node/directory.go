package node

import (
	"context"
	"fmt"
	"log/slog"

	"sendjay/server/auth"
	"sendjay/server/chat"
	"sendjay/server/config"
	"sendjay/server/feed"
	"sendjay/server/ldap"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// OpenDirectory returns the company's directory, nil when there is none.
func OpenDirectory(c config.Config, log *slog.Logger) (*ldap.Client, error) {
	l := c.LDAP
	if len(l.URLs) == 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	log = log.With("part", "ldap")
	if !l.StartTLS {
		log.Warn("ldap:// is not encrypted: passwords cross the network as they are")
	}
	d, err := ldap.New(ldap.Config{
		URLs: l.URLs, StartTLS: l.StartTLS, CA: l.CA, User: l.User, Password: l.Password, Base: l.Base, Filter: l.Filter, DN: l.DN, ID: l.ID,
		Everybody: l.People, Map: ldap.Map{Name: l.Name, Job: l.Job, Phone: l.Phone, Mail: l.Mail, Unit: l.Unit}, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("--ldap: %w", err)
	}
	return d, nil
}

// judge keeps a directory that is not there from looking like one that is.
func judge(d *ldap.Client) auth.Directory {
	if d == nil {
		return nil
	}
	return d
}

// localFor says whose passwords of ours count beside a directory.
func localFor(who string) func(protocol.Role) bool {
	least := map[string]protocol.Role{"everyone": "", "admin": protocol.Administrator, "owner": protocol.Owner}
	return func(r protocol.Role) bool {
		to, some := least[who]
		return some && r.Reaches(to)
	}
}

// clock brings people up to date by a schedule.
func (n *Node) clock(company *ldap.Client, log *slog.Logger) *feed.Clock {
	c := &feed.Clock{Store: n.db, Left: n.Auth.Left, Warn: n.warnOfFeed, Log: log.With("part", "feed")}
	if company != nil {
		c.Directory = company
	}
	return c
}

// staffTold bounds how many of those with a role are told at once.
const staffTold = 1000

// warnOfFeed tells administrators who are here that people were not brought up to date; the others find it when they come.
func (n *Node) warnOfFeed(ctx context.Context, run protocol.FeedRun) {
	staff, _, err := n.db.Desk(ctx, store.AccountQuery{State: "staff", Limit: staffTold})
	if err != nil {
		n.log.Warn("administrators were not told", "err", err)
		return
	}
	var to []protocol.UserID
	for _, a := range staff {
		if a.Active && a.Role.Reaches(protocol.Administrator) {
			to = append(to, a.ID)
		}
	}
	if a := feed.Warning(&run); a != nil && len(to) > 0 {
		n.out.Publish(chat.Event{Push: protocol.Push{Ev: protocol.EvAnnounced, Data: *a}, To: to})
	}
}

// BringUpToDate does at once what the schedule does at its time.
func (n *Node) BringUpToDate(ctx context.Context, from protocol.FeedFrom) error {
	return n.feeds.Run(ctx, from)
}
