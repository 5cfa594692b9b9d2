package store

import (
	"context"
	"fmt"
	"strings"

	"sendjay/shared/protocol"
)

// named is the condition that a name of room R, or of another member than D, holds the text of its parameters.
const named = `(` + flatD + ` LIKE ? ESCAPE '!' OR ` + flatR + ` LIKE ? ESCAPE '!' OR EXISTS (SELECT 1 FROM A_ROOMDTL_TBL X
 WHERE X.ROOMID=R.ROOMID AND X.STATE IN ('','2') AND X.USERID<>D.USERID AND REPLACE(LOWER(X.USERNM),' ','') LIKE ? ESCAPE '!'))`

const (
	flatD = `REPLACE(LOWER(D.NICKNM),' ','')`
	flatR = `REPLACE(LOWER(R.NICKNM),' ','')`
)

// holds is the LIKE pattern for texts that hold q, without regard to case and spaces.
func holds(q string) string {
	q = strings.ToLower(strings.ReplaceAll(q, " ", ""))
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(q) + "%"
}

// fillTitles makes the titles that nobody gave out of the members' names. Whoever left a pair left it
// silently: for the other one it keeps his name. A room that never had another member is for oneself.
func (s *Store) fillTitles(ctx context.Context, rooms []protocol.Room, me protocol.UserID) error {
	alone := map[protocol.RoomID]*protocol.Room{}
	var args []any
	for i := range rooms {
		r := &rooms[i]
		if !r.Named {
			r.Title = defaultTitle(r, me)
		}
		if r.MemberCount == 1 {
			alone[r.ID] = r
			args = append(args, string(r.ID))
		}
	}
	if len(args) == 0 {
		return nil
	}
	return each(ctx, s.read, func(r row) error {
		var id protocol.RoomID
		var ever int
		var asleep string
		err := r.Scan(&id, &ever, &asleep)
		if err != nil {
			return err
		}
		if alone[id].Self = ever == 1; asleep != "" && !alone[id].Named {
			alone[id].Title = asleep
		}
		return nil
	}, "SELECT ROOMID, COUNT(*), MAX(CASE WHEN STATE='"+stateAsleep+"' THEN USERNM ELSE '' END) FROM A_ROOMDTL_TBL WHERE ROOMID IN "+marks(1, len(args))+" GROUP BY ROOMID", args...)
}

// defaultTitle joins up to four names without mine; alone, it is my own.
func defaultTitle(r *protocol.Room, me protocol.UserID) string {
	var names []string
	own := string(me)
	for _, m := range r.Members {
		if m.ID == me {
			own = m.Name
			continue
		}
		names = append(names, m.Name)
	}
	others := r.MemberCount - 1
	if len(names) == 0 {
		return own
	}
	if len(names) > 4 {
		names = names[:4]
	}
	title := strings.Join(names, ", ")
	if others > len(names) {
		title += fmt.Sprintf(" +%d", others-len(names))
	}
	return title
}
