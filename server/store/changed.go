package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sort"

	"sendjay/shared/protocol"
)

// changed reads along the index by rev, in which every message stands.
func (maria) changed(_ context.Context, _ *sql.Tx, room protocol.RoomID, from protocol.Seq, after, upto protocol.Rev, limit int) (string, []any, error) {
	return fmt.Sprintf("(SELECT * FROM A_MSGMST_TBL WHERE ROOMID=? AND SEQ>? AND REV>? AND REV<=? ORDER BY REV LIMIT %d) M", limit),
		[]any{string(room), int64(from), int64(after), int64(upto)}, nil
}

// changed looks for messages that are as they were sent by their seq, and for the others by an index in
// which only they stand: an index of all by rev would cost every new message a page of its own. The first
// kind have their rev from when they were born, and who was born later has a higher seq.
func (*lite) changed(ctx context.Context, tx *sql.Tx, room protocol.RoomID, from protocol.Seq, after, upto protocol.Rev, limit int) (string, []any, error) {
	low, err := bornUntil(ctx, tx, room, after)
	if err != nil {
		return "", nil, err
	}
	high, err := bornUntil(ctx, tx, room, upto)
	if err != nil {
		return "", nil, err
	}
	const one = "SELECT * FROM (SELECT ORD, REV FROM A_MSGMST_TBL WHERE ROOMID=? AND "
	return fmt.Sprintf("(SELECT ORD FROM ("+one+"SEQ>? AND SEQ<=? AND REV=BORN ORDER BY SEQ LIMIT %[1]d) UNION ALL "+
			one+"SEQ>? AND REV>? AND REV<=? AND REV<>BORN ORDER BY REV LIMIT %[1]d)) ORDER BY REV LIMIT %[1]d) C CROSS JOIN A_MSGMST_TBL M ON M.ORD=C.ORD", limit),
		[]any{string(room), int64(max(low, from)), int64(high), string(room), int64(from), int64(after), int64(upto)}, nil
}

// bornUntil returns a seq up to which all messages were sent at rev or before, and after which none was.
// Halving finds it in as many steps as the number of messages since has binary digits.
func bornUntil(ctx context.Context, tx *sql.Tx, room protocol.RoomID, rev protocol.Rev) (protocol.Seq, error) {
	if rev <= 0 {
		return 0, nil
	}
	var seq, now int64
	if err := tx.QueryRowContext(ctx, "SELECT SEQ, REV FROM A_ROOMMST_TBL WHERE ROOMID=?", string(room)).Scan(&seq, &now); err != nil {
		return 0, err
	}
	if int64(rev) >= now {
		return protocol.Seq(seq), nil
	}
	// Each message took a rev, so that no more than this many can have come since.
	low := max(0, seq-(now-int64(rev)))
	var err error
	n := sort.Search(int(seq-low), func(i int) bool {
		var born int64
		e := tx.QueryRowContext(ctx, "SELECT BORN FROM A_MSGMST_TBL WHERE ROOMID=? AND SEQ>=? ORDER BY SEQ LIMIT 1", string(room), low+int64(i)+1).Scan(&born)
		if errors.Is(e, sql.ErrNoRows) {
			return true // nothing is left from here on
		}
		if err == nil {
			err = e
		}
		return born > int64(rev)
	})
	return protocol.Seq(low + int64(n)), err
}

// changedIndexed takes those messages out of the index by rev that are as they were sent.
func (m *migrator) changedIndexed(ctx context.Context) error {
	if m.s.d.name() != "sqlite" {
		return nil
	}
	have, err := m.s.d.indexes(ctx, m.q, "A_MSGMST_TBL")
	if err == nil && !have["A_MSGMST_CHANGED"] {
		err = m.exec(ctx, "CREATE INDEX A_MSGMST_CHANGED ON A_MSGMST_TBL (ROOMID, REV) WHERE REV<>BORN")
	}
	if err == nil && have["A_MSGMST_REV"] {
		err = m.exec(ctx, m.s.d.dropIndex("A_MSGMST_TBL", "A_MSGMST_REV"))
	}
	return err
}
