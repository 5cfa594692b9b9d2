package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sendjay/shared/protocol"
)

// urgentHour is the time in which urgent messages are counted, and urgentLife for how long one is more than any other.
const (
	urgentHour = time.Hour
	urgentLife = 24 * time.Hour
)

// errTooUrgent is inside every TooUrgent.
var errTooUrgent = errors.New("too many urgent messages")

// TooUrgent says that somebody has sent as many urgent messages as he may, and how long it is until the next.
type TooUrgent struct{ Wait time.Duration }

// Error implements error.
func (TooUrgent) Error() string { return errTooUrgent.Error() }

// Unwrap names the kind.
func (TooUrgent) Unwrap() error { return errTooUrgent }

// urgent adds which messages are urgent, who lets those wait like all others, and a list of the latest: who sent how
// many of late, and which are unread, is asked without a look at every message.
func (m *migrator) urgent(ctx context.Context) error {
	for _, c := range []struct{ table, column, is string }{
		{"A_MSGMST_TBL", "URGENT", "CHAR(1) NOT NULL DEFAULT ''"},
		{"Z_USER_TBL", "URGENTOFF", "CHAR(1) NOT NULL DEFAULT ''"},
	} {
		have, err := m.s.d.columns(ctx, m.q, c.table)
		if err == nil && !have[c.column] {
			err = m.exec(ctx, "ALTER TABLE "+c.table+" ADD COLUMN "+c.column+" "+c.is)
		}
		if err != nil {
			return err
		}
	}
	if err := m.exec(ctx, m.s.d.ddl(`CREATE TABLE IF NOT EXISTS S_URGENT_TBL (ROOMID VARCHAR(40) NOT NULL, SEQ BIGINT NOT NULL, MSGID VARCHAR(40) NOT NULL,
 USERID VARCHAR(40) NOT NULL, ATMS BIGINT NOT NULL, PRIMARY KEY (ROOMID, SEQ))`)); err != nil {
		return err
	}
	have, err := m.s.d.indexes(ctx, m.q, "S_URGENT_TBL")
	if err != nil || have["S_URGENT_USER"] {
		return err
	}
	return m.exec(ctx, "CREATE INDEX S_URGENT_USER ON S_URGENT_TBL (USERID, ATMS)")
}

// mayUrge returns TooUrgent where somebody has sent most urgent messages within the hour.
func (s *Store) mayUrge(ctx context.Context, tx *sql.Tx, user protocol.UserID, most int, now protocol.Instant) error {
	var sent int
	var first sql.NullInt64
	since := int64(now) - urgentHour.Milliseconds()
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*), MIN(ATMS) FROM S_URGENT_TBL WHERE USERID=? AND ATMS>?", string(user), since).Scan(&sent, &first); err != nil {
		return err
	}
	if sent < most {
		return nil
	}
	return TooUrgent{time.Duration(first.Int64-since) * time.Millisecond}
}

// urge notes an urgent message, and forgets those of its sender that are so no longer.
func (s *Store) urge(ctx context.Context, tx *sql.Tx, m protocol.Message) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM S_URGENT_TBL WHERE USERID=? AND ATMS<?", string(m.Sender), int64(m.At)-urgentLife.Milliseconds()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO S_URGENT_TBL (ROOMID, SEQ, MSGID, USERID, ATMS) VALUES (?,?,?,?,?)", string(m.Room), int64(m.Seq), string(m.ID), string(m.Sender), int64(m.At))
	return err
}

// urgentUnread names in these rooms the newest unread message that is urgent, unless the person lets those wait.
func (s *Store) urgentUnread(ctx context.Context, user protocol.UserID, rooms []protocol.UnreadRoom) error {
	if len(rooms) == 0 {
		return nil
	}
	at := make(map[protocol.RoomID]*protocol.UnreadRoom, len(rooms))
	ids := make([]protocol.RoomID, len(rooms))
	for i := range rooms {
		at[rooms[i].ID], ids[i] = &rooms[i], rooms[i].ID
	}
	args, full := padded([]any{string(user)}, ids)
	args = append(args, int64(protocol.At(s.now()))-urgentLife.Milliseconds())
	return each(ctx, s.read, func(r row) error {
		var id protocol.RoomID
		var seq protocol.Seq
		if err := r.Scan(&id, &seq); err != nil {
			return err
		}
		room := at[id]
		room.Urgent = max(room.Urgent, seq)
		return nil
	}, `SELECT U.ROOMID, U.SEQ FROM A_ROOMDTL_TBL D JOIN Z_USER_TBL P ON P.USER_ID=D.USERID AND P.URGENTOFF<>'Y'
 JOIN S_URGENT_TBL U ON U.ROOMID=D.ROOMID AND U.SEQ>D.READSEQ JOIN A_MSGMST_TBL M ON M.MSGID=U.MSGID AND M.ROOMID=U.ROOMID
 WHERE D.USERID=? AND D.ROOMID IN `+marks(1, full)+` AND U.ATMS>? AND M.SENDERID<>D.USERID AND `+countsSQL+`
 AND NOT EXISTS (SELECT 1 FROM A_MSGDTL_TBL X WHERE X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=D.USERID)`, args...)
}
