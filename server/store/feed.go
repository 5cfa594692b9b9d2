package store

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

// The errors of feeds.
var (
	ErrNoSet  = errors.New("no such data set")
	ErrGuard  = errors.New("too many would leave at once")
	ErrUndone = errors.New("there is nothing to undo")
)

// PutFeedOrgs keeps a data set of units in place of the one with the same key.
func (s *Store) PutFeedOrgs(ctx context.Context, by Act, key string, rows []protocol.FeedOrg) error {
	args := make([][]any, len(rows))
	for i, r := range rows {
		args[i] = []any{key, r.Code, r.Name, r.Seq, r.Level}
	}
	return s.putFeed(ctx, by, key, "Z_INTORG_TBL", "DTKEY, ORG_CD, ORG_NM, SEQ, LVL", args)
}

// PutFeedUsers keeps a data set of people in place of the one with the same key.
func (s *Store) PutFeedUsers(ctx context.Context, by Act, key string, rows []protocol.FeedUser) error {
	args := make([][]any, len(rows))
	for i, r := range rows {
		args[i] = []any{key, string(r.ID), r.Name, r.Org, r.OrgName, r.Job, r.Phone, r.Mail, r.Posts, r.AbsenceCode, r.Absence}
	}
	return s.putFeed(ctx, by, key, "Z_INTUSER_TBL", "DTKEY, USER_ID, USER_NM, ORG_CD, ORG_NM, JOB, TEL_NO, MAIL, POSTS, AB_CD, AB_NM", args)
}

func (s *Store) putFeed(ctx context.Context, by Act, key, table, columns string, rows [][]any) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE DTKEY=?", key); err != nil {
			return err
		}
		for part := range slices.Chunk(rows, rowsAtOnce) {
			if _, err := tx.ExecContext(ctx, "INSERT INTO "+table+" ("+columns+") VALUES "+marks(len(part), len(part[0])), slices.Concat(part...)...); err != nil {
				return err
			}
		}
		return errors.Join(s.setDelivered(ctx, tx, key, by.Who), s.audit(ctx, tx, by))
	}, nil)
}

// setsShown is how many data sets of a kind are offered, newest first.
const setsShown = 10

// FeedSets returns the newest data sets, and what was applied last.
func (s *Store) FeedSets(ctx context.Context) (protocol.FeedSets, error) {
	out := protocol.FeedSets{Orgs: []protocol.FeedSet{}, Users: []protocol.FeedSet{}}
	for table, to := range map[string]*[]protocol.FeedSet{"Z_INTORG_TBL": &out.Orgs, "Z_INTUSER_TBL": &out.Users} {
		if err := each(ctx, s.read, func(r row) error {
			var f protocol.FeedSet
			err := r.Scan(&f.Key, &f.Rows)
			*to = append(*to, f)
			return err
		}, "SELECT DTKEY, COUNT(*) FROM "+table+fmt.Sprintf(" GROUP BY DTKEY ORDER BY DTKEY DESC LIMIT %d", setsShown)); err != nil {
			return out, s.d.translate(err)
		}
	}
	var at int64
	var about, undone string
	err := s.read.QueryRowContext(ctx, "SELECT ATMS, WHO, ABOUT, UNDONE FROM S_APPLY_TBL ORDER BY ATMS DESC LIMIT 1").Scan(&at, &out.Who, &about, &undone)
	if errors.Is(err, sql.ErrNoRows) {
		return out, nil
	}
	if err != nil {
		return out, s.d.translate(err)
	}
	out.Applied, out.Undoable = protocol.Instant(at), undone == "N"
	return out, json.Unmarshal([]byte(about), &out.Last)
}

// feedRow is what an apply may change of a person.
type feedRow struct {
	ID                                                          protocol.UserID
	Name, Org, OrgName, Job, Phone, Mail, AbCode, AbName, AbOwn string
	Active, Synced                                              string
	// Posts are in the order of their units, one in a line; what a set says stands here as it was written first.
	Posts string
}

