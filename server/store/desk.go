package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

// AccountQuery picks accounts.
type AccountQuery struct {
	// Q stands in id, name, nickname, department, phone or mail.
	Q string
	// State is "", active, closed, locked, manual, synced, staff, empty or signedin.
	State string
	// Sort is name, id, org, state or used, with a minus the other way round.
	Sort          string
	ID            protocol.UserID
	Offset, Limit int
	// LockAfter is the policy's.
	LockAfter int
}

// The orders and states of AccountQuery. In order of state come first who is closed, who is locked, who has a role.
var (
	accountOrders = map[string][]string{
		"name":  {"USER_NM", "USER_ID"},
		"id":    {"USER_ID"},
		"org":   {"ORG_NM", "USER_NM", "USER_ID"},
		"state": {"ACTIVE", "CASE WHEN " + lockedNow + " THEN 0 ELSE 1 END", "CASE WHEN ROLE<>'' THEN 0 ELSE 1 END", "IS_SYNC DESC", "USER_NM", "USER_ID"},
		"used":  {"USEDMS", "USER_ID"},
	}
	accountStates = map[string]string{"": "1=1", "active": "ACTIVE='Y'", "closed": "ACTIVE='N'", "locked": lockedNow, "manual": "IS_SYNC<>'Y'", "synced": "IS_SYNC='Y'", "staff": "ROLE<>''", "empty": withoutPassword, "signedin": signedInNow}
)

// signedInNow takes the present moment.
const signedInNow = "USER_ID IN (SELECT USER_ID FROM S_SIGNIN_TBL WHERE REVOKED='N' AND EXPIRESMS>?)"

// lockedNow takes the policy's number twice.
const lockedNow = "WRONG>=? AND ?>0"

// orderOf is the order that sort names, "" for none.
func orderOf(sort string) string {
	by, back := strings.CutPrefix(sort, "-")
	columns := slices.Clone(accountOrders[cmp.Or(by, "name")])
	for i, c := range columns {
		plain, last := strings.CutSuffix(c, " DESC")
		if back != last {
			plain += " DESC"
		}
		columns[i] = plain
	}
	return strings.Join(columns, ", ")
}

// withoutPassword are people who are here and cannot sign in by password.
const withoutPassword = "ACTIVE='Y' AND PWD=''"

// ErrQuery says that a query asks for what there is not.
var ErrQuery = errors.New("no such order or state")

// Desk returns a page of accounts as administration sees them, and how many fit.
func (s *Store) Desk(ctx context.Context, q AccountQuery) ([]protocol.Account, int, error) {
	state, ok := accountStates[q.State]
	order := orderOf(q.Sort)
	if !ok || order == "" {
		return nil, 0, ErrQuery
	}
	where, args := state, []any{}
	switch q.State {
	case "locked":
		args = append(args, q.LockAfter, q.LockAfter)
	case "signedin":
		args = append(args, s.now().UnixMilli())
	}
	if q.ID != "" {
		where, args = where+" AND USER_ID=?", append(args, string(q.ID))
	}
	if q.Q != "" {
		pattern := "%" + like(strings.ToLower(q.Q)) + "%"
		var any []string
		for _, c := range []string{"USER_NM", "USER_ID", "NICK_NM", "ORG_NM", "TEL_NO", "MAIL"} {
			any, args = append(any, "LOWER("+c+") LIKE ? ESCAPE '!'"), append(args, pattern)
		}
		where += " AND (" + strings.Join(any, " OR ") + ")"
	}
	var total int
	if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM Z_USER_TBL WHERE "+where, args...).Scan(&total); err != nil {
		return nil, 0, s.d.translate(err)
	}
	if strings.Contains(order, lockedNow) {
		args = append(args, q.LockAfter, q.LockAfter)
	}
	out := []protocol.Account{}
	err := each(ctx, s.read, func(r row) error {
		var wrong, devices int
		var used int64
		var factor string
		a, err := scanAccount(func(into ...any) error { return r.Scan(append(into, &wrong, &devices, &used, &factor)...) })
		out = append(out, protocol.Account{
			User: a.User, Active: a.Active, Synced: a.Synced, Locked: q.LockAfter > 0 && wrong >= q.LockAfter, Factor: factor == "Y",
			Devices: devices, Used: protocol.Instant(used),
		})
		return err
	}, "SELECT "+accountColumns+`, WRONG,
 (SELECT COUNT(*) FROM S_SIGNIN_TBL I WHERE I.USER_ID=U.USER_ID AND I.REVOKED='N' AND I.EXPIRESMS>?) AS DEVICES,
 (SELECT COALESCE(MAX(I.USEDMS),0) FROM S_SIGNIN_TBL I WHERE I.USER_ID=U.USER_ID) AS USEDMS,
 (SELECT COALESCE(MAX(F.LIVE),'N') FROM S_FACTOR_TBL F WHERE F.USER_ID=U.USER_ID) AS FACTOR
 FROM Z_USER_TBL U WHERE `+where+" ORDER BY "+order+fmt.Sprintf(" LIMIT %d OFFSET %d", q.Limit, q.Offset), append([]any{s.now().UnixMilli()}, args...)...)
	return out, total, s.d.translate(err)
}

