// Package journal writes down who came and went: sign-ins, refusals, how long a device was connected.
// It does not know what follows from it, nor who may read it.
// Lines are gathered and written together, so that a morning's rush costs a few transactions; what happened in the
// last second before a crash is lost. In a flood the lines that do not fit are counted, not kept.
package journal

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Store is what the journal needs of the database.
type Store interface {
	LogComings(ctx context.Context, came []store.Came, went []store.Went) error
	ForgetComings(ctx context.Context, t time.Time, limit int) (int, error)
}

const (
	gather   = time.Second     // how long the first line of a batch waits for others
	most     = 500             // lines in a batch
	waiting  = 10_000          // lines that wait at most
	patience = 5 * time.Second // for a database that does not answer
	quietFor = time.Minute     // one refusal of a kind from one place in so long
	atOnce   = 1000            // lines forgotten in a transaction
)

// entry is a line, or the end of one.
type entry struct {
	came store.Came
	went store.Went
}

// Journal takes lines and never lets the one who brings them wait.
type Journal struct {
	store Store
	log   *slog.Logger
	lines chan entry
	stop  chan struct{}
	once  sync.Once
	done  sync.WaitGroup
	lost  atomic.Int64

	mu      sync.Mutex // guards the fields below
	last    int64      // the microsecond of the last number given
	refused map[refusal]time.Time
}

// refusal is what is written once in a while only.
type refusal struct {
	user         protocol.UserID
	address, why string
}

// Start starts a journal that runs until Stop.
func Start(s Store, log *slog.Logger) *Journal {
	j := &Journal{store: s, log: log.With("part", "journal"), lines: make(chan entry, waiting), stop: make(chan struct{}), refused: map[refusal]time.Time{}}
	j.done.Go(j.run)
	return j
}

// Stop writes what waits. It may be called twice.
func (j *Journal) Stop() {
	j.once.Do(func() { close(j.stop) })
	j.done.Wait()
}

// Note writes down what happened at the door.
func (j *Journal) Note(c store.Came) {
	if c.Kind == protocol.WasRefused && c.Why != string(protocol.BadCredentials) && !j.first(refusal{c.User, c.Address, c.Why}) {
		return
	}
	c.Seconds = 0
	j.put(c)
}

// Opened writes down that a device is connected, and returns the line's number for Closed.
func (j *Journal) Opened(user protocol.UserID, device protocol.Device, address, agent string) int64 {
	return j.put(store.Came{Kind: protocol.WasOn, User: user, From: device, Address: address, Agent: agent, Seconds: -1})
}

// Closed writes down that the device of that line has gone.
func (j *Journal) Closed(n int64) {
	if now := time.Now(); n > 0 {
		j.send(entry{went: store.Went{N: n, At: now, Seconds: max(0, int(now.Sub(timeOf(n))/time.Second))}})
	}
}

func timeOf(n int64) time.Time { return time.UnixMicro(n / store.FirstComing(time.UnixMicro(1))) }

// first reports whether a refusal was not written within the last while.
func (j *Journal) first(r refusal) bool {
	now := time.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	if at, ok := j.refused[r]; ok && now.Sub(at) < quietFor {
		return false
	}
	if len(j.refused) >= waiting {
		clear(j.refused) // some are written once more; better than growing without end
	}
	j.refused[r] = now
	return true
}

func (j *Journal) put(c store.Came) int64 {
	c.At = time.Now()
	j.mu.Lock()
	// A microsecond for each line of this node; the rest of the number keeps it apart from those of others.
	j.last = max(j.last+1, c.At.UnixMicro())
	c.At = time.UnixMicro(j.last)
	j.mu.Unlock()
	c.N = store.FirstComing(c.At) + rand.Int64N(store.FirstComing(time.UnixMicro(1)))
	j.send(entry{came: c})
	return c.N
}

func (j *Journal) send(e entry) {
	select {
	case j.lines <- e:
	default:
		j.lost.Add(1)
	}
}

func (j *Journal) run() {
	batch := make([]entry, 0, most)
	for {
		select {
		case e := <-j.lines:
			batch = append(batch[:0], e)
		case <-j.stop:
			j.rest()
			return
		}
		for late := time.After(gather); late != nil && len(batch) < most; {
			select {
			case e := <-j.lines:
				batch = append(batch, e)
			case <-late:
				late = nil
			case <-j.stop:
				late = nil
			}
		}
		j.write(batch)
	}
}

// rest writes what still waits.
func (j *Journal) rest() {
	var batch []entry
	for {
		select {
		case e := <-j.lines:
			batch = append(batch, e)
		default:
			j.write(batch)
			return
		}
	}
}

// write joins the end of a connection to its beginning where both are in the batch.
func (j *Journal) write(batch []entry) {
	if n := j.lost.Swap(0); n > 0 {
		j.log.Warn("more came and went than can be written down", "lines", n)
	}
	if len(batch) == 0 {
		return
	}
	var came []store.Came
	var went []store.Went
	place := map[int64]int{}
	for _, e := range batch {
		if e.came.N != 0 {
			place[e.came.N] = len(came)
			came = append(came, e.came)
		} else if at, ok := place[e.went.N]; ok {
			came[at].Seconds = e.went.Seconds
		} else {
			went = append(went, e.went)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := j.store.LogComings(ctx, came, went); err != nil {
		j.log.Warn("who came and went was not written down", "lines", len(batch), "err", err)
	}
}

// Forget removes what is older than life; 0 keeps all.
func (j *Journal) Forget(ctx context.Context, life time.Duration) error {
	for life > 0 {
		n, err := j.store.ForgetComings(ctx, time.Now().Add(-life), atOnce)
		if err != nil || n < atOnce {
			return err
		}
	}
	return nil
}
