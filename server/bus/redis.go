package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// The bounds of the way through Redis.
const (
	// frameBytes is about where a frame takes no more; frames grow only while the one before is on its way.
	frameBytes = 256 << 10
	// queueBytes is what may wait to be said; beyond that the oldest is dropped, and the others notice.
	queueBytes = 16 << 20
	// staleAfter is how long something may wait for the line before it is dropped as too old.
	staleAfter = 5 * time.Second
	// sayTime bounds one word to Redis, so that a Redis that hangs is noticed.
	sayTime = 3 * time.Second
	// echoTime is how long our own sign of life may take to come back before the line counts as down.
	echoTime = 3*beatEvery + time.Second
	// redialEvery is how often a lost line is tried.
	redialEvery = time.Second
)

// Redis connects nodes through a Redis server. All that a node says goes through one channel, in frames:
// whatever waits while a frame is on its way is in the next. The line is known to stand because every
// node hears itself. Nobody ever waits for Redis but the goroutines in here.
type Redis struct {
	ears
	client  *redis.Client
	channel string
	prefix  string
	log     *slog.Logger
	ctx     context.Context
	cancel  context.CancelFunc
	done    sync.WaitGroup
	wake    chan struct{}
	begun   atomic.Bool
	alive   atomic.Bool // a sign of life is wanted before the next beat

	speaking sync.Mutex // held while a frame is handed over

	mu      sync.Mutex // guards the fields below
	queue   []entry
	queued  int
	since   time.Time // of the oldest in queue
	number  uint64    // of the last frame with entries
	up      bool
	spoke   bool // the last word was taken
	echo    time.Time
	said    int64
	dropped int64
}

// Open returns the end of a new node at the Redis of this address, redis://… or rediss://…. It does not
// need Redis to be there. Installations that share a Redis need different database numbers.
func Open(address string, log *slog.Logger) (*Redis, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("want redis://[user:password@]host:port/db") // the library's own error may hold the password
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = sayTime, sayTime, sayTime
	o.MaxRetries = -1 // saying something twice is worse than missing it
	o.PoolSize, o.MinIdleConns = 4, 0
	o.ClientName, o.DisableIdentity = "sendjay", true
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	redis.SetLogger(quiet{})
	r := &Redis{client: redis.NewClient(o), log: log.With("part", "bus"), wake: make(chan struct{}, 1)}
	// Channels know no database numbers, keys do; both bear it.
	r.prefix = fmt.Sprintf("sendjay:%d:", o.DB)
	r.channel = r.prefix + "nodes"
	r.init(rand.Text()[:8])
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r, nil
}

// quiet keeps the library from writing to standard error; what matters is said here.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// Self implements Bus.
func (r *Redis) Self() string { return r.self }

// Start implements Bus.
func (r *Redis) Start() {
	if r.begun.CompareAndSwap(false, true) {
		r.done.Go(r.listen)
		r.done.Go(r.speak)
	}
}

// Up implements Bus.
func (r *Redis) Up() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.up
}

// Ping implements Bus.
func (r *Redis) Ping(ctx context.Context) error { return r.client.Ping(ctx).Err() }

// Stats implements Bus.
func (r *Redis) Stats() Stats {
	r.ears.mu.Lock()
	heard, missed := r.heard, r.missed
	r.ears.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	return Stats{Said: r.said, Heard: heard, Missed: missed, Dropped: r.dropped}
}

// Publish implements Bus.
func (r *Redis) Publish(topic string, data []byte) {
	r.mu.Lock()
	if len(r.queue) == 0 {
		r.since = time.Now()
	}
	r.queue = append(r.queue, entry{topic, data})
	r.queued += len(data) + len(topic) + 64
	if r.queued > queueBytes {
		r.dropLocked()
	}
	r.mu.Unlock()
	r.nudge()
}

// dropLocked drops what waits. The number moves on, so that the others learn that they missed something.
func (r *Redis) dropLocked() {
	r.dropped += int64(len(r.queue))
	r.queue, r.queued = nil, 0
	r.number++
}

func (r *Redis) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// speak says what waits, and gives a sign of life at every beat.
func (r *Redis) speak() {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		alive := false
		select {
		case <-r.ctx.Done():
			return
		case <-beat.C:
			alive = true
		case <-r.wake:
			alive = r.alive.Swap(false)
		}
		for {
			f, ok := r.next(alive)
			if !ok {
				break
			}
			alive = false
			if !r.say(f) {
				break
			}
		}
	}
}