// OpenAccount adds a, in the unit that it names, and writes down who did.
func (s *Store) OpenAccount(ctx context.Context, by Act, a Account) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		a := a
		if a.Org != "" {
			units, err := s.unitsFor(ctx, tx)
			if err != nil {
				return err
			}
			name, ok := units[a.Org]
			if !ok && len(units) > 0 {
				return ErrNoUnit
			}
			a.OrgName = cmp.Or(name, a.OrgName)
		}
		if err := s.addAccount(ctx, tx, a); err != nil {
			return err
		}
		return s.audit(ctx, tx, by)
	}, nil)
}

// ErrNoUnit and ErrNoPostUnit say that the organisation has no such unit for somebody to be in, or to hold a post in.
// Where it has none at all, units are those that people are in.
var (
	ErrNoUnit     = errors.New("no such unit")
	ErrNoPostUnit = errors.New("no such unit to hold a post in")
)

// unitsFor returns the names of the units by code, to a write that puts somebody into one: whoever changes the
// organisation waits until that is done.
func (s *Store) unitsFor(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	if _, err := s.count(ctx, tx, "orgs"); err != nil {
		return nil, err
	}
	rows, err := orgRows(ctx, tx)
	names := make(map[string]string, len(rows))
	for _, o := range rows {
		names[o.Code] = o.Name
	}
	return names, err
}

// ErrLastOwner says that nobody would be left who may do everything.
var ErrLastOwner = errors.New("the last owner stays one")

// lastOwner reports whether id is the only owner who is here. Two owners who close each other do so one after the other.
func (s *Store) lastOwner(ctx context.Context, tx *sql.Tx, id protocol.UserID) (bool, error) {
	if _, err := s.count(ctx, tx, "owners"); err != nil {
		return false, err
	}
	owners, err := list[protocol.UserID](ctx, tx, "SELECT USER_ID FROM Z_USER_TBL WHERE ROLE=? AND ACTIVE='Y'", string(protocol.Owner))
	return len(owners) == 1 && owners[0] == id, err
}

// EditAccount changes what e gives and writes down who did. Closing an account ends its sign-ins and
// passes its groups on.
func (s *Store) EditAccount(ctx context.Context, by Act, id protocol.UserID, e protocol.EditAccount) error {
	var out outcome
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = outcome{}
		set, args := []string{"MODR=?", "MODDT=?"}, []any{cutRunes(by.Who, 20), stampOf(protocol.At(s.now()))}
		add := func(column string, value any) { set, args = append(set, column+"=?"), append(args, value) }
		for column, text := range map[string]*protocol.Text{"USER_NM": e.Name, "JOB": e.Job, "TEL_NO": e.Phone, "MAIL": e.Mail} {
			if text != nil {
				add(column, string(*text))
			}
		}
		org, err := s.placed(ctx, tx, id, e)
		if err != nil {
			return err
		}
		if org != nil {
			add("ORG_CD", org.Code)
			add("ORG_NM", org.Name)
		}
		if e.Role != nil {
			add("ROLE", string(*e.Role))
			add("ID_KIND", kindOf(*e.Role))
		}
		if e.Active != nil && !*e.Active || e.Role != nil && *e.Role != protocol.Owner {
			if last, err := s.lastOwner(ctx, tx, id); err != nil || last {
				return cmp.Or(err, ErrLastOwner)
			}
		}
		if e.Active != nil {
			add("ACTIVE", yes(*e.Active))
			if !*e.Active {
				if err := revokeAll(ctx, tx, id); err != nil {
					return err
				}
			}
		}
		if err := met(tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET "+strings.Join(set, ", ")+" WHERE USER_ID=?", append(args, string(id))...)); err != nil {
			return err
		}
		if e.Posts != nil {
			posts := make([]Post, len(e.Posts))
			for i, p := range e.Posts {
				posts[i] = Post{User: id, Org: p.Org, Job: string(p.Job)}
			}
			if err := setPosts(ctx, tx, id, posts); err != nil {
				return err
			}
		}
		if e.Active != nil {
			if err := s.stand(ctx, tx, []protocol.UserID{id}, !*e.Active, &out); err != nil {
				return err
			}
		}
		if e.Active != nil && !*e.Active {
			if err := s.passOn(ctx, tx, []protocol.UserID{id}, &out); err != nil {
				return err
			}
		}
		if err := s.peopleChanged(ctx, tx); err != nil {
			return err
		}
		return s.audit(ctx, tx, by)
	}, func() { s.tell(&out) })
}

