package main

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"sendjay/shared/protocol"
)

// What a crowd costs each of its members, in frames, beside what it would cost if everything that happens
// to one were told to all. The ratio is the figure: 0.01 means a hundredth of the frames.

// counted counts the frames of each kind that came in, over all clients.
type counted struct{ receipts, presence, typing atomic.Int64 }

func (n *counted) hear(_ *client, frame []byte) {
	switch {
	case bytes.HasPrefix(frame, []byte(`{"ev":"receipts"`)):
		n.receipts.Add(1)
	case bytes.HasPrefix(frame, []byte(`{"ev":"presence"`)):
		n.presence.Add(1)
	case bytes.HasPrefix(frame, []byte(`{"ev":"typing"`)):
		n.typing.Add(1)
	}
}

const (
	manyRead    = "frames: 1,000 members read one message, per member"
	muchRead    = "frames: 50 members read 100 messages, per member"
	manyCome    = "frames: 500 of those whom one watches come, per watcher"
	manyAgain   = "frames: 500 of those whom one watches reconnect, per watcher"
	manyTyping  = "frames: 100 of 1,000 members type for 12 s, per member"
	frameRatios = "ratio of frames"
)

// frames measures the crowds on a server of its own.
func frames(ctx context.Context, p plan, t *table) error {
	wanted := false
	for _, name := range []string{manyRead, muchRead, manyCome, manyAgain, manyTyping, frameRatios} {
		wanted = wanted || p.wanted(name)
	}
	if !wanted {
		return nil
	}
	dir, stop, err := folder()
	if err != nil {
		return err
	}
	defer stop()
	w, err := fill(ctx, plan{users: 1000}, dir, "", false)
	if err != nil {
		return err
	}
	c, err := start(ctx, p, dir, "")
	if err != nil {
		return err
	}
	defer c.stop()
	f := &crowds{ctx: ctx, t: t, w: w, addr: c.addr, clients: make([]*client, 1000)}
	defer f.hangUp(0, len(f.clients))
	for _, measure := range []func() error{f.come, f.reconnect, f.readOne, f.readMuch, f.typing} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

type crowds struct {
	ctx     context.Context
	t       *table
	w       *world
	addr    string
	clients []*client
	n       counted
	asked   atomic.Int64
}

func (f *crowds) open(from, to int) error {
	return each(to-from, func(i int) (err error) {
		f.clients[from+i], err = dial(f.ctx, f.addr, f.w.tokens[from+i], from+i, f.n.hear)
		return err
	})
}

func (f *crowds) hangUp(from, to int) {
	for _, c := range f.clients[from:to] {
		if c != nil {
			c.close()
		}
	}
	clear(f.clients[from:to])
}

// ask sends a command whose answer nobody waits for.
func (f *crowds) ask(by int, op protocol.Op, data string) error {
	return f.clients[by].write(0x81, fmt.Appendf(nil, `{"id":%d,"op":"%s","data":%s}`, f.asked.Add(1), op, data))
}

// quiet waits until nothing of this kind has come for a while, and returns how many came since before.
func (f *crowds) quiet(n *atomic.Int64, before int64) (int64, error) {
	for last, still := int64(-1), 0; still < 15; still++ {
		if err := pause(f.ctx, 100*time.Millisecond); err != nil {
			return 0, err
		}
		if now := n.Load(); now != last {
			last, still = now, 0
		}
	}
	return n.Load() - before, nil
}

// report prints frames per head and their share of the naive count.
func (f *crowds) report(name string, frames int64, heads int, naive float64) {
	per := float64(frames) / float64(heads)
	f.t.atMost(name, per, "", naive/10, noise{})
	f.t.atMost("  "+frameRatios+" to "+short(naive)+" told one by one", per/naive, "", 0.1, noise{})
}

// come: the watchers sit there in the morning when the others come.
func (f *crowds) come() error {
	if err := f.open(0, 500); err != nil {
		return err
	}
	var users bytes.Buffer
	for i := 500; i < 1000; i++ {
		fmt.Fprintf(&users, `,"%s"`, f.w.users[i])
	}
	for i := range 500 {
		if err := f.ask(i, protocol.OpWatch, `{"users":[`+users.String()[1:]+`]}`); err != nil {
			return err
		}
	}
	if err := pause(f.ctx, time.Second); err != nil {
		return err
	}
	before := f.n.presence.Load()
	if err := f.open(500, 1000); err != nil {
		return err
	}
	frames, err := f.quiet(&f.n.presence, before)
	f.report(manyCome, frames, 500, 500)
	return err
}

func (f *crowds) reconnect() error {
	before := f.n.presence.Load()
	f.hangUp(500, 1000)
	if err := f.open(500, 1000); err != nil {
		return err
	}
	if err := pause(f.ctx, 7*time.Second); err != nil { // beyond the grace
		return err
	}
	frames, err := f.quiet(&f.n.presence, before)
	f.report(manyAgain, frames, 500, 1000)
	return err
}

func (f *crowds) say(by int, r protocol.RoomID, n int) error {
	return f.ask(by, protocol.OpMessageSend, fmt.Sprintf(`{"id":"frames-%s-%d","room":"%s","type":"talk","body":"%s"}`, r[:8], n, r, text))
}

func (f *crowds) readOne() error {
	r := f.w.rooms[1000].id
	if err := f.say(0, r, 1); err != nil {
		return err
	}
	if err := pause(f.ctx, time.Second); err != nil {
		return err
	}
	before := f.n.receipts.Load()
	for i := 1; i < 1000; i++ {
		if err := f.ask(i, protocol.OpMessageRead, fmt.Sprintf(`{"room":"%s","seq":1}`, r)); err != nil {
			return err
		}
	}
	frames, err := f.quiet(&f.n.receipts, before)
	f.report(manyRead, frames, 1000, 999)
	return err
}

func (f *crowds) readMuch() error {
	r := f.w.rooms[50].id
	for n := 1; n <= 100; n++ {
		if err := f.say(0, r, n); err != nil {
			return err
		}
	}
	if err := pause(f.ctx, time.Second); err != nil {
		return err
	}
	before := f.n.receipts.Load()
	for seq := 1; seq <= 100; seq++ {
		for i := 1; i < 50; i++ {
			if err := f.ask(i, protocol.OpMessageRead, fmt.Sprintf(`{"room":"%s","seq":%d}`, r, seq)); err != nil {
				return err
			}
		}
		if err := pause(f.ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	frames, err := f.quiet(&f.n.receipts, before)
	f.report(muchRead, frames, 50, 49*100)
	return err
}

func (f *crowds) typing() error {
	r := f.w.rooms[1000].id
	before := f.n.typing.Load()
	say := func(on bool) error {
		for i := range 100 {
			if err := f.ask(i, protocol.OpTyping, fmt.Sprintf(`{"room":"%s","on":%t}`, r, on)); err != nil {
				return err
			}
			if err := pause(f.ctx, 5*time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	}
	for range 4 { // as clients do: again every three seconds
		if err := say(true); err != nil {
			return err
		}
		if err := pause(f.ctx, 2500*time.Millisecond); err != nil {
			return err
		}
	}
	if err := say(false); err != nil {
		return err
	}
	if err := pause(f.ctx, 4*time.Second); err != nil {
		return err
	}
	frames, err := f.quiet(&f.n.typing, before)
	f.report(manyTyping, frames, 1000, 100*5)
	return err
}