// next takes what waits into a frame. While the line is down it takes nothing but a sign of life, by which
// we learn that it is back.
func (r *Redis) next(alive bool) (frame, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) > 0 && !r.up && time.Since(r.since) > staleAfter {
		r.dropLocked()
	}
	f := frame{node: r.self, number: r.number}
	if !r.up || len(r.queue) == 0 {
		return f, alive
	}
	size, n := 0, 0
	for n < len(r.queue) && size < frameBytes {
		size += len(r.queue[n].data) + len(r.queue[n].topic) + 64
		n++
	}
	f.entries = r.queue[:n:n]
	if r.queue = r.queue[n:]; len(r.queue) == 0 {
		r.queue = nil
	}
	r.queued -= size
	r.number++
	f.number = r.number
	return f, true
}

// say hands a frame to Redis. One that fails is not said again: the others see by the number that it is
// missing, and by then it may have arrived.
func (r *Redis) say(f frame) bool {
	r.speaking.Lock()
	defer r.speaking.Unlock()
	return r.sayNow(f)
}

func (r *Redis) sayNow(f frame) bool {
	ctx, cancel := context.WithTimeout(r.ctx, sayTime)
	defer cancel()
	err := r.client.Publish(ctx, r.channel, f.encode()).Err()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spoke = err == nil
	if err != nil {
		r.dropped += int64(len(f.entries))
		return false
	}
	r.said += int64(len(f.entries))
	return true
}

// listen hears the others for as long as the node lives, over one connection after another.
func (r *Redis) listen() {
	for r.ctx.Err() == nil {
		err := r.hearOne()
		if r.ctx.Err() != nil {
			return
		}
		r.down(err)
		select {
		case <-r.ctx.Done():
		case <-time.After(redialEvery):
		}
	}
}

// hearOne listens over one connection until it fails, or until our own words no longer come back.
func (r *Redis) hearOne() error {
	line := r.client.Subscribe(r.ctx, r.channel)
	r.mu.Lock()
	r.echo = time.Now()
	r.mu.Unlock()
	var silent atomic.Bool
	over := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(beatEvery / 2)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-r.ctx.Done():
			case <-tick.C:
				r.mu.Lock()
				late := time.Since(r.echo) > echoTime
				r.mu.Unlock()
				if !late {
					continue
				}
				silent.Store(true)
			}
			_ = line.Close() // which ends Receive
			return
		}
	})
	defer func() {
		close(over)
		watch.Wait()
		_ = line.Close()
	}()
	for {
		// Without a deadline: one that strikes within a long word would tear the stream.
		m, err := line.ReceiveTimeout(r.ctx, 0)
		if err != nil {
			if silent.Load() {
				return errSilent
			}
			return err
		}
		switch m := m.(type) {
		case *redis.Subscription: // a new line need not wait for the next beat
			r.alive.Store(true)
			r.nudge()
		case *redis.Message:
			r.word([]byte(m.Payload), time.Now())
		}
	}
}

var errSilent = errors.New("redis takes our words and does not give them back")

func (r *Redis) word(raw []byte, now time.Time) {
	f, err := decodeFrame(raw)
	if err != nil {
		r.log.Warn("a word of nobody", "bytes", len(raw))
		return
	}
	if f.node != r.self {
		r.take(f, now)
		return
	}
	r.mu.Lock()
	r.echo = now
	back := !r.up
	r.up = true
	r.mu.Unlock()
	if back {
		r.log.Info("the line to the other nodes stands")
		r.excuse(now)
		r.tell(Change{What: Back})
		r.nudge()
	}
	r.silent(now)
}

func (r *Redis) down(err error) {
	r.mu.Lock()
	was := r.up
	r.up = false
	r.mu.Unlock()
	if was {
		r.log.Warn("the line to the other nodes is down", "err", err)
		r.tell(Change{What: Down})
	}
}

// Close implements Bus.
func (r *Redis) Close() {
	if r.ctx.Err() != nil {
		return
	}
	for r.Up() { // the last words first
		f, more := r.next(false)
		if !more || !r.say(f) {
			break
		}
	}
	r.speaking.Lock() // the first word may be on its way, and heard, before we know that it was taken
	r.mu.Lock()
	known := r.spoke // maybe before our own word came back to us
	f := frame{node: r.self, number: r.number, bye: true}
	r.mu.Unlock()
	if known {
		r.sayNow(f)
	}
	r.cancel()
	r.speaking.Unlock()
	r.done.Wait()
	_ = r.client.Close()
}
