package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	neturl "net/url"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sendjay/server/store/storetest"
)

// tokenLife outlasts every measure.
const tokenLife = 2 * time.Hour

// dialers is how many connections are opened at the same time.
const dialers = 64

// wanted reports whether a measure was asked for.
func (p plan) wanted(name string) bool { return p.only.MatchString(name) }

// alone measures a server without users.
func alone(ctx context.Context, p plan, t *table) error {
	const cold, rss = "cold start, to first answer", "RSS without users"
	if !p.wanted(cold) && !p.wanted(rss) {
		return nil
	}
	dir, err := os.MkdirTemp("", "sendjay-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	if _, err := fill(ctx, plan{users: 1000}, dir, "", false); err != nil {
		return err
	}
	before := now()
	var starts []time.Duration
	for range 7 {
		c, err := start(ctx, p, dir, "")
		if err != nil {
			return err
		}
		starts = append(starts, c.cold)
		if len(starts) == 7 {
			if err := pause(ctx, 2*time.Second); err != nil {
				return err
			}
			t.atMost(rss, kib(c.pid(), "Rss")/1024, "MiB", 20, before.since())
		}
		c.stop()
	}
	slices.Sort(starts)
	t.atMost(cold, float64(starts[len(starts)/2].Microseconds())/1000, "ms", 40, before.since())
	return nil
}

// onMaria measures what the database decides, on MariaDB.
func onMaria(ctx context.Context, p plan, t *table) (err error) {
	h := &host{ctx: ctx}
	defer func() {
		if r := recover(); r != nil {
			if _, ours := r.(noHost); !ours {
				panic(r)
			}
			t.note("MariaDB was not measured: %s", h.why)
			err = nil
		}
	}()
	return crowd(ctx, p, t, storetest.MariaDB(h)) //nolint:contextcheck // h carries ctx
}

const mariaName = "durable messages/s, rooms of 2, MariaDB"

