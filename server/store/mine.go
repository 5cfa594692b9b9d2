package store

import (
	"context"
	"database/sql"
	"slices"

	"sendjay/shared/protocol"
)

// mineColumns adds what the original does not keep of how a member has set up a room.
func (m *migrator) mineColumns(ctx context.Context) error {
	have, err := m.s.d.columns(ctx, m.q, "A_ROOMDTL_TBL")
	if err != nil {
		return err
	}
	for _, c := range []string{"PINNED", "MINEVER"} {
		if have[c] {
			continue
		}
		if err := m.exec(ctx, "ALTER TABLE A_ROOMDTL_TBL ADD COLUMN "+c+" BIGINT NOT NULL DEFAULT 0"); err != nil {
			return err
		}
	}
	return nil
}

// notiOf is NOTI as the original writes it, with a letter more.
var notiOf = map[protocol.Notify]string{protocol.NotifyAll: "", protocol.NotifyMentions: "M", protocol.NotifyNone: "X"}

func notifyOf(noti string) protocol.Notify {
	for n, letter := range notiOf {
		if letter == noti {
			return n
		}
	}
	return protocol.NotifyAll
}

// Mine is what to change of how a member has set up a room; nil stays.
type Mine struct {
	Name        *string
	Notify      *protocol.Notify
	Pinned      *bool
	PanelHidden *bool
}

// SetMine changes how user has set up room for himself. Then is called when anything changed.
func (s *Store) SetMine(ctx context.Context, room protocol.RoomID, user protocol.UserID, change Mine, then func(protocol.RoomMine)) error {
	var before, after protocol.RoomMine
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		mine, err := s.mineOf(ctx, tx, user, "D.ROOMID=?"+s.d.lockRows(), string(room))
		if err != nil {
			return err
		}
		if len(mine) == 0 {
			return ErrNotMember
		}
		before, after = mine[0], mine[0]
		if change.Name != nil {
			after.Name = *change.Name
		}
		if change.Notify != nil {
			after.Notify = *change.Notify
		}
		if change.PanelHidden != nil {
			after.PanelHidden = *change.PanelHidden
		}
		if change.Pinned != nil && *change.Pinned != (before.Pinned > 0) {
			after.Pinned = 0
			if *change.Pinned {
				if after.Pinned, err = nextPlace(ctx, tx, user); err != nil {
					return err
				}
			}
		}
		return s.saveMine(ctx, tx, user, before, &after)
	}, func() {
		if then != nil && after != before {
			then(after)
		}
	})
}

// nextPlace is the place behind all pinned rooms of user.
func nextPlace(ctx context.Context, tx *sql.Tx, user protocol.UserID) (int, error) {
	var last, n int
	err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(PINNED),0), COUNT(*) FROM A_ROOMDTL_TBL WHERE USERID=? AND STATE='' AND PINNED>0", string(user)).Scan(&last, &n)
	if err == nil && n >= protocol.Limits.PinnedRooms {
		return 0, ErrTooManyPinned
	}
	return last + 1, err
}

// Order puts the pinned rooms of user into this order; those not named follow as they were.
func (s *Store) Order(ctx context.Context, user protocol.UserID, rooms []protocol.RoomID, then func(protocol.RoomMine)) error {
	var changed []protocol.RoomMine
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		changed = nil
		pinned, err := s.mineOf(ctx, tx, user, "D.PINNED>0 ORDER BY D.PINNED, D.ROOMID"+s.d.lockRows())
		if err != nil {
			return err
		}
		slices.SortStableFunc(pinned, func(a, b protocol.RoomMine) int { return rank(rooms, a.Room) - rank(rooms, b.Room) })
		for i, before := range pinned {
			after := before
			after.Pinned = i + 1
			if err := s.saveMine(ctx, tx, user, before, &after); err != nil {
				return err
			}
			if after != before {
				changed = append(changed, after)
			}
		}
		return nil
	}, func() {
		for _, m := range changed {
			if then != nil {
				then(m)
			}
		}
	})
}

// rank is where room stands among rooms, behind all of them when it does not.
func rank(rooms []protocol.RoomID, room protocol.RoomID) int {
	if i := slices.Index(rooms, room); i >= 0 {
		return i
	}
	return len(rooms)
}

const mineFields = "D.ROOMID, D.MINEVER, D.NICKNM, D.NOTI, D.PINNED, D.DISPMEM"

// mineOf reads how user has set up the rooms that where picks.
func (s *Store) mineOf(ctx context.Context, q queryer, user protocol.UserID, where string, args ...any) ([]protocol.RoomMine, error) {
	var out []protocol.RoomMine
	err := each(ctx, q, func(r row) error {
		var m mineRow
		if err := r.Scan(m.into()...); err != nil {
			return err
		}
		out = append(out, m.mine())
		return nil
	}, "SELECT "+mineFields+" FROM A_ROOMDTL_TBL D WHERE D.USERID=? AND D.STATE='' AND "+where, append([]any{string(user)}, args...)...)
	return out, err
}

// mineRow is mineFields.
type mineRow struct {
	protocol.RoomMine
	noti, panel string
}

func (m *mineRow) into() []any {
	return []any{&m.Room, &m.Version, &m.Name, &m.noti, &m.Pinned, &m.panel}
}

func (m *mineRow) mine() protocol.RoomMine {
	m.Notify, m.PanelHidden = notifyOf(m.noti), m.panel == "X"
	return m.RoomMine
}

// saveMine writes after where it departs from before, and gives it the next version.
func (s *Store) saveMine(ctx context.Context, tx *sql.Tx, user protocol.UserID, before protocol.RoomMine, after *protocol.RoomMine) error {
	if *after == before {
		return nil
	}
	after.Version++
	panel := ""
	if after.PanelHidden {
		panel = "X"
	}
	_, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET MINEVER=?, NICKNM=?, NOTI=?, PINNED=?, DISPMEM=?, OWNMS="+s.d.nowMS()+" WHERE ROOMID=? AND USERID=?",
		after.Version, after.Name, notiOf[after.Notify], after.Pinned, panel, string(after.Room), string(user))
	return err
}
