package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sendjay/shared/protocol"
)

// Act is something that an administrator, or the server itself, does to accounts or settings.
type Act struct {
	// Who is an id, or a word such as "cli" where nobody signed in.
	Who     string
	Address string
	Act     string
	Target  string
	// About says more, in a few words or JSON. No password ever stands in it.
	About any
}

// hashOf chains a line to the one before it.
func hashOf(before string, l protocol.AuditLine) string {
	l.Hash = ""
	raw, _ := json.Marshal(l) // plain values
	sum := sha256.Sum256(append([]byte(before), raw...))
	return hex.EncodeToString(sum[:])
}

// audit adds a line in the transaction that does what it tells of.
func (s *Store) audit(ctx context.Context, tx *sql.Tx, a Act) error {
	n, err := s.count(ctx, tx, auditCounter)
	if err != nil {
		return err
	}
	var before string
	if err := tx.QueryRowContext(ctx, "SELECT HASH FROM S_AUDIT_TBL WHERE N=?", n-1).Scan(&before); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	about, ok := a.About.(string)
	if text, is := a.About.(protocol.Text); is {
		about, ok = string(text), true
	}
	if !ok && a.About != nil {
		raw, err := json.Marshal(a.About)
		if err != nil {
			return err
		}
		about = string(raw)
	}
	l := protocol.AuditLine{
		N: n, At: protocol.At(s.now()), Who: cutRunes(a.Who, 40), Address: cutRunes(a.Address, 64), Act: cutRunes(a.Act, 40),
		Target: cutRunes(a.Target, 100), About: cutRunes(about, 2000),
	}
	l.Hash = hashOf(before, l)
	_, err = tx.ExecContext(ctx, "INSERT INTO S_AUDIT_TBL (N, ATMS, WHO, ADDRESS, ACT, TARGET, ABOUT, HASH) VALUES "+marks(1, 8),
		l.N, int64(l.At), l.Who, l.Address, l.Act, l.Target, l.About, l.Hash)
	return err
}

// Note adds a line about something that changes nothing in the database.
func (s *Store) Note(ctx context.Context, a Act) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.audit(ctx, tx, a) }, nil)
}

// AuditQuery picks lines; zero fields pick all.
type AuditQuery struct {
	// Who and Target are parts of an id, or of the name of the person who has it today; capital letters are as small ones.
	Who, Target string
	// Act is how the act begins.
	Act          string
	Since, Until time.Time
	// Before is the number of the line after the newest wanted; where Oldest turns the order round, of the one before
	// the oldest.
	Before int64
	Oldest bool
	Limit  int
}

const auditColumns = "N, ATMS, WHO, ADDRESS, ACT, TARGET, ABOUT, HASH"

func scanAudit(scan func(...any) error) (protocol.AuditLine, error) {
	var l protocol.AuditLine
	var at int64
	err := scan(&l.N, &at, &l.Who, &l.Address, &l.Act, &l.Target, &l.About, &l.Hash)
	l.At = protocol.Instant(at)
	return l, err
}

// Audit returns lines, newest first unless the query turns them round.
func (s *Store) Audit(ctx context.Context, q AuditQuery) ([]protocol.AuditLine, error) {
	where, args := []string{"1=1"}, []any{}
	add := func(wanted bool, cond string, values ...any) {
		if wanted {
			where, args = append(where, cond), append(args, values...)
		}
	}
	for column, part := range map[string]string{"WHO": q.Who, "TARGET": q.Target} {
		holds := "%" + like(strings.ToLower(part)) + "%"
		add(part != "", "(LOWER("+column+") LIKE ? ESCAPE '!' OR "+column+" IN (SELECT USER_ID FROM Z_USER_TBL WHERE LOWER(USER_NM) LIKE ? ESCAPE '!'))", holds, holds)
	}
	add(q.Act != "", "ACT LIKE ? ESCAPE '!'", like(q.Act)+"%")
	add(!q.Since.IsZero(), "ATMS>=?", q.Since.UnixMilli())
	add(!q.Until.IsZero(), "ATMS<?", q.Until.UnixMilli())
	order, beyond := "DESC", "N<?"
	if q.Oldest {
		order, beyond = "ASC", "N>?"
	}
	add(q.Before > 0, beyond, q.Before)
	out := []protocol.AuditLine{}
	err := each(ctx, s.read, func(r row) error {
		l, err := scanAudit(r.Scan)
		out = append(out, l)
		return err
	}, "SELECT "+auditColumns+" FROM S_AUDIT_TBL WHERE "+strings.Join(where, " AND ")+fmt.Sprintf(" ORDER BY N %s LIMIT %d", order, q.Limit), args...)
	return out, s.d.translate(err)
}

// like escapes what a LIKE would take for a sign of its own.
func like(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }

// VerifyAudit reads the whole log. It returns the number and hash of the last line, and the number of the first
// line that was changed, removed or put in, 0 for none.
func (s *Store) VerifyAudit(ctx context.Context) (last int64, head string, broken int64, err error) {
	if err := each(ctx, s.read, func(r row) error {
		l, err := scanAudit(r.Scan)
		if err != nil || broken > 0 {
			return err
		}
		if l.N != last+1 || l.Hash != hashOf(head, l) {
			broken = last + 1
			return nil
		}
		last, head = l.N, l.Hash
		return nil
	}, "SELECT "+auditColumns+" FROM S_AUDIT_TBL ORDER BY N"); err != nil {
		return 0, "", 0, s.d.translate(err)
	}
	var counted sql.NullInt64
	if err := s.read.QueryRowContext(ctx, "SELECT MAX(N) FROM S_COUNTER_TBL WHERE NAME=?", auditCounter).Scan(&counted); err != nil {
		return 0, "", 0, s.d.translate(err)
	}
	if broken == 0 && counted.Int64 != last {
		broken = cmp.Or(last+1, 1) // lines are missing at the end
	}
	return last, head, broken, nil
}