// postsOf returns what is held beside the main posts.
func postsOf(ctx context.Context, q queryer) (map[protocol.UserID]string, error) {
	out := map[protocol.UserID]string{}
	err := each(ctx, q, func(r row) error {
		var id protocol.UserID
		var org, job string
		err := r.Scan(&id, &org, &job)
		out[id] += cell(protocol.NewPost{Org: org, Job: protocol.Text(job)})
		return err
	}, "SELECT USER_ID, ORG_CD, JOB FROM S_POST_TBL ORDER BY USER_ID, ORG_CD")
	return out, err
}

// cell is a line of feedRow.Posts.
func cell(p protocol.NewPost) string { return p.Org + "\t" + string(p.Job) + "\n" }

// inOrder writes what a set says as postsOf does.
func inOrder(posts string) string {
	all := protocol.PostsOf(posts)
	slices.SortFunc(all, func(a, b protocol.NewPost) int { return strings.Compare(a.Org, b.Org) })
	out := ""
	for _, p := range all {
		out += cell(p)
	}
	return out
}

func (f *feedRow) keepPosts(ctx context.Context, tx *sql.Tx) error {
	var posts []Post
	for line := range strings.Lines(f.Posts) {
		org, job, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		posts = append(posts, Post{User: f.ID, Org: org, Job: job})
	}
	return setPosts(ctx, tx, f.ID, posts)
}

const feedColumns = "USER_NM, ORG_CD, ORG_NM, JOB, TEL_NO, MAIL, AB_CD, AB_NM, ABOWN, ACTIVE, IS_SYNC"

func (f *feedRow) values() []any {
	return []any{f.Name, f.Org, f.OrgName, f.Job, f.Phone, f.Mail, f.AbCode, f.AbName, f.AbOwn, f.Active, f.Synced}
}

// former marks the name of a unit that is no longer there.
const former = "(구)"

// change is a person before and after; before is nil for somebody new.
type change struct {
	before *feedRow
	after  feedRow
}

