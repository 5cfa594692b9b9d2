package store

import (
	"context"
	"encoding/json"
	"sync"

	"sendjay/shared/protocol"
)

// unreadSQL counts what a member D has not read of room R: what others wrote after his cursor, without
// cancelled messages, lines of the room, and what he has deleted or read out of turn. Most people have none
// of the last kind in a room, which is asked once and not for every message.
const (
	unreadSQL = `(CASE WHEN ` + apartSQL + `
 THEN ` + unreadMessages + ` AND NOT EXISTS (SELECT 1 FROM A_MSGDTL_TBL X WHERE X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=D.USERID))
 ELSE ` + unreadMessages + `) END)`
	apartSQL       = `EXISTS (SELECT 1 FROM A_MSGDTL_TBL X WHERE X.ROOMID=D.ROOMID AND X.RECEIVERID=D.USERID)`
	unreadMessages = `(SELECT COUNT(*) FROM A_MSGMST_TBL M WHERE M.ROOMID=D.ROOMID AND M.SEQ>D.READSEQ AND M.SENDERID<>D.USERID AND ` + countsSQL
	countsSQL      = `M.STATE2='' AND M.TYP NOT IN ('invite','leave')`
)

// counts are the unread numbers that were counted before. A count takes as long as much is unread, and lists are
// asked for again with every device that comes back, so only what has come since is counted.
//
// A number stands for the messages after a cursor up to a seq, and holds as long as the cursor stands there: whoever
// sends gets a higher seq, what is removed for its age lies before every cursor, and what is taken back leaves a row
// for each who has not read it, as does what he deletes for himself. Where there are such rows, all is counted.
// All of that stands in the tables: it holds as well for what another node writes.
type counts struct {
	mu sync.Mutex // guards of
	of map[place]counted
}

type counted struct {
	read, upto protocol.Seq
	n          int
}

// countsKept bounds the numbers in mind, some 10 MB. Then some go, whichever, and are counted again when asked for.
const countsKept = 50_000

// tallied are the columns of an unread number that countAll is to count, and of whether rows say something of
// this person's messages alone.
const (
	tallied   = "-1, " + apartSQL
	uncounted = -1
)

// A stretch is what to count of a room: the messages after low up to high.
type stretch struct {
	room      protocol.RoomID
	low, high protocol.Seq
}

// countParts counts per room of P what others than one person wrote there.
const countParts = `SELECT P.ROOMID, (SELECT COUNT(*) FROM A_MSGMST_TBL M
 WHERE M.ROOMID=P.ROOMID AND M.SEQ>P.LOW AND M.SEQ<=P.HIGH AND M.SENDERID<>? AND ` + countsSQL + ") FROM "

func (*lite) count(parts []stretch, user protocol.UserID) (query string, args []any) {
	// A statement for each number of rooms would not stay prepared.
	full := 1
	for full < len(parts) {
		full *= 2
	}
	args = make([]any, 0, 3*full+1)
	for _, p := range parts {
		args = append(args, string(p.room), int64(p.low), int64(p.high))
	}
	for range full - len(parts) {
		args = append(args, "", int64(0), int64(0))
	}
	return "WITH P(ROOMID, LOW, HIGH) AS (VALUES " + marks(full, 3) + ") " + countParts + "P", append(args, string(user))
}

// count takes its rooms from a JSON text, the one list of rows that MySQL and MariaDB write alike.
func (maria) count(parts []stretch, user protocol.UserID) (query string, args []any) {
	list := make([][3]any, len(parts))
	for i, p := range parts {
		list[i] = [3]any{p.room, p.low, p.high}
	}
	text, _ := json.Marshal(list) // strings and numbers always have a form
	return countParts + `JSON_TABLE(?, '$[*]' COLUMNS (ROOMID VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]',
 LOW BIGINT PATH '$[1]', HIGH BIGINT PATH '$[2]')) P`, []any{string(user), string(text)}
}

// countAll sets the unread numbers of rooms that were not counted yet.
func (s *Store) countAll(ctx context.Context, user protocol.UserID, rooms []protocol.Room, apart []bool) error {
	at := map[protocol.RoomID]int{}
	whole := []any{string(user)}
	var since []stretch
	s.counts.mu.Lock()
	for i := range rooms {
		r := &rooms[i]
		if r.Unread != uncounted {
			continue
		}
		r.Unread = 0
		if r.Seq <= r.Read {
			continue
		}
		at[r.ID] = i
		if apart[i] {
			whole = append(whole, string(r.ID))
			continue
		}
		low := r.Read
		if c := s.counts.of[place{r.ID, user}]; c.read == r.Read && c.upto > low && c.upto <= r.Seq {
			r.Unread, low = c.n, c.upto
		}
		if low < r.Seq {
			since = append(since, stretch{r.ID, low, r.Seq})
		}
	}
	s.counts.mu.Unlock()
	if len(whole) > 1 {
		if err := each(ctx, s.read, func(r row) error {
			var id protocol.RoomID
			var n int
			err := r.Scan(&id, &n)
			rooms[at[id]].Unread = n
			return err
		}, "SELECT D.ROOMID, "+unreadSQL+" FROM A_ROOMDTL_TBL D WHERE D.USERID=? AND D.ROOMID IN "+marks(1, len(whole)-1), whole...); err != nil {
			return err
		}
	}
	if len(since) == 0 {
		return nil
	}
	query, args := s.d.count(since, user)
	if err := each(ctx, s.read, func(r row) error {
		var id protocol.RoomID
		var n int
		err := r.Scan(&id, &n)
		if i, ok := at[id]; ok {
			rooms[i].Unread += n
		}
		return err
	}, query, args...); err != nil {
		return err
	}
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	for old := range s.counts.of {
		if len(s.counts.of)+len(since) <= countsKept {
			break
		}
		delete(s.counts.of, old)
	}
	for _, p := range since {
		r := &rooms[at[p.room]]
		s.counts.of[place{r.ID, user}] = counted{r.Read, r.Seq, r.Unread}
	}
	return nil
}
