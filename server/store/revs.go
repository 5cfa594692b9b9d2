package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sendjay/shared/protocol"
)

// membersAt adds the rev of a room's last change of members, by which several servers on one database
// learn whether the members that they have in mind are still those, and the moment of a room's last change
// of any kind, which the database itself keeps. A file has one server.
func (m *migrator) membersAt(ctx context.Context) error {
	have, err := m.s.d.columns(ctx, m.q, "A_ROOMMST_TBL")
	if err != nil {
		return err
	}
	add := func(column, kind string) error {
		if have[column] {
			return nil
		}
		return m.exec(ctx, "ALTER TABLE A_ROOMMST_TBL ADD COLUMN "+column+" "+kind)
	}
	if err := add("MEMREV", "BIGINT NOT NULL DEFAULT 1"); err != nil || m.s.d.name() == "sqlite" {
		return err
	}
	return add("CHANGED", "TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)")
}

// MembersAt returns the rev at which the members of a room last changed: 1 for a room as it was made, 0 for none.
func (s *Store) MembersAt(ctx context.Context, room protocol.RoomID) (protocol.Rev, error) {
	var at protocol.Rev
	err := s.read.QueryRowContext(ctx, "SELECT MEMREV FROM A_ROOMMST_TBL WHERE ROOMID=?", string(room)).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return at, s.d.translate(err)
}

// Standing is the rev of a room in which somebody is.
type Standing struct {
	User protocol.UserID
	Room protocol.RoomID
	Rev  protocol.Rev
}

// Standings returns where those rooms of these people stand that changed within this time; on SQLite, where
// nobody has to ask, all of them.
func (s *Store) Standings(ctx context.Context, users []protocol.UserID, within time.Duration) ([]Standing, error) {
	if len(users) == 0 {
		return nil, nil
	}
	args := make([]any, len(users))
	for i, u := range users {
		args[i] = string(u)
	}
	changed := ""
	if s.d.name() != "sqlite" {
		changed = " AND R.CHANGED>=NOW(3) - INTERVAL ? SECOND"
		args = append(args, int64(within/time.Second)+1)
	}
	var out []Standing
	err := each(ctx, s.read, func(r row) error {
		var x Standing
		err := r.Scan(&x.User, &x.Room, &x.Rev)
		out = append(out, x)
		return err
	}, "SELECT D.USERID, D.ROOMID, R.REV FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID WHERE D.USERID IN "+marks(1, len(users))+" AND D.STATE=''"+changed, args...)
	return out, s.d.translate(err)
}
