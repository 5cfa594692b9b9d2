package main

import (
	"context"
	"os"
	"slices"

	"sendjay/server/bus/redistest"
	"sendjay/server/store/storetest"
)

const (
	nodesName = "two nodes through Redis, messages/s in all"
	hungName  = "  the same with Redis hanging"
)

// folder makes a temporary folder.
func folder() (string, func(), error) {
	dir, err := os.MkdirTemp("", "sendjay-bench-*")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// onNodes measures two servers on one MariaDB and one Redis. Of every pair one is at either, so that
// every message crosses.
func onNodes(ctx context.Context, p plan, t *table) (err error) {
	if !p.wanted(nodesName) && !p.wanted(hungName) {
		return nil
	}
	h := &host{ctx: ctx}
	defer func() {
		h.clean()
		if r := recover(); r != nil {
			if _, ours := r.(noHost); !ours {
				panic(r)
			}
			t.note("Two nodes were not measured: %s", h.why)
			err = nil
		}
	}()
	database := storetest.MariaDB(h) //nolint:contextcheck // h carries ctx
	redis := redistest.Start(h)      //nolint:contextcheck // h carries ctx
	dir := h.TempDir()
	few := p
	few.users = min(p.users, 2000)
	w, err := fill(ctx, few, dir, database, false)
	if err != nil {
		return err
	}
	m := &meter{ctx: ctx, p: p, t: t, w: w, clients: make([]*client, few.users)}
	defer func() {
		for _, c := range m.clients {
			if c != nil {
				c.close()
			}
		}
	}()
	var servers []*child
	for range 2 {
		c, err := start(ctx, p, h.TempDir(), database, "SENDJAY_REDIS="+redis.URL, "SENDJAY_FILES="+dir)
		if err != nil {
			return err
		}
		defer c.stop()
		servers = append(servers, c)
		m.pids = append(m.pids, c.pid())
	}
	m.pids = append(m.pids, children("mariadbd")...)
	if err := each(few.users, func(i int) (err error) {
		m.clients[i], err = dial(ctx, servers[i%2].addr, w.tokens[i], i, hear)
		return err
	}); err != nil {
		return err
	}
	for i := range w.pairs {
		if i%2 == 1 {
			slices.Reverse(w.pairs[i].members)
		}
	}
	m.pairs(nodesName, 8000, 0)
	if m.err == nil && p.wanted(nodesName) {
		t.atMost("  live deliveries lost between them", m.lost, "", 0, noise{})
	}
	if m.err == nil && p.wanted(hungName) {
		redis.Hang()
		l, sends, _, err := flood(ctx, m.clients, w.pairs[:min(len(w.pairs), 1000)], 1, p.spell/2)
		redis.Resume()
		if err != nil {
			return err
		}
		t.atLeast(hungName, sends, "/s", 8000, now(m.pids...).since(m.pids...))
		m.refused(hungName, l)
	}
	return m.err
}

// TempDir and Cleanup are what the starters of Redis need of a test.
func (h *host) TempDir() string {
	dir, stop, err := folder()
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(stop)
	return dir
}

func (h *host) Cleanup(f func()) { h.after = append(h.after, f) }

func (h *host) clean() {
	for _, f := range slices.Backward(h.after) {
		f()
	}
	h.after = nil
}
