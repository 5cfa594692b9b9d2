package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

// feedSets adds who delivered which data set, and when it was made true. The log tells of those that are there.
func (m *migrator) feedSets(ctx context.Context) error {
	if err := m.exec(ctx, m.s.d.ddl("CREATE TABLE IF NOT EXISTS S_FEEDSET_TBL (DTKEY VARCHAR(14) NOT NULL PRIMARY KEY, ATMS BIGINT NOT NULL, WHO VARCHAR(40) NOT NULL, APPLIEDMS BIGINT NOT NULL DEFAULT 0)")); err != nil {
		return err
	}
	type put struct {
		key, who string
		at       int64
	}
	var all []put
	if err := each(ctx, m.q, func(r row) error {
		var p put
		err := r.Scan(&p.key, &p.who, &p.at)
		all = append(all, p)
		return err
	}, "SELECT TARGET, WHO, ATMS FROM S_AUDIT_TBL WHERE ACT='feed.put' AND TARGET<>'' AND LENGTH(TARGET)<=14 ORDER BY N"); err != nil {
		return err
	}
	for _, p := range all {
		if _, err := m.q.ExecContext(ctx, "INSERT INTO S_FEEDSET_TBL (DTKEY, ATMS, WHO) VALUES (?,?,?)"+m.s.d.upsert("DTKEY", "ATMS", "WHO"), p.key, p.at, p.who); err != nil {
			return err
		}
	}
	return nil
}

// setsKept is how many delivered data sets are kept: a delivery a day for three months, and room for trials.
const setsKept = 100

// setDelivered notes who delivered a data set, and lets the oldest go.
func (s *Store) setDelivered(ctx context.Context, tx *sql.Tx, key, who string) error {
	if _, err := tx.ExecContext(ctx, "INSERT INTO S_FEEDSET_TBL (DTKEY, ATMS, WHO, APPLIEDMS) VALUES (?,?,?,0)"+s.d.upsert("DTKEY", "ATMS", "WHO", "APPLIEDMS"),
		key, s.now().UnixMilli(), cutRunes(who, 40)); err != nil {
		return err
	}
	old, err := list[string](ctx, tx, fmt.Sprintf("SELECT DTKEY FROM S_FEEDSET_TBL ORDER BY ATMS DESC, DTKEY DESC LIMIT 1000 OFFSET %d", setsKept))
	for _, k := range old {
		if _, err := dropSet(ctx, tx, k); err != nil {
			return err
		}
	}
	return err
}

// setApplied notes when data sets were made true.
func (s *Store) setApplied(ctx context.Context, tx *sql.Tx, at int64, keys ...string) error {
	for _, k := range keys {
		if k == "" {
			continue
		}
		// What was written straight into the tables has no row yet.
		if _, err := tx.ExecContext(ctx, "INSERT INTO S_FEEDSET_TBL (DTKEY, ATMS, WHO, APPLIEDMS) VALUES (?,0,'',?)"+s.d.upsert("DTKEY", "APPLIEDMS"), k, at); err != nil {
			return err
		}
	}
	return nil
}

// dropSet removes a data set and says how many rows there were.
func dropSet(ctx context.Context, tx *sql.Tx, key string) (int64, error) {
	var sum int64
	for _, table := range []string{"Z_INTORG_TBL", "Z_INTUSER_TBL", "S_FEEDSET_TBL"} {
		done, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE DTKEY=?", key)
		if err != nil {
			return sum, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}

// DropFeed removes a data set; what it made true stays so. ErrNoSet when there is none.
func (s *Store) DropFeed(ctx context.Context, by Act, key string) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		n, err := dropSet(ctx, tx, key)
		if err == nil && n == 0 {
			err = ErrNoSet
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, by)
	}, nil)
}

// DeliveryQuery picks data sets.
type DeliveryQuery struct {
	// Q stands in the key or in who delivered it.
	Q string
	// Sort is at, -at, key, -key, who, people or -people; "" is -at.
	Sort          string
	Offset, Limit int
}