// plan works out what applying the sets would change. An empty key leaves units, or people, as they are.
func planFeed(ctx context.Context, q queryer, orgKey, userKey string) (orgs []OrgRow, changes []change, plan protocol.FeedPlan, err error) {
	if orgKey != "" {
		if err = each(ctx, q, func(r row) error {
			var o OrgRow
			err := r.Scan(&o.Code, &o.Name, &o.Seq, &o.Level)
			orgs = append(orgs, o)
			return err
		}, "SELECT ORG_CD, ORG_NM, SEQ, LVL FROM Z_INTORG_TBL WHERE DTKEY=? ORDER BY SEQ", orgKey); err != nil {
			return nil, nil, plan, err
		}
		if len(orgs) == 0 {
			return nil, nil, plan, ErrNoSet
		}
	} else if orgs, err = orgRows(ctx, q); err != nil {
		return nil, nil, plan, err
	}
	plan.Units = len(orgs)
	names := map[string]string{}
	for _, o := range orgs {
		names[o.Code] = o.Name
	}
	set := map[protocol.UserID]feedRow{}
	if userKey != "" {
		if err = each(ctx, q, func(r row) error {
			var f feedRow
			err := r.Scan(&f.ID, &f.Name, &f.Org, &f.OrgName, &f.Job, &f.Phone, &f.Mail, &f.Posts, &f.AbCode, &f.AbName)
			set[f.ID] = f
			return err
		}, "SELECT USER_ID, USER_NM, ORG_CD, ORG_NM, JOB, TEL_NO, MAIL, POSTS, AB_CD, AB_NM FROM Z_INTUSER_TBL WHERE DTKEY=?", userKey); err != nil {
			return nil, nil, plan, err
		}
		if len(set) == 0 {
			return nil, nil, plan, ErrNoSet
		}
	}
	held, err := postsOf(ctx, q)
	if err != nil {
		return nil, nil, plan, err
	}
	synced, owners := 0, 0
	var leaving []int // the owners among changes who would leave
	if err = each(ctx, q, func(r row) error {
		var old feedRow
		var role string
		if err := r.Scan(append([]any{&old.ID, &role}, &old.Name, &old.Org, &old.OrgName, &old.Job, &old.Phone, &old.Mail, &old.AbCode, &old.AbName, &old.AbOwn, &old.Active, &old.Synced)...); err != nil {
			return err
		}
		old.Posts = held[old.ID]
		if role == string(protocol.Owner) && old.Active == "Y" {
			owners++
		}
		next := old
		wanted, in := set[old.ID]
		delete(set, old.ID)
		if old.Synced == "Y" && userKey != "" {
			if old.Active == "Y" {
				synced++
			}
			switch {
			case in:
				if wanted.OrgName == "" && wanted.Org == old.Org {
					wanted.OrgName = old.OrgName
				}
				next.Name, next.Org, next.OrgName, next.Job, next.Phone, next.Active = wanted.Name, wanted.Org, wanted.OrgName, wanted.Job, wanted.Phone, "Y"
				next.Mail = cmp.Or(wanted.Mail, old.Mail)
				if wanted.Posts != "" {
					next.Posts = inOrder(wanted.Posts)
				}
				if wanted.AbCode != "" || wanted.AbName != "" || old.AbOwn != "Y" {
					next.AbCode, next.AbName, next.AbOwn = wanted.AbCode, wanted.AbName, "N"
				}
			default:
				next.Active = "N"
			}
		} else if in {
			plan.Manual++
		}
		if name, ok := names[next.Org]; ok {
			next.OrgName = name
		} else if len(orgs) > 0 && next.Org != "" && !strings.HasPrefix(next.OrgName, former) {
			next.OrgName = former + next.OrgName
		}
		if next == old {
			return nil
		}
		switch {
		case old.Active == "Y" && next.Active == "N":
			plan.Leave++
			plan.Leaving = append(plan.Leaving, protocol.Person{ID: old.ID, Name: old.Name})
			if role == string(protocol.Owner) {
				leaving = append(leaving, len(changes))
			}
		case old.Active == "N" && next.Active == "Y":
			plan.Join++
		default:
			if old.Org != next.Org {
				plan.Moved++
			}
			if old.Name != next.Name {
				plan.Renamed++
			}
			if old.Org == next.Org && old.Name == next.Name {
				plan.Changed++
			}
		}
		changes = append(changes, change{&old, next})
		return nil
	}, "SELECT USER_ID, ROLE, "+feedColumns+" FROM Z_USER_TBL"); err != nil {
		return nil, nil, plan, err
	}
	if plan.Spared = len(leaving); owners > plan.Spared {
		plan.Spared = 0
	}
	for _, i := range leaving[:plan.Spared] {
		// Nobody would be left who may do everything.
		changes[i].after.Active = "Y"
		plan.Leave--
		plan.Leaving = slices.DeleteFunc(plan.Leaving, func(p protocol.Person) bool { return p.ID == changes[i].after.ID })
	}
	for _, f := range set {
		f.Active, f.Synced, f.AbOwn = "Y", "Y", "N"
		f.OrgName, f.Posts = cmp.Or(names[f.Org], f.OrgName), inOrder(f.Posts)
		changes = append(changes, change{nil, f})
		plan.Join++
	}
	plan.Guarded = plan.Leave > max(leaversAlways, synced*leaversPercent/100)
	plan.Leaving = plan.Leaving[:min(len(plan.Leaving), leaversShown)]
	return orgs, changes, plan, nil
}

// Up to leaversAlways people, or leaversPercent of all, leave without anybody being asked twice.
const (
	leaversAlways  = 10
	leaversPercent = 10
	leaversShown   = 20
)

