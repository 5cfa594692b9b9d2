package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sendjay/shared/protocol"
)

// comings makes room for notices in two languages, and for what the original's log of connections does not hold.
func (m *migrator) comings(ctx context.Context) error {
	if m.s.d.name() == "mysql" { // SQLite does not mind how long a text is
		if err := m.exec(ctx, "ALTER TABLE S_SETTING_TBL MODIFY VALUE VARCHAR(8000) NOT NULL"); err != nil {
			return err
		}
	}
	have, err := m.s.d.columns(ctx, m.q, "Z_ACTLOG_TBL")
	if err != nil {
		return err
	}
	for _, c := range [][2]string{
		{"N", "BIGINT NOT NULL DEFAULT 0"},
		{"ATMS", "BIGINT NOT NULL DEFAULT 0"},
		{"ADDRESS", "VARCHAR(64) NOT NULL DEFAULT ''"},
		{"AGENT", "VARCHAR(200) NOT NULL DEFAULT ''"},
		{"WHY", "VARCHAR(40) NOT NULL DEFAULT ''"},
	} {
		if have[c[0]] {
			continue
		}
		if err := m.exec(ctx, "ALTER TABLE Z_ACTLOG_TBL ADD COLUMN "+c[0]+" "+c[1]); err != nil {
			return err
		}
	}
	indexes, err := m.s.d.indexes(ctx, m.q, "Z_ACTLOG_TBL")
	if err != nil {
		return err
	}
	for _, x := range [][2]string{{"Z_ACTLOG_N", "N"}, {"Z_ACTLOG_USER", "USER_ID, N"}} {
		if indexes[x[0]] {
			continue
		}
		if err := m.exec(ctx, "CREATE INDEX "+x[0]+" ON Z_ACTLOG_TBL ("+x[1]+")"); err != nil {
			return err
		}
	}
	return nil
}

// Came is a line of who came and went, as it is written.
type Came struct {
	// N orders the lines and names this one, over all nodes.
	N    int64
	At   time.Time
	Kind protocol.ComingKind
	User protocol.UserID
	From protocol.Device
	// Address and Agent describe the device.
	Address, Agent, Why string
	// Seconds is how long it was connected; -1 is not known yet.
	Seconds int
}

// Went says of a line of a connection that it ended.
type Went struct {
	N       int64
	At      time.Time
	Seconds int
}

// microStamp is the original's time with all of its six places.
const microStamp = "2006-01-02 15:04:05.000000"

// LogComings writes who came, and who of those that came before has gone.
func (s *Store) LogComings(ctx context.Context, came []Came, went []Went) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for part := range slices.Chunk(came, rowsAtOnce) {
			var args []any
			for _, c := range part {
				at, udt := c.At.UTC().Format(microStamp), ""
				if c.Seconds >= 0 && c.Kind == protocol.WasOn {
					udt = c.At.Add(time.Duration(c.Seconds) * time.Second).UTC().Format(microStamp)
				}
				args = append(args, string(c.User), string(c.Kind), string(c.From), "", c.Seconds, at, udt, at, c.N, c.At.UnixMilli(),
					cutRunes(c.Address, 64), cutRunes(c.Agent, 200), cutRunes(c.Why, 40))
			}
			// A second line of one person in the same microsecond is the only one that could be passed over.
			if _, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO Z_ACTLOG_TBL (USER_ID, WORK, DEVICE, STATE, DUR, CDT, UDT, ISUDT, N, ATMS, ADDRESS, AGENT, WHY) VALUES "+
				marks(len(part), 13), args...); err != nil {
				return err
			}
		}
		for _, w := range went {
			if _, err := tx.ExecContext(ctx, "UPDATE Z_ACTLOG_TBL SET DUR=?, UDT=? WHERE N=?", w.Seconds, w.At.UTC().Format(microStamp), w.N); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

// ComingsQuery picks lines; zero fields pick all.
type ComingsQuery struct {
	// Q is an id or an address, or begins one, or stands in a name.
	Q            string
	Kind         protocol.ComingKind
	Device       protocol.Device
	Since, Until time.Time
	// Oldest turns the order round.
	Oldest bool
	// After is the id of the line before the first wanted.
	After int64
	Limit int
}

// Comings returns lines, newest first.
func (s *Store) Comings(ctx context.Context, q ComingsQuery) ([]protocol.Coming, error) {
	where, args := []string{"L.N>0"}, []any{}
	add := func(wanted bool, cond string, values ...any) {
		if wanted {
			where, args = append(where, cond), append(args, values...)
		}
	}
	order, beyond := "DESC", "L.N<?"
	if q.Oldest {
		order, beyond = "ASC", "L.N>?"
	}
	if q.Q != "" {
		add(true, "(L.USER_ID=? OR L.ADDRESS LIKE ? ESCAPE '!' OR L.USER_ID IN (SELECT USER_ID FROM Z_USER_TBL WHERE LOWER(USER_NM) LIKE ? ESCAPE '!'))",
			q.Q, like(q.Q)+"%", "%"+like(strings.ToLower(q.Q))+"%")
	}
	add(q.Kind != "", "L.WORK=?", string(q.Kind))
	add(q.Device != "", "L.DEVICE=?", string(q.Device))
	add(!q.Since.IsZero(), "L.N>=?", FirstComing(q.Since))
	add(!q.Until.IsZero(), "L.N<?", FirstComing(q.Until))
	add(q.After > 0, beyond, q.After)
	out := []protocol.Coming{}
	err := each(ctx, s.read, func(r row) error {
		var c protocol.Coming
		var n, at int64
		err := r.Scan(&n, &at, &c.Kind, &c.User, &c.Name, &c.Device, &c.Address, &c.Agent, &c.Why, &c.Seconds)
		c.ID, c.At = strconv.FormatInt(n, 10), protocol.Instant(at)
		out = append(out, c)
		return err
	}, "SELECT L.N, L.ATMS, L.WORK, L.USER_ID, COALESCE(U.USER_NM,''), L.DEVICE, L.ADDRESS, L.AGENT, L.WHY, L.DUR FROM Z_ACTLOG_TBL L LEFT JOIN Z_USER_TBL U ON U.USER_ID=L.USER_ID WHERE "+
		strings.Join(where, " AND ")+fmt.Sprintf(" ORDER BY L.N %s LIMIT %d", order, q.Limit), args...)
	return out, s.d.translate(err)
}

// comingBits is how much of a line's number tells lines of one microsecond apart.
const comingBits = 10

// FirstComing is the least number that a line of that time can have. There are 1<<10 for each microsecond.
func FirstComing(at time.Time) int64 { return at.UnixMicro() << comingBits }

// ForgetComings removes at most limit lines from before t, the oldest first, and says how many there were.
func (s *Store) ForgetComings(ctx context.Context, t time.Time, limit int) (int, error) {
	n := 0
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		old, err := list[int64](ctx, tx, fmt.Sprintf("SELECT N FROM Z_ACTLOG_TBL WHERE N>0 AND N<? ORDER BY N LIMIT %d", limit), FirstComing(t))
		if n = len(old); err != nil || n == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM Z_ACTLOG_TBL WHERE N>0 AND N<=?", old[n-1])
		return err
	}, nil)
	return n, err
}
