package store

import (
	"context"
	"database/sql"
	"errors"

	"sendjay/shared/protocol"
)

// OrgRow is a line of the organisation as the company's own system gives it: in order of Seq, the units
// below a unit follow it at a higher level.
type OrgRow struct {
	Code, Name, Seq string
	Level           int
}

// Post is a place that somebody holds beside the main one.
type Post struct {
	User     protocol.UserID
	Org, Job string
}

// Directory is everybody and every unit.
type Directory struct {
	Version int64
	Orgs    []OrgRow
	// People are in order of name and id, with what colleagues see of them: no role and no password.
	People []Account
	Posts  []Post
}

// PeopleVersion counts the changes of people and organisation.
func (s *Store) PeopleVersion(ctx context.Context) (int64, error) {
	var n int64
	err := s.read.QueryRowContext(ctx, "SELECT N FROM S_COUNTER_TBL WHERE NAME=?", peopleCounter).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, s.d.translate(err)
}

// directoryColumns are what colleagues see of a person.
const directoryColumns = "USER_NM, USER_ID, NICK_NM, ORG_CD, ORG_NM, JOB, TEL_NO, MAIL, AB_CD, AB_NM, ABFROM, ABTO, PICVER, ACTIVE"

// directoryIndexed lets SQLite read everybody from an index. In the table each row has to be looked up by its name, and
// half of the columns stand behind a picture, which SQLite reads to get past it. MariaDB keeps pictures apart.
func (m *migrator) directoryIndexed(ctx context.Context) error {
	if m.s.d.name() != "sqlite" {
		return nil
	}
	return m.exec(ctx, "CREATE INDEX IF NOT EXISTS Z_USER_DIRECTORY ON Z_USER_TBL ("+directoryColumns+")")
}

// Directory reads everybody and every unit.
func (s *Store) Directory(ctx context.Context) (Directory, error) {
	// The version first: what changes meanwhile is read anew at the next look.
	version, err := s.PeopleVersion(ctx)
	d := Directory{Version: version}
	if err != nil {
		return d, err
	}
	if d.Orgs, err = orgRows(ctx, s.read); err != nil {
		return d, s.d.translate(err)
	}
	all, _, err := s.PeopleCount(ctx)
	if err != nil {
		return d, err
	}
	d.People = make([]Account, 0, all+all/64) // some may come meanwhile
	var a Account
	var away protocol.Absence
	var active string
	if err := each(ctx, s.read, func(r row) error {
		err := r.Scan(&a.Name, (*string)(&a.ID), &a.Nick, &a.Org, &a.OrgName, &a.Job, &a.Phone, &a.Mail, &away.Code, &away.Name, &away.From, &away.To, &a.Picture, &active)
		a.Active, a.Absence = active == "Y", absent(away)
		d.People = append(d.People, a)
		return err
	}, "SELECT "+directoryColumns+" FROM Z_USER_TBL ORDER BY USER_NM, USER_ID"); err != nil {
		return d, s.d.translate(err)
	}
	err = each(ctx, s.read, func(r row) error {
		var p Post
		err := r.Scan(&p.User, &p.Org, &p.Job)
		d.Posts = append(d.Posts, p)
		return err
	}, "SELECT USER_ID, ORG_CD, JOB FROM S_POST_TBL ORDER BY USER_ID, ORG_CD")
	return d, s.d.translate(err)
}

func orgRows(ctx context.Context, q queryer) ([]OrgRow, error) {
	var out []OrgRow
	err := each(ctx, q, func(r row) error {
		var o OrgRow
		err := r.Scan(&o.Code, &o.Name, &o.Seq, &o.Level)
		out = append(out, o)
		return err
	}, "SELECT ORG_CD, ORG_NM, SEQ, LVL FROM Z_ORG_TBL ORDER BY SEQ, LVL, ORG_CD")
	return out, err
}

// SetOrgs puts the organisation in place of the one before.
func (s *Store) SetOrgs(ctx context.Context, orgs []OrgRow) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := replaceOrgs(ctx, tx, orgs); err != nil {
			return err
		}
		return s.peopleChanged(ctx, tx)
	}, nil)
}

