package store

import (
	"context"
	"time"

	"sendjay/shared/protocol"
)

// ownAt keeps, by the database's clock, when somebody last changed what is his alone: no rev tells of that.
func (m *migrator) ownAt(ctx context.Context) error {
	for _, table := range []string{"A_ROOMDTL_TBL", "Z_USER_TBL"} {
		have, err := m.s.d.columns(ctx, m.q, table)
		if err == nil && !have["OWNMS"] {
			err = m.exec(ctx, "ALTER TABLE "+table+" ADD COLUMN OWNMS BIGINT NOT NULL DEFAULT 0")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Own is what somebody has changed for himself, as it is now.
type Own struct {
	User protocol.UserID
	Mine []protocol.RoomMine
	// Hidden holds the last deletion of each room.
	Hidden   []protocol.MessageHidden
	Settings *protocol.NotifySettings
}

// OwnSince returns what these people have changed for themselves within a time: how they have set up rooms, what
// they have deleted, what they have chosen for all devices. What was not changed may be among it.
func (s *Store) OwnSince(ctx context.Context, users []protocol.UserID, within time.Duration) ([]Own, error) {
	if len(users) == 0 {
		return nil, nil
	}
	args := make([]any, len(users), len(users)+1)
	for i, u := range users {
		args[i] = string(u)
	}
	args = append(args, within.Milliseconds())
	var out []Own
	at := map[protocol.UserID]int{}
	of := func(user protocol.UserID) *Own {
		i, ok := at[user]
		if !ok {
			i = len(out)
			at[user] = i
			out = append(out, Own{User: user})
		}
		return &out[i]
	}
	err := each(ctx, s.read, func(r row) error {
		var user protocol.UserID
		var h protocol.MessageHidden
		var m mineRow
		if err := r.Scan(append([]any{&user, &h.Hides, &h.From}, m.into()...)...); err != nil {
			return err
		}
		o := of(user)
		o.Mine = append(o.Mine, m.mine())
		if h.Room = m.Room; h.Hides > 0 {
			o.Hidden = append(o.Hidden, h)
		}
		return nil
	}, "SELECT D.USERID, D.HIDES, D.FROMSEQ, "+mineFields+" FROM A_ROOMDTL_TBL D WHERE D.STATE='' AND D.USERID IN "+marks(1, len(users))+
		" AND D.OWNMS>="+s.d.nowMS()+"-?", args...)
	if err != nil {
		return nil, s.d.translate(err)
	}
	for i := range out {
		for j := range out[i].Hidden {
			h := &out[i].Hidden[j]
			if h.IDs, err = s.hiddenBy(ctx, out[i].User, h.Room, h.Hides); err != nil {
				return nil, s.d.translate(err)
			}
		}
	}
	chose, err := list[protocol.UserID](ctx, s.read, "SELECT USER_ID FROM Z_USER_TBL WHERE USER_ID IN "+marks(1, len(users))+" AND OWNMS>="+s.d.nowMS()+"-?", args...)
	if err != nil {
		return nil, s.d.translate(err)
	}
	for _, user := range chose {
		n, err := s.Settings(ctx, user)
		if err != nil {
			return nil, err
		}
		of(user).Settings = &n
	}
	return out, nil
}

// hiddenBy returns what deletion number n of user took away, where it named messages.
func (s *Store) hiddenBy(ctx context.Context, user protocol.UserID, room protocol.RoomID, n int64) ([]protocol.MessageID, error) {
	return list[protocol.MessageID](ctx, s.read, "SELECT MSGID FROM A_MSGDTL_TBL WHERE ROOMID=? AND RECEIVERID=? AND STATE='D' AND HIDENO=?", string(room), string(user), n)
}