// crowd measures a server with all its users.
func crowd(ctx context.Context, p plan, t *table, database string) error {
	dir, err := os.MkdirTemp("", "sendjay-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	fmt.Println("  filling the database")
	w, err := fill(ctx, p, dir, database, true)
	if err != nil {
		return err
	}
	c, err := start(ctx, p, dir, database)
	if err != nil {
		return err
	}
	defer func() { c.stop() }()
	pids := append(children("mariadbd"), c.pid())
	on := ""
	if database != "" {
		on = ", MariaDB"
	}
	if err := overHTTP(ctx, p, t, w, c, on); err != nil {
		return err
	}
	if database == "" {
		// Memory and connects on a fresh process.
		c.stop()
		if c, err = start(ctx, p, dir, database); err != nil {
			return err
		}
		pids = []int{c.pid()}
	}
	clients, err := connect(ctx, p, t, w, c, database == "")
	defer func() {
		for _, c := range clients {
			if c != nil {
				c.close()
			}
		}
	}()
	if err != nil {
		return err
	}
	m := &meter{ctx: ctx, p: p, t: t, w: w, clients: clients, pids: pids}
	if database != "" {
		m.pairs(mariaName, 8000, 0)
		return m.err
	}
	m.all()
	if m.err != nil {
		return m.err
	}
	return m.stop(c)
}

// connect opens a session for every user and measures that, and what they cost at rest.
func connect(ctx context.Context, p plan, t *table, w *world, c *child, report bool) ([]*client, error) {
	clients := make([]*client, p.users)
	if err := pause(ctx, 2*time.Second); err != nil {
		return clients, err
	}
	empty := kib(c.pid(), "Pss")
	before := now(c.pid())
	began := time.Now()
	var next atomic.Int64
	err := each(dialers, func(int) error {
		for {
			i := int(next.Add(1)) - 1
			if i >= p.users {
				return nil
			}
			var err error
			if clients[i], err = dialTo(ctx, c.wire, c.addr, w.tokens[i], i, c.wire.hear); err != nil {
				return fmt.Errorf("user %d: %w", i, err)
			}
		}
	})
	if err != nil || !report {
		return clients, err
	}
	t.atLeast(fmt.Sprintf("authenticated connects/s, 0 to %d", p.users), float64(p.users)/time.Since(began).Seconds(), "/s", 3000, before.since(c.pid()))
	before = now(c.pid())
	if err := pause(ctx, p.rest); err != nil {
		return clients, err
	}
	n := before.since(c.pid())
	t.atMost(fmt.Sprintf("KiB per idle authenticated connection at %d (PSS)", p.users), (kib(c.pid(), "Pss")-empty)/float64(p.users), "KiB", 10, n)
	return clients, nil
}

// overHTTP measures what a client asks for when it starts and when it opens a room. On MariaDB it is only what
// is promised of both databases.
func overHTTP(ctx context.Context, p plan, t *table, w *world, c *child, on string) error {
	deep := "/api/v1/rooms/" + string(w.deep)
	for _, m := range []struct {
		name     string
		by       int
		paths    []string
		p50, p99 float64
		both     bool
	}{
		{name: fmt.Sprintf("latest 50 of %s messages", short(float64(p.deep))), paths: []string{deep + "/messages?limit=50"}, p50: 1, p99: 5},
		{name: "room list with last message and unread", paths: []string{"/api/v1/rooms"}, p50: 2},
		{name: "unread of all rooms", paths: []string{"/api/v1/unread"}, p50: 1},
		{name: fmt.Sprintf("opening a room of %s messages", short(float64(p.deep))), paths: []string{deep, deep + "/messages?limit=50"}, p99: 50, both: true},
		{name: fmt.Sprintf("talk list of %d rooms", many), by: w.social, p50: 30, both: true},
	} {
		name := m.name + on
		if !p.wanted(name) || on != "" && !m.both {
			continue
		}
		h := &hist{}
		before := now(c.pid())
		for n := range 600 {
			began := time.Now()
			if err := ask(ctx, "http://"+c.addr, w.tokens[m.by], m.paths); err != nil {
				return err
			}
			if n >= 100 {
				h.add(time.Since(began))
			}
		}
		n := before.since(c.pid())
		if m.p50 > 0 {
			t.atMost(name+", p50", h.at(0.5), "ms", m.p50, n)
		}
		if m.p99 > 0 {
			t.atMost(name+", p99", h.at(0.99), "ms", m.p99, n)
		}
	}
	return nil
}

// ask fetches the paths, or, without any, all pages of the talk list.
func ask(ctx context.Context, url, token string, paths []string) error {
	for _, path := range paths {
		if _, err := get(ctx, url+path, token); err != nil {
			return err
		}
	}
	for cursor := ""; len(paths) == 0; {
		page, err := get(ctx, url+"/api/v1/rooms?limit=500&cursor="+neturl.QueryEscape(cursor), token)
		if err != nil {
			return err
		}
		var read struct{ Next string }
		if err := json.Unmarshal(page, &read); err != nil || read.Next == "" {
			return err
		}
		cursor = read.Next
	}
	return nil
}

func get(ctx context.Context, url, token string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return io.ReadAll(resp.Body)
}

// meter runs loads over open sessions, one after the other, until one fails.
type meter struct {
	ctx     context.Context
	p       plan
	t       *table
	w       *world
	clients []*client
	pids    []int
	lost    float64
	err     error
}

func (m *meter) all() {
	// Latency first: after a flood the search index has minutes of work left.
	m.steady("340 msg/s, rooms of 2", m.w.pairs, 340, 2, 8)
	m.steady("5,000 msg/s, rooms of 2", m.w.pairs, 5000, 3, 25)
	m.steady("20 msg/s, room of 100", []room{m.w.rooms[100]}, 20, 0, 10)
	m.steady("20 msg/s, room of 1,000", []room{m.w.rooms[1000]}, 20, 0, 30)
	m.pairs("durable messages/s, rooms of 2", 15_000, 70)
	for _, size := range []int{100, 1000} {
		m.room(fmt.Sprintf("deliveries/s, room of %s", short(float64(size))), size)
	}
	if m.p.wanted("live deliveries lost") && m.err == nil {
		broken := 0
		for _, c := range m.clients {
			if c.lost.Load() {
				broken++
			}
		}
		m.t.atMost(fmt.Sprintf("live deliveries lost at %d online, all loads", m.p.users), m.lost, "", 0, noise{})
		m.t.atMost("connections lost", float64(broken), "", 0, noise{})
	}
}

// pairs floods the rooms of two. A cost target of 0 leaves the cost out.
func (m *meter) pairs(name string, target, cost float64) {
	if m.err != nil || !m.p.wanted(name) {
		return
	}
	senders := m.w.pairs[:min(len(m.w.pairs), 1000)]
	// Once to get warm: a server that was just started knows no room's members.
	if _, _, _, m.err = flood(m.ctx, m.clients, senders, 1, m.p.spell/4); m.err != nil {
		return
	}
	before := now(m.pids...)
	l, sends, _, err := flood(m.ctx, m.clients, senders, 1, m.p.spell)
	n := before.since(m.pids...)
	m.err = err
	m.lost += l.lost()
	m.t.atLeast(name, sends, "/s", target, n)
	if cost > 0 {
		m.t.atMost("CPU per durable message at saturation, all processes", n.ours*1e6/float64(l.acked.Load()), "µs", cost, n)
		m.t.note("Of that the load generator %s µs.", short(n.self*1e6/float64(l.acked.Load())))
	}
	m.refused(name, l)
}

// room floods one large room.
func (m *meter) room(name string, size int) {
	r, ok := m.w.rooms[size]
	if m.err != nil || !ok || !m.p.wanted(name) {
		return
	}
	var senders []room
	for i := range 8 {
		by := room{r.id, slices.Clone(r.members)}
		by.members[0], by.members[i] = by.members[i], by.members[0]
		senders = append(senders, by)
	}
	before := now(m.pids...)
	l, _, deliveries, err := flood(m.ctx, m.clients, senders, 2, m.p.spell/2)
	m.err = err
	m.lost += l.lost()
	m.t.atLeast(name, deliveries, "/s", 110_000, before.since(m.pids...))
	m.refused(name, l)
}

// steady measures latency, from the intended time of a message to its arrival at each receiver.
func (m *meter) steady(name string, rooms []room, rate, p50, p99 float64) {
	if m.err != nil || !m.p.wanted(name) {
		return
	}
	before := now(m.pids...)
	l, err := steady(m.ctx, m.clients, rooms, rate, m.p.spell)
	n := before.since(m.pids...)
	m.err = err
	m.lost += l.lost()
	if p50 > 0 {
		m.t.atMost("latency at "+name+", p50", l.delivery.at(0.5), "ms", p50, n)
	}
	m.t.atMost("latency at "+name+", p99", l.delivery.at(0.99), "ms", p99, n)
	m.refused(name, l)
}

func (m *meter) refused(name string, l *load) {
	if n := l.refused.Load(); n > 0 {
		m.t.note("%s: %d of %d sends were refused.", name, n, n+l.acked.Load())
	}
}

// stop measures how long a full server takes to let everybody go.
func (m *meter) stop(c *child) error {
	const name = "stop with everybody online"
	if !m.p.wanted(name) {
		return nil
	}
	before := now(m.pids...)
	m.t.atMost(name, c.stop().Seconds(), "s", 15, before.since())
	return nil
}

// host lets the starter of a test's MariaDB run outside of a test.
type host struct {
	testing.TB
	ctx   context.Context
	why   string
	after []func()
}

type noHost struct{}

func (h *host) Helper()                  {}
func (h *host) Context() context.Context { return h.ctx }
func (h *host) Fatal(args ...any)        { h.why = fmt.Sprint(args...); panic(noHost{}) }
func (h *host) Fatalf(format string, args ...any) {
	h.why = fmt.Sprintf(format, args...)
	panic(noHost{})
}