// rowsAtOnce bounds one statement.
const rowsAtOnce = 200

func replaceOrgs(ctx context.Context, tx *sql.Tx, orgs []OrgRow) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM Z_ORG_TBL"); err != nil {
		return err
	}
	for len(orgs) > 0 {
		part := orgs[:min(len(orgs), rowsAtOnce)]
		orgs = orgs[len(part):]
		args := make([]any, 0, 4*len(part))
		for _, o := range part {
			args = append(args, o.Code, o.Name, o.Seq, o.Level)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO Z_ORG_TBL (ORG_CD, ORG_NM, SEQ, LVL) VALUES "+marks(len(part), 4), args...); err != nil {
			return err
		}
	}
	return nil
}

// SetPosts sets the posts that somebody holds beside the main one.
func (s *Store) SetPosts(ctx context.Context, user protocol.UserID, posts []Post) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return errors.Join(setPosts(ctx, tx, user, posts), s.peopleChanged(ctx, tx))
	}, nil)
}

func setPosts(ctx context.Context, tx *sql.Tx, user protocol.UserID, posts []Post) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM S_POST_TBL WHERE USER_ID=?", string(user)); err != nil {
		return err
	}
	for _, p := range posts {
		if _, err := tx.ExecContext(ctx, "INSERT INTO S_POST_TBL (USER_ID, ORG_CD, JOB) VALUES (?,?,?)", string(user), p.Org, p.Job); err != nil {
			return err
		}
	}
	return nil
}

// Favourites returns the people whom user marked, the last one first.
func (s *Store) Favourites(ctx context.Context, user protocol.UserID) ([]protocol.UserID, error) {
	out, err := list[protocol.UserID](ctx, s.read, "SELECT PERSON FROM S_FAVOURITE_TBL WHERE USER_ID=? ORDER BY ATMS DESC, PERSON", string(user))
	return out, s.d.translate(err)
}

// SetFavourite marks person for user, or takes the mark away.
func (s *Store) SetFavourite(ctx context.Context, user, person protocol.UserID, on bool) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if !on {
			_, err := tx.ExecContext(ctx, "DELETE FROM S_FAVOURITE_TBL WHERE USER_ID=? AND PERSON=?", string(user), string(person))
			return err
		}
		_, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO S_FAVOURITE_TBL (USER_ID, PERSON, ATMS) VALUES (?,?,?)", string(user), string(person), s.now().UnixMilli())
		return err
	}, nil)
}

// crowd is the size of a room from which being in it no longer means knowing each other.
const crowd = 10

// Recent returns the people in user's smaller rooms, the one with the newest message first.
func (s *Store) Recent(ctx context.Context, user protocol.UserID, limit int) ([]protocol.UserID, error) {
	var out []protocol.UserID
	err := each(ctx, s.read, func(r row) error {
		var id protocol.UserID
		var at string
		err := r.Scan(&id, &at)
		out = append(out, id)
		return err
	}, `SELECT P.USERID, MAX(R.LASTDT) AS AT1 FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID JOIN A_ROOMDTL_TBL P ON P.ROOMID=D.ROOMID
 WHERE D.USERID=? AND D.STATE='' AND R.SEQ>0 AND R.MEMCNT<=? AND P.STATE='' AND P.USERID<>? GROUP BY P.USERID ORDER BY AT1 DESC, P.USERID LIMIT ?`,
		string(user), crowd, string(user), limit)
	return out, s.d.translate(err)
}

// Companions returns the people who share a room with user, and user himself.
func (s *Store) Companions(ctx context.Context, user protocol.UserID) ([]protocol.UserID, error) {
	out, err := list[protocol.UserID](ctx, s.read, `SELECT DISTINCT P.USERID FROM A_ROOMDTL_TBL D JOIN A_ROOMDTL_TBL P ON P.ROOMID=D.ROOMID AND P.STATE=''
 WHERE D.USERID=? AND D.STATE='' AND P.USERID<>?`, string(user), string(user))
	return append(out, user), s.d.translate(err)
}
