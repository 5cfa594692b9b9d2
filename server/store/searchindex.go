package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sendjay/shared/protocol"
)

// The index follows out of the way of sending: a block is written when it is full, or when it has rested
// for a while, and whatever has no row yet is read by Search as it is.

const (
	// indexBunch is how many blocks one commit of the index takes while nobody sends, indexBusy while people
	// do: a send may have to wait for it, and a block takes some 0.3 ms.
	indexBunch = 16
	indexBusy  = 2
	// indexShare is how many times as long as its work the indexer pauses while people send.
	indexShare = 9
	// indexRest is how long a block that is not full gathers messages before it is indexed as it is.
	indexRest = 10 * time.Minute
	// indexSweep is how often all rooms are looked at for what another node, or a crash, left behind.
	indexSweep = 6 * time.Hour
	// sweepRooms is how many rooms one look takes.
	sweepRooms = 200
)

// unindexed are the blocks whose row is missing or behind.
type unindexed struct {
	wake chan struct{}

	mu    sync.Mutex          // guards the fields below
	full  []block             // to be written at once
	quiet map[block]time.Time // since when
}

// sent notes that the message seq was stored.
func (u *unindexed) sent(room protocol.RoomID, seq protocol.Seq) {
	b := blockOf(room, seq)
	u.mu.Lock()
	defer u.mu.Unlock()
	if int64(seq) != b.last() {
		if _, ok := u.quiet[b]; !ok {
			u.quiet[b] = time.Now()
		}
		return
	}
	delete(u.quiet, b)
	u.full = append(u.full, b)
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// take returns up to n blocks that are due.
func (u *unindexed) take(n int) []block {
	u.mu.Lock()
	defer u.mu.Unlock()
	n = min(n, len(u.full))
	out := slices.Clone(u.full[:n])
	u.full = u.full[n:]
	if len(u.full) == 0 {
		u.full = nil
	}
	return out
}

// ripen lets those that have rested since before be taken.
func (u *unindexed) ripen(before time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for b, since := range u.quiet {
		if since.Before(before) {
			delete(u.quiet, b)
			u.full = append(u.full, b)
		}
	}
}

func (s *Store) indexLoop() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.wg.Go(func() { <-s.quit; cancel() })
	rest := func(d time.Duration) {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
	late := func(err error) {
		if ctx.Err() == nil {
			s.log.Warn("search index is late", "err", err)
			rest(10 * time.Second)
		}
	}
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	var swept time.Time
	for ctx.Err() == nil {
		if time.Since(swept) > indexSweep {
			if err := s.sweep(ctx, rest); err != nil {
				late(err)
				continue
			}
			swept = time.Now()
		}
		switch some, err := s.indexDue(ctx, rest); {
		case err != nil:
			late(err)
			continue
		case some:
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.unindexed.wake:
		case <-minute.C:
			s.unindexed.ripen(time.Now().Add(-indexRest))
		}
	}
}

// indexDue writes the rows of some blocks that are due and then rests, longer while people send.
func (s *Store) indexDue(ctx context.Context, rest func(time.Duration)) (bool, error) {
	n := indexBunch
	if sent := s.sent.Load(); s.sentSeen.Swap(sent) != sent {
		n = indexBusy
	}
	due := s.unindexed.take(n)
	if len(due) == 0 {
		return false, nil
	}
	began := time.Now()
	if err := s.index(ctx, due); err != nil {
		s.unindexed.mu.Lock()
		s.unindexed.full = append(s.unindexed.full, due...)
		s.unindexed.mu.Unlock()
		return false, err
	}
	if s.sent.Load() != s.sentSeen.Load() {
		rest(indexShare * time.Since(began))
	}
	return true, nil
}

// Index writes at once whatever the search index lacks. The store does so by itself, a little later.
func (s *Store) Index(ctx context.Context) error {
	return s.d.translate(s.sweep(ctx, func(time.Duration) {}))
}

// sweep finds and writes the rows that are missing or behind in any room.
func (s *Store) sweep(ctx context.Context, rest func(time.Duration)) error {
	type seen struct {
		room    protocol.RoomID
		seq     int64
		n, upto sql.NullInt64
	}
	for after := ""; ; {
		var rows []seen
		if err := each(ctx, s.sweeps, func(r row) error {
			var x seen
			err := r.Scan(&x.room, &x.seq, &x.n, &x.upto)
			rows = append(rows, x)
			return err
		}, fmt.Sprintf("SELECT R.ROOMID, R.SEQ, F.BLOCK, F.UPTO FROM (SELECT ROOMID, SEQ FROM A_ROOMMST_TBL WHERE ROOMID>? ORDER BY ROOMID LIMIT %d) R "+
			"LEFT JOIN S_FIND_TBL F ON F.ROOMID=R.ROOMID ORDER BY R.ROOMID, F.BLOCK", sweepRooms), after); err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		for i := 0; i < len(rows); {
			room, end := rows[i].room, rows[i].seq
			have := map[int64]int64{}
			for ; i < len(rows) && rows[i].room == room; i++ {
				if rows[i].n.Valid {
					have[rows[i].n.Int64] = rows[i].upto.Int64
				}
			}
			s.unindexed.mu.Lock()
			for b := (block{room, 0}); b.first() <= end; b.n++ {
				if have[b.n] < min(b.last(), end) {
					s.unindexed.full = append(s.unindexed.full, b)
				}
			}
			s.unindexed.mu.Unlock()
			after = string(room)
		}
		for {
			some, err := s.indexDue(ctx, rest)
			if err != nil {
				return err
			}
			if !some {
				break
			}
		}
	}
}

// index writes the rows of these blocks in one commit. Reading there, with the rows locked, keeps a change
// of a text from being overtaken.
func (s *Store) index(ctx context.Context, blocks []block) error {
	// In one order on every node.
	slices.SortFunc(blocks, func(a, b block) int { return cmp.Or(cmp.Compare(a.room, b.room), cmp.Compare(a.n, b.n)) })
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, b := range slices.Compact(blocks) {
			if err := s.indexOne(ctx, tx, b); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

func (s *Store) indexOne(ctx context.Context, tx *sql.Tx, b block) error {
	var end int64
	if err := tx.QueryRowContext(ctx, "SELECT SEQ FROM A_ROOMMST_TBL WHERE ROOMID=?", string(b.room)).Scan(&end); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	}
	end = min(end, b.last())
	keys := make(map[uint64]struct{}, 1024)
	var first, last string
	const counts = "M.TYP IN " + searchedTypes + " AND M.STATE2=''"
	if err := each(ctx, tx, func(r row) error {
		var cdt, body string
		var kind protocol.MessageType
		var name sql.NullString
		var sender protocol.UserID
		if err := r.Scan(&cdt, &sender, &kind, &body, &name); err != nil {
			return err
		}
		first, last = cmp.Or(first, cdt), max(last, cdt)
		keys[senderKey(sender)] = struct{}{}
		pairKeys(fold(searched(kind, body, name.String)), func(k uint64) { keys[k] = struct{}{} })
		return nil
	}, "SELECT M.CDT, M.SENDERID, CASE WHEN "+counts+" THEN M.TYP ELSE '' END, CASE WHEN "+counts+" THEN M.BODY ELSE '' END, "+nameOfFile+" FROM A_MSGMST_TBL M WHERE M.ROOMID=? AND M.SEQ>=? AND M.SEQ<=? ORDER BY M.SEQ"+s.d.lockRows(),
		string(b.room), b.first(), end); err != nil {
		return err
	}
	if first == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO S_FIND_TBL (ROOMID, BLOCK, UPTO, FIRSTDT, LASTDT, SIGNS) VALUES (?,?,?,?,?,?)"+
		s.d.upsert("ROOMID, BLOCK", "UPTO", "FIRSTDT", "LASTDT", "SIGNS"), string(b.room), b.n, end, first, last, []byte(signsOf(keys)))
	return err
}

// reindex is called in the transaction that changes the text of message seq: until its block has a new row,
// Search reads it as it is.
func (s *Store) reindex(ctx context.Context, tx *sql.Tx, room protocol.RoomID, seq protocol.Seq) error {
	b := blockOf(room, seq)
	_, err := tx.ExecContext(ctx, "DELETE FROM S_FIND_TBL WHERE ROOMID=? AND BLOCK=?", string(room), b.n)
	s.unindexed.mu.Lock()
	defer s.unindexed.mu.Unlock()
	s.unindexed.quiet[b] = time.Now()
	return err
}
