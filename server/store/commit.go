package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// bunch is the most operations that share one commit.
const bunch = 512

// bunchBytes is about where a commit stops taking more, so that one statement stays far below the
// smallest max_allowed_packet in use (4 MiB).
const bunchBytes = 512 << 10

// attempts is how often a transaction that met a deadlock or a lost connection is tried.
const attempts = 5

// op is one write. Within a commit, ops take effect in the order in which they came.
type op interface {
	// run does the work; it is called again when the transaction has to be tried again.
	run(ctx context.Context, s *Store, tx *sql.Tx) error
	// done is called in commit order once the work is on disk. It must not block.
	done()
	// weight is about how many bytes the op adds to a statement.
	weight() int
}

// merged is an op that can share its statements with neighbours of its kind.
type merged interface {
	op
	// runAll does the work of all, setting each one's own refusal; an error fails the whole transaction.
	runAll(ctx context.Context, s *Store, tx *sql.Tx, all []op) error
	// refused is why this op alone came to nothing, nil when it did not.
	refused() error
}

type pending struct {
	op   op
	err  error
	wait chan struct{}
}

// commit hands o to the committer and waits until it is on disk or refused.
func (s *Store) commit(ctx context.Context, o op) error {
	p := &pending{op: o, wait: make(chan struct{})}
	select {
	case s.ops <- p:
	case <-s.quit:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
	// From here the write may happen whatever the caller does, so the caller waits to know.
	select {
	case <-p.wait:
		return p.err
	case <-s.stopped:
	}
	// The committer has gone: either it finished this write before, or nobody will ever begin it.
	select {
	case <-p.wait:
		return p.err
	default:
		return ErrClosed
	}
}

func (s *Store) commitLoop() {
	defer close(s.stopped)
	batch := make([]*pending, 0, bunch)
	for {
		clear(batch[:cap(batch)])
		batch = batch[:0]
		select {
		case p := <-s.ops:
			batch = append(batch, p)
		case <-s.quit:
			return
		}
		bytes := batch[0].op.weight()
	more:
		for len(batch) < bunch && bytes < bunchBytes {
			select {
			case p := <-s.ops:
				batch = append(batch, p)
				bytes += p.op.weight()
			default:
				break more
			}
		}
		s.commitBatch(batch)
	}
}

// commitBatch commits all, or, when that fails, each by itself, so that one failing neighbour hurts nobody.
func (s *Store) commitBatch(batch []*pending) {
	err := s.transact(batch)
	if err != nil {
		err = s.d.translate(err)
	}
	s.full.heard(err, s.now())
	switch {
	case err == nil:
	case len(batch) == 1, errors.Is(err, ErrUnavailable), errors.Is(err, ErrFull):
		// A database that is away or full is so for each of them.
		s.log.Error("commit failed", "writes", len(batch), "err", err)
		for _, p := range batch {
			p.err = err
		}
	default:
		s.log.Warn("commit failed, trying one by one", "writes", len(batch), "err", err)
		for _, p := range batch {
			s.commitBatch([]*pending{p})
		}
		return
	}
	for _, p := range batch {
		if p.err == nil {
			p.op.done()
		}
	}
	for _, p := range batch {
		close(p.wait)
	}
	s.d.grown(s, len(batch))
}

func (s *Store) transact(batch []*pending) error {
	var err error
	for try := range attempts {
		if try > 0 {
			s.wary = waryCommits
			if !errors.Is(err, errTwice) { // which is gone as soon as somebody asks
				time.Sleep(time.Duration(try*try) * 10 * time.Millisecond)
			}
		}
		for _, p := range batch {
			p.err = nil
		}
		err = s.transactOnce(batch)
		if lost, ok := errors.AsType[*lostCommit](err); ok {
			// Done or not: only the database knows, and the answer decides whether it is done again.
			done, ask := s.d.committed(s, s.commits)
			switch {
			case ask != nil:
				return fmt.Errorf("%w: whether the commit happened is not known: %w", ErrUnavailable, lost.err)
			case done:
				return nil
			}
			err = lost.err
		}
		if err == nil || !s.d.again(err) {
			return err
		}
	}
	return err
}

// lostCommit is an error of COMMIT itself.
type lostCommit struct{ err error }

func (l *lostCommit) Error() string { return l.err.Error() }
func (l *lostCommit) Unwrap() error { return l.err }

func (s *Store) transactOnce(batch []*pending) (err error) {
	ctx, tx, end, err := s.d.begin(s)
	if err != nil {
		return err
	}
	defer func() {
		_ = tx.Rollback() // after a commit there is nothing to roll back
		end(err == nil)
	}()
	for i := 0; i < len(batch); {
		n, err := s.runFrom(ctx, tx, batch[i:])
		if err != nil {
			return err
		}
		i += n
	}
	for _, p := range batch {
		if p.err != nil {
			continue
		}
		s.commits++
		if err := s.d.countCommit(ctx, tx, s, s.commits); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return &lostCommit{err}
		}
		return nil
	}
	return nil
}

// runFrom runs the first op, with those behind it that can share its statements, and returns how many.
func (s *Store) runFrom(ctx context.Context, tx *sql.Tx, batch []*pending) (int, error) {
	first, ok := batch[0].op.(merged)
	if !ok {
		p := batch[0]
		// What a refused op has written so far must not stay.
		if _, err := tx.ExecContext(ctx, "SAVEPOINT ONE"); err != nil {
			return 0, err
		}
		err := p.op.run(ctx, s, tx)
		if err != nil {
			if !refusal(err) {
				return 0, err
			}
			p.err = err
			_, err = tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT ONE")
			return 1, err
		}
		_, err = tx.ExecContext(ctx, "RELEASE SAVEPOINT ONE")
		return 1, err
	}
	all := []op{first}
	for _, p := range batch[1:] {
		m, ok := p.op.(merged)
		if !ok {
			break
		}
		all = append(all, m)
	}
	if err := first.runAll(ctx, s, tx, all); err != nil {
		return 0, err
	}
	for i := range all {
		batch[i].err = all[i].(merged).refused()
	}
	return len(all), nil
}

// refusal reports whether err is an answer and no fault of the database.
func refusal(err error) bool {
	for _, e := range []error{ErrNoRoom, ErrNotMember, ErrNoMessage, ErrNoUser, ErrNoSignIn, ErrTaken, ErrTooLate, ErrNotSender, ErrNotMaster, ErrTooMany, ErrTooManyPinned, ErrNoFile, ErrNoPreview, ErrNotWhole, ErrManyFiles, ErrSpace, ErrRoomSpace, ErrTooManyKinds, ErrNoSet, ErrGuard, ErrUndone, errTooUrgent} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// work is an op made of functions.
type work struct {
	f    func(context.Context, *sql.Tx) error
	then func()
}

func (w work) run(ctx context.Context, _ *Store, tx *sql.Tx) error { return w.f(ctx, tx) }

func (w work) weight() int { return 1 << 10 }

func (w work) done() {
	if w.then != nil {
		w.then()
	}
}

// do runs f within a commit and then, in commit order, then.
func (s *Store) do(ctx context.Context, f func(context.Context, *sql.Tx) error, then func()) error {
	return s.commit(ctx, work{f, then})
}
