package fanout

import (
	"context"
	"sync"
	"time"

	"sendjay/server/bus"
	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

const (
	// doubtGather is how long a doubt waits for others.
	doubtGather = 300 * time.Millisecond
	// doubtEvery is how often the database is asked while the line is down.
	doubtEvery = 5 * time.Second
	// doubtRest is how much longer than a round the rest after it is at least, so that rounds never are
	// most of what a database does.
	doubtRest = 4
	// doubtPage is how many people are asked for at once, doubtPause the rest after it.
	doubtPage  = 200
	doubtPause = 5 * time.Millisecond
	// doubtBefore is how long before a reason for doubt something may have been lost: a line that hangs is
	// noticed after 7 s, a node that died after 8.
	doubtBefore = 15 * time.Second
	// goneAsked is how long the database is asked after a node fell silent: it may live and only be cut
	// off. goneKept is how long its silence is remembered.
	goneAsked = time.Minute
	goneKept  = 24 * time.Hour
	// seenKept bounds the rooms whose rev is remembered; forgetting costs a few frames in the next round.
	seenKept = 200_000
)

// doubt finds what did not reach this node. After a reason for doubt, and again and again while the line
// is down or a node has just been lost, it compares the rooms of everybody who is here that changed since
// all was well with what was delivered, and shows the rev of those that went on to their members: an event
// of receipts that holds nothing and covers everything since that very rev. A client that is there already
// has nothing to do, any other sees a gap and asks. What has no rev is said once more (own.go).
type doubt struct {
	fan       *Fanout
	standings func(context.Context, []protocol.UserID, time.Duration) ([]store.Standing, error)
	own       func(context.Context, []protocol.UserID, time.Duration) ([]store.Own, error)
	announced func(context.Context) (protocol.Announcement, error)
	holidays  func(context.Context) (protocol.Holidays, error)
	ctx       context.Context
	cancel    context.CancelFunc
	done      sync.WaitGroup
	wake      chan struct{}

	mu    sync.Mutex // guards the fields below
	seen  map[protocol.RoomID]protocol.Rev
	since time.Time // until then all was well; zero while it is
	down  bool
	gone  map[string]time.Time // nodes that fell silent, and when
	rests *protocol.Holidays   // what was said last while in doubt; nil when something else may have been said since
}

func newDoubt(f *Fanout, c Config) *doubt {
	d := &doubt{
		fan: f, standings: c.Standings, own: c.Own, announced: c.Announced, holidays: c.Holidays, wake: make(chan struct{}, 1),
		seen: map[protocol.RoomID]protocol.Rev{}, gone: map[string]time.Time{},
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.done.Go(d.run)
	return d
}

func (d *doubt) close() {
	d.cancel()
	d.done.Wait()
}

// around is told what becomes of the others.
func (d *doubt) around(c bus.Change) {
	now := time.Now()
	d.mu.Lock()
	ago := time.Duration(0)
	switch c.What {
	case bus.Down, bus.Back:
		d.down = c.What == bus.Down
	case bus.Gone:
		d.gone[c.Node] = now
	case bus.Missed:
		if at, was := d.gone[c.Node]; was { // it went on while nobody heard it
			ago = now.Sub(at)
			delete(d.gone, c.Node)
		}
	case bus.Came, bus.Left:
		d.mu.Unlock()
		return
	}
	d.mu.Unlock()
	d.raise(ago)
}

// raise asks for a round over what changed since so long ago, and a little before.
func (d *doubt) raise(ago time.Duration) {
	since := time.Now().Add(-ago - doubtBefore)
	d.mu.Lock()
	if d.since.IsZero() || since.Before(d.since) {
		d.since = since
	}
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// settled notes a round that began then and found everything, and reports whether another has to follow.
func (d *doubt) settled(begun time.Time) (again bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, at := range d.gone {
		if begun.Sub(at) > goneKept {
			delete(d.gone, name)
		}
		again = again || begun.Sub(at) < goneAsked
	}
	if again = again || d.down; again {
		d.since = begun.Add(-doubtBefore)
	} else {
		d.since, d.rests = time.Time{}, nil
	}
	return again
}

// saw notes that a room's event was delivered.
func (d *doubt) saw(room protocol.RoomID, rev protocol.Rev) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.seen) > seenKept {
		clear(d.seen)
	}
	d.seen[room] = max(d.seen[room], rev)
}

func (d *doubt) run() {
	rest := time.NewTimer(time.Hour)
	defer rest.Stop()
	for {
		select {
		case <-d.ctx.Done():
			return
		case <-d.wake:
		case <-rest.C:
		}
		if !d.pause(doubtGather) {
			return
		}
		select { // what came meanwhile is looked at in this round
		case <-d.wake:
		default:
		}
		d.mu.Lock()
		since := d.since
		d.mu.Unlock()
		if since.IsZero() {
			continue
		}
		begun := time.Now()
		err := d.round(begun.Sub(since))
		took := time.Since(begun)
		again := err != nil
		if err == nil {
			again = d.settled(begun)
		} else if d.ctx.Err() == nil {
			d.fan.log.Warn("what was missed is not known yet", "err", err)
		}
		if again {
			rest.Reset(max(doubtEvery, doubtRest*took))
		} else if !d.pause(doubtRest * took) {
			return
		}
	}
}

// pause waits, and reports whether there is still something to do.
func (d *doubt) pause(t time.Duration) bool {
	select {
	case <-d.ctx.Done():
		return false
	case <-time.After(t):
		return true
	}
}

// round shows every session here the rooms that went on unheard.
func (d *doubt) round(within time.Duration) error {
	users := d.fan.sessions.Users()
	frames := map[protocol.RoomID]*session.Frame{}
	revs := map[protocol.RoomID]protocol.Rev{}
	shown := 0
	if err := d.sayAnnounced(users, within); err != nil {
		return err
	}
	if err := d.sayHolidays(users); err != nil {
		return err
	}
	for len(users) > 0 {
		page := users[:min(doubtPage, len(users))]
		users = users[len(page):]
		ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
		all, err := d.standings(ctx, page, within)
		cancel()
		if err != nil {
			return err
		}
		shown += d.show(all, frames, revs)
		if err := d.sayOwn(page, within); err != nil {
			return err
		}
		if !d.pause(doubtPause) {
			return d.ctx.Err()
		}
	}
	for room, rev := range revs {
		d.saw(room, rev)
	}
	if shown > 0 {
		d.fan.log.Info("rooms that went on unheard were shown", "rooms", len(revs), "frames", shown)
	}
	return nil
}

// show sends what one page of people have to see.
func (d *doubt) show(all []store.Standing, frames map[protocol.RoomID]*session.Frame, revs map[protocol.RoomID]protocol.Rev) int {
	var loose, found []*session.Session
	shown := 0
	for _, x := range all {
		d.mu.Lock()
		heard := d.seen[x.Room] >= x.Rev
		d.mu.Unlock()
		if heard {
			continue
		}
		f := frames[x.Room]
		if f == nil || revs[x.Room] < x.Rev {
			f = wentOn(x.Room, x.Rev, x.Rev)
			frames[x.Room], revs[x.Room] = f, x.Rev
		}
		found = d.fan.sessions.Of(found[:0], []protocol.UserID{x.User})
		for _, s := range found {
			shown++
			if s.Put(f) {
				loose = append(loose, s)
			}
		}
	}
	for _, s := range loose {
		s.Flush()
	}
	return shown
}