// placed checks the units of an edit and returns that of the main post, nil where it stays. Nobody has to leave a unit
// that is no longer there.
func (s *Store) placed(ctx context.Context, tx *sql.Tx, id protocol.UserID, e protocol.EditAccount) (*OrgRow, error) {
	if e.Org == nil && len(e.Posts) == 0 {
		return nil, nil
	}
	units, err := s.unitsFor(ctx, tx)
	if err != nil {
		return nil, err
	}
	known := func(code, held string) bool {
		_, ok := units[code]
		return ok || len(units) == 0 || code == held
	}
	held, err := list[string](ctx, tx, "SELECT ORG_CD FROM S_POST_TBL WHERE USER_ID=?", string(id))
	if err != nil {
		return nil, err
	}
	for _, p := range e.Posts {
		if !known(p.Org, "") && !slices.Contains(held, p.Org) {
			return nil, ErrNoPostUnit
		}
	}
	if e.Org == nil {
		return nil, nil
	}
	var was string
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(ORG_CD),'') FROM Z_USER_TBL WHERE USER_ID=?", string(id)).Scan(&was); err != nil {
		return nil, err
	}
	name, ok := units[*e.Org]
	switch {
	case ok, *e.Org == "":
		return &OrgRow{Code: *e.Org, Name: name}, nil
	case !known(*e.Org, was):
		return nil, ErrNoUnit
	case *e.Org == was:
		return nil, nil
	}
	return &OrgRow{Code: *e.Org}, nil
}

func revokeAll(ctx context.Context, tx *sql.Tx, id protocol.UserID) error {
	_, err := tx.ExecContext(ctx, "UPDATE S_SIGNIN_TBL SET REVOKED='Y' WHERE USER_ID=? AND REVOKED='N'", string(id))
	return err
}

// ResetPassword sets a password that serves once: sign-ins end, a lock and a second factor go.
func (s *Store) ResetPassword(ctx context.Context, by Act, id protocol.UserID, hash string) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := met(tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET PWD=?, MUSTCHANGE='Y', WRONG=0, MODDT=? WHERE USER_ID=?", hash, stampOf(protocol.At(s.now())), string(id))); err != nil {
			return err
		}
		if err := revokeAll(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM S_FACTOR_TBL WHERE USER_ID=?", string(id)); err != nil {
			return err
		}
		return s.audit(ctx, tx, by)
	}, nil)
}

// GivePassword sets the hash of id's password, ends the sign-ins and writes down who did.
func (s *Store) GivePassword(ctx context.Context, by Act, id protocol.UserID, hash string, mustChange bool) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := met(tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET PWD=?, MUSTCHANGE=?, WRONG=0, MODDT=? WHERE USER_ID=?", hash, yes(mustChange), stampOf(protocol.At(s.now())), string(id))); err != nil {
			return err
		}
		if err := revokeAll(ctx, tx, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, by)
	}, nil)
}

// FirstPasswords gives up to limit people who are here and have no password one that serves once, made by make, and
// writes down who did. It returns them, and how many are left.
func (s *Store) FirstPasswords(ctx context.Context, by Act, limit int, make func() (password, hash string)) ([]protocol.OneTime, int, error) {
	var out []protocol.OneTime
	left := 0
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = []protocol.OneTime{}
		ids, err := list[protocol.UserID](ctx, tx, fmt.Sprintf("SELECT USER_ID FROM Z_USER_TBL WHERE %s ORDER BY USER_ID LIMIT %d", withoutPassword, limit))
		if err != nil {
			return err
		}
		now := stampOf(protocol.At(s.now()))
		for _, id := range ids {
			password, hash := make()
			if err := met(tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET PWD=?, MUSTCHANGE='Y', WRONG=0, MODDT=? WHERE USER_ID=?", hash, now, string(id))); err != nil {
				return err
			}
			out = append(out, protocol.OneTime{ID: id, Password: password})
		}
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM Z_USER_TBL WHERE "+withoutPassword).Scan(&left); err != nil || len(out) == 0 {
			return err
		}
		by.About = map[string]any{"people": len(out), "first": out[0].ID, "last": out[len(out)-1].ID}
		return s.audit(ctx, tx, by)
	}, nil)
	return out, left, err
}