// PlanFeed says what applying the sets would do.
func (s *Store) PlanFeed(ctx context.Context, orgKey, userKey string) (protocol.FeedPlan, error) {
	_, _, plan, err := planFeed(ctx, s.read, orgKey, userKey)
	return plan, s.d.translate(err)
}

// before is what an apply keeps so that it can be undone.
type before struct {
	Orgs   []OrgRow
	People []feedRow
	New    []protocol.UserID
	// Mails and Posts are unset where an older server kept this, which did not touch addresses or further posts.
	Mails, Posts bool
}

// ApplyFeed makes the sets true, all of it or nothing. It returns those who left. ErrGuard when too many would and
// force is unset.
func (s *Store) ApplyFeed(ctx context.Context, by Act, orgKey, userKey string, force bool) (protocol.FeedPlan, []protocol.UserID, error) {
	var plan protocol.FeedPlan
	var left []protocol.UserID
	var out outcome
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		left, out = nil, outcome{}
		orgs, changes, p, err := planFeed(ctx, tx, orgKey, userKey)
		if err != nil {
			return err
		}
		if plan = p; plan.Guarded && !force {
			return ErrGuard
		}
		was := before{Mails: true, Posts: true}
		if was.Orgs, err = orgRows(ctx, tx); err != nil {
			return err
		}
		for _, c := range changes {
			if c.before == nil {
				was.New = append(was.New, c.after.ID)
			} else {
				was.People = append(was.People, *c.before)
				if c.before.Active == "Y" && c.after.Active == "N" {
					left = append(left, c.after.ID)
				}
			}
			if err := s.putPerson(ctx, tx, c, &out); err != nil {
				return err
			}
			if c.before == nil && c.after.Posts != "" || c.before != nil && c.before.Posts != c.after.Posts {
				if err := c.after.keepPosts(ctx, tx); err != nil {
					return err
				}
			}
		}
		if err = s.passOn(ctx, tx, left, &out); err != nil {
			return err
		}
		if orgKey != "" {
			if err := replaceOrgs(ctx, tx, orgs); err != nil {
				return err
			}
		}
		at := s.now().UnixMilli()
		if err := s.setApplied(ctx, tx, at, orgKey, userKey); err != nil {
			return err
		}
		if err := keepApply(ctx, tx, at, by, cmp.Or(userKey, orgKey), plan, was); err != nil {
			return err
		}
		by.About = plan
		return errors.Join(s.peopleChanged(ctx, tx), s.audit(ctx, tx, by))
	}, func() { s.tell(&out) })
	return plan, left, err
}

func (s *Store) putPerson(ctx context.Context, tx *sql.Tx, c change, out *outcome) error {
	now := stampOf(protocol.At(s.now()))
	if c.before == nil {
		_, err := tx.ExecContext(ctx, "INSERT INTO Z_USER_TBL (USER_ID, ID_KIND, ISUDT, MODDT, "+feedColumns+") VALUES "+marks(1, 15),
			append([]any{string(c.after.ID), "U", now, now}, c.after.values()...)...)
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET USER_NM=?, ORG_CD=?, ORG_NM=?, JOB=?, TEL_NO=?, MAIL=?, AB_CD=?, AB_NM=?, ABOWN=?, ACTIVE=?, IS_SYNC=?, MODDT=? WHERE USER_ID=?",
		append(c.after.values(), now, string(c.after.ID))...); err != nil {
		return err
	}
	if err := s.stand(ctx, tx, []protocol.UserID{c.after.ID}, c.after.Active == "N", out); err != nil || c.after.Active != "N" {
		return err
	}
	return revokeAll(ctx, tx, c.after.ID)
}

