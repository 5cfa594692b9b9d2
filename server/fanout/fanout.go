// Package fanout carries one event to everybody who must hear it.
// It knows queues and who is in which room; it knows no rule and no WebSocket.
// Events of one room leave in the order in which they were published. An event is encoded once.
// Publishing never waits: a few goroutines, each with its own share of the rooms, do the rest, and
// what has gathered while they were busy leaves in one write per session.
//
// With several nodes every event also goes to the others, as bytes, through the bus; each node delivers
// to its own sessions. Three promises hold across nodes:
//   - Who hears: an event bears the rev at which the room's members last changed. A node that has older
//     members in mind looks them up, so that nobody hears what was said after he left (nodes.go).
//   - Order: messages of a room are delivered by seq. One that came before its predecessor is held for a
//     moment; its sender's answer is not (order.go).
//   - Nothing stays unseen: whenever the bus says that words were missed, that a node died or that the line
//     stood down, the rooms of all who are here are compared with the database, and sessions of a room
//     that went on unheard are shown its rev, upon which clients ask for what they lack (doubt.go). What
//     somebody changed for himself, which has no rev, is said once more (own.go).
package fanout

import (
	"context"
	"hash/maphash"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"sendjay/server/chat"
	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Config sets up a Fanout.
type Config struct {
	Sessions *session.Registry
	// Members loads the members of a room.
	Members func(ctx context.Context, room protocol.RoomID) ([]protocol.Member, error)
	// Shards is the number of goroutines; 0 is the number of processors.
	Shards int
	// Backlog is the number of deliveries that may wait per shard before Admit holds callers back;
	// 0 is 50,000, about a third of a second.
	Backlog int
	Log     *slog.Logger

	// Bus reaches the other nodes; nil for a node alone. The fields below serve only then.
	Bus Bus
	// MembersAt returns the rev at which a room's members last changed.
	MembersAt func(ctx context.Context, room protocol.RoomID) (protocol.Rev, error)
	// Standings returns the revs of those rooms of these people that changed within a time.
	Standings func(ctx context.Context, users []protocol.UserID, within time.Duration) ([]store.Standing, error)
	// Own returns what these people have changed for themselves within a time; no rev tells of that. It may be nil.
	Own func(ctx context.Context, users []protocol.UserID, within time.Duration) ([]store.Own, error)
	// Announced returns the last announcement. It may be nil.
	Announced func(ctx context.Context) (protocol.Announcement, error)
	// Holidays returns the days on which the company rests, as devices hear of them. It may be nil.
	Holidays func(ctx context.Context) (protocol.Holidays, error)
	// Heard is told of each room in which another node changed something.
	Heard func(room protocol.RoomID)
}

const backlog = 50_000

// Fanout carries events. It implements chat.Publisher.
type Fanout struct {
	sessions *session.Registry
	members  *members
	seed     maphash.Seed
	shards   []*shard
	done     sync.WaitGroup
	bus      Bus // nil for a node alone
	doubt    *doubt
	heard    func(protocol.RoomID)
	deaf     []func() // stop hearing the bus
	log      *slog.Logger
}

// New returns a running Fanout; Close stops it.
func New(c Config) *Fanout {
	if c.Shards == 0 {
		c.Shards = runtime.GOMAXPROCS(0)
	}
	if c.Backlog == 0 {
		c.Backlog = backlog
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	f := &Fanout{
		sessions: c.Sessions,
		members:  newMembers(c.Members, c.MembersAt),
		seed:     maphash.MakeSeed(),
		bus:      c.Bus,
		heard:    c.Heard,
	}
	log := c.Log.With("part", "fanout")
	f.log = log
	for range c.Shards {
		s := newShard(f, c.Backlog, log)
		f.shards = append(f.shards, s)
		f.done.Go(s.run)
	}
	if f.bus != nil {
		f.join(c)
	}
	return f
}

// Admit waits until the room's shard has caught up far enough, and sees to it that the room's
// members are known, so that the shard need not ask the database.
func (f *Fanout) Admit(ctx context.Context, room protocol.RoomID) error {
	f.members.warm(ctx, room)
	return f.shard(room).admit(ctx)
}

// Publish takes e for delivery.
func (f *Fanout) Publish(e chat.Event) {
	weight := len(e.To)
	if e.To == nil {
		weight = f.members.count(e.Room)
	}
	f.shard(e.Room).take(item{event: e, weight: weight + 1})
}

// Tell takes a frame for the members of a room who are here, and returns how many members the room
// has, as far as that is known. The frame has no rev and no place in the order of events, and it is the
// first to be dropped when there is too much to do.
func (f *Fanout) Tell(room protocol.RoomID, frame *session.Frame) int {
	n := f.members.count(room)
	f.shard(room).tell(item{event: chat.Event{Push: protocol.Push{Room: room}}, frame: frame, weight: n + 1})
	return n
}

// Forget drops what is known of a room's members.
func (f *Fanout) Forget(room protocol.RoomID) { f.members.forget(room) }

// Close delivers what is waiting and stops. What is published afterwards is dropped.
func (f *Fanout) Close() {
	for _, stop := range f.deaf {
		stop()
	}
	if f.doubt != nil {
		f.doubt.close()
	}
	for _, s := range f.shards {
		s.close()
	}
	f.done.Wait()
}

func (f *Fanout) shard(room protocol.RoomID) *shard {
	return f.shards[maphash.String(f.seed, string(room))%uint64(len(f.shards))]
}