var deliveryOrders = map[string]func(a, b protocol.Delivery) int{
	"at":     func(a, b protocol.Delivery) int { return cmp.Compare(a.At, b.At) },
	"key":    func(a, b protocol.Delivery) int { return cmp.Compare(a.Key, b.Key) },
	"who":    func(a, b protocol.Delivery) int { return cmp.Compare(a.Who, b.Who) },
	"people": func(a, b protocol.Delivery) int { return cmp.Compare(a.Users, b.Users) },
}

// Deliveries returns a page of the data sets that are there, and how many fit. There are a hundred, so that they are
// put in order here.
func (s *Store) Deliveries(ctx context.Context, q DeliveryQuery) ([]protocol.Delivery, int, error) {
	name, back := strings.CutPrefix(cmp.Or(q.Sort, "-at"), "-")
	order := deliveryOrders[name]
	if order == nil {
		return nil, 0, ErrQuery
	}
	all := []protocol.Delivery{}
	text := strings.ToLower(q.Q)
	if err := each(ctx, s.read, func(r row) error {
		var d protocol.Delivery
		if err := r.Scan(&d.Key, &d.Orgs, &d.Users, &d.At, &d.Who, &d.Applied); err != nil {
			return err
		}
		if strings.Contains(strings.ToLower(d.Key+" "+d.Who), text) {
			all = append(all, d)
		}
		return nil
	}, `SELECT K.DTKEY, K.ORGS, K.PEOPLE, COALESCE(F.ATMS,0), COALESCE(F.WHO,''), COALESCE(F.APPLIEDMS,0) FROM (
 SELECT DTKEY, SUM(O) AS ORGS, SUM(P) AS PEOPLE FROM (SELECT DTKEY, COUNT(*) AS O, 0 AS P FROM Z_INTORG_TBL GROUP BY DTKEY
 UNION ALL SELECT DTKEY, 0, COUNT(*) FROM Z_INTUSER_TBL GROUP BY DTKEY) T GROUP BY DTKEY) K LEFT JOIN S_FEEDSET_TBL F ON F.DTKEY=K.DTKEY`); err != nil {
		return nil, 0, s.d.translate(err)
	}
	slices.SortFunc(all, func(a, b protocol.Delivery) int {
		if n := order(a, b); n != 0 && back {
			return -n
		} else if n != 0 {
			return n
		}
		return cmp.Compare(b.Key, a.Key)
	})
	from := min(q.Offset, len(all))
	return all[from:min(from+q.Limit, len(all))], len(all), nil
}

// FeedKeys returns the keys by which systems of the company deliver, the newest first; no key itself is kept.
func (s *Store) FeedKeys(ctx context.Context) ([]protocol.FeedKey, error) {
	out := []protocol.FeedKey{}
	err := each(ctx, s.read, func(r row) error {
		var k protocol.FeedKey
		var nets string
		err := r.Scan(&k.ID, &k.Name, &nets, &k.At, &k.Used)
		k.Nets = strings.FieldsFunc(nets, func(c rune) bool { return c == ',' })
		out = append(out, k)
		return err
	}, "SELECT ID, NAME, NETS, ATMS, USEDMS FROM S_FEEDKEY_TBL ORDER BY ATMS DESC, ID")
	return out, s.d.translate(err)
}

// UseFeedKey notes that a key was shown.
func (s *Store) UseFeedKey(ctx context.Context, id string) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE S_FEEDKEY_TBL SET USEDMS=? WHERE ID=?", s.now().UnixMilli(), id)
		return err
	}, nil)
}

// DropFeedKey makes a key worthless from now on. ErrNoSet when there is none with this id.
func (s *Store) DropFeedKey(ctx context.Context, by Act, id string) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT NAME FROM S_FEEDKEY_TBL WHERE ID=?", id).Scan(&by.Target); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return ErrNoSet
			}
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM S_FEEDKEY_TBL WHERE ID=?", id); err != nil {
			return err
		}
		return s.audit(ctx, tx, by)
	}, nil)
}