func keepApply(ctx context.Context, tx *sql.Tx, at int64, by Act, key string, plan protocol.FeedPlan, was before) error {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(z).Encode(was), z.Close()); err != nil {
		return err
	}
	plan.Leaving = nil
	about, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	// Only the last one can be undone.
	if _, err := tx.ExecContext(ctx, "DELETE FROM S_APPLY_TBL"); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO S_APPLY_TBL (ID, DTKEY, ATMS, WHO, ABOUT, BEFOREIT, UNDONE) VALUES "+marks(1, 7),
		rand.Text(), key, at, cutRunes(by.Who, 40), string(about), packed.Bytes(), "N")
	return err
}

// UndoFeed takes the last apply back: everybody it changed is as before, and whoever it brought is closed.
func (s *Store) UndoFeed(ctx context.Context, by Act) ([]protocol.UserID, error) {
	var left []protocol.UserID
	var out outcome
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		left, out = nil, outcome{}
		var packed []byte
		var at int64
		err := tx.QueryRowContext(ctx, "SELECT BEFOREIT, ATMS FROM S_APPLY_TBL WHERE UNDONE='N'").Scan(&packed, &at)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrUndone
		}
		if err != nil {
			return err
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		var was before
		if err := json.NewDecoder(z).Decode(&was); err != nil {
			return err
		}
		for _, f := range was.People {
			if !was.Mails {
				if _, err := first(ctx, tx, []any{&f.Mail}, "SELECT MAIL FROM Z_USER_TBL WHERE USER_ID=?", string(f.ID)); err != nil {
					return err
				}
			}
			if err := s.putPerson(ctx, tx, change{&f, f}, &out); err != nil {
				return err
			}
			if was.Posts {
				if err := f.keepPosts(ctx, tx); err != nil {
					return err
				}
			}
		}
		for _, id := range was.New {
			if _, err := tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET ACTIVE='N' WHERE USER_ID=?", string(id)); err != nil {
				return err
			}
			if err := revokeAll(ctx, tx, id); err != nil {
				return err
			}
		}
		left = was.New
		if err := s.stand(ctx, tx, left, true, &out); err != nil {
			return err
		}
		if err = s.passOn(ctx, tx, left, &out); err != nil {
			return err
		}
		if err := replaceOrgs(ctx, tx, was.Orgs); err != nil {
			return err
		}
		for _, undo := range []string{"UPDATE S_APPLY_TBL SET UNDONE='Y' WHERE ATMS=?", "UPDATE S_FEEDSET_TBL SET APPLIEDMS=0 WHERE APPLIEDMS=?"} {
			if _, err := tx.ExecContext(ctx, undo, at); err != nil {
				return err
			}
		}
		return errors.Join(s.peopleChanged(ctx, tx), s.audit(ctx, tx, by))
	}, func() { s.tell(&out) })
	return left, err
}

// FeedKey lets a system of the company deliver data sets.
type FeedKey struct {
	ID, Name string
	// Hash is of the key, Nets are the networks it may come from, with commas; "" for all.
	Hash, Nets string
}

// AddFeedKey adds k.
func (s *Store) AddFeedKey(ctx context.Context, by Act, k FeedKey) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO S_FEEDKEY_TBL (ID, NAME, HASH, NETS, ATMS) VALUES "+marks(1, 5), k.ID, k.Name, k.Hash, k.Nets, s.now().UnixMilli()); err != nil {
			return err
		}
		return s.audit(ctx, tx, by)
	}, nil)
}

// FeedKeyOf returns the key with this hash, ErrNoSet when there is none.
func (s *Store) FeedKeyOf(ctx context.Context, hash string) (FeedKey, error) {
	var k FeedKey
	err := s.read.QueryRowContext(ctx, "SELECT ID, NAME, HASH, NETS FROM S_FEEDKEY_TBL WHERE HASH=?", hash).Scan(&k.ID, &k.Name, &k.Hash, &k.Nets)
	if errors.Is(err, sql.ErrNoRows) {
		return k, ErrNoSet
	}
	return k, s.d.translate(err)
}