// EndSignIns ends user's sign-ins, or only that with the id one, and writes down who did. It returns those that ended.
func (s *Store) EndSignIns(ctx context.Context, by Act, user protocol.UserID, one string) ([]string, error) {
	var ended []string
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var err error
		if ended, err = list[string](ctx, tx, "SELECT SIGNINID FROM S_SIGNIN_TBL WHERE USER_ID=? AND REVOKED='N' AND (?='' OR SIGNINID=?)", string(user), one, one); err != nil {
			return err
		}
		if one != "" && len(ended) == 0 {
			return ErrNoSignIn
		}
		for _, id := range ended {
			if _, err := tx.ExecContext(ctx, "UPDATE S_SIGNIN_TBL SET REVOKED='Y' WHERE SIGNINID=?", id); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, by)
	}, nil)
	return ended, err
}

// Wrong counts a wrong password and returns how many there were in a row.
func (s *Store) Wrong(ctx context.Context, id protocol.UserID) (int, error) {
	n := 0
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET WRONG=WRONG+1 WHERE USER_ID=?", string(id)); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(WRONG),0) FROM Z_USER_TBL WHERE USER_ID=?", string(id)).Scan(&n)
	}, nil)
	return n, err
}

// WrongSoFar is how many wrong passwords there were in a row.
func (s *Store) WrongSoFar(ctx context.Context, id protocol.UserID) (n int, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT COALESCE(MAX(WRONG),0) FROM Z_USER_TBL WHERE USER_ID=?", string(id)).Scan(&n)
	return n, s.d.translate(err)
}

// Unlock forgets wrong passwords; by is nil when the right one did it.
func (s *Store) Unlock(ctx context.Context, by *Act, id protocol.UserID) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET WRONG=0 WHERE USER_ID=?", string(id)); err != nil || by == nil {
			return err
		}
		return s.audit(ctx, tx, *by)
	}, nil)
}

// Kept reads a setting that the database keeps into v; it stays as it is when there is none.
func (s *Store) Kept(ctx context.Context, name string, v any) error {
	var raw string
	err := s.read.QueryRowContext(ctx, "SELECT VALUE FROM S_SETTING_TBL WHERE NAME=?", name).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return s.d.translate(err)
	}
	return json.Unmarshal([]byte(raw), v)
}

// Keep keeps v as a setting and writes down who did.
func (s *Store) Keep(ctx context.Context, by Act, name string, v any) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.keep(ctx, tx, by, name, v) }, nil)
}

func (s *Store) keep(ctx context.Context, tx *sql.Tx, by Act, name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM S_SETTING_TBL WHERE NAME=?", name); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO S_SETTING_TBL (NAME, VALUE) VALUES (?,?)", name, string(raw)); err != nil {
		return err
	}
	return s.audit(ctx, tx, by)
}

// Change changes a setting that the database keeps: f gets what it says now, nil for nothing, and returns what it is to
// say and what is written down of that. It may be called again. Two who change one setting do so one after the other.
func (s *Store) Change(ctx context.Context, name string, f func(old []byte) (any, Act, error)) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := s.count(ctx, tx, "setting."+name); err != nil { // which waits for whoever changes it too
			return err
		}
		var old sql.NullString
		if err := tx.QueryRowContext(ctx, "SELECT MAX(VALUE) FROM S_SETTING_TBL WHERE NAME=?", name).Scan(&old); err != nil {
			return err
		}
		v, by, err := f([]byte(old.String))
		if err != nil {
			return err
		}
		return s.keep(ctx, tx, by, name, v)
	}, nil)
}

// PeopleCount counts all accounts and those that are active.
func (s *Store) PeopleCount(ctx context.Context) (all, active int, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(CASE WHEN ACTIVE='Y' THEN 1 ELSE 0 END),0) FROM Z_USER_TBL").Scan(&all, &active)
	return all, active, s.d.translate(err)
}
