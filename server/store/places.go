package store

import (
	"context"
	"database/sql"
	"errors"

	"sendjay/shared/protocol"
)

// Places returns for each moment, ascending, the first message of room at or after it that user may see,
// 0 where there is none. The times of a room's messages never go back, so a few of them are enough.
func (s *Store) Places(ctx context.Context, user protocol.UserID, room protocol.RoomID, at []protocol.Instant) ([]protocol.Seq, error) {
	tx, err := s.read.BeginTx(ctx, s.d.snapshot())
	if err != nil {
		return nil, s.d.translate(err)
	}
	defer tx.Rollback() //nolint:errcheck // reading only
	mine, err := membershipOf(ctx, tx, room, user)
	if err != nil {
		return nil, s.d.translate(err)
	}
	stmt, err := tx.PrepareContext(ctx, "SELECT CDT FROM A_MSGMST_TBL WHERE ROOMID=? AND SEQ=?") //nolint:sqlclosecheck // closed below
	if err != nil {
		return nil, s.d.translate(err)
	}
	defer func() { _ = stmt.Close() }()
	// early reports whether the message seq was written before stamp; one that is not there was.
	early := func(seq protocol.Seq, stamp string) (bool, error) {
		var cdt string
		err := stmt.QueryRowContext(ctx, string(room), int64(seq)).Scan(&cdt)
		if errors.Is(err, sql.ErrNoRows) {
			return true, nil
		}
		return cdt < stamp, err
	}
	out := make([]protocol.Seq, len(at))
	from := mine.from + 1
	for i, moment := range at {
		low, high, want := from, mine.seq+1, stampOf(moment)
		for low < high {
			mid := low + (high-low)/2
			before, err := early(mid, want)
			if err != nil {
				return nil, s.d.translate(err)
			}
			if before {
				low = mid + 1
			} else {
				high = mid
			}
		}
		if from = low; low <= mine.seq {
			out[i] = low
		}
	}
	return out, nil
}
